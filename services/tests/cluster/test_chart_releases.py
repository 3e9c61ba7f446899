"""What the chart renders where releases are bundles: no cluster is needed, only helm."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cluster.cluster import CHART, CommandFailed, policy_edges, rendered

Objects = dict[tuple[str, str], dict[str, Any]]


class Bundles:
    """Bundles as files, and what the chart makes of a stable one and a candidate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, images: Mapping[str, str]) -> Path:
        """A bundle whose id is made of its name."""
        path = self.folder / f"{name}.json"
        bundle = {"id": f"bundle-{name * 16}", "manifest": {"images": images}}
        path.write_text(json.dumps(bundle))
        return path

    def objects(self, stable: Path | None, candidate: Path | None = None, *options: str) -> Objects:
        """The chart's objects by kind and name."""
        files = [("stable", stable), ("candidate", candidate)]
        given = [f"--set-file=bundles.{name}={path}" for name, path in files if path]
        values = ("values-kind.yaml", "values-delivery.yaml")
        overlays = [f"--values={CHART / name}" for name in values]
        return {
            (item["kind"], item["metadata"]["name"]): item for item in rendered(*overlays, *given, *options)
        }


@pytest.fixture
def bundles(tmp_path: Path) -> Bundles:
    """A folder of bundles."""
    return Bundles(tmp_path)


@pytest.fixture
def before(bundles: Bundles) -> Path:
    """The bundle that everybody meets."""
    return bundles.file("a", {"default": "plotlot:one"})


def pod_template(objects: Objects) -> Any:
    """The gateway's pod."""
    return objects["Rollout", "plotlot-gateway"]["spec"]["template"]


def environment(workload: Mapping[str, Any]) -> dict[str, str]:
    """Settings of a workload's first container."""
    variables = workload["spec"]["template"]["spec"]["containers"][0]["env"]
    return {one["name"]: one.get("value", "") for one in variables}


def deployments(objects: Objects, component: str) -> dict[str, dict[str, Any]]:
    """Deployments of a service by name."""
    return {
        name: item
        for (kind, name), item in objects.items()
        if kind == "Deployment" and item["metadata"]["labels"]["app.kubernetes.io/component"] == component
    }


@pytest.mark.parametrize("images", [{"default": "plotlot:two"}, {"default": "plotlot:one"}])
def test_settling_a_promoted_candidate_changes_no_pod_of_the_gateway(
    bundles: Bundles, before: Path, images: dict[str, str]
) -> None:
    after = bundles.file("b", images)
    released, settled = bundles.objects(before, after), bundles.objects(after)
    assert pod_template(released) == pod_template(settled)
    assert pod_template(released) != pod_template(bundles.objects(before))


