"""Two gateways on real services, a real judge between them: what users ask of one is asked of the other."""

import json
import signal
from collections.abc import Iterator

import grpc
import httpx
import pytest
from integration.conftest import EXAMPLE, TOWN
from integration.releasing import Releasing, releasing, start_service, until

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.gateway.delivery.tee import sampled

ASK = {"question": "How many parking spaces does a dwelling need?", "municipality": TOWN}
LOT = {"address": "12 Elm St", "municipality": TOWN}
GOLD = [
    {"question": "How high may a building in R-1 be?", "municipality": TOWN,
     "values": [{"field": "max_height", "value": 35}]},
    {"question": "What is the boiling point of tungsten?", "municipality": TOWN, "refused": True},
]  # fmt: skip


@pytest.fixture(scope="module", params=["one process", "many processes"])
def module_release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Releasing]:
    data = tmp_path_factory.mktemp("data")
    with releasing(data, one=request.param == "one process") as running:
        yield running


@pytest.fixture
def release(module_release: Releasing) -> Releasing:
    module_release.relay.as_before()
    return module_release


def test_what_users_ask_is_asked_of_the_candidate_too(release: Releasing) -> None:
    standards = f"/v1/municipalities/{TOWN}/districts/R-1/standards"
    with release.http(**{"plotlot-session": "every"}) as client:
        assert client.post("/v1/analyses", json=LOT).status_code == 201
        assert client.post("/v1/ask", json=ASK).status_code == 200
        assert client.post("/v1/search", json={"query": "rear yard", "municipality": TOWN}).status_code == 200
        assert client.get(standards).status_code == 200
        assert client.post("/v1/analyses", json={"address": "999 Nowhere Road"}).status_code == 404
    found = until(lambda: (rows := release.pairs("every")) and len(rows) == 5 and rows)
    assert [row[0] for row in found] == ["analyze", "ask", "search", "standards", "analyze"]
    for _, _, stable, candidate, _ in found:
        assert (stable["failed"], candidate["failed"]) == (False, False)
        assert stable["status"] == candidate["status"]
        assert stable["summary"] == candidate["summary"]
    assert found[0][2]["summary"].startswith("units: 1; verdict: buildable\ndistrict: R-1\n")
    assert found[1][2]["cost"] == found[1][3]["cost"] > 0
    assert found[0][2]["scores"]["citations"] == 1.0
    assert found[4][2]["status"] == "unknown-address"
    assert all(sent["plotlot-shadow"] == "1" for _, _, sent in release.relay.seen)
    assert {sent["x-request-id"] for _, _, sent in release.relay.seen} == {row[4] for row in found}
    assert not any("cookie" in sent or "plotlot-session" in sent for _, _, sent in release.relay.seen)


def test_a_streamed_answer_the_page_and_grpc_are_copied_too(release: Releasing) -> None:
    with release.http(**{"plotlot-session": "doors"}) as client:
        client.post("/v1/analyses", json=LOT, headers={"Accept": "text/event-stream"})
        assert client.get("/ask", params=ASK).status_code == 200
    with grpc.insecure_channel(release.grpc_address) as channel:
        stub = gateway_pb2_grpc.GatewayServiceStub(channel)
        request = gateway_pb2.GetStandardsRequest(municipality=TOWN, district="R-1")
        answer = stub.GetStandards(request, metadata=(("plotlot-session", "doors"),), timeout=30)
        assert answer.bundle == release.stable.id
    found = until(lambda: (rows := release.pairs("doors")) and len(rows) == 3 and rows)
    assert [row[0] for row in found] == ["analyze", "ask", "standards"]
    assert all(row[3]["status"] == "200" for row in found)


def test_a_shadow_request_leaves_nothing_behind(release: Releasing) -> None:
    before = release.analyses()
    with httpx.Client(base_url=release.candidate_url, headers={"plotlot-shadow": "1"}, timeout=60) as client:
        answer = client.post("/v1/analyses", json=LOT)
        page = client.get("/")
    assert (answer.status_code, answer.headers["plotlot-bundle"]) == (200, release.candidate.id)
    assert answer.json()["id"].startswith("shadow-")
    assert "location" not in answer.headers
    assert "set-cookie" not in {**answer.headers, **page.headers}
    assert release.analyses() == before
    with release.http(**{"plotlot-session": "kept"}) as client:
        kept = client.post("/v1/analyses", json=LOT).json()["id"]
        assert client.get(f"/v1/analyses/{answer.json()['id']}").status_code == 404
        assert client.get(f"/v1/analyses/{kept}").status_code == 200
    until(lambda: release.pairs("kept"))
    assert release.analyses() == before + 1


