"""Releases on a cluster, as an operator makes and watches them: bundles are files, one command each way."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cluster.cluster import REPOSITORY, Cluster, run, wait_until

BAD = Path(__file__).parent / "bad"


@dataclass(frozen=True, slots=True)
class BundleFile:
    """What ``plotlot bundle build`` wrote."""

    path: Path
    id: str


@dataclass
class Releases:
    """The releases of a cluster; ``stable`` is the bundle that everybody meets."""

    cluster: Cluster
    url: str
    folder: Path
    stable: BundleFile

    def plotlot(self, *arguments: str) -> str:
        """The command line, on the cluster's gateway."""
        return plotlot(*arguments, url=self.url)

    def build(self, name: str, images: Mapping[str, str] | None = None, **values: float | str) -> BundleFile:
        """The stable bundle with other images and values; ``__`` in a name stands for a dot."""
        given = [f"--image={service}={image}" for service, image in (images or {}).items()]
        given += [f"--set={key.replace('__', '.')}={value}" for key, value in values.items()]
        return built(self.folder / f"{name}.json", f"--from={self.stable.path}", *given)

    def release(self, bundle: BundleFile) -> float:
        """Release a bundle; when that was, on the clock of ``time.monotonic``."""
        self._script("release", str(bundle.path))
        return time.monotonic()

    def settle(self) -> None:
        """Make the promoted candidate the stable bundle."""
        self._script("settle")

    def rollback(self) -> None:
        """Back to the stable bundle, and wait until nothing of the candidate is left."""
        self._script("rollback")
        wait_until("the stable bundle alone", lambda: self.phase() == "Healthy", 120)

    def clear(self) -> None:
        """End whatever is released, so that a test that failed fails alone."""
        candidate = self.folder / "served" / "candidate.json"
        if not candidate.read_text():
            return
        if self.phase() == "Healthy":
            self.settle()
            self.stable = bundle_in(self.folder / "served" / "stable.json")
        else:
            self.rollback()

    def _script(self, name: str, *arguments: str) -> None:
        env = {
            "BUNDLES": str(self.folder / "served"),
            "NAMESPACE": self.cluster.namespace,
            "RELEASE": self.cluster.release,
        }
        run(str(REPOSITORY / "k8s" / name), *arguments, env=env)

    def rollout(self) -> dict[str, Any]:
        """The gateway's Rollout."""
        found: dict[str, Any] = self.cluster.get("rollout", f"{self.cluster.release}-gateway")
        return found

    def phase(self) -> str:
        """Healthy, Progressing or Degraded, or Paused where it waits for a person; empty until the controller
        has seen the last change."""
        rollout = self.rollout()
        status = rollout["status"]
        if str(status.get("observedGeneration")) != str(rollout["metadata"]["generation"]):
            return ""
        holding = {one["reason"] for one in status.get("pauseConditions", [])} == {"CanaryPauseStep"}
        return "Progressing" if holding else str(status.get("phase", ""))

    def step(self) -> int:
        """The step that the Rollout is at."""
        return int(self.rollout()["status"].get("currentStepIndex") or 0)

    def weight(self) -> int:
        """Percent of new sessions that meet the candidate."""
        canary = self.rollout()["status"].get("canary", {}).get("weights", {}).get("canary", {})
        return int(canary.get("weight", 0))

    def judged(self, bundle: BundleFile) -> dict[str, Any]:
        """The newest release of a bundle as the judge knows it; empty where it does not."""
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as client:
            for found in client.get("/v1/releases").raise_for_status().json()["releases"]:
                if found["candidate"] == bundle.id:
                    whole: dict[str, Any] = client.get(f"/v1/releases/{found['id']}").json()
                    return whole
        return {}

    def gateways(self) -> set[str]:
        """Names of the gateway's pods that stay."""
        return {pod.name for pod in self.cluster.pods("gateway") if not pod.ending}

    def bad_image(self, fault: str, module: str, seconds: float = 0.0) -> str:
        """The image with code that is worse, loaded on the nodes."""
        image = f"{self.cluster.image}-{fault.replace('_', '-')}"
        arguments = {"IMAGE": self.cluster.image, "FAULT": fault, "MODULE": module, "SECONDS": str(seconds)}
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        run("docker", "build", "-f", str(BAD / "Dockerfile"), "-t", image, *given, str(BAD))
        self.cluster.load(image)
        return image


def plotlot(*arguments: str, url: str = "") -> str:
    """What the command line prints."""
    env = {"PLOTLOT_URL": url} if url else {}
    return run(sys.executable, "-m", "plotlot.cli", *arguments, env=env)


def built(path: Path, *options: str) -> BundleFile:
    """A bundle, written to a file."""
    plotlot("bundle", "build", *options, "--out", str(path))
    return bundle_in(path)


def bundle_in(path: Path) -> BundleFile:
    """The bundle in a file."""
    return BundleFile(path, json.loads(path.read_text())["id"])


@dataclass
class Weights:
    """The candidate's weight in the route, as it changes, on the clock of ``time.monotonic``."""

    cluster: Cluster
    seen: list[tuple[float, int]] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator["Weights"]:
        """Watch for as long as the block runs."""
        command = [
            "kubectl",
            "-n",
            self.cluster.namespace,
            "get",
            "httproute",
            self.cluster.release,
            "--watch",
        ]
        words = '{.spec.rules}{"\\n"}'  # a range would print nothing after the first event
        with subprocess.Popen([*command, f"-o=jsonpath={words}"], stdout=subprocess.PIPE, text=True) as watch:
            reader = threading.Thread(target=self._read, args=(watch,))
            reader.start()
            try:
                yield self
            finally:
                watch.terminate()
                reader.join()
                self.seen.append((time.monotonic(), -1))

    def _read(self, watch: "subprocess.Popen[str]") -> None:
        assert watch.stdout is not None
        for line in watch.stdout:
            weighed = [rule["backendRefs"] for rule in json.loads(line) if len(rule["backendRefs"]) > 1]
            weight = next(ref["weight"] for ref in weighed[0] if ref["name"].endswith("-canary"))
            if not self.seen or self.seen[-1][1] != weight:
                self.seen.append((time.monotonic(), weight))

    def order(self) -> list[int]:
        """The weights, one after another."""
        return [weight for _, weight in self.seen if weight >= 0]

    def during(self, weight: int) -> tuple[float, float]:
        """When a weight began and ended, the first time that it was set."""
        index = self.order().index(weight)
        return self.seen[index][0], self.seen[index + 1][0]
