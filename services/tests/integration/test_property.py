"""Parcels that nobody imported, on a running gateway: looked up at a county that is replayed, kept, and told of."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from integration.conftest import EXAMPLE, TOWN, announced, plotlot, stopping
from psycopg.conninfo import make_conninfo
from replayed_county import County
from replayed_sources import Reply, replaying

WILLOW = f"402 Willow Street, {TOWN}"


@dataclass(frozen=True)
class Running:
    """A gateway with the example's code and the county that it may ask."""

    url: str
    data: Path
    county: County
    keys: dict[str, str]

    def analyze(self, address: str, tenant: str = "local") -> httpx.Response:
        """The answer to an analysis."""
        headers = {"Authorization": f"Bearer {self.keys[tenant]}"}
        return httpx.post(f"{self.url}/v1/analyses", json={"address": address}, headers=headers, timeout=60)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers to the owner of the database."""
        conninfo = make_conninfo(host=str(self.data / "postgres"), user="plotlot", dbname="plotlot")
        with psycopg.connect(conninfo) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two tenants on one gateway."""
    data = tmp_path_factory.mktemp("property")
    with replaying() as server:
        county = County(server)
        (data / "sources.json").write_text(json.dumps(county.configuration))
        env = {
            "PLOTLOT_AUTH": "required",
            "PLOTLOT_ANSWER_CACHE": "false",
            "PLOTLOT_PROPERTY_SOURCES": str(data / "sources.json"),
            "PLOTLOT_EGRESS_OWN_HOSTS": server.host,
        }
        process = plotlot("up", "--port", "0", "--data", str(data), env=env)
        with stopping(process):
            url = announced(process, "serves http").split()[2].rstrip(";")
            owner, _ = plotlot("key", "create", "owner", "--role", "admin", "--data", str(data)).communicate()
            headers = {"Authorization": f"Bearer {owner.strip()}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                made = client.post("/v1/keys", json={"name": "acme", "tenant": "acme", "role": "operator"})
                content = (EXAMPLE / "ordinance.md").read_bytes()
                client.post(
                    "/v1/documents", files={"file": ("ordinance.md", content)}, data={"municipality": TOWN}
                )
                content = (EXAMPLE / "parcels.geojson").read_bytes()
                client.post(
                    "/v1/parcels", files={"file": ("parcels.geojson", content)}, data={"municipality": TOWN}
                )
            yield Running(url, data, county, {"local": owner.strip(), "acme": made.json()["key"]})


def test_a_report_says_who_said_what(running: Running) -> None:
    answer = running.analyze(WILLOW)
    assert answer.status_code == 201, answer.text
    report = answer.json()
    parcel = report["parcel"]
    assert (parcel["id"], parcel["district"], report["municipality"]) == ("L-1", "R-1", TOWN)
    assert report["verdict"] == "buildable"
    assert [source["provider"] for source in parcel["sources"]] == [
        "Test geocoder", "Lark County Auditor", "Lark County zoning",
    ]  # fmt: skip
    assert parcel["sources"][2]["facts"] == ["district"]
    assert not [source for source in parcel["sources"] if "Willow" in source["url"] or "?" in source["url"]]
    headers = {"Authorization": f"Bearer {running.keys['local']}"}
    page = httpx.get(f"{running.url}/analyses/{report['id']}", headers=headers).text
    assert "Says Lark County Auditor" in page
    assert f"{running.county.server.url}/parcels" in page
    imported = running.analyze(f"12 Elm St, {TOWN}").json()["parcel"]
    (source,) = imported["sources"]
    assert (source["provider"], source["url"]) == ("imported parcels", "parcels.geojson")
    assert {"id", "address", "district", "geometry", "sewer"} <= set(source["facts"])
    assert source["retrieved_at"]


def test_an_address_goes_out_once_for_each_tenant(running: Running) -> None:
    running.analyze(WILLOW)
    sent = len(running.county.server.asked)
    assert running.analyze("402 willow st, larkfield oh").status_code == 201
    assert len(running.county.server.asked) == sent
    assert running.analyze(WILLOW, "acme").status_code == 201
    assert len(running.county.server.asked) == sent + 3
    rows = running.sql(
        "SELECT tenant, parcel->>'id' FROM found_parcels WHERE parcel IS NOT NULL ORDER BY tenant"
    )
    assert rows == [("acme", "L-1"), ("local", "L-1")]


def test_imported_parcels_and_typing_errors_go_nowhere(running: Running) -> None:
    sent = len(running.county.server.asked)
    assert running.analyze("12 Elm St").status_code == 201
    assert running.analyze("12 Elmm").status_code == 404
    assert len(running.county.server.asked) == sent


def test_what_nobody_has_is_not_found_and_what_cannot_be_asked_is_not_there(running: Running) -> None:
    missing = running.analyze(f"9 Nowhere Ln, {TOWN}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/errors#unknown-address")
    working = running.county.server.answers["/parcels/query"]
    running.county.server.says(
        "/parcels/query", Reply(body=b'{"error": {"code": 400, "message": "Invalid query"}}')
    )
    try:
        failed = running.analyze(f"404 Willow St, {TOWN}")
    finally:
        running.county.server.answers["/parcels/query"] = working
    problem = failed.json()
    assert (failed.status_code, problem["type"]) == (503, "/errors#source-unavailable")
    assert "Lark County Auditor answers an error: Invalid query (400)" in problem["detail"]
    assert failed.headers["retry-after"]


def test_a_lot_that_was_found_is_asked_again_by_its_id(running: Running) -> None:
    """So do the forms of a report that state other facts, and comparisons."""
    report = running.analyze(WILLOW).json()
    sent = len(running.county.server.asked)
    headers = {"Authorization": f"Bearer {running.keys['local']}"}
    asked = {
        "parcel_id": report["parcel"]["id"],
        "municipality": report["municipality"],
        "rerun_of": report["id"],
        "facts": {"sewer": "none"},
    }
    again = httpx.post(f"{running.url}/v1/analyses", json=asked, headers=headers, timeout=60)
    assert again.status_code == 201, again.text
    assert again.json()["parcel"]["sources"] == report["parcel"]["sources"]
    assert len(running.county.server.asked) == sent


def test_old_facts_serve_while_the_county_is_away(running: Running) -> None:
    running.analyze(WILLOW)
    running.sql(
        "UPDATE found_parcels SET retrieved_at = retrieved_at - interval '40 days' WHERE tenant = 'local'"
    )
    working = running.county.server.answers["/parcels/query"]
    running.county.server.says("/parcels/query", Reply(body=b"<html>down</html>"))
    try:
        report = running.analyze(WILLOW).json()
    finally:
        running.county.server.answers["/parcels/query"] = working
    assert report["parcel"]["id"] == "L-1"
    assert [warning for warning in report["warnings"] if "could not be looked up anew" in warning]
    fresh = running.analyze(WILLOW).json()
    assert not [warning for warning in fresh["warnings"] if "looked up anew" in warning]


def test_what_was_kept_too_long_is_removed(running: Running) -> None:
    running.analyze(WILLOW)
    running.sql(
        "UPDATE found_parcels SET retrieved_at = retrieved_at - interval '400 days' WHERE tenant = 'acme'"
    )
    running.analyze(f"400 Willow St, {TOWN}", "acme")
    assert running.sql("SELECT count(*) FROM found_parcels WHERE tenant = 'acme'") == [(1,)]
