"""Refreshes by REST, the Python client and the command line, of a made-up state: a gateway, and a worker beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.state import State, made_state, published
from integration.conftest import announced, plotlot, stopping

from plotlot.client import Client, Problem

TOWNS = 3


@pytest.fixture(scope="module")
def state() -> State:
    return made_state(towns=TOWNS, sections=6, chapters=2)


@pytest.fixture(scope="module")
def environment(state: State) -> Iterator[dict[str, str]]:
    """The settings by which the state's publisher is asked."""
    with published(state) as server:
        entry = {"kind": "municode", "name": "fake", "url": server.url, "site": server.url}
        yield {
            "PLOTLOT_PUBLISHERS": json.dumps({"publishers": [entry]}),
            "PLOTLOT_EGRESS_OWN_HOSTS": server.host,
            "PLOTLOT_PUBLISHER_REQUESTS_PER_SECOND": "1000",
        }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def url(environment: dict[str, str], data: Path) -> Iterator[str]:
    """A gateway beside everything else, which itself works on no refresh."""
    env = {**environment, "PLOTLOT_REFRESH_WORKER": "false"}
    process = plotlot("up", "--port", "0", "--data", str(data), env=env)
    with stopping(process):
        yield announced(process, "serves http").split()[2].rstrip(";")


@pytest.fixture(scope="module")
def worker(url: str, environment: dict[str, str], data: Path) -> Iterator[None]:
    """A process that works on what is begun at that gateway."""
    process = plotlot("refresh", "--worker", "--data", str(data), env=environment)
    with stopping(process):
        announced(process, "works on refreshes")
        yield


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    with Client(url) as opened:
        yield opened


def named(state: State) -> list[str]:
    return sorted(f"{town.name}, QX" for town in state.towns)


def told(url: str, *arguments: str) -> tuple[int, str]:
    """What the command line answers at that gateway: its exit code, and what it prints."""
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", *arguments]
    env = {**os.environ, "PLOTLOT_URL": url}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_nobody_refreshed_yet(client: Client, url: str) -> None:
    assert list(client.refreshes()) == []
    assert list(client.coverage()) == []
    assert "nothing was refreshed yet" in told(url, "coverage", "runs")[1]
    code, said = told(url, "refresh", "--all")
    assert (code, "plotlot discover --state FL looks through a state" in said) == (2, True), said


def test_towns_are_listed_before_they_are_refreshed(client: Client, url: str, state: State) -> None:
    found = client.discover("QX")
    assert [town["municipality"] for town in found["towns"]] == named(state)
    assert {town["stage"] for town in client.coverage()} == {"listed"}
    shown = httpx.get(f"{url}/refreshes").text
    assert f"{'; '.join(named(state))}</p>" in shown[shown.index("Towns that were never refreshed") :]


def test_what_nobody_works_on_waits_and_says_so(client: Client, url: str) -> None:
    begun = client.start_refresh(state="QX")
    assert (begun["status"], begun["workers"], begun["stages"]) == ("running", 0, {"waiting": TOWNS})
    assert "Waits: nothing works on refreshes now" in httpx.get(f"{url}/refreshes/{begun['id']}").text
    ended = client.cancel_refresh(begun["id"])
    assert (ended["status"], ended["stages"]) == ("cancelled", {"cancelled": TOWNS})
    assert [data["stage"] for name, data in client.refresh_events(begun["id"]) if name == "town"] == [
        "cancelled"
    ] * TOWNS


@pytest.mark.usefixtures("worker")
def test_a_refresh_is_begun_followed_gone_on_with_and_read(client: Client, url: str, state: State) -> None:
    with httpx.Client(base_url=url, timeout=60) as http:
        begun = http.post("/v1/refreshes", json={"state": "qx"})
        assert begun.status_code == 202
        refresh = begun.json()["id"]
        assert begun.headers["location"] == f"/v1/refreshes/{refresh}"
        assert begun.json()["new"]
        again = http.post("/v1/refreshes", json={"state": "QX"}).json()
        assert (again["id"], again["new"]) == (refresh, False)

    events = list(client.refresh_events(refresh))
    towns = [data for name, data in events if name == "town"]
    steps = [town["step"] for town in towns]
    assert steps == sorted(set(steps))
    assert {town["municipality"] for town in towns if town["stage"] == "current"} == set(named(state))
    name, last = events[-1]
    assert (name, last["status"], last["stages"]) == ("refresh", "ended", {"current": TOWNS})
    assert last["workers"] >= 1

    assert list(client.refresh_events(refresh, after=steps[-2]))[:1] == [("town", towns[-1])]
    assert [name for name, _ in client.refresh_events(refresh, after=steps[-1])] == ["refresh"]
    assert client.refresh(refresh)["done"] == TOWNS
    assert [town["municipality"] for town in client.refresh_towns(refresh)] == named(state)
    assert {town["stage"] for town in client.coverage()} == {"current"}
    assert all(town["supplement"] for town in client.coverage())
    assert set(named(state)) <= {town["name"] for town in client.municipalities()}


