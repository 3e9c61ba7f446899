"""What a scaling test needs beside a release: GPUs to schedule, an API of external metrics, a load, and a record of it."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cluster.cluster import Cluster, CommandFailed, run, wait_until

HERE = Path(__file__).parent
APISERVICE = "v1beta1.external.metrics.k8s.io"
ADAPTER = "plotlot-scale-metrics"
GPU = "nvidia.com/gpu"
LOOK_SECONDS = 1.0
WINDOW_SECONDS = 10.0  # of answers, over which a percentile is taken


@contextmanager
def pretended_gpus(count: int) -> Iterator[None]:
    """GPUs on the first node, for the scheduler alone; those that are there are left as they are."""
    node = run("kubectl", "get", "nodes", "-o", "name").split()[0]
    there = json.loads(run("kubectl", "get", node, "-o", "json"))["status"]["capacity"]
    path = f"/status/capacity/{GPU.replace('/', '~1')}"

    def patch(change: dict[str, str]) -> None:
        run("kubectl", "patch", node, "--subresource=status", "--type=json", "-p", json.dumps([change]))

    if GPU in there:
        yield
        return
    patch({"op": "add", "path": path, "value": str(count)})
    try:
        yield
    finally:
        patch({"op": "remove", "path": path})


@contextmanager
def external_metrics(cluster: Cluster, pods: str, queries: dict[str, str]) -> Iterator[None]:
    """Queries over what pods publish, served to the cluster's autoscalers; over TLS, with a certificate of its own."""
    with_certificate(cluster)
    cluster.kubectl("delete", "configmap", ADAPTER, "--ignore-not-found")
    cluster.kubectl("create", "configmap", ADAPTER, f"--from-file={HERE / 'metrics_adapter.py'}")
    for item in adapter_objects(cluster, pods, queries):
        apply(item)
    try:
        wait_until("the external metrics", available, 60)
        yield
    finally:
        run("kubectl", "delete", "apiservice", APISERVICE, "--ignore-not-found")
        for kind in ("pod", "service", "configmap", "secret"):
            cluster.kubectl("delete", kind, ADAPTER, "--ignore-not-found", "--now")


def with_certificate(cluster: Cluster) -> None:
    """A secret with a certificate for the adapter's name."""
    name = f"{ADAPTER}.{cluster.namespace}.svc"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
    made += ["-addext", f"subjectAltName=DNS:{name}"]
    cluster.kubectl("delete", "secret", ADAPTER, "--ignore-not-found")
    with TemporaryDirectory() as folder:
        certificate, key = f"{folder}/tls.crt", f"{folder}/tls.key"
        run("openssl", *made, "-keyout", key, "-out", certificate)
        cluster.kubectl("create", "secret", "tls", ADAPTER, f"--cert={certificate}", f"--key={key}")


def adapter_objects(cluster: Cluster, pods: str, queries: dict[str, str]) -> list[dict[str, Any]]:
    """The adapter's pod and Service, and the API that it serves."""
    metadata = {"name": ADAPTER, "namespace": cluster.namespace, "labels": {"app": ADAPTER}}
    command = ["python", "/adapter/metrics_adapter.py", "--pods", pods, "--certificate", "/certificate"]
    container = {
        "name": "adapter",
        "image": cluster.image,
        "command": [*command, "--queries", json.dumps(queries)],
        "ports": [{"containerPort": 8443}],
        "readinessProbe": {"tcpSocket": {"port": 8443}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        "volumeMounts": [
            {"name": "adapter", "mountPath": "/adapter"},
            {"name": "certificate", "mountPath": "/certificate"},
        ],
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "adapter", "configMap": {"name": ADAPTER}},
            {"name": "certificate", "secret": {"secretName": ADAPTER}},
        ],
    }
    service = {"selector": {"app": ADAPTER}, "ports": [{"port": 443, "targetPort": 8443}]}
    group, version = "external.metrics.k8s.io", "v1beta1"
    api = {
        "group": group,
        "version": version,
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "service": {"name": ADAPTER, "namespace": cluster.namespace},
        "caBundle": cluster.get("secret", ADAPTER)["data"]["tls.crt"],
    }
    return [
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": APISERVICE, "labels": {"app": ADAPTER}},
            "spec": api,
        },
    ]


def apply(item: dict[str, Any]) -> None:
    """One object, as kubectl applies it."""
    command = ["kubectl", "apply", "-f", "-"]
    subprocess.run(command, input=json.dumps(item), text=True, check=True, capture_output=True)


def available() -> bool:
    """Whether the API server reaches the adapter."""
    found = json.loads(run("kubectl", "get", "apiservice", APISERVICE, "-o", "json"))
    return any(
        one["type"] == "Available" and one["status"] == "True"
        for one in found["status"].get("conditions", [])
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one request; ``at`` is when it was sent, in seconds of the clock on the wall."""

    at: float
    seconds: float
    tokens: int
    error: str
    retry_after: float

    @property
    def ended(self) -> float:
        """When its caller knew."""
        return self.at + self.seconds


@dataclass
class Asking:
    """A load on inference from inside a pod that may call it."""

    cluster: Cluster
    answers: list[Answered] = field(default_factory=list)
    _process: "subprocess.Popen[str] | None" = None

    @contextmanager
    def going_on(self) -> Iterator["Asking"]:
        """Ask for as long as the block runs, at the rate that was set last; then every answer is in."""
        address = f"{self.cluster.release}-inference:50053"
        pod = self.cluster.ready("gateway")[0].name
        script = (HERE / "asks.py").read_text()
        inside = ["exec", "-i", pod, "-c", "gateway", "--", "python", "-c", script, address]
        command = ["kubectl", "-n", self.cluster.namespace, *inside]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            self._process = process
            reader = threading.Thread(target=self._read)
            reader.start()
            try:
                yield self
            finally:
                assert process.stdin is not None
                process.stdin.close()
                reader.join()
        assert process.returncode == 0, "the load broke off"

    def rate(self, per_second: float) -> None:
        """So many requests a second from now on."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{per_second}\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.answers.append(Answered(**json.loads(line)))


def slow(answers: Sequence[Answered], now: float) -> float:
    """The 95th percentile of the seconds of answers that ended lately; infinite where there were none."""
    lately = sorted(
        each.seconds for each in answers if not each.error and now - WINDOW_SECONDS < each.ended <= now
    )
    return lately[int(len(lately) * 0.95)] if lately else float("inf")


@dataclass(frozen=True, slots=True)
class Look:
    """The engine and its queue at a moment of the clock on the wall."""

    at: float
    queue: float
    wanted: int
    ready: int


@dataclass
class Watch:
    """Looks at an engine's Deployment, and at the queue before it."""

    cluster: Cluster
    engine: str
    metric: str
    looks: list[Look] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def going_on(self) -> Iterator["Watch"]:
        """Look for as long as the block runs."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    @property
    def last(self) -> Look:
        """What was seen last."""
        return self.looks[-1] if self.looks else Look(0, 0, 0, 0)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.looks.append(self._look())
            except CommandFailed:
                continue  # a moment without a figure

    def _look(self) -> Look:
        path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{self.cluster.namespace}/{self.metric}"
        (item,) = json.loads(run("kubectl", "get", "--raw", path))["items"]
        deployment = self.cluster.get("deployment", self.engine)
        return Look(
            time.time(),
            float(item["value"].removesuffix("m")) / 1000,
            deployment["spec"]["replicas"],
            deployment["status"].get("readyReplicas", 0),
        )
