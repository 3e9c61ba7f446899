"""An engine on GPUs is scaled up while requests wait for it, and down after; nothing is lost on the way."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster.cluster import CHART, Cluster, wait_until
from cluster.scaling import APISERVICE, Asking, Watch, external_metrics, pretended_gpus, slow

SLOTS, FIRST_TOKEN_SECONDS, TOKEN_SECONDS, TOKENS = 4, 0.2, 0.05, 20
ANSWER_SECONDS = FIRST_TOKEN_SECONDS + TOKENS * TOKEN_SECONDS
CAPACITY = SLOTS / ANSWER_SECONDS  # answers a second of one engine
TIMES, LIGHT = 2.5, 0.5
MOST = 3
OBJECTIVE_SECONDS = 3.0
QUEUE = "plotlot_inference_queue_requests"

Report = Callable[[str, str], None]


def triggers() -> list[dict[str, str]]:
    """The chart's own, for an engine of so few slots."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    found: list[dict[str, str]] = values["engines"]["vllm"]["scaling"]["triggers"]
    assert found[0]["name"] == "plotlot_inference_load"
    return [{**found[0], "threshold": str(SLOTS * 3 // 4)}, *found[1:]]


def values(cluster: Cluster) -> dict[str, Any]:
    """An engine that simulates vLLM and asks for a GPU, scaled by an HPA that does not wait long."""
    return {
        "settings": {"PLOTLOT_GENERATION_QUEUE": 10},
        "networkPolicies": {"metricsNamespaceLabels": {"kubernetes.io/metadata.name": cluster.namespace}},
        "engines": {
            "vllm": {
                "enabled": True,
                "image": cluster.image,
                "command": ["python", "-m", "plotlot.evaluation.serving.vllm_simulator"],
                "model": "simulated",
                "slots": SLOTS,
                "mostQueued": 8,
                "arguments": [
                    f"--first-token-ms={FIRST_TOKEN_SECONDS * 1000:g}",
                    f"--token-ms={TOKEN_SECONDS * 1000:g}",
                ],
                "startSeconds": 60,
                "drainSeconds": 10,
                "sharedMemory": "16Mi",
                "resources": {
                    "requests": {"cpu": "20m", "memory": "32Mi", "nvidia.com/gpu": "1"},
                    "limits": {"memory": "128Mi", "nvidia.com/gpu": "1"},
                },
                "scaling": {
                    "enabled": True,
                    "by": "hpa",
                    "maxReplicas": MOST,
                    "scaleDownSeconds": 30,
                    "triggers": triggers(),
                },
            }
        },
    }


@pytest.fixture
def scaled(cluster: Cluster, tmp_path: Path) -> Iterator[Cluster]:
    """The release with such an engine, and what its autoscaler reads."""
    served = subprocess.run(["kubectl", "get", "apiservice", APISERVICE], capture_output=True, check=False)
    if served.returncode == 0:
        pytest.skip("this cluster's external metrics are another's, and are left alone")
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values(cluster)))
    queries = {each["name"]: each["query"] for each in triggers()} | {QUEUE: f"sum({QUEUE})"}
    with pretended_gpus(MOST), external_metrics(cluster, f"{cluster.release}-inference:9464", queries):
        cluster.deploy("--values", str(file))
        yield cluster


def test_an_engine_is_scaled_up_under_queue_and_down_after(scaled: Cluster, report: Report) -> None:
    engine = f"{scaled.release}-vllm"
    asking, watch = Asking(scaled), Watch(scaled, engine, QUEUE)
    with watch.going_on(), asking.going_on():
        asking.rate(LIGHT)
        time.sleep(15)
        assert (watch.last.wanted, watch.last.ready) == (1, 1)
        asking.rate(TIMES * CAPACITY)
        busy = time.time()
        wait_until("answers that come late", lambda: late(asking), 60)
        wait_until("every engine", lambda: watch.last.ready == MOST, 150)
        ready = time.time()
        wait_until("answers in time", lambda: not late(asking), 90)
        recovered = time.time()
        time.sleep(20)
        assert watch.last.ready == MOST
        asking.rate(LIGHT)
        quiet = time.time()
        down = wait_until("one engine", lambda: watch.last.wanted == watch.last.ready == 1, 150)
    if picture := os.environ.get("PLOTLOT_E2E_PICTURE"):
        from cluster.scaling_picture import draw

        draw(Path(picture), watch.looks, asking.answers, {"busy": busy, "quiet": quiet}, OBJECTIVE_SECONDS)
    answered = [each for each in asking.answers if not each.error]
    shed = [each for each in asking.answers if each.error]
    assert {each.tokens for each in answered} == {TOKENS}
    lost = [each for each in shed if each.error != "RESOURCE_EXHAUSTED overloaded" or each.retry_after <= 0]
    assert not lost, f"{len(lost)} of {len(asking.answers)} lost, the first: {lost[:3]}"
    most = max(look.queue for look in watch.looks)
    worst = max(slow(asking.answers, look.at) for look in watch.looks if busy < look.at < recovered)
    assert most > SLOTS
    report(
        f"an engine at {TIMES:g} times what it manages: {MOST} of it ready after {ready - busy:.0f} s, p95 in time again after"
        f" {recovered - busy:.0f} s",
        f"queue at most {most:.0f}, p95 {worst:.1f} s at worst and {slow(asking.answers, quiet):.1f} s then",
    )
    report(
        f"the load gone, one engine again after {down:.0f} s",
        f"{len(answered)} answered, {len(shed)} told when to come back, 0 lost",
    )


def late(asking: Asking) -> bool:
    """Whether answers miss the objective at the moment."""
    return slow(asking.answers, time.time()) > OBJECTIVE_SECONDS
