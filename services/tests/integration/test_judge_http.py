"""The judge over HTTP as a process of its own: the examples of its page, and what goes wrong."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import yaml
from integration.conftest import REPOSITORY, FreePort, announced, await_serving, plotlot, stopping

PAGE = (REPOSITORY / "docs" / "judge.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
DEEP = '{"a":' * 800 + "1" + "}" * 800
QUESTION = {
    "stable": "a",
    "candidate": "b",
    "stage": "shadow",
    "guardrails": {"each": [{"name": "failure", "measure": "failure", "margin": 0.05}]},
}


def named(name: str) -> dict[str, Any]:
    """Guardrails of that name."""
    return {"each": [{"name": name, "measure": "failure", "margin": 0.05}]}


def nested(levels: int) -> dict[str, Any]:
    """An object in an object, and so on."""
    return {"a": nested(levels - 1)} if levels else {}


@contextmanager
def serving(*options: str, **env: str) -> Iterator[tuple[str, str]]:
    """The gRPC address and the URL of a judge that runs alone."""
    address = f"127.0.0.1:{FreePort()()}"
    process = plotlot("serve", "judge", "--port", "0", *options, env={"PLOTLOT_GRPC_ADDRESS": address, **env})
    with stopping(process):
        yield address, announced(process, "http://").split(" and ")[1].split()[0]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("--data", str(tmp_path_factory.mktemp("data"))) as (_, url):
        yield url


@pytest.fixture
def judge(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def documents(printed: str) -> list[Any]:
    """JSON documents that were printed one after another."""
    found, start = [], 0
    while start < len(printed):
        document, start = json.JSONDecoder().raw_decode(printed, start)
        found.append(document)
    return found


def shows(shown: Any, answer: Any) -> bool:
    """Whether an answer is what the page shows of it; a text that ends in an ellipsis goes on."""
    if isinstance(shown, dict):
        return all(name in answer and shows(value, answer[name]) for name, value in shown.items())
    if isinstance(shown, str) and shown.endswith("…"):
        return str(answer).startswith(shown[:-1])
    return bool(shown == answer)


def test_the_page_is_true_from_its_first_command_to_its_last(url: str) -> None:
    commands = [number for number, (language, _) in enumerate(BLOCKS) if language == "sh"]
    assert len(commands) >= 9
    for number in commands:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", BLOCKS[number][1]],
            env={**os.environ, "JUDGE": url, "no_proxy": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        language, shown = BLOCKS[number + 1]
        assert language == "json"
        assert shows(json.loads(shown), documents(done.stdout)[-1]), done.stdout


def test_what_argo_sends_is_answered(judge: httpx.Client) -> None:
    (template,) = (yaml.safe_load(text) for language, text in BLOCKS if language == "yaml")
    (metric,) = template["spec"]["metrics"]
    body = metric["provider"]["web"]["body"]
    sent = {"stable": "app-8", "candidate": "app-9", "stage": "canary", "weight": "5", "next": "25"}
    assert {arg["name"] for arg in template["spec"]["args"]} == set(sent)
    for name, value in sent.items():
        body = body.replace(f"{{{{args.{name}}}}}", value)
    answer = judge.post("/v1/verdicts", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["verdict"]) == (200, "continue")
    conditions = {metric["successCondition"], metric["failureCondition"]}
    assert conditions == {f'result.verdict == "{word}"' for word in ("promote", "rollback")}


def test_people_and_operators_find_their_way(judge: httpx.Client) -> None:
    release = judge.post("/v1/verdicts", json=QUESTION).json()["release"]
    told = judge.get(f"/v1/releases/{release}").json()
    assert (told["id"], told["stage"], told["evidence"][0]["guardrail"]) == (release, "shadow", "failure")
    assert release in [each["id"] for each in judge.get("/v1/releases").json()["releases"]]
    for rest, name in (("pairs", "pairs"), ("harmed", "harmed")):
        assert judge.get(f"/v1/releases/{release}/{rest}").json() == {name: []}
    assert judge.get("/v1/bundles/a").json()["manifest"] is None
    assert judge.get("/healthz").status_code == judge.get("/readyz").status_code == 200
    paths = judge.get("/docs", follow_redirects=True).json()["paths"]
    assert {"/v1/verdicts", "/v1/releases/{release}/pairs", "/v1/bundles/{bundle}"} <= set(paths)
    exposed = judge.get("/metrics").text
    assert 'plotlot_judge_verdicts_total{stage="shadow",verdict="continue"}' in exposed
    assert 'plotlot_http_requests_total{method="POST",route="/v1/verdicts",status="200"}' in exposed
    assert judge.get("/healthz", headers={"x-request-id": "mine"}).headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/v1/verdicts", {**QUESTION, "stage": "rest"}, 422, "stage"),
        ("/v1/verdicts", {**QUESTION, "weight": 101}, 422, "weight"),
        ("/v1/verdicts", {"stable": "a", "candidate": "b"}, 422, "stage"),
        ("/v1/verdicts", {**QUESTION, "stage": "canary", "next_weight": 5}, 422, "weight"),
        ("/v1/verdicts", {**QUESTION, "stage": "canary", "weight": 5}, 422, "next_weight"),
        ("/v1/verdicts", {**QUESTION, "stable": ""}, 422, "stable"),
        ("/v1/verdicts", {**QUESTION, "candidate": "c", "guardrails": {"alpha": 3}}, 422, "alpha"),
        ("/v1/verdicts", {**QUESTION, "wieght": 1}, 422, "wieght"),
        ("/v1/releases/none/pairs", {"pairs": []}, 404, "release"),
        ("/v1/releases/none/pairs", {"pairs": [{"request_id": "\ud800", "stable": {}}]}, 422, "request_id"),
        ("/v1/releases/none/pairs", {"pairs": [{"request_id": "1"}]}, 422, "pairs.0.stable"),
        (
            "/v1/releases/none/pairs",
            {"pairs": [{"request_id": "1", "stable": {"seconds": -1}}]},
            422,
            "seconds",
        ),
        ("/v1/verdicts", {**QUESTION, "\ud800": 1}, 422, "body"),
        ("/v1/verdicts", {**QUESTION, "candidate": "d", "guardrails": named("\0")}, 422, "name"),
        ("/v1/verdicts", {**QUESTION, "candidate": "d", "guardrails": named("\ud800")}, 422, "bundle"),
        ("/v1/verdicts", {**QUESTION, "candidate": "d", "guardrails": nested(800)}, 422, "bundle"),
        ("/v1/releases/%00/pairs", {"pairs": []}, 422, "release"),
        ("/v1/releases/%00/steer", {"action": "abort", "by": "jo"}, 422, "release"),
        ("/v1/releases/none/steer", {"action": "abort", "by": "jo", "why": "\ud800"}, 422, "why"),
        ("/v1/releases/none/pairs", {"lost": 10**30}, 422, "lost"),
        ("/v1/releases/none/steer", {"action": "promote", "by": "jo"}, 404, "release"),
    ],
)
def test_what_is_wrong_is_named_in_a_problem_document(
    judge: httpx.Client, path: str, body: dict, status: int, field: str
) -> None:
    judge.post("/v1/verdicts", json=QUESTION)
    answer = judge.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["field"]) == (status, status, field)


@pytest.mark.parametrize("text", ['{"x":NaN}', '{"x":1e400}', '{"x":"\\ud800"}', '{"x":"\\u0000"}', DEEP])
def test_a_manifest_that_cannot_be_told_is_refused(judge: httpx.Client, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = judge.put("/v1/bundles/untold", content=f'{{"manifest":{text}}}', headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (422, "Invalid bundle")
    assert judge.get("/v1/bundles/untold").status_code == 404
    assert judge.get("/v1/bundles/%00").status_code == judge.get("/v1/releases/%00").status_code == 422


def test_what_is_too_large_is_refused_while_it_comes(judge: httpx.Client) -> None:
    taken = judge.post("/v1/releases/none/pairs", content=b" " * 16_000_000)
    refused = judge.post("/v1/releases/none/pairs", content=b" " * 16_000_001)
    assert (taken.status_code, refused.status_code) == (422, 413)
    assert "16 MB" in refused.json()["detail"]


def test_a_judge_whose_database_is_not_there_answers_continue_and_is_ready() -> None:
    away = "postgresql://plotlot:hidden@127.0.0.1:1/plotlot"
    with serving(PLOTLOT_DATABASE_URL=away) as (address, url):
        await_serving(address)
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as judge:
            answer = judge.post("/v1/verdicts", json=QUESTION)
            assert answer.status_code == 200
            assert (answer.json()["verdict"], answer.json()["degraded"]) == ("continue", True)
            assert "hidden" not in answer.text
            refused = judge.post("/v1/releases/any/pairs", json={"pairs": []})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert judge.get("/readyz").status_code == 200
            assert "plotlot_judge_degraded 1.0" in judge.get("/metrics").text
