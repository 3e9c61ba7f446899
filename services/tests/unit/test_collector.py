"""The example of a collector: what its parts name is there, and what it keeps is what PlotLot promises."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from plotlot.settings import Settings

FOLDER = Path(__file__).resolve().parents[3] / "k8s" / "collector"
CONFIGS = ("sampling.yaml", "balancing.yaml")


def loaded(name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return config


def documents(name: str) -> dict[str, dict[str, Any]]:
    """The objects of a file, by their kind."""
    return {one["kind"]: one for one in yaml.safe_load_all((FOLDER / name).read_text())}


@pytest.mark.parametrize("name", CONFIGS)
def test_every_part_of_a_pipeline_is_defined_and_every_part_is_used(name: str) -> None:
    config = loaded(name)
    (pipeline,) = config["service"]["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(config[kind])
    assert set(config["service"]["extensions"]) == set(config["extensions"])


def test_what_failed_or_was_slow_is_kept_and_a_share_of_the_rest() -> None:
    policies = loaded("sampling.yaml")["processors"]["tail_sampling"]["policies"]
    by_type = {policy["type"]: policy[policy["type"]] for policy in policies}
    assert by_type["status_code"] == {"status_codes": ["ERROR"]}
    assert by_type["latency"]["threshold_ms"] == Settings.model_fields["trace_slow_seconds"].default * 1000
    assert 0 < by_type["probabilistic"]["sampling_percentage"] < 100


def test_a_trace_goes_as_a_whole_to_one_replica_that_is_found_by_name() -> None:
    exporter = loaded("balancing.yaml")["exporters"]["loadbalancing"]
    service = documents("sampling-deployment.yaml")["Service"]
    assert exporter["routing_key"] == "traceID"
    assert exporter["resolver"]["dns"]["hostname"] == service["metadata"]["name"]
    assert service["spec"]["clusterIP"] == "None"
    ports = {str(port["port"]) for port in service["spec"]["ports"]}
    assert exporter["resolver"]["dns"]["port"] in ports


@pytest.mark.parametrize("tier", ["balancing", "sampling"])
def test_each_tier_runs_its_own_configuration_without_rights(tier: str) -> None:
    found = documents(f"{tier}-deployment.yaml")
    pod = found["Deployment"]["spec"]["template"]["spec"]
    kustomization = documents("kustomization.yaml")["Kustomization"]
    made = {each["name"]: each["files"] for each in kustomization["configMapGenerator"]}
    (volume,) = pod["volumes"]
    assert made[volume["configMap"]["name"]] == [f"config.yaml={tier}.yaml"]
    (container,) = pod["containers"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not pod["automountServiceAccountToken"]
    assert found["Service"]["spec"]["selector"] == found["Deployment"]["spec"]["selector"]["matchLabels"]
