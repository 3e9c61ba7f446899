"""What is scraped, and by which rules, of what stands in the cluster."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).parents[4] / "k8s" / "prometheus" / "discover.py"


@pytest.fixture(scope="module")
def discover() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prometheus_discover", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pod(
    name: str, namespace: str = "plotlot", phase: str = "Running", release: str = "plotlot"
) -> dict[str, Any]:
    ports = [{"name": "grpc", "containerPort": 50051}, {"name": "metrics", "containerPort": 9464}]
    return {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"instance": release, "component": "judge"},
        },
        "spec": {"containers": [{"name": "judge", "ports": ports}, {"name": "other"}]},
        "status": {"phase": phase, "podIP": "10.0.0.7"},
    }


def test_pods_that_run_and_are_selected_are_scraped(discover: ModuleType) -> None:
    selector = {"matchLabels": {"instance": "plotlot"}}
    monitor = {
        "metadata": {"namespace": "plotlot", "name": "all"},
        "spec": {"selector": selector, "podMetricsEndpoints": [{"port": "metrics", "interval": "5s"}]},
    }
    pods = [pod("a"), pod("b", namespace="another"), pod("c", phase="Succeeded"), pod("d", release="another")]
    (found,) = discover.targets([monitor], pods)
    assert found["targets"] == ["10.0.0.7:9464"]
    labels = {"job": "plotlot/all", "namespace": "plotlot", "pod": "a", "container": "judge"}
    assert found["labels"] == {**labels, "__scrape_interval__": "5s", "__metrics_path__": "/metrics"}


def test_files_are_those_that_are_given_and_no_others(discover: ModuleType, tmp_path: Path) -> None:
    rule = {"metadata": {"namespace": "plotlot", "name": "plotlot"}, "spec": {"groups": []}}
    files = discover.rule_files([rule])
    assert json.loads(files["plotlot.plotlot.yaml"]) == {"groups": []}
    assert discover.write(tmp_path / "rules", files)
    assert not discover.write(tmp_path / "rules", files)
    assert discover.write(tmp_path / "rules", {})
    assert not list((tmp_path / "rules").iterdir())
