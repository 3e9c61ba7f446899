"""What must hold while a release moves, proved under load. The order is that of a release's life."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cluster.cluster import (
    REPOSITORY,
    SERVICES,
    Cluster,
    CommandFailed,
    policy_edges,
    quantity,
    run,
    wait_until,
)
from cluster.conftest import ASK, MIX, TOWN
from cluster.load import Load

Report = Callable[[str, str], None]


def nothing_failed(load: Load) -> None:
    failed = load.failed()
    assert not failed, f"{len(failed)} of {len(load.answers)} failed, the first: {failed[:3]}"
    assert len(load.answers) > 20


def test_an_address_gets_its_answer(http: httpx.Client, report: Report) -> None:
    answer = http.post("/v1/analyses", json={"address": "100 S Main Street", "municipality": TOWN})
    assert answer.status_code == 201, answer.text
    analysis = answer.json()
    assert analysis["yield"]["units_high"] >= 1
    assert any(standard["citation"] for standard in analysis["standards"])
    asked = http.post(ASK.path, json=ASK.body)
    assert asked.status_code == 200, asked.text
    report("first analysis through the door", f"{analysis['timings_ms']['total']:.0f} ms")


def test_a_tag_of_digits_alone_is_a_tag(cluster: Cluster) -> None:
    assert "plotlot:3349071" in cluster.deploy("--dry-run=client", image="plotlot:3349071")


def test_the_tests_of_one_process_pass_on_the_cluster(door: str, http: httpx.Client) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "services/tests/integration/test_gateway.py",
    ]
    done = subprocess.run(
        command, env={**os.environ, "PLOTLOT_TEST_URL": door}, cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_helm_test_passes(cluster: Cluster, http: httpx.Client) -> None:
    tested = run("helm", "test", cluster.release, "-n", cluster.namespace, "--timeout", "2m")
    assert "Succeeded" in tested


def test_what_runs_idle(cluster: Cluster, report: Report) -> None:
    cluster.settle()
    used = wait_until_measured(cluster)
    asked = [
        container["resources"]
        for item in cluster.get("pods")["items"]
        for container in item["spec"]["containers"]
    ]
    cores = sum(quantity(one["requests"]["cpu"]) for one in asked)
    memory = sum(quantity(one["requests"]["memory"]) for one in asked)
    limit = sum(quantity(one["limits"]["memory"]) for one in asked)
    report(
        f"requests of all {len(asked)} pods",
        f"{cores:.2f} cores, {memory / 2**20:.0f} MiB; limits {limit / 2**20:.0f} MiB",
    )
    report(
        "used at rest: all pods",
        f"{sum(c for c, _ in used.values()):.2f} cores, {sum(m for _, m in used.values()) / 2**20:.0f} MiB",
    )
    assert cores <= 2
    assert memory <= 8 * 2**30


def wait_until_measured(cluster: Cluster) -> dict[str, tuple[float, float]]:
    names = {pod.name for pod in cluster.pods()}
    wait_until("every pod measured", lambda: names <= set(cluster.usage()), 90, every=5)
    time.sleep(20)
    return cluster.usage()


def test_connections_are_the_edges_of_the_policies(cluster: Cluster, load: Load, report: Report) -> None:
    """What pods are connected to, read from their kernel, against what the policies allow."""
    seen: set[tuple[str, str]] = set()
    load.mix = (*MIX, ASK)  # the gateway speaks to inference where a question is asked
    with load.running():
        for _ in range(3):
            seen |= connected(cluster)
            time.sleep(3)
    allowed = policy_edges(cluster.get("networkpolicies")["items"])
    assert seen <= allowed, f"connections that no policy allows: {seen - allowed}"
    unused = allowed - seen - {("migrate", "postgres"), ("ingest", "gateway"), ("test", "gateway")}
    # Ingestion speaks to inference while it embeds, and to extraction while it refreshes a code, the gateway to
    # ingestion while it is given a file, and extraction to inference where a bundle has codes read by a model.
    seldom = {
        ("ingestion", "inference"),
        ("ingestion", "extraction"),
        ("gateway", "ingestion"),
        ("extraction", "inference"),
    }
    assert unused <= seldom, f"edges that nothing uses: {unused - seldom}"
    report("edges between pods under load, all of them allowed", str(len(seen)))


CONNECTIONS = """
for name in ("tcp", "tcp6"):
    for line in open(f"/proc/net/{name}").readlines()[1:]:
        _, local, remote, state = line.split()[:4]
        if state == "01":
            print(local, remote)
