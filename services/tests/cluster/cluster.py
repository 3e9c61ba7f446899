"""A namespace of a real cluster, by helm and kubectl, as an operator would use them."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
CHART = REPOSITORY / "charts" / "plotlot"
SERVICES = ("gateway", "retrieval", "extraction", "inference", "ingestion", "judge")


class CommandFailed(Exception):
    """A command that did not exit 0; its words are the message."""


def run(*command: str, timeout: float = 600, env: dict[str, str] | None = None) -> str:
    """Standard output of a command. Raises CommandFailed."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **(env or {})},
    )
    if done.returncode:
        raise CommandFailed(f"{' '.join(command[:6])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_until(what: str, holds: Callable[[], Any], seconds: float, every: float = 1.0) -> float:
    """Seconds until it held. Raises AssertionError where it did not."""
    started = time.monotonic()
    last: object = None
    while time.monotonic() - started < seconds:
        try:
            last = holds()
        except CommandFailed as error:
            last = error
        else:
            if last:
                return time.monotonic() - started
        time.sleep(every)
    raise AssertionError(f"{what}: not within {seconds:g} s; last seen: {last}")


@dataclass(frozen=True)
class Pod:
    """A pod as the tests see it."""

    name: str
    component: str
    address: str
    ready: bool
    ending: bool


@dataclass(frozen=True)
class Cluster:
    """One release in one namespace."""

    namespace: str
    release: str
    image: str
    values: str

    def kubectl(self, *arguments: str, timeout: float = 120) -> str:
        """kubectl in the namespace."""
        return run("kubectl", "-n", self.namespace, *arguments, timeout=timeout)

    def get(self, *arguments: str) -> Any:
        """What kubectl gets, as JSON."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def deploy(self, *options: str, image: str = "", timeout: str = "") -> str:
        """Install or upgrade as `make deploy` does; gives what helm says of it."""
        extra = ["--timeout", timeout] if timeout else []
        env = {"NAMESPACE": self.namespace, "RELEASE": self.release}
        return run(
            str(REPOSITORY / "k8s" / "deploy"), image or self.image, self.values, *options, *extra, env=env
        )

    def revisions(self) -> list[tuple[int, str]]:
        """Every revision of the release and its status, the newest last."""
        history = run("helm", "history", self.release, "-n", self.namespace, "-o", "json")
        return [(item["revision"], item["status"]) for item in json.loads(history)]

    def rollback(self) -> None:
        """To the newest revision before the current one that was ever in service."""
        *earlier, _ = self.revisions()
        good = max(revision for revision, status in earlier if status in ("deployed", "superseded"))
        run("helm", "rollback", self.release, str(good), "-n", self.namespace, "--wait", "--timeout", "5m")

    def pods(self, *components: str) -> list[Pod]:
        """Pods of the release, of some components or of all."""
        items = self.get("pods", "-l", f"app.kubernetes.io/instance={self.release}")["items"]
        found = [as_pod(item) for item in items]
        return [pod for pod in found if not components or pod.component in components]

    def ready(self, component: str) -> list[Pod]:
        """Those that are ready and not on their way out."""
        return [pod for pod in self.pods(component) if pod.ready and not pod.ending]

    def settled(self) -> bool:
        """Whether every Deployment has what it asks for and nothing is on its way out."""
        deployments = self.get("deployments")["items"]
        whole = all(
            item["status"].get("readyReplicas", 0) == item["spec"]["replicas"]
            and item["status"].get("updatedReplicas", 0) == item["spec"]["replicas"]
            and item["status"].get("observedGeneration") == item["metadata"]["generation"]
            for item in deployments
        )
        return whole and all(pod.ready and not pod.ending for pod in self.pods(*SERVICES, "postgres"))

    def settle(self, seconds: float = 180) -> float:
        """Wait until it is settled."""
        return wait_until("every pod ready", self.settled, seconds)

    def usage(self) -> dict[str, tuple[float, float]]:
        """Cores and bytes in use by pod, as the metrics API tells."""
        path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{self.namespace}/pods"
        items = json.loads(run("kubectl", "get", "--raw", path))["items"]
        return {
            item["metadata"]["name"]: (
                sum(quantity(container["usage"]["cpu"]) for container in item["containers"]),
                sum(quantity(container["usage"]["memory"]) for container in item["containers"]),
            )
            for item in items
        }

    def load(self, image: str) -> None:
        """Bring an image that was built here to the nodes; a cluster that is not kind's pulls it."""
        context = run("kubectl", "config", "current-context").strip()
        if context.startswith("kind-"):
            run("kind", "load", "docker-image", image, "--name", context.removeprefix("kind-"))
        else:
            run("docker", "push", image)

    def sql(self, statement: str) -> str:
        """What the in-chart Postgres answers."""
        psql = ("psql", "-h", "/tmp", "-U", "plotlot", "-v", "ON_ERROR_STOP=1", "-Atc", statement)
        return self.kubectl("exec", f"{self.release}-postgres-0", "--", *psql)


def policy_edges(policies: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Component to component, as network policies say: what one may send, the other must accept."""

    def component(selector: dict[str, Any]) -> str:
        return str(selector.get("matchLabels", {}).get("app.kubernetes.io/component", ""))

    sent, accepted = set(), set()
    for spec in (policy["spec"] for policy in policies):
        here = component(spec["podSelector"])
        if not here:
            continue  # what holds for all pods: nothing is allowed, but names may be looked up
        for rule in spec.get("egress", []):
            peers = (peer for peer in rule["to"] if "namespaceSelector" not in peer)
            sent |= {(here, component(peer["podSelector"])) for peer in peers}
        for rule in spec.get("ingress", []):
            peers = (peer for peer in rule["from"] if "namespaceSelector" not in peer)
            accepted |= {(component(peer["podSelector"]), here) for peer in peers}
    assert sent == accepted, f"one side only: {sent ^ accepted}"
    return sent


def as_pod(item: dict[str, Any]) -> Pod:
    """A pod from the API's object."""
    conditions = item["status"].get("conditions", [])
    return Pod(
        name=item["metadata"]["name"],
        component=item["metadata"]["labels"].get("app.kubernetes.io/component", ""),
        address=item["status"].get("podIP", ""),
        ready=any(one["type"] == "Ready" and one["status"] == "True" for one in conditions),
        ending="deletionTimestamp" in item["metadata"],
    )


UNITS = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1,
    "k": 1e3,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "M": 1e6,
    "G": 1e9,
}


def quantity(text: str) -> float:
    """A Kubernetes quantity as a number: cores or bytes."""
    digits = text.rstrip("numkKMGi")
    return float(digits) * UNITS[text[len(digits) :]]


def rendered(*options: str) -> Iterator[dict[str, Any]]:
    """The chart's objects under some values."""
    import yaml

    text = run("helm", "template", "plotlot", str(CHART), "--kube-version", "1.34.0", *options)
    yield from (document for document in yaml.safe_load_all(text) if document)
