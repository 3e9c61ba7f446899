"""What the chart renders: no cluster is needed, only helm."""

import json
import re
from typing import Any

import pytest
from cluster.cluster import CHART, REPOSITORY, SERVICES, CommandFailed, policy_edges, rendered

from plotlot.gateway import rest
from plotlot.ingestion.publishers.configuration import publishers_of
from plotlot.runtime.process import COMPONENTS, Runtime
from plotlot.settings import Settings
from plotlot.store import cache
from plotlot.telemetry import Metrics

KIND = ("--values", str(CHART / "values-kind.yaml"))


class RecordingRuntime(Runtime):
    """A composition root that remembers what each service was handed."""

    def __init__(self) -> None:
        super().__init__(Settings(publishers="municode"))
        self.component = ""
        self.edges: set[tuple[str, str]] = set()
        self._channels = {name: _unconnected() for name in SERVICES}

    def channel(self, name: str) -> Any:
        """The channel, and a note of who asked for it."""
        self.edges.add((self.component, name))
        return super().channel(name)

    def __getattribute__(self, name: str) -> Any:
        if name == "database":
            self.edges.add((self.component, "postgres"))
        return super().__getattribute__(name)


def _unconnected() -> Any:
    import grpc

    return grpc.aio.insecure_channel("127.0.0.1:1")


async def test_policies_are_the_edges_that_the_composition_root_makes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = RecordingRuntime()

    def open_redis(_settings: Settings) -> None:
        runtime.edges.add((runtime.component, "redis"))

    monkeypatch.setattr(cache, "open_redis", open_redis)
    monkeypatch.setattr(rest, "open_redis", open_redis)
    for name, component in COMPONENTS.items():
        runtime.component = name
        component(runtime)
    wired = {(one, other) for one, other in runtime.edges if one in SERVICES}
    helpers = {("migrate", "postgres"), ("ingest", "gateway"), ("test", "gateway")}
    policies = (item for item in rendered(*KIND) if item["kind"] == "NetworkPolicy")
    assert policy_edges(policies) - helpers == wired