def test_going_back_gives_the_pods_that_were_there(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:two"})
    assert pod_template(bundles.objects(before)) == pod_template(bundles.objects(before, None))
    assert pod_template(bundles.objects(before, after)) != pod_template(bundles.objects(before))


def test_a_candidate_changes_nothing_of_the_stable_backends(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:two", "inference": "plotlot:three"})
    alone, released = bundles.objects(before), bundles.objects(before, after)
    changed = {key for key in alone if alone[key] != released[key]}
    assert changed == {("Rollout", "plotlot-gateway"), ("Job", "plotlot-migrate")}


def test_a_service_has_a_lane_where_its_image_differs(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:one", "extraction": "plotlot:two"})
    objects = bundles.objects(before, after)
    lanes = deployments(objects, "extraction")
    assert len(lanes) == 2
    assert len(deployments(objects, "retrieval")) == len(deployments(objects, "inference")) == 1
    lane = environment(objects["Rollout", "plotlot-gateway"])["PLOTLOT_EXTRACTION_ADDRESS"].split(":")[0]
    assert lanes[lane]["spec"]["template"]["spec"]["containers"][0]["image"] == "plotlot:two"
    assert objects["Service", lane]["spec"]["selector"].items() >= (
        lanes[lane]["spec"]["selector"]["matchLabels"].items()
    )


def test_who_calls_a_service_with_a_lane_has_one_too(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:one", "inference": "plotlot:two"})
    objects = bundles.objects(before, after)
    assert len(deployments(objects, "inference")) == 2
    for caller in ("retrieval", "extraction"):
        lanes = deployments(objects, caller).values()
        assert len({environment(lane)["PLOTLOT_INFERENCE_ADDRESS"] for lane in lanes}) == 2
    ingestion = environment(objects["Deployment", "plotlot-ingestion"])["PLOTLOT_INFERENCE_ADDRESS"]
    stable = environment(bundles.objects(before)["Rollout", "plotlot-gateway"])
    assert ingestion == stable["PLOTLOT_INFERENCE_ADDRESS"]


def test_lanes_of_one_service_select_no_pod_of_each_other(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:two"})
    objects = bundles.objects(before, after)
    for component in ("retrieval", "extraction", "inference"):
        one, other = deployments(objects, component).values()
        labels = other["spec"]["template"]["metadata"]["labels"]
        assert not one["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_judge_and_ingestion_are_those_of_the_stable_bundle(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {"default": "plotlot:two"})
    objects = bundles.objects(before, after)
    for component in ("judge", "ingestion"):
        pod = objects["Deployment", f"plotlot-{component}"]["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"] == "plotlot:one"
    migrate = objects["Job", "plotlot-migrate"]["spec"]["template"]["spec"]
    assert migrate["containers"][0]["image"] == "plotlot:two"


def test_weights_rise_only_after_a_verdict(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {})
    objects = bundles.objects(before, after, "--set=rollout.steps={10,60}")
    steps = objects["Rollout", "plotlot-gateway"]["spec"]["strategy"]["canary"]["steps"]
    order = [value for step in steps for name, value in step.items() if name in ("setWeight", "analysis")]
    assert [value for value in order if isinstance(value, int)] == [0, 10, 60]
    analyses = [value for value in order if not isinstance(value, int)]
    assert order[1::2] == analyses
    asked = [{arg["name"]: arg["value"] for arg in analysis["args"]} for analysis in analyses]
    assert [(one["stage"], one["weight"], one["next"]) for one in asked] == [
        ("shadow", "0", "10"),
        ("canary", "10", "60"),
        ("canary", "60", "100"),
    ]


def test_the_candidate_is_not_scaled_to_its_weight_while_it_has_none(bundles: Bundles, before: Path) -> None:
    objects = bundles.objects(before, bundles.file("b", {}))
    steps = objects["Rollout", "plotlot-gateway"]["spec"]["strategy"]["canary"]["steps"]
    matches = steps.index({"setCanaryScale": {"matchTrafficWeight": True}})
    weights = [step["setWeight"] for step in steps[:matches] if "setWeight" in step]
    assert weights[-1] > 0


def test_without_a_release_there_is_nothing_to_judge(bundles: Bundles, before: Path) -> None:
    for objects in (bundles.objects(None), bundles.objects(before), bundles.objects(before, before)):
        canary = objects["Rollout", "plotlot-gateway"]["spec"]["strategy"]["canary"]
        assert not {"steps", "analysis"} & set(canary)


def test_no_look_and_no_error_is_a_verdict(bundles: Bundles, before: Path) -> None:
    objects = bundles.objects(before)
    verdict, watch = (
        objects["AnalysisTemplate", f"plotlot-{name}"]["spec"]["metrics"][0] for name in ("verdict", "watch")
    )
    assert verdict["inconclusiveLimit"] >= verdict["count"] > 1
    assert verdict["consecutiveSuccessLimit"] == 1
    assert not {"successCondition", "count", "inconclusiveLimit"} & set(watch)
    for metric in (verdict, watch):
        assert metric["failureLimit"] == 0
        assert metric["consecutiveErrorLimit"] > 100_000


def test_writes_and_sessions_of_the_stable_bundle_are_not_weighed(bundles: Bundles, before: Path) -> None:
    after = bundles.file("b", {})
    objects = bundles.objects(before, after)
    writes, session, others = objects["HTTPRoute", "plotlot"]["spec"]["rules"]
    assert {match["path"]["value"] for match in writes["matches"]} == {
        "/v1/documents",
        "/v1/parcels",
        "/v1/index",
        "/v1/refreshes",
        "/v1/coverage:discover",
        "/v1/analyses:batch",
        "/v1/jobs",
    }
    assert "plotlot-lane=bundle-aaaaaaaaaaaaaaaa" in session["matches"][0]["headers"][0]["value"]
    for rule in (writes, session):
        assert [backend["name"] for backend in rule["backendRefs"]] == ["plotlot"]
    selector = objects["Service", "plotlot"]["spec"]["selector"]
    role = objects["Rollout", "plotlot-gateway"]["spec"]["strategy"]["canary"]["stableMetadata"]["labels"]
    assert role.items() <= selector.items()
    weights = {backend["name"]: backend["weight"] for backend in others["backendRefs"]}
    assert weights == {"plotlot-stable": 100, "plotlot-canary": 0}


def test_the_gateway_is_told_what_came_by_the_weights(bundles: Bundles, before: Path) -> None:
    writes, session, others = bundles.objects(before)["HTTPRoute", "plotlot"]["spec"]["rules"]
    told = {"set": [{"name": "plotlot-route", "value": "weighed"}], "remove": ["plotlot-shadow"]}
    for rule in (session, others):
        assert rule["filters"] == [{"type": "RequestHeaderModifier", "requestHeaderModifier": told}]
    plain = bundles.objects(None, None, "--set=rollout.enabled=false")
    for rule in (writes, *plain["HTTPRoute", "plotlot"]["spec"]["rules"]):
        assert [each["requestHeaderModifier"] for each in rule["filters"]] == [
            {"remove": ["plotlot-shadow", "plotlot-route"]}
        ]


def test_the_door_names_its_clusters_by_service_and_keeps_them(bundles: Bundles, before: Path) -> None:
    """Named by the index of a rule, a cluster would change when Argo adds one, and fail requests in between."""
    objects = bundles.objects(before)
    named = objects["Gateway", "plotlot"]["spec"]["infrastructure"]["parametersRef"]
    assert (named["kind"], named["name"]) == ("EnvoyProxy", "plotlot")
    assert objects["EnvoyProxy", "plotlot"]["spec"] == {"mergeType": "StrategicMerge", "mergeBackends": {}}
    [rule] = objects["HTTPRoute", "plotlot-backends"]["spec"]["rules"]
    weights = {one["name"]: one["weight"] for one in rule["backendRefs"]}
    assert weights == {"plotlot-stable": 1, "plotlot-canary": 1}
    [policed] = objects["BackendTrafficPolicy", "plotlot"]["spec"]["targetRefs"]
    assert policed["kind"] == "Gateway", "a policy of the route gives it clusters of its own"


def test_the_autoscaler_scales_the_rollout(bundles: Bundles, before: Path) -> None:
    objects = bundles.objects(before, None, "--set=services.gateway.autoscaling.enabled=true")
    target = objects["HorizontalPodAutoscaler", "plotlot-gateway"]["spec"]["scaleTargetRef"]
    assert target == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "name": "plotlot-gateway",
    }
    assert "replicas" not in objects["Rollout", "plotlot-gateway"]["spec"]


def test_a_release_needs_two_more_edges(bundles: Bundles, before: Path) -> None:
    def edges(*options: str) -> set[tuple[str, str]]:
        objects = bundles.objects(None, None, *options)
        return policy_edges(item for (kind, _), item in objects.items() if kind == "NetworkPolicy")

    assert edges() - edges("--set=rollout.enabled=false") == {("gateway", "gateway")}
    policy = bundles.objects(before)["NetworkPolicy", "plotlot-judge-from-rollouts"]
    assert policy["spec"]["ingress"][0]["ports"] == [{"port": 8081}]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--set=rollout.enabled=false",), "set rollout.enabled"),
        (("--set=route.enabled=false",), "set route.enabled"),
        (("--set=rollout.steps={100}",), "/rollout/steps/0"),
    ],
)
def test_what_cannot_be_a_release_is_refused(
    bundles: Bundles, before: Path, options: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(CommandFailed, match=complaint):
        bundles.objects(before, None, *options)


def test_a_file_that_is_no_bundle_is_refused(bundles: Bundles, before: Path) -> None:
    other = bundles.folder / "other.json"
    other.write_text("{}")
    with pytest.raises(CommandFailed, match="plotlot bundle build"):
        bundles.objects(before, other)


def test_a_candidate_needs_a_stable_bundle(bundles: Bundles, before: Path) -> None:
    with pytest.raises(CommandFailed, match="give that first"):
        bundles.objects(None, before)


def test_a_bundle_is_an_immutable_file_of_its_own_name(bundles: Bundles, before: Path) -> None:
    objects = bundles.objects(before)
    file = objects["ConfigMap", "plotlot-bundle-aaaaaaaaaaaaaaaa"]
    assert file["immutable"] is True
    assert json.loads(file["data"]["bundle.json"]) == json.loads(before.read_text())
    settings = environment(objects["Rollout", "plotlot-gateway"])
    assert settings["PLOTLOT_BUNDLE_FILE"] == "/bundle/bundle.json"
    assert settings["PLOTLOT_CANDIDATE_URL"] == "http://plotlot-canary"
