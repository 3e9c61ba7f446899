"""The drills. Each breaks one thing that does break, and expects the alert that stands for it."""

from collections.abc import Sequence

from plotlot.drills.drill import Drill

_SQL = "kubectl -n $NAMESPACE exec $RELEASE-postgres-0 -- psql -h /tmp -U plotlot -v ON_ERROR_STOP=1 -Atc"
_POSTGRES = "kubectl -n $NAMESPACE get statefulset $RELEASE-postgres"
_ENGINE = "kubectl -n $NAMESPACE get deployment $RELEASE-vllm"
_NO_POSTGRES, _NO_ENGINE = "Postgres is not in the cluster", "no engine is in the cluster"

# Stops every process of Postgres but the one that the pod would end with.
_STOP_POSTGRES = """\
kubectl -n $NAMESPACE exec $RELEASE-postgres-0 -- python -c "
import os, signal
for process in filter(str.isdigit, os.listdir('/proc')):
    if int(process) not in (1, os.getpid()) and b'postgres' in open(f'/proc/{process}/cmdline', 'rb').read():
        os.kill(int(process), signal.SIGSTOP)"
"""

# A backup first: what is put back is as old as it.
_LOSE_POSTGRES = """\
kubectl -n $NAMESPACE delete job $RELEASE-backups-drill --ignore-not-found
kubectl -n $NAMESPACE create job $RELEASE-backups-drill --from=cronjob/$RELEASE-backups
kubectl -n $NAMESPACE wait --for=condition=Complete job/$RELEASE-backups-drill --timeout=3m
kubectl -n $NAMESPACE scale statefulset $RELEASE-postgres --replicas=0
kubectl -n $NAMESPACE wait --for=delete pod/$RELEASE-postgres-0 --timeout=2m
kubectl -n $NAMESPACE delete pvc data-$RELEASE-postgres-0
kubectl -n $NAMESPACE scale statefulset $RELEASE-postgres --replicas=1
"""

_HOLD_CHUNKS = f"""\
{_SQL} "BEGIN; LOCK TABLE chunks IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1800)" &
wait
"""

# Answers in words, as often as is said behind it: what people ask in a drill mostly has its answer without a model.
_ASK = """\
kubectl -n $NAMESPACE exec deployment/$RELEASE-gateway -- plotlot bench inference --url grpc://$RELEASE-inference:50053 \\
  --requests 40000 --prompt-words 20 --max-tokens 20 --rate"""
_ASK_NO_MORE = """\
kubectl -n $NAMESPACE exec deployment/$RELEASE-gateway -- python -c "
import os, signal
for process in filter(str.isdigit, os.listdir('/proc')):
    if int(process) not in (1, os.getpid()) and b'inference\\0--url' in open(f'/proc/{process}/cmdline', 'rb').read():
        os.kill(int(process), signal.SIGKILL)"
"""

_GIVE_PASSWORD = f"""\
password=$(kubectl -n $NAMESPACE get secret plotlot-database -o jsonpath='{{.data.password}}' | base64 -d)
{_SQL} "ALTER USER plotlot PASSWORD '$password'"
"""

# Both keys of the secret, as somebody rotates it who forgets the database; then a service restarts.
_ROTATE = """\
password=$(openssl rand -hex 16)
kubectl -n $NAMESPACE patch secret plotlot-database -p \
  "{\\"stringData\\": {\\"password\\": \\"$password\\", \\"database-url\\": \\"postgresql://plotlot:$password@$RELEASE-postgres:5432/plotlot\\"}}"
kubectl -n $NAMESPACE rollout restart deployment $RELEASE-retrieval
"""

_WITH_POSTGRES = (
    "'app.kubernetes.io/component in (gateway, retrieval, extraction, ingestion, judge, backups, mlflow)'"
)

_BUILD_INDEX = "kubectl -n $NAMESPACE exec deployment/$RELEASE-gateway -- env PLOTLOT_URL=http://127.0.0.1:8080 plotlot index"
# As a job: a build that is asked for and waited for is told at once that nobody builds. Not before the pods are gone: they
# serve on while names are remembered, and would still build.
_QUEUE_A_BUILD = """\
kubectl -n $NAMESPACE wait --for=delete pods -l app.kubernetes.io/component=ingestion --timeout=60s
kubectl -n $NAMESPACE exec deployment/$RELEASE-gateway -- python -c 'from urllib.request import Request, urlopen
headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
urlopen(Request("http://127.0.0.1:8080/v1/index/generations", b"{}", headers))'"""