def test_a_shadow_is_not_copied_on(release: Releasing) -> None:
    with release.http(**{"plotlot-session": "echo"}) as client:
        client.post("/v1/ask", json=ASK, headers={"plotlot-shadow": "1"})
        client.post("/v1/ask", json=ASK)
    until(lambda: release.pairs("echo"))
    assert len(release.relay.seen) == 1


def test_writes_are_never_copied(release: Releasing) -> None:
    with release.http(**{"plotlot-session": "writes"}) as client:
        files = {"file": ("ordinance.md", (EXAMPLE / "ordinance.md").read_bytes())}
        assert client.post("/v1/documents", files=files, data={"municipality": TOWN}).status_code == 200
        files = {"file": ("parcels.geojson", (EXAMPLE / "parcels.geojson").read_bytes())}
        assert client.post("/v1/parcels", files=files, data={"municipality": TOWN}).status_code == 200
        client.post("/v1/ask", json=ASK)  # what comes after them has come: so would they have
    until(lambda: release.pairs("writes"))
    assert [(method, path) for method, path, _ in release.relay.seen] == [("POST", "/v1/ask")]


def test_users_are_answered_while_the_candidate_is_not(release: Releasing) -> None:
    release.relay.open.clear()
    with release.http(**{"plotlot-session": "slow"}) as client:
        assert all(client.post("/v1/ask", json=ASK).status_code == 200 for _ in range(5))
        until(lambda: release.relay.seen)
        assert client.post("/v1/analyses", json=LOT).status_code == 201
        assert release.pairs("slow") == []
        release.relay.open.set()
    assert len(until(lambda: (rows := release.pairs("slow")) and len(rows) == 6 and rows)) == 6


def test_a_candidate_that_is_down_has_failed(release: Releasing) -> None:
    release.relay.refuses = True
    with release.http(**{"plotlot-session": "down"}) as client:
        assert client.post("/v1/ask", json=ASK).status_code == 200
    ((_, _, stable, candidate, _),) = until(lambda: release.pairs("down"))
    assert (stable["failed"], candidate["failed"], candidate["status"]) == (False, True, "503")


def test_an_answer_of_another_bundle_is_counted_and_is_no_pair(release: Releasing) -> None:
    release.relay.target = release.url
    before = release.shadow()["sent"].get("misdirected", 0)
    with release.http(**{"plotlot-session": "astray"}) as client:
        client.post("/v1/ask", json=ASK)
        until(lambda: release.shadow()["sent"].get("misdirected", 0) == before + 1)
        release.relay.as_before()
        client.post("/v1/analyses", json=LOT)
    found = until(lambda: release.pairs("astray"))
    assert [row[0] for row in found] == ["analyze"]
    metrics = httpx.get(f"{release.url}/metrics").text
    assert f'plotlot_shadow_requests_total{{result="misdirected"}} {before + 1}' in metrics


def test_it_is_stopped_at_once_and_goes_on(release: Releasing) -> None:
    release.steer("stop_shadow")
    until(lambda: release.shadow()["state"] == "resting")
    assert "stopped" in release.shadow()["why"]
    with release.http(**{"plotlot-session": "stopped"}) as client:
        client.post("/v1/ask", json=ASK)
        release.steer("start_shadow")
        until(lambda: release.shadow()["state"] == "shadowing")
        assert release.relay.seen == []
        client.post("/v1/ask", json=ASK)
    assert len(until(lambda: release.pairs("stopped"))) == 1


def test_a_page_sets_the_cookies_of_a_session_and_nothing_else_does(release: Releasing) -> None:
    with release.http() as client:
        assert "set-cookie" not in client.post("/v1/ask", json=ASK).headers
        assert "set-cookie" not in client.get("/v1/municipalities").headers
        assert client.get("/").status_code == 200
        assert client.cookies["plotlot-lane"] == release.stable.id
        session = client.cookies["plotlot-session"]
        assert "set-cookie" not in client.get("/towns").headers
        client.get("/ask", params=ASK)
        client.post("/v1/ask", json=ASK)
        until(lambda: len(release.pairs(session.split(".")[0])) == 2)
        client.cookies.set("plotlot-lane", "bundle-before", domain=client.base_url.host)
        moved = client.get("/")
    assert any(f"plotlot-lane={release.stable.id}" in set for set in moved.headers.get_list("set-cookie"))
    assert any("plotlot-session=" in set for set in moved.headers.get_list("set-cookie"))


