"""A bundle decides how its gateway answers, on both topologies: parameters travel, and what fails is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from integration.conftest import (
    ELSEWHERE,
    TOWN,
    FreePort,
    Stack,
    load_example,
    many_processes,
    one_process,
    plotlot,
    stopping,
)

from plotlot.api.extraction.v1 import extraction_pb2, extraction_pb2_grpc
from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.domain.bundle_changes import with_changes
from plotlot.domain.bundles import Bundle
from plotlot.runtime.bundles import own_bundle
from plotlot.settings import Settings

pytestmark = pytest.mark.skipif(bool(ELSEWHERE), reason="starts gateways of its own")

OTHER = "Bramley, OH"
SMALL = b"Sec. 1. R-1 District\n\nThe front yard shall be not less than twenty (20) feet deep.\n"
NONSENSE = "What is the boiling point of tungsten?"
FENCES = "How tall may a fence in a front yard be?"
YARDS = "how deep is a front yard"
# A line of the example's own code, and a question about a town whose code is not here.
EVIDENCE = [{"document": "ordinance.md", "quote": "Minimum front yard (ft.)"}]
GOLDEN_LINE = {
    "id": "yards",
    "municipality": TOWN,
    "question": YARDS,
    "kind": "answerable",
    "answer": {"words": ["25"]},
    "evidence": EVIDENCE,
}
GOLDEN = {
    "questions": [
        {"municipality": town, "question": YARDS, "evidence": [{"quote": EVIDENCE[0]["quote"]}]}
        for town in (TOWN, "Nowhere, OH")
    ]
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two towns, and beside the live generation one that lacks the first of them."""
    folder = tmp_path_factory.mktemp("data")
    with one_process(folder) as stack, stack.client() as client:
        load_example(stack)
        files = {"file": ("small.txt", SMALL)}
        client.post("/v1/documents", files=files, data={"municipality": OTHER}).raise_for_status()
        built = client.post("/v1/index/generations", json={"municipalities": [OTHER]})
        assert (built.status_code, built.json()["generation"], built.json()["status"]) == (201, 2, "ready")
    return folder


