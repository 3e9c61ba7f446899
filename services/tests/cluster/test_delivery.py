"""Releases that are judged on their answers, on a real cluster, with every answer counted.

The order is that of a platform's life: a good bundle, bad ones that the shadow stops, one that only users can show,
and a good one while what judges it goes away.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import httpx
import pytest
from cluster.cluster import Cluster, run, wait_until
from cluster.conftest import EXAMPLE, TOWN
from cluster.load import Answer, Load, Request
from cluster.releases import BundleFile, Releases, Weights, built
from cluster.visitors import Visitors

Report = Callable[[str, str], None]
OTHER_TOWN = "Westfield, OH"
RATE = 6.0
TICKS = 100.0
STEPS = (5, 25, 50)
CHANGE_OVER_SECONDS = 3.0
QUESTIONS = ("How tall may a house be?", "What is the minimum lot area in the R-1 district?")
MIX = tuple(
    request
    for question in QUESTIONS
    for request in (
        Request("analyze", "POST", "/v1/analyses", {"address": "100 S Main Street", "municipality": TOWN}),
        Request("ask", "POST", "/v1/ask", {"question": question, "municipality": TOWN}),
        Request("analyze", "POST", "/v1/analyses", {"address": "100 S Main Street", "municipality": TOWN}),
        Request("search", "POST", "/v1/search", {"query": question, "municipality": TOWN}),
    )
)
TICK = Request("tick", "GET", "/healthz")
# Evidence within a minute; answers are slow where a person would say so, since tests share a small machine.
QUICK = {
    "shadow__share": 1,
    "shadow__per_second": 8,
    "shadow__gold_per_second": 3,
    "guardrails__latency__objectives_seconds__others": 5,
    "guardrails__latency__objectives_seconds__analyze": 5,
    "guardrails__latency__objectives_seconds__ask": 10,
}


@pytest.fixture(scope="module")
def releases(
    cluster: Cluster, door: str, http: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> Releases:
    """A cluster with its first bundle, questions with known answers, and a second town."""
    folder = tmp_path_factory.mktemp("bundles")
    content = (EXAMPLE / "ordinance.md").read_bytes()
    answer = http.post(
        "/v1/documents", files={"file": ("ordinance.md", content)}, data={"municipality": OTHER_TOWN}
    )
    assert answer.status_code == 200, answer.text
    settings = [f"--set={name.replace('__', '.')}={value}" for name, value in QUICK.items()]
    stable = built(folder / "stable.json", f"--image=default={cluster.image}", *settings)
    found = Releases(cluster, door, folder, stable)
    found.plotlot("release", "gold", str(known_answers(folder)))
    found.release(stable)
    wait_until("the first bundle", lambda: found.phase() == "Healthy" and serves(door, stable), 120)
    return found


@pytest.fixture(autouse=True)
def settled(releases: Releases) -> Iterator[None]:
    """Nothing is released before a test, and nothing after it."""
    assert releases.phase() == "Healthy"
    yield
    releases.clear()


def known_answers(folder: Path) -> Path:
    """As many questions that have an answer as questions that must be refused, so that neither is waited for.

    Those whose answer is a passage come first: values are read from the code, without the index.
    """
    cases = [json.loads(line) for line in (EXAMPLE / "gold.jsonl").read_text().splitlines()]
    refused = [case for case in cases if "refused" in case and "question" in case]
    answered = [case for case in cases if "words" in case] + [case for case in cases if "values" in case]
    path = folder / "gold.jsonl"
    path.write_text("\n".join(json.dumps(case) for case in refused + answered[: len(refused)]))
    return path


def serves(url: str, bundle: BundleFile) -> bool:
    """Whether a bundle answers at the door."""
    answer = httpx.get(f"{url}/healthz", timeout=5, trust_env=False)
    return answer.headers.get("plotlot-bundle") == bundle.id


@contextmanager
def under_load(releases: Releases) -> Iterator[Load]:
    """Questions of users, each by itself, every answer counted."""
    load = Load(releases.url, MIX, RATE)
    with load.running():
        time.sleep(3)
        yield load


def nothing_failed(cluster: Cluster, *loads: Load) -> None:
    """Every request had its answer."""
    for load in loads:
        failed = load.failed()
        assert not failed, (
            f"{len(failed)} of {len(load.answers)} failed, the first: {failed[:3]}; "
            f"of the door's own errors the last: {door_errors(cluster)[-5:]}"
        )
        assert len(load.answers) > 20


def door_errors(cluster: Cluster) -> list[dict[str, object]]:
    """Why the door answered 5xx, by its access log: response flags tell a fault of its own from one behind it."""
    whose = f"gateway.envoyproxy.io/owning-gateway-namespace={cluster.namespace}"
    log = run("kubectl", "-n", "envoy-gateway-system", "logs", "-l", whose, "-c", "envoy", "--tail=-1")
    wanted = (
        "start_time",
        "duration",
        "response_code",
        "response_flags",
        "response_code_details",
        "route_name",
    )
    seen = [json.loads(line) for line in log.splitlines() if '"response_code":5' in line]
    return [{name: one.get(name) for name in (*wanted, "upstream_cluster", "upstream_host")} for one in seen]


def test_a_good_bundle_reaches_everyone_with_no_hand(releases: Releases, report: Report) -> None:
    before, good = releases.stable, releases.build("good", retrieval__k1=1.4)
    releases.cluster.deploy("--set=rollout.stepSeconds=30")
    ticks, weights, visitors = (
        Load(releases.url, [TICK], TICKS),
        Weights(releases.cluster),
        Visitors(releases.url),
    )
    with under_load(releases) as load, ExitStack() as stack:
        stack.enter_context(ticks.running())
        stack.enter_context(weights.watched())
        stack.enter_context(visitors.coming())
        started = releases.release(good)
        wait_until("promoted", lambda: promoted(releases, good), 600, every=2)
        took = time.monotonic() - started
        time.sleep(CHANGE_OVER_SECONDS)
    judged = releases.judged(good)
    assert judged["stage"] == "promoted", judged["reason"]
    assert weights.order()[:-1] == [0, *STEPS, 100], weights.order()
    report("a good bundle: shadowed, canaried and promoted with no hand", f"{took:.0f} s")
    report("its load", load.summary())
    for weight in STEPS:
        share, answers = split(ticks, weights, weight, good)
        report(f"traffic of the candidate at weight {weight}", f"{share:.1f} % of {answers} answers")
        assert answers > 600
        assert abs(share - weight) <= 3
    nothing_failed(releases.cluster, load, ticks)
    assert not visitors.failed(), door_errors(releases.cluster)[-5:]
    last_weight = weights.during(STEPS[-1])[1]
    odd = [pair for pair in visitors.flips() if pair[1].at < last_weight or pair[1].bundle != good.id]
    assert not odd, f"a session met both bundles: {odd[:3]}"
    report("sessions that met both bundles before everyone met the new one", f"0 of {len(visitors.visits)}")
    settling_starts_nothing(releases, before, good)


def promoted(releases: Releases, bundle: BundleFile) -> bool:
    """Whether everyone meets a bundle; fails at once where it was rolled back."""
    phase = releases.phase()
    assert phase not in ("Degraded", "Paused"), (
        releases.rollout()["status"],
        releases.judged(bundle)["reason"],
    )
    return phase == "Healthy" and serves(releases.url, bundle)


def split(ticks: Load, weights: Weights, weight: int, bundle: BundleFile) -> tuple[float, int]:
    """Percent of answers that a bundle gave while a weight held, and how many there were."""
    started, ended = weights.during(weight)
    held = [one for one in ticks.answers if started + CHANGE_OVER_SECONDS < one.at < ended - 1]
    return 100 * sum(one.bundle == bundle.id for one in held) / max(len(held), 1), len(held)


def settling_starts_nothing(releases: Releases, before: BundleFile, after: BundleFile) -> None:
    """The candidate becomes the stable bundle, and every pod of the gateway stays."""
    wait_until("the old pods to go", lambda: len(releases.gateways()) == 2, 90)
    pods, revision = releases.gateways(), releases.rollout()["status"]["currentPodHash"]
    releases.settle()
    time.sleep(10)
    assert releases.phase() == "Healthy"
    assert releases.gateways() == pods
    assert releases.rollout()["status"]["currentPodHash"] == revision
    assert serves(releases.url, after)
    releases.stable = after


def bad_citations(releases: Releases) -> BundleFile:
    """Quotes that are cut until the value can no longer be read from them."""
    return releases.build("citations", extraction__longest_quote=4)


def bad_index(releases: Releases) -> BundleFile:
    """An index in which a town is missing."""
    made = json.loads(releases.plotlot("index", "build", "--municipality", OTHER_TOWN, "--json"))
    return releases.build("index", index__generation=made["generation"])


def bad_failures(releases: Releases) -> BundleFile:
    """A gateway whose code fails one request in twenty."""
    return releases.build("failures", {"gateway": releases.bad_image("fails_often", "gateway/app.py")})


def bad_latency(releases: Releases) -> BundleFile:
    """Extraction, and no other service, so slow that an analysis takes three times as long."""
    usual = median(analysis_seconds(releases) for _ in range(15))
    image = releases.bad_image("is_slow", "extraction/servicer.py", seconds=2 * usual)
    objective = {"guardrails__latency__objectives_seconds__analyze": round(2 * usual, 3)}
    return releases.build("latency", {"extraction": image}, **objective)


def analysis_seconds(releases: Releases) -> float:
    """How long an analysis takes."""
    started = time.monotonic()
    answer = httpx.post(f"{releases.url}{MIX[0].path}", json=MIX[0].body, timeout=35, trust_env=False)
    assert answer.status_code == 201
    return time.monotonic() - started


def bad_refusals(releases: Releases) -> BundleFile:
    """A threshold that lets every question be answered."""
    return releases.build("refusals", generation__least_relevance=0)


@pytest.mark.parametrize(
    ("build", "guardrail"),
    [
        (bad_citations, "citations"),
        (bad_index, "agreement"),
        (bad_failures, "failure"),
        (bad_latency, "latency"),
        (bad_refusals, "refusals"),
    ],
)
def test_a_bad_bundle_is_stopped_before_any_user_meets_it(
    releases: Releases, report: Report, build: Callable[[Releases], BundleFile], guardrail: str
) -> None:
    bad = build(releases)
    with under_load(releases) as load:
        started = releases.release(bad)
        wait_until("a verdict", lambda: rolled_back(releases, bad), 240)
        took = time.monotonic() - started
        releases.rollback()
    judged = releases.judged(bad)
    words = (build.__doc__ or "").rstrip(".")
    report(f"{words}: rolled back in shadow after {took:.0f} s", judged["reason"].removeprefix("rollback: "))
    assert judged["reason"].startswith(f"rollback: {guardrail} "), judged["reason"]
    worst = max(judged["evidence"], key=lambda one: one["harm_log_e"])
    assert worst["guardrail"] == guardrail
    assert {answer.bundle for answer in load.answers} == {releases.stable.id}
    assert judged["candidate_requests"] == 0
    nothing_failed(releases.cluster, load)
    assert backends(releases.cluster) == {"extraction": 1, "inference": 1, "retrieval": 1}


def rolled_back(releases: Releases, bundle: BundleFile) -> bool:
    """Whether Argo took a bundle back; fails at once where it was promoted."""
    phase = releases.phase()
    assert phase != "Paused", releases.rollout()["status"]
    assert not (phase == "Healthy" and serves(releases.url, bundle)), "a bad bundle was promoted"
    return phase == "Degraded"


def backends(cluster: Cluster) -> dict[str, int]:
    """How many Deployments each service with lanes has."""
    found: dict[str, int] = {}
    for item in cluster.get("deployments")["items"]:
        labels = item["metadata"]["labels"]
        if "plotlot.dev/lane" in item["spec"]["selector"]["matchLabels"]:
            component = labels["app.kubernetes.io/component"]
            found[component] = found.get(component, 0) + 1
    return found


def test_without_users_a_release_waits_for_a_person(releases: Releases, report: Report) -> None:
    quiet = releases.build("quiet", retrieval__k1=1.2, shadow__gold_per_second=0)
    releases.cluster.deploy("--set=rollout.analysis.looks=3")
    releases.release(quiet)
    seconds = wait_until("a pause", lambda: releases.phase() == "Paused", 120)
    reasons = {one["reason"] for one in releases.rollout()["status"]["pauseConditions"]}
    assert reasons == {"InconclusiveAnalysisRun"}
    assert releases.weight() == 0
    assert releases.judged(quiet)["stage"] == "shadow"
    releases.rollback()
    report("no users, no answers: paused for a person, neither passed nor failed", f"{seconds:.0f} s")


def test_code_that_fails_only_for_users_is_stopped_in_the_canary(releases: Releases, report: Report) -> None:
    image = releases.bad_image("loses_analyses", "gateway/app.py")
    bad = releases.build("users", {"gateway": image})
    releases.cluster.deploy("--set=rollout.stepSeconds=5")  # and again as many looks as there are
    visitors = Visitors(releases.url)
    with under_load(releases) as load, visitors.coming():
        releases.release(bad)
        wait_until("a verdict", lambda: rolled_back(releases, bad), 300)
        time.sleep(10)
        back = time.monotonic()
        releases.rollback()
    harmed = load.failed()
    # An error that nobody foresaw is answered without the bundle's name.
    met = [answer for answer in load.answers if answer.bundle == bad.id or answer in harmed]
    judged = releases.judged(bad)
    assert judged["reason"].startswith("rollback: failure "), judged["reason"]
    assert {answer.bundle for answer in harmed} <= {bad.id, ""}
    seconds = max(answer.at for answer in met) - min(answer.at for answer in harmed)
    report(
        "code that fails only for users: rolled back in the canary",
        judged["reason"].removeprefix("rollback: "),
    )
    report(
        "from the first harmed request to full stable traffic",
        f"{seconds:.1f} s; {len(harmed)} of {len(load.answers)} requests harmed, {len(met)} met the candidate",
    )
    assert max(answer.at for answer in met) < back, "someone met the candidate after it was aborted"
    assert not [pair for pair in visitors.flips() if pair[0].bundle != bad.id]
    nothing_stays(harmed)


def nothing_stays(harmed: list[Answer]) -> None:
    """Only what writes was harmed."""
    assert {answer.name for answer in harmed} == {"analyze"}


def test_no_verdict_by_accident_while_the_judge_and_its_database_are_away(
    releases: Releases, report: Report
) -> None:
    cluster = releases.cluster
    good = releases.build("later", retrieval__k1=1.3)
    cluster.deploy("--set=rollout.stepSeconds=5", "--set=rollout.steps={50}")
    judge = f"deployment/{cluster.release}-judge"
    with under_load(releases) as load:
        releases.release(good)
        wait_until("the shadow", lambda: releases.judged(good).get("stage") == "shadow", 60)
        cluster.kubectl("scale", judge, "--replicas=0")
        wait_until("the judge gone", lambda: not cluster.pods("judge"), 60)
        nothing_moves(releases, 25, weight=0)
        report("both pods of the judge away for 25 s in shadow", errors_of(cluster))
        cluster.kubectl("scale", judge, "--replicas=2")
        wait_until("the canary", lambda: releases.weight() == 50, 240)
        failed = len(load.failed())
        assert not failed, load.failed()[:3]
        cluster.kubectl("delete", "pod", f"{cluster.release}-postgres-0", "--wait=false")
        wait_until("promoted", lambda: promoted(releases, good), 300, every=2)
    odd = [answer for answer in load.failed() if answer.outcome != "503" or not answer.retry_after]
    assert not odd, f"{len(odd)} were neither answered nor told to come back: {odd[:3]}"
    judged = releases.judged(good)
    assert judged["stage"] == "promoted", judged["reason"]
    report("Postgres restarted in the canary: promoted afterwards", load.summary())
    nobody_asks_prometheus(cluster, report)
    releases.settle()
    releases.stable = good


def nothing_moves(releases: Releases, seconds: float, weight: int) -> None:
    """Neither a promotion nor a rollback for a time."""
    step, ends = releases.step(), time.monotonic() + seconds
    while time.monotonic() < ends:
        assert releases.phase() == "Progressing"
        assert (releases.step(), releases.weight()) == (step, weight)
        time.sleep(2)


def errors_of(cluster: Cluster) -> str:
    """What Argo's newest runs counted."""
    runs = sorted(cluster.get("analysisruns")["items"], key=lambda one: one["metadata"]["creationTimestamp"])
    counted = [result for one in runs[-2:] for result in one["status"].get("metricResults", [])]
    errors = sum(result.get("error", 0) for result in counted)
    assert errors > 0, "no question of Argo's failed: the judge was not away"
    phases = {one["status"]["phase"] for one in runs[-2:]}
    assert phases == {"Running"}
    return f"{errors} questions unanswered, both analyses went on"


def nobody_asks_prometheus(cluster: Cluster, report: Report) -> None:
    """Verdicts need no Prometheus: there is none here, and no template names one."""
    pods = run("kubectl", "get", "pods", "--all-namespaces", "-o", "name")
    assert "prometheus" not in pods
    templates = cluster.get("analysistemplates")["items"]
    providers = {
        key for item in templates for metric in item["spec"]["metrics"] for key in metric["provider"]
    }
    assert providers == {"web"}
    report("Prometheus", "none in the cluster, none in the way of a verdict")