"""


def connected(cluster: Cluster) -> set[tuple[str, str]]:
    """Component to component, from the tables of connections inside the pods."""
    pods = [pod for pod in cluster.pods(*SERVICES, "postgres", "redis") if pod.ready and not pod.ending]
    component = {pod.address: pod.component for pod in pods}
    for service in cluster.get("services")["items"]:
        component[service["spec"]["clusterIP"]] = service["spec"]["selector"]["app.kubernetes.io/component"]
    listening = {50051, 50052, 50053, 50054, 50055, 50056, 5432, 6379}
    found = set()
    for pod in pods:
        with contextlib.suppress(CommandFailed):  # a pod that was scaled away since
            for line in cluster.kubectl("exec", pod.name, "--", "python", "-c", CONNECTIONS).splitlines():
                (_, own), (address, port) = map(socket_of, line.split())
                if (
                    port in listening and own not in listening and address in component
                ):  # from here, not to here
                    found.add((pod.component, component[address]))
    return found


def socket_of(text: str) -> tuple[str, int]:
    """An address and a port from the kernel's table: the last four bytes, little endian, in hexadecimal."""
    address, port = text.split(":")
    octets = bytes.fromhex(address[-8:])[::-1]
    return ".".join(map(str, octets)), int(port, 16)


def test_a_rolling_upgrade_of_everything_fails_no_request(
    cluster: Cluster, load: Load, report: Report
) -> None:
    before = {pod.name for pod in cluster.pods(*SERVICES)}
    with load.running():
        started = time.monotonic()
        cluster.deploy("--set-string", f"podAnnotations.restarted={time.time():.0f}")
        took = time.monotonic() - started
        time.sleep(5)
    assert before.isdisjoint(pod.name for pod in cluster.pods(*SERVICES) if not pod.ending)
    report(f"every service upgraded at once, in {took:.0f} s", load.summary())
    nothing_failed(load)


def test_a_rollback_fails_no_request(cluster: Cluster, load: Load, report: Report) -> None:
    with load.running():
        cluster.rollback()
        time.sleep(5)
    report("helm rollback", load.summary())
    nothing_failed(load)


def test_pods_deleted_one_after_another_fail_no_request(cluster: Cluster, load: Load, report: Report) -> None:
    deleted = 0
    with load.running():
        for turn in range(12):
            component = ("gateway", "retrieval", "extraction", "inference")[turn % 4]
            pods = cluster.ready(component)
            # The last one of a service is left: that would be an outage, not a deletion.
            if len(pods) > 1:
                cluster.kubectl("delete", "pod", pods[0].name, "--wait=false")
                deleted += 1
            time.sleep(5)
    report(f"a pod deleted every 5 s, {deleted} of them", load.summary())
    assert deleted >= 8
    nothing_failed(load)


def test_a_drained_node_fails_no_request(cluster: Cluster, load: Load, report: Report) -> None:
    """Cordon the nodes and evict: budgets keep one of each until there is room again."""
    nodes = [
        node["metadata"]["name"] for node in json.loads(run("kubectl", "get", "nodes", "-o", "json"))["items"]
    ]
    evicted = refused = 0
    with load.running(), cordoned(nodes):
        for pod in cluster.pods(*SERVICES):
            if pod.component != "ingestion":  # one replica, no budget: it is off the path of a request
                done = evict(cluster, pod.name)
                evicted, refused = evicted + done, refused + (not done)
                time.sleep(1)
        time.sleep(10)
    cluster.settle()
    report(f"node drained: {evicted} pods evicted, {refused} kept by their budgets", load.summary())
    assert evicted >= 4
    assert refused >= 4
    nothing_failed(load)


@contextlib.contextmanager
def cordoned(nodes: list[str]) -> Iterator[None]:
    run("kubectl", "cordon", *nodes)
    try:
        yield
    finally:
        run("kubectl", "uncordon", *nodes)


