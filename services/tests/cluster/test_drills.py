"""The drills whose turn it is are held on a release of their own: their alerts come, and their runbooks mend them.

Needs what `make e2e` does, and Prometheus, which is installed. PLOTLOT_DRILLS names other drills, or `all`.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date

import pytest
from cluster.cluster import REPOSITORY, Cluster, run, wait_until
from cluster.conftest import address_of, answers

from plotlot.drills.catalogue import DRILLS
from plotlot.drills.drill import chosen, turn

NAMESPACE = "plotlot-drills"
OUT = REPOSITORY / "build" / "drills"


def due() -> list[str]:
    """The drills of PLOTLOT_DRILLS, else the one whose turn it is today."""
    wanted = os.environ.get("PLOTLOT_DRILLS", "").split()
    drills = chosen(DRILLS, wanted) if wanted else turn(DRILLS, date.today().toordinal())
    return [drill.name for drill in drills]


@pytest.fixture(scope="module")
def broken() -> Iterator[Cluster]:
    """A small release that may be broken, with alerts, in a namespace that says so."""
    image = os.environ.get("PLOTLOT_IMAGE", "")
    assert image, "PLOTLOT_IMAGE names no image: run these tests with `make e2e`"
    cluster = Cluster(NAMESPACE, "plotlot", image, "")
    env = {"NAMESPACE": NAMESPACE, "RELEASE": cluster.release}
    run(str(REPOSITORY / "k8s" / "drills" / "up"), image, env=env)
    wait_until(
        "the door", lambda: answers(f"http://{address_of(cluster)}") if address_of(cluster) else True, 60
    )
    yield cluster
    if not os.environ.get("PLOTLOT_E2E_KEEP"):
        subprocess.run(["kubectl", "delete", "namespace", NAMESPACE, "--timeout=120s"], check=True)


@pytest.mark.parametrize("name", due())
def test_the_runbook_mends_what_its_alert_tells(broken: Cluster, name: str) -> None:
    command = [
        "plotlot",
        "drill",
        "run",
        name,
        "--namespace",
        broken.namespace,
        "--yes",
        "--json",
        "--out",
        str(OUT),
    ]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    held = json.loads(done.stdout)["drills"]
    if not held:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, (OUT / name / "timeline.md").read_text()
    assert held[0]["passed"]


def test_a_cluster_that_nobody_named_is_left_alone(broken: Cluster) -> None:
    run("kubectl", "label", "namespace", broken.namespace, "plotlot.dev/drills-", "--overwrite")
    try:
        command = ["plotlot", "drill", "run", due()[0], "--namespace", broken.namespace, "--yes"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "--context" in done.stderr
        assert all(pod.ready for pod in broken.pods())
    finally:
        run("kubectl", "label", "namespace", broken.namespace, "plotlot.dev/drills=allowed", "--overwrite")