def test_everything_is_denied_that_is_not_allowed() -> None:
    denied = next(item for item in rendered() if item["metadata"]["name"] == "plotlot-default-deny")
    assert denied["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(denied["spec"])


@pytest.mark.parametrize("values", ["values.yaml", "values-kind.yaml", "values-eks.yaml"])
def test_every_pod_is_restricted_and_has_no_token(values: str) -> None:
    pods = list(pod_specs(rendered("--values", str(CHART / values))))
    assert len(pods) >= len(SERVICES)
    for spec in pods:
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert {"requests", "limits"} <= set(container["resources"])


def pod_specs(items: Any) -> Any:
    """The specification of every pod that the objects make."""
    for item in items:
        if item["kind"] == "Pod":
            yield item["spec"]
        elif item["kind"] == "CronJob":
            yield item["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        elif "template" in item.get("spec", {}):
            yield item["spec"]["template"]["spec"]


def test_refreshes_by_night_reach_what_they_need_and_never_run_twice_at_once() -> None:
    objects = list(rendered("--values", str(CHART / "ci/everything-values.yaml")))
    (job,) = (item for item in objects if item["metadata"]["name"] == "plotlot-refresh-florida")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["refresh", "--state", "FL", "--county", "Miami-Dade", "--json"]
    settings = next(item["data"] for item in objects if item["metadata"]["name"] == "plotlot-settings")
    assert publishers_of(settings["PLOTLOT_PUBLISHERS"]).hosts == publishers_of("municode").hosts
    names = {item["metadata"]["name"] for item in objects if item["kind"] == "NetworkPolicy"}
    assert {
        "plotlot-ingestion-to-outside",
        "plotlot-refresh-to-outside",
        "plotlot-refresh-to-stores",
    } <= names
    nightly = """refreshes.schedules=[{"name": "all", "schedule": "0 3 * * *", "towns": ["--failed"]}]"""
    edges = policy_edges(
        item for item in rendered(*KIND, "--set-json", nightly) if item["kind"] == "NetworkPolicy"
    )
    assert {to for one, to in edges if one == "refresh"} == {to for one, to in edges if one == "ingestion"}
    assert not [item for item in rendered() if "refresh" in item["metadata"]["name"]]


@pytest.mark.parametrize("values", ["values-eks.yaml", "ci/everything-values.yaml"])
def test_whoever_is_told_the_database_may_reach_one_outside_of_the_cluster(values: str) -> None:
    objects = list(rendered("--values", str(CHART / values)))
    told = {
        item["metadata"]["labels"]["app.kubernetes.io/component"]
        for item in objects
        for spec in pod_specs([item])
        if any(
            "PLOTLOT_DATABASE_URL" in (one["name"] for one in container.get("env", []))
            for container in spec["containers"]
        )
    }
    assert {"migrate", "gateway", "extraction"} <= told
    names = {item["metadata"]["name"] for item in objects if item["kind"] == "NetworkPolicy"}
    assert {f"plotlot-{component}-to-stores" for component in told} <= names


def test_settings_are_told_as_they_were_written() -> None:
    written = {
        "PLOTLOT_MAX_DOCUMENT_BYTES": 100_000_000,
        "PLOTLOT_ANSWER_CACHE": False,
        "PLOTLOT_LOG_FORMAT": "text",
    }
    objects = rendered("--set-json", f"settings={json.dumps(written)}")
    told = next(item["data"] for item in objects if item["metadata"]["name"] == "plotlot-settings")
    assert {name: told[name] for name in written} == {
        "PLOTLOT_MAX_DOCUMENT_BYTES": "100000000",
        "PLOTLOT_ANSWER_CACHE": "false",
        "PLOTLOT_LOG_FORMAT": "text",
    }


def test_publishers_may_be_reached_however_they_are_named() -> None:
    policies = rendered("--set", "settings.PLOTLOT_PUBLISHERS=municode")
    assert "plotlot-ingestion-to-outside" in {item["metadata"]["name"] for item in policies}


def test_a_model_elsewhere_may_be_reached_at_its_port_alone() -> None:
    urls = {
        "PLOTLOT_GENERATION_URL": "dns+http://engines.models:8000",
        "PLOTLOT_EMBEDDING_URL": "https://embeddings.example/v1",
        "PLOTLOT_RERANK_URL": "http://reranker1/rerank",
    }
    objects = list(rendered("--set-json", f"settings={json.dumps(urls)}"))
    egress = {item["metadata"]["name"]: item.get("spec", {}).get("egress") for item in objects}
    assert egress["plotlot-inference-to-models"] == [{"ports": [{"port": 8000}, {"port": 443}]}]
    assert egress["plotlot-retrieval-to-models"] == [{"ports": [{"port": 80}]}]
    assert not [item for item in rendered() if item["metadata"]["name"].endswith("-to-models")]


def test_no_secret_is_made_from_values() -> None:
    for values in ("values.yaml", "values-kind.yaml", "values-eks.yaml"):
        assert not [item for item in rendered("--values", str(CHART / values)) if item["kind"] == "Secret"]


def test_the_grace_period_covers_the_drain() -> None:
    drain = ("--set", "drain.delaySeconds=7", "--set", "drain.graceSeconds=40")
    specs = [spec for spec in pod_specs(rendered(*drain)) if "terminationGracePeriodSeconds" in spec]
    assert {spec["terminationGracePeriodSeconds"] for spec in specs} == {52}


def test_settings_that_change_restart_the_pods() -> None:
    def checksum(*options: str) -> set[str]:
        deployments = (item for item in rendered(*options) if item["kind"] == "Deployment")
        return {
            item["spec"]["template"]["metadata"]["annotations"]["checksum/settings"] for item in deployments
        }

    assert checksum() != checksum("--set", "settings.PLOTLOT_LOG_LEVEL=INFO")


@pytest.mark.parametrize(
    ("options", "trusted"),
    [
        ((), "10.244.0.0/16"),
        (("--set=route.proxies={10.1.0.0/16,fd00::/8}",), "10.1.0.0/16,fd00::/8"),
        (("--set=settings.PLOTLOT_TRUSTED_PROXIES=10.9.0.7",), "10.9.0.7"),
        (("--set=route.enabled=false",), None),
    ],
)
def test_the_word_of_the_door_is_taken_for_who_asks(options: tuple[str, ...], trusted: str | None) -> None:
    settings = next(item for item in rendered(*options) if item["metadata"]["name"] == "plotlot-settings")
    assert settings["data"].get("PLOTLOT_TRUSTED_PROXIES") == trusted


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/analyses:batch", "/v1/refreshes", "/v1/documents"])
def test_what_is_followed_for_long_is_not_cut_by_the_route(path: str) -> None:
    (route,) = (item for item in rendered() if item["kind"] == "HTTPRoute")
    timeouts = {
        match["path"]["value"]: rule["timeouts"]["request"]
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
    }
    assert (timeouts[path], timeouts["/"]) == ("3600s", "60s")


def test_every_alert_leads_to_its_runbook() -> None:
    everything = ("--values", str(CHART / "ci" / "everything-values.yaml"))
    found = [item for item in rendered(*everything) if item["kind"] == "PrometheusRule"]
    rules = [rule for item in found for group in item["spec"]["groups"] for rule in group["rules"]]
    alerts = [rule for rule in rules if "alert" in rule]
    assert len(alerts) > 10
    for alert in alerts:
        assert (REPOSITORY / "runbooks" / f"{alert['alert']}.md").is_file()
        assert alert["annotations"]["runbook_url"].endswith(f"/runbooks/{alert['alert']}.md")


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("services.retrieval.replicsa=3", "replicsa"),
        ("imag.tag=v1", "imag"),
        ("drain.delaySeconds=soon", "/drain/delaySeconds"),
        ("services.gateway.needs={mysql}", "/services/gateway/needs/0"),
        ("settings.LOG_LEVEL=INFO", "LOG_LEVEL"),
        ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
        ("services.oracle.replicas=1", "oracle"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(option: str, complaint: str) -> None:
    with pytest.raises(CommandFailed, match=complaint):
        list(rendered("--set", option))


def test_an_engine_is_called_by_inference_and_by_nothing_else() -> None:
    objects = list(rendered("--values", str(CHART / "ci" / "engines-values.yaml")))
    (inference,) = (
        item
        for item in objects
        if item["kind"] == "Deployment" and item["metadata"]["name"] == "plotlot-inference"
    )
    told = {
        item["name"]: item.get("value")
        for item in inference["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    assert told["PLOTLOT_GENERATION_URL"] == "dns+http://plotlot-vllm:8000"
    assert (told["PLOTLOT_GENERATION_ENGINE"], told["PLOTLOT_GENERATION_MODEL"]) == ("vllm", "qwen3-8b")
    callers = {
        source["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
        for item in objects
        if item["kind"] == "NetworkPolicy"
        and item["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component") == "vllm"
        for rule in item["spec"].get("ingress", ())
        for source in rule["from"]
        if "podSelector" in source
    }
    assert callers == {"inference"}


def test_an_engine_has_time_for_its_longest_answer_before_it_ends() -> None:
    options = ("--set", "engines.vllm.enabled=true,engines.vllm.model=m,engines.vllm.drainSeconds=90")
    (engine,) = (
        item
        for item in rendered(*options)
        if item["kind"] == "Deployment" and item["metadata"]["name"].endswith("-vllm")
    )
    pod = engine["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert "--shutdown-timeout=90" in container["args"]
    assert pod["terminationGracePeriodSeconds"] > 90 + container["lifecycle"]["preStop"]["sleep"]["seconds"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("engines.vllm.enabled=true", "engines.vllm.model"),
        (
            "engines.vllm.enabled=true,engines.vllm.model=m,engines.sglang.enabled=true,engines.sglang.model=m",
            "switch one on",
        ),
    ],
)
def test_an_engine_that_cannot_serve_is_refused(options: str, complaint: str) -> None:
    with pytest.raises(CommandFailed, match=complaint):
        list(rendered("--set", options))


@pytest.mark.parametrize("engine", ["vllm", "sglang", "llamacpp"])
def test_an_engine_is_scaled_on_figures_of_ours_the_same_by_keda_and_by_an_hpa(engine: str) -> None:
    on = f"engines.{engine}.enabled=true,engines.{engine}.model=m,engines.{engine}.scaling.enabled=true"
    (keda,) = (item for item in rendered("--set", on) if item["kind"] == "ScaledObject")
    by_hpa = rendered("--set", f"{on},engines.{engine}.scaling.by=hpa")
    (hpa,) = (item for item in by_hpa if item["kind"] == "HorizontalPodAutoscaler")
    metrics = {metric.name for metric in Metrics().registry.collect()}
    for trigger in keda["spec"]["triggers"]:
        assert set(re.findall(r"plotlot_[a-z_]+", trigger["metadata"]["query"])) <= metrics
    assert [(each["name"], each["metadata"]["threshold"]) for each in keda["spec"]["triggers"]] == [
        (
            each["external"]["metric"]["name"],
            each["external"]["target"].get("averageValue") or each["external"]["target"]["value"],
        )
        for each in hpa["spec"]["metrics"]
    ]
    behavior = keda["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert hpa["spec"]["behavior"] == behavior


@pytest.mark.parametrize(("slots", "processes", "room"), [(64, 2, 32), (5, 2, 3), (4, 0, 4)])
def test_processes_of_inference_share_the_slots_of_an_engine(slots: int, processes: int, room: int) -> None:
    given = f"engines.vllm.enabled=true,engines.vllm.model=m,engines.vllm.slots={slots}"
    specs = list(pod_specs(rendered("--set", f"{given},services.inference.replicas={processes}")))
    containers = [container for spec in specs for container in spec["containers"]]
    told = {each["name"]: each.get("value") for one in containers for each in one.get("env", ())}
    assert told["PLOTLOT_GENERATION_CONCURRENCY"] == str(room)
    assert f"--max-num-seqs={slots}" in [each for one in containers for each in one.get("args", ())]
