"""What the pods of a namespace hold, and whether it grows: python loadtest/pods.py --namespace plotlot --seconds 1200

Memory is what the metrics API tells, a look each fifteen seconds or so; connections and sizes are in the dashboards.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping

from soak import MOST_MEGABYTES_PER_HOUR, WARMING

from plotlot.evaluation.capacity.drift import Slope, slope_of

EVERY_SECONDS = 15.0
LEAST_LOOKS = 10
BYTES = {"": 1.0, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "k": 1e3, "M": 1e6, "G": 1e9}


class NoMetrics(Exception):
    """The cluster tells nothing of its pods; the words are kubectl's."""


def megabytes_of(told: Mapping[str, list[Mapping[str, dict[str, str]]]]) -> dict[str, float]:
    """Megabytes by pod, of the metrics API's list."""
    return {
        str(pod["metadata"]["name"]): sum(quantity(each["usage"]["memory"]) for each in pod["containers"])
        / 1e6
        for pod in told["items"]
    }


def quantity(text: str) -> float:
    """Bytes, of a quantity of Kubernetes."""
    digits = text.rstrip("KMGik")
    return float(digits) * BYTES[text[len(digits) :]]


def look(namespace: str) -> dict[str, float]:
    """Megabytes by pod now. Raises NoMetrics."""
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"
    done = subprocess.run(["kubectl", "get", "--raw", path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoMetrics(done.stderr.strip())
    return megabytes_of(json.loads(done.stdout))


def slopes(looks: list[tuple[float, dict[str, float]]]) -> dict[str, Slope]:
    """Megabytes an hour of the pods that were there all the time, once they have warmed."""
    warm = [each for each in looks if each[0] >= looks[-1][0] * WARMING]
    names = set.intersection(*(set(held) for _, held in warm))
    seconds = [at for at, _ in warm]
    return {name: slope_of(seconds, [held[name] for _, held in warm]) for name in sorted(names)}


def main() -> int:
    """Print a row for each pod; the exit status is 1 where one grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", default="plotlot")
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--every", type=float, default=EVERY_SECONDS)
    options = parser.parse_args()
    if options.seconds < LEAST_LOOKS * options.every:
        parser.error(f"--seconds: a slope needs {LEAST_LOOKS} looks or more, one each {options.every:g} s")
    began, looks = time.monotonic(), []
    while not looks or looks[-1][0] < options.seconds:
        looks.append((time.monotonic() - began, look(options.namespace)))
        time.sleep(max(began + len(looks) * options.every - time.monotonic(), 0))
    found = slopes(looks)
    print("| pod | first | last | an hour | interval |\n|---|---:|---:|---:|---|")
    for name, slope in found.items():
        first, last = looks[0][1].get(name, 0.0), looks[-1][1][name]
        print(
            f"| {name} | {first:.0f} MB | {last:.0f} MB | {slope.per_hour:+.1f} MB | {slope.low:+.1f} to {slope.high:+.1f} |"
        )
    return 1 if any(slope.grows(MOST_MEGABYTES_PER_HOUR) for slope in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