@pytest.fixture(params=["one process", "many processes"])
def topology(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def serving(topology: str, data: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch):
    """A running PlotLot whose gateway serves a bundle."""
    path = data / f"{bundle.id}.json"
    path.write_text(bundle.as_file())
    monkeypatch.setenv("PLOTLOT_BUNDLE_FILE", str(path))
    return one_process(data) if topology == "one process" else many_processes(data, FreePort())


def bundle_with(**changes: str) -> Bundle:
    given = [(name.replace("__", "."), value) for name, value in changes.items()]
    return with_changes(own_bundle(Settings()), given)


def asked(client: httpx.Client, question: str, town: str = TOWN) -> httpx.Response:
    return client.post("/v1/ask", json={"question": question, "municipality": town})


def test_a_bundle_decides_what_is_found_quoted_and_refused(
    topology: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = bundle_with(
        index__generation="2", extraction__longest_quote="1", generation__least_relevance="0"
    )
    with serving(topology, data, bundle, monkeypatch) as stack, stack.client() as client:
        assert client.get("/readyz").headers["plotlot-bundle"] == bundle.id
        # The generation lacks the town: nothing is found, so that even this bundle has no answer.
        assert (
            client.post("/v1/search", json={"query": "fence", "municipality": TOWN}).json()["results"] == []
        )
        assert asked(client, FENCES).json()["refused"]
        # Nothing is too irrelevant where there are passages.
        answer = asked(client, NONSENSE, OTHER).json()
        assert (answer["refused"], answer["bundle"]) == (False, bundle.id)
        assert answer["prompt_tokens"] > 0
        # One character holds few values: what does not verify is dropped, counted, and not stated.
        report = client.post("/v1/analyses", json={"address": "12 Elm St", "municipality": TOWN}).json()
        assert report["bundle"] == bundle.id
        assert report["citations"]["dropped"] > report["citations"]["verified"]
        stated = [one for one in report["standards"] if one["citation"]]
        assert len(stated) == report["citations"]["verified"]
        assert all(len(one["citation"]["quote"]) == 1 for one in stated)
        if stack.addresses:
            by_grpc(stack, bundle)


def by_grpc(stack: Stack, bundle: Bundle) -> None:
    """The gateway's gRPC answers by its own bundle, and extraction by the one that a request brings."""
    with grpc.insecure_channel(stack.addresses["gateway"]) as channel:
        request = gateway_pb2.GetStandardsRequest(municipality=TOWN, district="R-1")
        found = gateway_pb2_grpc.GatewayServiceStub(channel).GetStandards(request)
        assert found.bundle == bundle.id
        assert {len(one.citation.quote) for one in found.standards if one.HasField("citation")} <= {1}
    with grpc.insecure_channel(stack.addresses["extraction"]) as channel:
        stub = extraction_pb2_grpc.ExtractionServiceStub(channel)
        request = extraction_pb2.GetStandardsRequest(municipality=TOWN, district="R-1")
        whole = stub.GetStandards(request)
        unsure = json.dumps({"extraction": {"least_confidence": 1}}).encode()
        certain = stub.GetStandards(request, metadata=[("plotlot-parameters-bin", unsure)])
        assert whole.dropped == certain.dropped == 0
        assert {one.status for one in whole.standards} == {"stated", "not_stated"}
        assert {one.status for one in certain.standards} == {"not_stated"}
        assert {one.field for one in certain.standards} == {one.field for one in whole.standards}
        newer = json.dumps({"extraction": {"temperature": 1}}).encode()
        with pytest.raises(grpc.RpcError) as raised:
            stub.GetStandards(request, metadata=[("plotlot-parameters-bin", newer)])
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "temperature" in raised.value.details()


def test_a_bundle_that_cannot_be_served_is_a_fault_of_ours_that_says_what_there_is(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = bundle_with(index__generation="7", extraction__engine="reader/99")
    with serving("one process", data, bundle, monkeypatch) as stack, stack.client() as client:
        search = client.post("/v1/search", json={"query": "fence", "municipality": TOWN})
        report = client.post("/v1/analyses", json={"address": "12 Elm St", "municipality": TOWN})
    assert (search.status_code, report.status_code) == (503, 503)
    assert "1 (live), 2 (ready)" in search.json()["detail"]
    assert "reader/99" in report.json()["detail"]
    assert "wrong lane" in report.json()["detail"]


@pytest.mark.parametrize("altered", [True, False], ids=["altered", "missing"])
def test_a_gateway_does_not_start_with_a_bundle_that_is_not_what_it_says(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, altered: bool
) -> None:
    path = tmp_path / "bundle.json"
    if altered:
        path.write_text(own_bundle(Settings()).as_file().replace('"k1":1.5', '"k1":1.2'))
    monkeypatch.setenv("PLOTLOT_BUNDLE_FILE", str(path))
    process = plotlot("up", "--port", "0", "--data", str(data))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert str(path) in said
    assert "Traceback" not in said
    assert ("plotlot bundle build" in said) is altered


@pytest.fixture
def running(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client of the shared stack."""
    with stack.client() as client:
        yield client


def test_generations_are_built_used_and_retired_by_rest(running: httpx.Client) -> None:
    def generations() -> dict[int, str]:
        listed = running.get("/v1/index/generations").json()["generations"]
        return {one["generation"]: one["status"] for one in listed if one["status"] != "retired"}

    (live,) = [number for number, status in generations().items() if status == "live"]
    headers = {"Accept": "text/event-stream"}
    streamed = running.post("/v1/index/generations", json={}, headers=headers).text
    events = [line.partition(": ")[2] for line in streamed.splitlines() if line.startswith("event")]
    assert events == ["progress"] * (len(events) - 1) + ["result"]
    (built,) = set(generations()) - {live}
    question = {"query": "fence", "municipality": TOWN}
    answer = running.post("/v1/search", json=question).json()
    assert answer["generation"] == live
    before = answer["results"]
    unchecked = running.post(f"/v1/index/generations/{built}/use")
    assert (unchecked.status_code, unchecked.json()["field"]) == (422, "anyway")
    assert running.get(f"/v1/index/generations/{built}/check").status_code == 404
    check = running.post(f"/v1/index/generations/{built}/check", json=GOLDEN).json()
    assert (check["passed"], check["failures"], check["against"]) == (True, [], live)
    assert (check["recall"]["golden"], check["recall"]["skipped"]) == (1, 1)
    assert check["recall"]["fused"] == check["recall"]["agreement"] == 1
    (town,) = [town for town in check["towns"] if town["municipality"] == TOWN]
    assert town["held"] == town["against"]
    assert running.get(f"/v1/index/generations/{built}/check").json() == check
    assert running.post(f"/v1/index/generations/{built}/use").json()["status"] == "live"
    assert generations() == {live: "ready", built: "live"}
    answer = running.post("/v1/search", json=question).json()
    assert answer["generation"] == built
    after = answer["results"]
    assert [(one["start"], one["text"]) for one in after] == [(one["start"], one["text"]) for one in before]
    assert {one["chunk"] for one in after}.isdisjoint(one["chunk"] for one in before)
    refused = running.post(f"/v1/index/generations/{built}/retire")
    assert (refused.status_code, refused.json()["field"]) == (422, "generation")
    assert running.post(f"/v1/index/generations/{live}/use").status_code == 200
    assert running.post(f"/v1/index/generations/{built}/retire").json()["chunks"] == 0
    assert generations() == {live: "live"}
    unknown = running.post("/v1/index/generations/999/use")
    assert (unknown.status_code, unknown.json()["suggestions"]) == (404, [f"{live} (live)"])
    assert running.post("/v1/index/generations/0/use").status_code == 422


def test_commands_build_name_and_verify_a_generation(data: Path, tmp_path: Path) -> None:
    with one_process(data) as stack:

        def run(*arguments: str) -> tuple[int, str]:
            process = plotlot(*arguments, env={"PLOTLOT_URL": stack.url})
            with stopping(process):
                said, wrong = process.communicate(timeout=120)
            return process.returncode, said + wrong

        code, said = run("index", "build", "--json")
        built = json.loads(said)["generation"]
        assert code == 0
        assert run("index", "use", str(built))[0] == 2
        golden = tmp_path / "golden.jsonl"
        golden.write_text(json.dumps(GOLDEN_LINE))
        code, said = run("index", "check", str(built), "--golden", str(golden))
        assert code == 0, said
        assert "1 golden questions: 100.0% fused (before 100.0%)" in said
        for named, code, words in ((built, 0, "all 2 documents"), (2, 1, "1 of 2 documents")):
            path = tmp_path / f"{named}.json"
            path.write_text(bundle_with(index__generation=str(named)).as_file())
            verified, said = run("bundle", "verify", str(path))
            assert (verified, words in said) == (code, True), said
        assert run("index", "retire", str(built))[0] == 0
        assert "retired" in run("index", "list")[1]