def evict(cluster: Cluster, pod: str) -> bool:
    """Evict through the API; False where a budget forbids it."""
    body = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}})
    path = f"/api/v1/namespaces/{cluster.namespace}/pods/{pod}/eviction"
    done = subprocess.run(
        ["kubectl", "create", "--raw", path, "-f", "-"],
        input=body,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode or "disruption budget" in done.stderr, done.stderr
    return done.returncode == 0


def test_postgres_restarted_loses_nothing(
    cluster: Cluster, http: httpx.Client, load: Load, report: Report
) -> None:
    kept = http.post("/v1/analyses", json=MIX[0].body).json()
    restarts = sum(restarts_of(cluster).values())
    with load.running():
        time.sleep(3)
        cluster.kubectl("delete", "pod", f"{cluster.release}-postgres-0", "--wait=false")
        time.sleep(3)
        down = wait_until(
            "an answer again", lambda: http.post("/v1/analyses", json=MIX[0].body).status_code == 201, 90
        )
        time.sleep(5)
    report(f"Postgres restarted, back after {down:.0f} s", load.summary())
    odd = [answer for answer in load.failed() if answer.outcome != "503" or not answer.retry_after]
    assert not odd, f"{len(odd)} were neither answered nor told to come back: {odd[:3]}"
    assert max(answer.seconds for answer in load.answers) < 30
    assert http.get(f"/v1/analyses/{kept['id']}").json() == kept
    cluster.settle()
    assert sum(restarts_of(cluster).values()) == restarts, (
        "a service was restarted because its database was away"
    )


def restarts_of(cluster: Cluster) -> dict[str, int]:
    """Restarts by pod, of the services."""
    return {
        item["metadata"]["name"]: status["restartCount"]
        for item in cluster.get("pods")["items"]
        if item["metadata"]["labels"].get("app.kubernetes.io/component") in SERVICES
        for status in item["status"].get("containerStatuses", [])
    }


def test_redis_killed_fails_no_request(cluster: Cluster, load: Load, report: Report) -> None:
    deployment = f"deployment/{cluster.release}-redis"
    with load.running():
        time.sleep(3)
        cluster.kubectl("scale", deployment, "--replicas=0")
        time.sleep(15)
        cluster.kubectl("scale", deployment, "--replicas=1")
        cluster.kubectl("rollout", "status", deployment, "--timeout=60s")
        time.sleep(5)
    report("Redis away for 15 s", load.summary())
    nothing_failed(load)


def test_retrieval_scales_and_new_pods_take_their_share(
    cluster: Cluster, door: str, http: httpx.Client, report: Report
) -> None:
    # Users who ask alike are answered by the gateway: here each search is to be made.
    cluster.deploy("--set-string=settings.PLOTLOT_ANSWER_CACHE=false")
    cluster.settle()
    before = {pod.name for pod in cluster.ready("retrieval")}
    searches = [request for request in MIX if request.name == "search"]
    load = Load(door, searches, float(os.environ.get("PLOTLOT_E2E_BURST", "80")))
    with load.running():
        up = wait_until("a third retrieval pod", lambda: len(cluster.ready("retrieval")) > 2, 180)
        new = {pod.name for pod in cluster.ready("retrieval")} - before
        share = wait_until("a fair share for it", lambda: fair(cluster, new), 90, every=5)
    report(f"retrieval scaled up after {up:.0f} s; new pods at work after {share:.0f} s more", load.summary())
    down = wait_until("two retrieval pods again", lambda: len(cluster.pods("retrieval")) == 2, 300, every=3)
    report("retrieval scaled down after", f"{down:.0f} s")
    failed = load.failed()
    assert not failed, f"{len(failed)} of {len(load.answers)} failed, the first: {failed[:3]}"


def fair(cluster: Cluster, new: set[str]) -> bool:
    """Whether each new pod uses at least half of the processor time that the mean pod does."""
    used = {name: cores for name, (cores, _) in cluster.usage().items() if "-retrieval-" in name}
    mean = sum(used.values()) / max(len(used), 1)
    return new <= set(used) and all(used[name] >= mean / 2 for name in new)


def test_a_missing_secret_is_named_and_the_old_pods_serve(
    cluster: Cluster, load: Load, report: Report
) -> None:
    with load.running():
        with pytest.raises(CommandFailed):
            cluster.deploy(
                "--set",
                "migrations.enabled=false",
                "--set",
                "secrets.redis=nowhere",
                "--set",
                "redis.enabled=false",
                timeout="30s",
            )
        reasons = " ".join(
            status["state"].get("waiting", {}).get("message", "")
            for item in cluster.get("pods")["items"]
            for status in item["status"].get("containerStatuses", [])
        )
        cluster.rollback()
    assert 'secret "nowhere" not found' in reasons
    report("a missing secret: upgrade stopped, secret named", load.summary())
    nothing_failed(load)


def test_an_image_that_cannot_start_leaves_the_old_version(
    cluster: Cluster, load: Load, report: Report
) -> None:
    with load.running():
        with pytest.raises(CommandFailed):
            cluster.deploy(image="plotlot:there-is-no-such-tag", timeout="10s")
        with pytest.raises(CommandFailed):
            cluster.deploy(
                "--set", "migrations.enabled=false", image="plotlot:there-is-no-such-tag", timeout="10s"
            )
        cluster.rollback()
    report("an image that cannot start: upgrade stopped", load.summary())
    nothing_failed(load)


def test_a_migration_that_fails_leaves_the_schema(
    cluster: Cluster, load: Load, tmp_path: Path, report: Report
) -> None:
    if shutil.which("docker") is None:
        pytest.skip("no docker to build an image with a broken migration")
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    schema = cluster.sql(f"{columns} ORDER BY 1, 2")
    broken = with_broken_migration(cluster.image, tmp_path)
    cluster.load(broken)
    with load.running(), pytest.raises(CommandFailed, match="pre-upgrade hooks failed"):
        cluster.deploy(image=broken, timeout="120s")
    assert "no_such_function" in cluster.kubectl("logs", f"job/{cluster.release}-migrate")
    assert cluster.sql(f"{columns} ORDER BY 1, 2") == schema
    report("a migration that fails: release refused, schema as before", load.summary())
    nothing_failed(load)


def with_broken_migration(image: str, folder: Path) -> str:
    """The image with one more migration, whose second statement fails."""
    (folder / "9999_broken.sql").write_text("CREATE TABLE half_done (id int);\nSELECT no_such_function();\n")
    (folder / "Dockerfile").write_text(
        f"FROM {image}\nCOPY 9999_broken.sql /opt/application/plotlot/store/migrations/\n"
    )
    broken = f"{image}-broken"
    run("docker", "build", "-t", broken, str(folder))
    return broken