@pytest.mark.usefixtures("worker")
def test_lists_come_in_pages(client: Client, url: str, state: State) -> None:
    with httpx.Client(base_url=url, timeout=60) as http:
        first = http.get("/v1/coverage", params={"limit": 2}).json()
        second = http.get(first["next"]).json()
        assert [town["municipality"] for town in first["towns"] + second["towns"]] == named(state)
        assert second["next"] is None
        client.start_refresh(towns=[named(state)[0]])
        page = http.get("/v1/refreshes", params={"limit": 1}).json()
        older = http.get(page["next"]).json()["refreshes"]
        assert page["refreshes"][0]["begun_at"] > older[0]["begun_at"]


@pytest.mark.usefixtures("worker")
def test_a_town_that_shrank_is_held_back_until_it_is_accepted(client: Client, url: str, state: State) -> None:
    shrunk = state.towns[0]
    shrunk.chapters, shrunk.revision = shrunk.chapters[:1], 2
    code, said = told(url, "refresh", "--town", f"{shrunk.name}, QX")
    assert code == 1, said
    assert "held back" in said
    assert "shrank" in said
    assert [town["municipality"] for town in client.coverage(stage="quarantined")] == [f"{shrunk.name}, QX"]
    code, said = told(url, "refresh", "--town", f"{shrunk.name}, QX", "--accept", "--json")
    assert code == 0, said
    printed = json.loads(said)
    newest = next(iter(client.refreshes()))
    assert (set(printed), printed["id"], printed["scope"]) == (
        {"id", "scope", "towns"},
        newest["id"],
        newest["scope"],
    )
    (town,) = printed["towns"]
    assert (town["stage"], town["accepted"], town["refresh"]) == ("current", True, newest["id"])
    assert list(client.coverage(stage="quarantined")) == []


@pytest.mark.usefixtures("worker")
def test_what_failed_is_tried_again(client: Client, url: str, state: State) -> None:
    away = state.towns[1]
    away.product_gone = True
    code, said = told(url, "refresh", "--state", "QX")
    assert code == 4, said
    assert "is not there" in said
    assert [town["municipality"] for town in client.coverage(stage="failed")] == [f"{away.name}, QX"]
    away.product_gone = False
    code, said = told(url, "refresh", "--failed")
    assert code == 0, said
    assert list(client.coverage(stage="failed")) == []
    code, said = told(url, "coverage", "towns")
    assert all(name in said for name in named(state))


@pytest.mark.usefixtures("worker")
def test_all_that_is_known_is_refreshed_state_by_state(url: str, state: State) -> None:
    code, said = told(url, "refresh", "--all", "--json")
    assert code == 0, said
    found = json.loads(said)
    assert [run["scope"] for run in found["refreshes"]] == ["state QX"]
    assert [town["municipality"] for town in found["refreshes"][0]["towns"]] == named(state)
    assert found["problems"] == []


def test_a_refresh_that_has_ended_is_cancelled_no_more(client: Client, url: str) -> None:
    last = next(iter(client.refreshes()))
    assert client.cancel_refresh(last["id"])["status"] == "ended"
    assert told(url, "coverage", "cancel", last["id"])[0] == 0
    by_rest = httpx.delete(f"{url}/v1/refreshes/{last['id']}").json()
    code, said = told(url, "coverage", "cancel", last["id"], "--json")
    assert (code, json.loads(said)) == (0, by_rest)
    assert (by_rest["id"], by_rest["left"]) == (last["id"], 0)
    code, said = told(url, "coverage", "runs", "--json")
    assert (code, json.loads(said)["refreshes"][0]["id"]) == (0, last["id"])


@pytest.mark.parametrize(
    ("body", "status", "kind", "field"),
    [
        ({}, 422, "invalid-request", "state"),
        ({"state": "QX", "failed": True}, 422, "invalid-request", "state"),
        ({"state": "Q"}, 422, "invalid-request", "state"),
        ({"county": "Dade"}, 422, "invalid-request", "state"),
        ({"state": "QX", "county": "Nowhere"}, 422, "invalid-request", "county"),
        ({"towns": ["Nowhere"]}, 422, "invalid-request", "towns"),
        ({"towns": ["Nowhere, QX"]}, 404, "unknown-municipality", "towns"),
        ({"state": "QX", "anew": True}, 422, "invalid-request", "anew"),
    ],
)
def test_what_cannot_be_refreshed_is_a_problem(
    url: str, body: dict[str, Any], status: int, kind: str, field: str
) -> None:
    answer = httpx.post(f"{url}/v1/refreshes", json=body, timeout=60)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert (problem["type"], problem["field"]) == (f"/errors#{kind}", field)


def test_what_is_not_there_is_a_problem(client: Client, url: str) -> None:
    for path in ("", "/towns", "/events"):
        assert httpx.get(f"{url}/v1/refreshes/refresh-none{path}").json()["type"] == "/errors#unknown-refresh"
    with pytest.raises(Problem, match="no refresh"):
        client.cancel_refresh("refresh-none")