def test_nothing_is_lost_while_the_judge_is_away(release: Releasing) -> None:
    judge = release.processes.get("judge")
    if judge is None:
        pytest.skip("in one process the judge does not go without the gateway")
    judge.send_signal(signal.SIGKILL)
    judge.communicate()
    with release.http(**{"plotlot-session": "alone"}) as client:
        assert all(client.post("/v1/ask", json=ASK).status_code == 200 for _ in range(3))
        until(lambda: release.shadow()["waiting"] >= 3)
    start_service(release, "judge")
    until(lambda: len(release.pairs("alone")) == 3)
    until(lambda: release.shadow()["waiting"] == 0)
    assert release.rows("SELECT count(*) FROM reports WHERE lost > 0") == [(0,)]


def test_in_the_canary_every_request_by_the_route_is_counted_once(release: Releasing) -> None:
    release.decide("canary", 10, 25)
    until(lambda: release.shadow()["stage"] == "canary")
    query = "SELECT bundle, operation, sum(requests), sum(sessions) FROM exposure_counts GROUP BY 1, 2"
    with release.http() as client:  # as from inside the cluster: always the stable bundle
        assert client.post("/v1/ask", json=ASK).status_code == 200
    weighed = {"plotlot-route": "weighed"}
    with release.http(**weighed) as client:
        for _ in range(3):
            assert client.post("/v1/ask", json=ASK).status_code == 200  # each its own session
        for _ in range(4):
            client.post("/v1/analyses", json=LOT, headers={"plotlot-session": "canary"})
        client.post("/v1/analyses", json=LOT, headers={"plotlot-shadow": "1"})
        client.get("/healthz")
        client.get("/readyz")
        assert client.post("/v1/ask", json={}).status_code == 422
    with httpx.Client(base_url=release.candidate_url, headers=weighed, timeout=60) as client:
        until(lambda: client.get("/v1/shadow").json()["stage"] == "canary")
        assert client.get("/v1/shadow").json()["state"] == "resting"
        client.get("/ask", params=ASK)
        client.get("/towns")
    expected = {
        (release.stable.id, "ask", 3, 3),
        (release.stable.id, "analyze", 4, 1),
        (release.candidate.id, "ask", 1, 0),
        (release.candidate.id, "municipalities", 2, 1),
    }
    until(lambda: set(release.rows(query)) == expected)
    assert release.rows("SELECT request_id FROM exposures") == []


def test_gold_cases_are_asked_of_both_and_kept_by_neither(release: Releasing) -> None:
    lot = {"address": "12 Elm St", "municipality": TOWN, "verdict": "buildable", "units_low": 1}
    before = release.analyses()
    with release.http() as client:
        lines = "\n".join(json.dumps(case) for case in [*GOLD, lot])
        assert client.post("/v1/gold", content=lines).json() == {"given": 3, "added": 3}
        assert client.post("/v1/gold", json=GOLD).json() == {"given": 2, "added": 0}
        listed = client.get("/v1/gold").json()
        assert listed["count"] == len(listed["cases"]) == 3
        refused = client.post("/v1/gold", json=[*GOLD, {"question": "x"}])
        assert (refused.status_code, refused.json()["type"]) == (422, "/errors#invalid-request")
    query = (
        "SELECT operation, question, stable->'scores', candidate->'scores' FROM pairs WHERE source = 'gold'"
    )
    kinds = until(lambda: len(found := {row[1]: row for row in release.rows(query)}) == 3 and found)
    for operation, question, stable, candidate in kinds.values():
        guardrail = "refusals" if "tungsten" in question else "agreement"
        assert stable[guardrail] == candidate[guardrail] == 1.0, (operation, question)
    assert release.analyses() == before
    assert all(sent["plotlot-shadow"] == "1" for _, _, sent in release.relay.seen)


def test_a_gateway_that_stops_tells_what_it_knows(release: Releasing) -> None:
    gateway = release.processes["gateway"]
    copied = (f"last-{number}" for number in range(100))
    last = next(name for name in copied if sampled(name, release.candidate.id, release.shadow()["share"]))
    with release.http(**{"plotlot-session": last}) as client:
        assert all(client.post("/v1/ask", json=ASK).status_code == 200 for _ in range(8))
    gateway.send_signal(signal.SIGTERM)
    _, said = gateway.communicate(timeout=30)
    assert gateway.returncode == 0, said
    asked = [sent for _, _, sent in release.relay.seen if not sent["x-request-id"].startswith("gold")]
    assert 0 < len(asked) == len(release.pairs(last))  # what was not sent yet was not asked
