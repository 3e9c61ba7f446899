"""What Prometheus' operator does, as far as the chart needs it: PodMonitors become targets, PrometheusRules become rules.

Runs beside Prometheus in its pod, by Debian's Python alone. Every few seconds it reads the objects and the pods from the
Kubernetes API, and writes files that Prometheus reads: targets at once, rules when it is told that they changed.
"""

import argparse
import json
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MONITORING = "/apis/monitoring.coreos.com/v1"
LOOK_SECONDS = 2.0

Json = dict[str, Any]


def listed(path: str) -> list[Json]:
    """The objects at a path of the API, of all namespaces."""
    request = urllib.request.Request(f"https://kubernetes.default.svc{path}")
    request.add_header("Authorization", f"Bearer {(ACCOUNT / 'token').read_text()}")
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        found: list[Json] = json.load(answer)["items"]
    return found


def targets(monitors: list[Json], pods: list[Json]) -> Iterator[Json]:
    """What is to be scraped: every pod that has not ended, ready or not, by each PodMonitor that selects it."""
    for monitor in monitors:
        namespace = monitor["metadata"]["namespace"]
        wanted = monitor["spec"]["selector"].get("matchLabels", {}).items()
        for pod in pods:
            meta, status = pod["metadata"], pod["status"]
            if meta["namespace"] != namespace or not wanted <= meta.get("labels", {}).items():
                continue
            if status.get("phase") not in ("Succeeded", "Failed") and status.get("podIP"):
                yield from endpoints(monitor, pod)


def endpoints(monitor: Json, pod: Json) -> Iterator[Json]:
    """The ports of a pod that a PodMonitor names."""
    for endpoint in monitor["spec"]["podMetricsEndpoints"]:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports", ()):
                if port.get("name") == endpoint["port"]:
                    labels = {
                        "__scrape_interval__": endpoint.get("interval", "15s"),
                        "__metrics_path__": endpoint.get("path", "/metrics"),
                        "job": "{namespace}/{name}".format_map(monitor["metadata"]),
                        "namespace": pod["metadata"]["namespace"],
                        "pod": pod["metadata"]["name"],
                        "container": container["name"],
                    }
                    yield {"targets": [f"{pod['status']['podIP']}:{port['containerPort']}"], "labels": labels}


def rule_files(rules: list[Json]) -> dict[str, str]:
    """A file for each PrometheusRule. JSON is YAML, too."""
    return {
        f"{rule['metadata']['namespace']}.{rule['metadata']['name']}.yaml": json.dumps(rule["spec"])
        for rule in rules
    }


def write(folder: Path, files: dict[str, str]) -> bool:
    """Make a folder hold these files and no others; whether that changed anything."""
    folder.mkdir(parents=True, exist_ok=True)
    before = {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}
    for name in before.keys() - files.keys():
        (folder / name).unlink()
    for name, content in files.items():
        if before.get(name) != content:
            (folder / f".{name}").write_text(content)
            (folder / f".{name}").rename(folder / name)
    return before != files


def look(folder: Path, prometheus: str) -> None:
    """Write what is there now, and have Prometheus read its rules where they changed."""
    found = list(targets(listed(f"{MONITORING}/podmonitors"), listed("/api/v1/pods")))
    write(folder / "targets", {"pods.json": json.dumps(found)})
    if write(folder / "rules", rule_files(listed(f"{MONITORING}/prometheusrules"))):
        urllib.request.urlopen(urllib.request.Request(f"{prometheus}/-/reload", method="POST"), timeout=10)


def main() -> None:
    """Look until ended; a look that fails is told, and repeated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    options = parser.parse_args()
    while True:
        try:
            look(options.folder, options.prometheus)
        except (OSError, ValueError, KeyError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            # Prometheus has not read them: the rules count as new at the next look.
            for path in (options.folder / "rules").glob("*.yaml"):
                path.unlink()
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
