"""The OpenAPI document and what the gateway answers to requests drawn from it: never a fault of its own.

PLOTLOT_FUZZ_CASES says how many are tried in all; `make fuzz-api` tries 2,000.
"""

import os
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from integration.conftest import TOWN, Stack

CASES = int(os.environ.get("PLOTLOT_FUZZ_CASES", "120"))
OPERATIONS = ("get", "post", "delete")


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, found[method])
        for path, found in document["paths"].items()
        for method in OPERATIONS
        if method in found
    ]


def test_every_operation_has_an_example_and_says_what_it_does(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for method, path, operation in operations(document):
        answers = [each for status, each in operation["responses"].items() if status.startswith("2")]
        contents = [content for each in answers for content in each.get("content", {}).values()]
        assert any("example" in content for content in contents), f"{method} {path}"
        assert operation.get("description"), f"{method} {path}"


def test_every_problem_of_an_operation_has_an_example_with_all_that_problems_have(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                continue
            examples = answer["content"]["application/problem+json"]["examples"]
            for example in examples.values():
                assert str(example["value"]["status"]) == status, f"{method} {path}"
                assert {"type", "title", "detail", "remedy"} <= set(example["value"])
                assert example["value"]["type"] in document["x-problems"]


def tried(operation: Any, cases: int) -> int:
    """Send requests drawn from an operation's part of the document; how many."""
    sent = 0

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        response = case.call(timeout=60)
        assert response.status_code < 500, f"{case.as_curl_command()}: {response.text}"
        assert str(response.status_code) in case.operation.definition.raw["responses"], (
            f"{case.as_curl_command()}: {response.status_code} is not in the document"
        )

    send()
    return sent


@pytest.mark.filterwarnings("ignore")  # of the tool's own
def test_no_request_that_the_document_allows_is_answered_by_a_fault(stack: Stack) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

    @schemathesis.serializer("application/x-ndjson")
    def lines(context: Any, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    schema = schemathesis.openapi.from_url(f"{stack.url}/openapi.json")
    found = [operation.ok() for operation in schema.get_all_operations()]
    cases = -(-CASES // len(found))
    sent = {operation.label: tried(operation, cases) for operation in found}
    # What takes no parameters has one request in it: the others make up for it.
    several = [operation for operation in found if sent[operation.label] == cases > 1]
    while several and sum(sent.values()) < CASES:
        cases *= 2
        sent |= {operation.label: tried(operation, cases) for operation in several}
    assert sum(sent.values()) >= (CASES if several else len(found))
    print(f"{sum(sent.values())} requests to {len(found)} operations, none answered by a fault")
    with stack.client() as client:
        assert client.get(f"/v1/municipalities/{TOWN}/districts").status_code == 200