_DATABASE = (
    Drill(
        name="database-down",
        alert="PlotLotDatabaseDown",
        summary="Postgres is scaled to nothing.",
        needs=_POSTGRES,
        lacking=_NO_POSTGRES,
        touches=("statefulset/$RELEASE-postgres",),
        breaks="kubectl -n $NAMESPACE scale statefulset $RELEASE-postgres --replicas=0",
    ),
    Drill(
        name="database-hangs",
        alert="PlotLotDatabaseDown",
        summary="Postgres runs, and answers nothing.",
        needs=_POSTGRES,
        lacking=_NO_POSTGRES,
        breaks=_STOP_POSTGRES,
        restores=f"""\
timeout 10 {_SQL} "SELECT 1" || kubectl -n $NAMESPACE delete pod $RELEASE-postgres-0 --grace-period=5
kubectl -n $NAMESPACE wait --for=condition=Ready pod/$RELEASE-postgres-0 --timeout=3m""",
        loses="transactions that are not committed",
    ),
    Drill(
        name="database-password",
        alert="PlotLotDatabaseDown",
        summary="The database's password is changed, the secret is not.",
        needs=_POSTGRES,
        lacking=_NO_POSTGRES,
        breaks=f"""\
{_SQL} "ALTER USER plotlot PASSWORD '$(openssl rand -hex 16)'"
{_SQL} "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND client_addr IS NOT NULL\"""",
        restores=_GIVE_PASSWORD,
        loses="transactions that are not committed",
    ),
    Drill(
        name="secret-rotated",
        alert="PlotLotSecretRefused",
        summary="The database's secret is given a new password, the database is not, and a service restarts.",
        needs=_POSTGRES,
        lacking=_NO_POSTGRES,
        breaks=_ROTATE,
        restores=f"""\
{_GIVE_PASSWORD}
kubectl -n $NAMESPACE rollout restart deployment -l {_WITH_POSTGRES}
kubectl -n $NAMESPACE rollout status deployment -l {_WITH_POSTGRES} --timeout=3m""",
        loses="the password before",
    ),
    Drill(
        name="database-lost",
        alert="PlotLotDatabaseDown",
        summary="Postgres comes back with an empty disk: its claim is gone.",
        needs="kubectl -n $NAMESPACE get deployment $RELEASE-backups",
        lacking="backups are not made in the cluster",
        touches=("statefulset/$RELEASE-postgres",),
        breaks=_LOSE_POSTGRES,
        restores="kubectl -n $NAMESPACE exec deploy/$RELEASE-backups -- sh -c 'plotlot backup restore $BACKUPS' || true",
        loses="what is written after the backup that it begins with",
    ),
    Drill(
        name="search-held-up",
        alert="PlotLotSearchSlow",
        summary="A session holds a lock on the chunks, and searches wait for it.",
        needs=_POSTGRES,
        lacking=_NO_POSTGRES,
        breaks="true",
        during=_HOLD_CHUNKS,
        restores=f"""\
{_SQL} "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1800)%' AND pid <> pg_backend_pid()\"""",
    ),
)

_INDEX = (
    Drill(
        name="index-incomplete",
        alert="PlotLotIndexIncomplete",
        summary="The chunks of a document are gone from the generation that is searched.",
        needs=f"""\
{_POSTGRES}
{_SQL} "SELECT 'a document' FROM documents WHERE superseded_at IS NULL LIMIT 1" | grep document""",
        lacking="no document was ingested, or Postgres is not in the cluster",
        breaks=f"""\
{_SQL} "DELETE FROM chunks WHERE document_id = (SELECT id FROM documents WHERE superseded_at IS NULL LIMIT 1)
  AND generation = (SELECT id FROM generations WHERE status = 'live')\"""",
        restores=f"""\
lacking=$({_SQL} "SELECT count(*) FROM documents, generations WHERE status = 'live' AND superseded_at IS NULL
  AND NOT EXISTS (SELECT FROM chunks WHERE document_id = documents.id AND generation = generations.id)")
if [ "$lacking" != 0 ]; then
  {_BUILD_INDEX} build
  broken=$({_SQL} "SELECT id FROM generations WHERE status = 'live'")
  built=$({_SQL} "SELECT max(id) FROM generations WHERE status = 'ready'")
  {_BUILD_INDEX} use $built --anyway $built
  {_BUILD_INDEX} retire $broken
fi""",
        loses="the generation of the index; another is built from what is stored",
    ),
    Drill(
        name="ingestion-stuck",
        alert="PlotLotIngestionStuck",
        summary="Ingestion is scaled to nothing while a generation of the index is to be built.",
        touches=("deployment/$RELEASE-ingestion",),
        breaks="kubectl -n $NAMESPACE scale deployment $RELEASE-ingestion --replicas=0",
        during=_QUEUE_A_BUILD,
        restores=f"""\
kubectl -n $NAMESPACE rollout status deployment $RELEASE-ingestion --timeout=3m
for generation in $({_SQL} "SELECT id FROM generations WHERE status = 'ready' ORDER BY id DESC LIMIT 1"); do
  {_BUILD_INDEX} retire $generation
done""",
    ),
)

