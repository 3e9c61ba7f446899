"""One release for all the tests of a cluster, installed from nothing and removed at the end.

Needs kubectl, helm, a context, and the image of PLOTLOT_IMAGE on its nodes: `make images e2e`.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cluster.cluster import CHART, REPOSITORY, Cluster, CommandFailed, wait_until
from cluster.load import Load, Request
from cluster.scaling import ADAPTER

EXAMPLE = REPOSITORY / "examples" / "larkfield"
TOWN = "Larkfield, OH"
RATE = float(os.environ.get("PLOTLOT_E2E_RATE", "4"))
MIX = (
    Request("analyze", "POST", "/v1/analyses", {"address": "100 S Main Street", "municipality": TOWN}),
    Request("search", "POST", "/v1/search", {"query": "corner lot side yard", "municipality": TOWN}),
    Request("towns", "GET", "/v1/municipalities"),
    Request("page", "GET", "/"),
)
ASK = Request("ask", "POST", "/v1/ask", {"question": "How tall may a house be?", "municipality": TOWN})


@pytest.fixture(scope="session")
def report() -> Iterator[Callable[[str, str], None]]:
    """Collects a line for each thing proved, and prints them together at the end."""
    lines: list[tuple[str, str]] = []
    yield lambda what, figure: lines.append((what, figure))
    text = "\n".join(f"| {what} | {figure} |" for what, figure in lines)
    print(f"\n| what | measured |\n|---|---|\n{text}")
    if path := os.environ.get("PLOTLOT_E2E_REPORT"):
        Path(path).write_text(f"| what | measured |\n|---|---|\n{text}\n")


@pytest.fixture(scope="session")
def cluster(report: Callable[[str, str], None]) -> Iterator[Cluster]:
    """The chart, installed into an empty namespace."""
    image = os.environ.get("PLOTLOT_IMAGE", "")
    assert image, "PLOTLOT_IMAGE names no image: run these tests with `make e2e`"
    values = os.environ.get("PLOTLOT_VALUES", str(CHART / "values-kind.yaml"))
    namespace = os.environ.get("PLOTLOT_E2E_NAMESPACE", "plotlot-e2e")
    cluster = Cluster(namespace, "plotlot", image, values)
    keep = bool(os.environ.get("PLOTLOT_E2E_KEEP"))  # for the next run, which then only upgrades it
    if not keep:
        remove(cluster)
    started = time.monotonic()
    cluster.deploy()
    report("install until every pod is ready", f"{time.monotonic() - started:.0f} s")
    yield cluster
    if not keep:
        remove(cluster)


def remove(cluster: Cluster) -> None:
    """The namespace and all in it; first an API that a test left to it, without which it would not end."""
    subprocess.run(
        ["kubectl", "delete", "apiservice", "-l", f"app={ADAPTER}"], check=True, capture_output=True
    )
    subprocess.run(
        ["kubectl", "delete", "namespace", cluster.namespace, "--ignore-not-found", "--timeout=120s"],
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="session")
def door(cluster: Cluster) -> Iterator[str]:
    """The URL of the Gateway's address; through a port of this machine where it has none in reach."""
    address = ""
    with contextlib.suppress(AssertionError):
        wait_until("an address of the Gateway", lambda: address_of(cluster), 30)
        address = address_of(cluster)
    if address and answers(f"http://{address}"):
        yield f"http://{address}"
        return
    service = subprocess.run(
        [
            "kubectl",
            "-n",
            "envoy-gateway-system",
            "get",
            "service",
            "-o",
            "name",
            "-l",
            f"gateway.envoyproxy.io/owning-gateway-name={cluster.release},"
            f"gateway.envoyproxy.io/owning-gateway-namespace={cluster.namespace}",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    command = ["kubectl", "-n", "envoy-gateway-system", "port-forward", service, "18080:80"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as forward:
        wait_until("the door", lambda: answers("http://127.0.0.1:18080"), 30)
        yield "http://127.0.0.1:18080"
        forward.terminate()


def address_of(cluster: Cluster) -> str:
    """The address that the Gateway was given, if any."""
    try:
        found = cluster.get("gateway", cluster.release)["status"].get("addresses", [])
    except CommandFailed:
        return ""
    return str(found[0]["value"]) if found else ""


def answers(url: str) -> bool:
    """Whether PlotLot answers there within some seconds, by the rule of what reads and by that of what writes: their
    backends are two to the door, which finds one before the other."""
    for _ in range(20):
        with contextlib.suppress(httpx.HTTPError):
            paths = ("/healthz", "/v1/documents")
            if all(httpx.get(url + path, timeout=2, trust_env=False).status_code == 200 for path in paths):
                return True
        time.sleep(1)
    return False


@pytest.fixture(scope="session")
def http(door: str) -> Iterator[httpx.Client]:
    """A client of the door, the example town behind it."""
    with httpx.Client(base_url=door, timeout=120, trust_env=False) as client:
        for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
            content = (EXAMPLE / name).read_bytes()
            answer = client.post(path, files={"file": (name, content)}, data={"municipality": TOWN})
            assert answer.status_code == 200, answer.text
        yield client


@pytest.fixture
def load(door: str, http: httpx.Client, cluster: Cluster) -> Load:
    """A steady load, not yet running, on a release that has settled."""
    cluster.settle()
    return Load(door, MIX, RATE)