_SERVICES = (
    Drill(
        name="bad-deploy",
        alert="PlotLotBadDeploy",
        summary="A setting is deployed with which no service starts.",
        breaks="""\
helm -n $NAMESPACE upgrade $RELEASE charts/plotlot --reuse-values --set settings.PLOTLOT_LOG_LEVEL=LOUD""",
        restores="""\
if kubectl -n $NAMESPACE get configmap $RELEASE-settings -o jsonpath='{.data}' | grep -q '"LOUD"'; then
  helm -n $NAMESPACE rollback $RELEASE --wait --timeout 4m
fi""",
    ),
    Drill(
        name="cache-down",
        alert="PlotLotCacheDown",
        summary="Redis is scaled to nothing.",
        needs="kubectl -n $NAMESPACE get deployment $RELEASE-redis",
        lacking="Redis is not in the cluster",
        touches=("deployment/$RELEASE-redis",),
        breaks="kubectl -n $NAMESPACE scale deployment $RELEASE-redis --replicas=0",
        loses="what the cache keeps",
    ),
    Drill(
        name="judge-down",
        alert="PlotLotJudgeDown",
        summary="Every replica of the judge is gone.",
        touches=("deployment/$RELEASE-judge",),
        breaks="kubectl -n $NAMESPACE scale deployment $RELEASE-judge --replicas=0",
    ),
    Drill(
        name="judge-blind",
        alert="PlotLotJudgeDegraded",
        summary="A new version of the judge is given a database that is not there.",
        touches=("deployment/$RELEASE-judge",),
        breaks="""\
kubectl -n $NAMESPACE set env deployment/$RELEASE-judge PLOTLOT_DATABASE_URL=postgresql://plotlot@$RELEASE-nowhere:5432/plotlot""",
    ),
    Drill(
        name="model-missing",
        alert="PlotLotModelMissing",
        summary="A new version of inference comes without its embedding model.",
        touches=("deployment/$RELEASE-inference",),
        breaks="kubectl -n $NAMESPACE set env deployment/$RELEASE-inference PLOTLOT_MODEL_DIR=/nowhere",
    ),
)

_ENGINES = (
    Drill(
        name="engine-gone",
        alert="PlotLotGpuNodeLost",
        summary="The engine is scaled to nothing.",
        needs=_ENGINE,
        lacking=_NO_ENGINE,
        touches=("deployment/$RELEASE-vllm",),
        breaks="kubectl -n $NAMESPACE scale deployment $RELEASE-vllm --replicas=0",
    ),
    Drill(
        name="model-slow",
        alert="PlotLotModelSlow",
        summary="The engine is restarted with a setting that makes its first token five seconds late.",
        needs=_ENGINE,
        lacking=_NO_ENGINE,
        touches=("deployment/$RELEASE-vllm",),
        breaks="""\
kubectl -n $NAMESPACE patch deployment $RELEASE-vllm --type=json \\
  -p '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--first-token-ms=5000"}]'""",
        during=f"{_ASK} 0.5",
        restores=_ASK_NO_MORE,
    ),
    Drill(
        name="queue-overload",
        alert="PlotLotQueueOverload",
        summary="One caller asks for forty answers a second.",
        needs=_ENGINE,
        lacking=_NO_ENGINE,
        touches=("deployment/$RELEASE-vllm",),
        breaks="true",
        during=f"{_ASK} 40",
        restores=_ASK_NO_MORE,
    ),
)

DRILLS: Sequence[Drill] = (*_DATABASE, *_INDEX, *_SERVICES, *_ENGINES)
