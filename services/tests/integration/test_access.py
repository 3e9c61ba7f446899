"""Who may do what, on a running gateway: keys, roles, tenants that try to see each other, and the audit log."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from integration.conftest import EXAMPLE, TOWN, announced, plotlot, stopping
from psycopg.conninfo import make_conninfo

from plotlot.gateway.identity.keyring import FRESH_SECONDS
from plotlot.store.service_role import ROLE

SECRET = "quillwort"  # stands in acme's documents and parcels alone
# What belongs to the installation: no row of these is a tenant's.
SHARED = {
    "bundles", "content_changes", "covered_towns", "event_sessions", "evidence", "exposure_counts", "exposures", "fetched",
    "fetched_contents", "gateways", "generation_checks", "generations", "gold_cases", "kept_vectors", "listings", "looks", "pairs",
    "refreshed_towns", "refreshes", "releases", "reports", "schema_migrations", "verdicts", "weights",
}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """A gateway that asks who asks, and a key of each tenant."""

    url: str
    data: Path
    keys: dict[str, str]

    def ask(self, tenant: str, method: str, path: str, **sent: Any) -> httpx.Response:
        """An answer to a holder of the tenant's key."""
        headers = {"Authorization": f"Bearer {self.keys[tenant]}", **sent.pop("headers", {})}
        return httpx.request(method, self.url + path, headers=headers, timeout=60, **sent)

    def key(self, **wanted: Any) -> dict[str, Any]:
        """A new key, made by the installation's administrator."""
        answer = self.ask("local", "POST", "/v1/keys", json={"name": "test", **wanted})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Three tenants with a code of one town: the shared one, acme's with a word of its own, and beta's."""
    data = tmp_path_factory.mktemp("access")
    process = plotlot("up", "--port", "0", "--data", str(data), env={"PLOTLOT_AUTH": "required"})
    with stopping(process):
        url = announced(process, "serves http").split()[2].rstrip(";")
        owner, _ = plotlot("key", "create", "owner", "--role", "admin", "--data", str(data)).communicate()
        made = Door(url, data, {"local": owner.strip()})
        for tenant in ("acme", "beta"):
            made.keys[tenant] = made.key(tenant=tenant, role="operator")["key"]
        ordinance = (EXAMPLE / "ordinance.md").read_text()
        parcels = (EXAMPLE / "parcels.geojson").read_text()
        fill(made, "local", ordinance, parcels)
        fill(
            made,
            "acme",
            ordinance.replace("Accessory", SECRET.title()),
            parcels.replace("Main", SECRET.title()),
        )
        yield made


def fill(door: Door, tenant: str, ordinance: str, parcels: str) -> None:
    """Ingest a code and parcels as a tenant."""
    for path, name, content in (
        ("/v1/documents", "ordinance.md", ordinance),
        ("/v1/parcels", "parcels.geojson", parcels),
    ):
        answer = door.ask(tenant, "POST", path, files={"file": (name, content)}, data={"municipality": TOWN})
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def secrets(door: Door) -> dict[str, str]:
    """Ids of what is acme's."""
    analysis = door.ask("acme", "POST", "/v1/analyses", json={"address": f"100 S {SECRET} St"}).json()
    assert "id" in analysis, analysis
    listed = [door.ask(tenant, "GET", "/v1/documents").json()["documents"] for tenant in ("acme", "beta")]
    mine, shared = ({document["id"] for document in documents} for documents in listed)
    batch = door.ask(
        "acme", "POST", "/v1/analyses:batch", json=[{"address": f"100 S {SECRET} St", "ref": SECRET}]
    )
    feedback = door.ask(
        "acme", "POST", "/v1/feedback",
        json={"kind": "wrong_number", "analysis": analysis["id"], "field": "max_height", "comment": SECRET},
    )  # fmt: skip
    assert (batch.status_code, feedback.status_code) == (202, 201), (batch.text, feedback.text)
    watch = door.ask("acme", "POST", "/v1/watches", json={"analysis": analysis["id"]})
    assert watch.status_code == 201, watch.text
    return {
        "analysis": analysis["id"],
        "document": next(iter(mine - shared)),
        "job": batch.json()["id"],
        "feedback": feedback.json()["id"],
        "watch": watch.json()["id"],
    }


def paths(secrets: dict[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every way to ask for what is acme's, by its words and by its ids."""
    town = TOWN.replace(" ", "%20")
    for path in (
        "/v1/documents",
        "/v1/jobs",
        "/v1/feedback",
        "/v1/watches",
        "/v1/municipalities",
        "/towns",
        "/",
    ):
        yield "GET", path, {}
    for name, path in (
        ("analysis", "/v1/analyses/{}"),
        ("analysis", "/v1/analyses/{}/drawing.svg"),
        ("analysis", "/v1/analyses/{}/map.geojson"),
        ("analysis", "/v1/comparisons?id={}"),
        ("analysis", "/compare?id={}"),
        ("analysis", "/analyses/{}"),
        ("analysis", "/analyses/{}/report.html"),
        ("analysis", "/analyses/{}/report.pdf"),
        ("analysis", "/analyses/{}/changes"),
        ("analysis", "/analyses/{}/shares"),
        ("analysis", "/v1/analyses/{}/report.pdf"),
        ("analysis", "/v1/analyses/{}/changes"),
        ("analysis", "/v1/analyses/{}/sections"),
        ("analysis", "/v1/analyses/{}/shares"),
        ("document", "/v1/documents/{}"),
        ("document", "/v1/documents/{}/text"),
        ("document", "/v1/documents/{}/sections"),
        ("document", "/documents/{}"),
        ("job", "/v1/jobs/{}"),
        ("job", "/v1/jobs/{}/results"),
        ("job", "/v1/jobs/{}/events"),
    ):
        yield "GET", path.format(secrets[name]), {}
    yield "DELETE", f"/v1/jobs/{secrets['job']}", {}
    yield "DELETE", f"/v1/watches/{secrets['watch']}", {}
    yield "GET", "/v1/addresses?q=100%20S", {}
    yield "GET", f"/v1/addresses?q=Quillwart&municipality={town}", {}
    yield "GET", f"/v1/municipalities/{town}", {}
    yield "GET", f"/towns/{town}", {}
    yield "GET", f"/v1/municipalities/{town}/districts", {}
    yield "GET", f"/v1/municipalities/{town}/districts/R-1/standards", {}
    yield "GET", f"/towns/{town}/R-1", {}
    yield "GET", f"/analyze?address=100%20S%20{SECRET}%20St", {}
    yield "GET", f"/ask?question=what%20of%20a%20{SECRET}&municipality={town}", {}
    for municipality, method in itertools.product((TOWN, ""), ("fused", "bm25", "vector")):
        body = {"query": f"{SECRET} buildings", "municipality": municipality, "method": method, "k": 50}
        yield "POST", "/v1/search", {"json": body}
    yield "POST", "/v1/ask", {"json": {"question": f"Where may a {SECRET} stand?", "municipality": TOWN}}
    yield "POST", "/v1/analyses", {"json": {"address": f"100 S {SECRET} St"}}
    yield "POST", "/v1/analyses", {"json": {"address": f"100 S {SECRET} St", "municipality": TOWN}}


def told_back(answer: httpx.Response, sent: dict[str, Any], path: str) -> str:
    """The answer without the words of the question, which it may repeat."""
    text = answer.text.lower().replace("+", " ").replace("%20", " ")
    if SECRET in json.dumps(sent) or SECRET in path:
        for said in (
            f"100 s {SECRET} st",
            f"what of a {SECRET}",
            f"{SECRET} buildings",
            f"where may a {SECRET}",
        ):
            text = text.replace(said, "")
    return text


def test_acme_sees_its_own(door: Door, secrets: dict[str, str]) -> None:
    seen = [
        (path, door.ask("acme", method, path, **sent))
        for method, path, sent in paths(secrets)
        if method != "DELETE" and not path.endswith("/events")
    ]
    assert not [(path, answer.text) for path, answer in seen if answer.status_code >= 400]
    assert sum(SECRET in told_back(answer, {}, path) for path, answer in seen) >= 10


@pytest.mark.parametrize("tenant", ["beta", "local"])
def test_no_other_tenant_sees_it_by_any_route(door: Door, secrets: dict[str, str], tenant: str) -> None:
    for method, path, sent in paths(secrets):
        answer = door.ask(tenant, method, path, **sent)
        assert answer.status_code < 500, answer.text
        assert SECRET not in told_back(answer, sent, path), f"{tenant} was told by {method} {path}"
        if any(secret in path for secret in secrets.values()):
            assert answer.status_code == 404, f"{tenant} was told by {method} {path} that there is such a one"


def test_a_remark_is_settled_and_counted_in_its_tenant_alone(door: Door, secrets: dict[str, str]) -> None:
    path, town = f"/v1/feedback/{secrets['feedback']}/settle", f"/v1/municipalities/{TOWN}"
    for tenant in ("beta", "local"):
        assert door.ask(tenant, "POST", path, json={"outcome": "dismissed"}).status_code == 404
        assert door.ask(tenant, "GET", town).json()["feedback"] == {"reported": {}, "open": {}}
    told = door.ask("acme", "GET", town).json()["feedback"]
    assert told == {"reported": {"wrong_number": 1}, "open": {"wrong_number": 1}}
    door.keys["analyst"] = door.key(tenant="acme", role="analyst")["key"]
    assert door.ask("analyst", "POST", path, json={"outcome": "dismissed"}).status_code == 403
    settled = door.ask("acme", "POST", path, json={"outcome": "dismissed"}).json()
    assert (settled["status"], bool(settled["settled_at"])) == ("dismissed", True)
    assert door.ask("acme", "GET", town).json()["feedback"]["open"] == {}
    door.ask("acme", "POST", path, json={"outcome": "open"})
    assert door.ask("acme", "GET", town).json()["feedback"]["open"] == {"wrong_number": 1}


def test_suggestions_are_of_the_tenants_own_parcels_where_it_has_some(door: Door) -> None:
    for tenant, street in (("acme", SECRET.title()), ("beta", "Main"), ("local", "Main")):
        found = door.ask(tenant, "GET", "/v1/addresses?q=100%20S").json()["addresses"]
        places = [(each["address"], each["parcel_id"]) for each in found]
        assert places[0] == (f"100 S {street} St, {TOWN}", "LK-012")
        assert all(street in address for address, _ in places)


def test_the_shared_code_is_read_by_all_and_written_by_the_installation_alone(door: Door) -> None:
    body = {"query": "rear yard of a dwelling", "municipality": TOWN}
    shared = door.ask("local", "POST", "/v1/search", json=body).json()["results"]
    assert door.ask("beta", "POST", "/v1/search", json=body).json()["results"] == shared
    own = door.ask("acme", "POST", "/v1/search", json=body).json()["results"]
    assert {one["document"] for one in own}.isdisjoint(one["document"] for one in shared)
    assert door.ask("beta", "GET", "/v1/index/generations").status_code == 403


def test_a_parcel_of_the_tenants_own_hides_the_shared_one(door: Door) -> None:
    found = door.ask("acme", "POST", "/v1/analyses", json={"parcel_id": "LK-012"}).json()
    assert SECRET in found["parcel"]["address"].lower()
    assert SECRET not in door.ask("beta", "POST", "/v1/analyses", json={"parcel_id": "LK-012"}).text.lower()


@pytest.fixture
def sql(door: Door) -> Iterator[psycopg.Connection]:
    """The database as a service of beta sees it, as long as nothing is committed."""
    conninfo = make_conninfo(host=str(door.data / "postgres"), user="plotlot", dbname="plotlot")
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"SET LOCAL ROLE {ROLE}".encode())
        connection.execute("SET LOCAL plotlot.tenant = 'beta'")
        yield connection
        connection.rollback()


def tables(connection: psycopg.Connection) -> list[str]:
    """Every table of the schema that holds rows of tenants."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    )
    return sorted({name for (name,) in found} - SHARED)


def test_every_table_is_held_by_policies(sql: psycopg.Connection) -> None:
    for table in tables(sql):
        row = sql.execute("SELECT row_security_active(%s)", (table,)).fetchone()
        assert row == (True,), f"{table} has no row-level security: add it to a migration, or to SHARED here"


def test_sql_shows_nothing_of_another_tenant(sql: psycopg.Connection, secrets: dict[str, str]) -> None:
    held = tables(sql)
    for table in held:
        rows = sql.execute(f"SELECT {table}::text FROM {table}".encode()).fetchall()
        assert not [row for (row,) in rows if SECRET in row.lower() or secrets["document"] in row], table
    sql.execute("SET LOCAL plotlot.tenant = 'acme'")
    telling = [
        table
        for table in held
        if any(
            SECRET in row.lower()
            for (row,) in sql.execute(f"SELECT {table}::text FROM {table}".encode()).fetchall()
        )
    ]
    assert {"chunks", "documents", "parcels", "sections", "postings", "analyses", "feedback"} <= set(telling)


@pytest.mark.parametrize("tenant", ["beta", ""])
def test_sql_changes_nothing_of_another_tenant(
    sql: psycopg.Connection, secrets: dict[str, str], tenant: str
) -> None:
    sql.execute("SELECT set_config('plotlot.tenant', %s, true)", (tenant,))
    acme = "SELECT id FROM municipalities WHERE tenant = 'acme'"
    for statement in (
        "UPDATE documents SET title = 'x'",
        "DELETE FROM documents",
        "UPDATE parcels SET address = 'x'",
        "DELETE FROM chunks",
        "DELETE FROM postings",
        "DELETE FROM sections",
        "UPDATE municipalities SET name = 'x'",
        "DELETE FROM analyses RETURNING tenant",
        "DELETE FROM feedback RETURNING tenant",
        "UPDATE jobs SET status = 'cancelled' RETURNING tenant",
        "UPDATE api_keys SET role = 'admin' RETURNING tenant",
    ):
        changed = sql.execute(statement.encode())
        if statement.endswith("tenant"):
            assert {row for (row,) in changed.fetchall()} <= {tenant}, statement
        else:
            assert changed.rowcount == 0, statement
    assert sql.execute(acme).fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO parcels (municipality_id, id, address, address_key, district, properties)"
        " VALUES ({shelf}, 'x', 'x', 'x', 'x', '{{}}')",
        "INSERT INTO municipalities (id, key, name, tenant) OVERRIDING SYSTEM VALUE VALUES (-999, 'x', 'x', 'acme')",
        "INSERT INTO municipalities (key, name) VALUES ('x', 'x')",
        "INSERT INTO analyses (id, bundle, request, report, drawing, tenant)"
        " VALUES ('x', 'x', '{{}}', '{{}}', '', 'acme')",
        "UPDATE analyses SET tenant = 'acme'",
        "DELETE FROM audit",
        "UPDATE audit SET who = 'x'",
        "TRUNCATE audit",
        "TRUNCATE parcels",
        "DROP TABLE parcels",
        "ALTER TABLE parcels DISABLE ROW LEVEL SECURITY",
    ],
)
@pytest.mark.parametrize("shelf", [1, "acme's"])
def test_sql_writes_nothing_for_another_tenant(
    door: Door, sql: psycopg.Connection, statement: str, shelf: int | str
) -> None:
    if shelf == "acme's":
        with psycopg.connect(sql.info.dsn) as seeing:
            row = seeing.execute("SELECT id FROM municipalities WHERE tenant = 'acme'").fetchone()
            assert row is not None
            shelf = row[0]
    if statement.startswith("UPDATE analyses"):
        sql.execute(
            "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES ('beta', 'x', '{}', '{}', '')"
        )
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)):
        sql.execute(statement.format(shelf=shelf).encode())


def test_a_link_shows_a_stranger_one_report_and_nothing_else(door: Door, secrets: dict[str, str]) -> None:
    path = f"/v1/analyses/{secrets['analysis']}/shares"
    link = door.ask("acme", "POST", path, json={}).json()
    shown = httpx.get(link["url"])
    assert shown.status_code == 200
    assert SECRET in shown.text.lower()
    assert httpx.get(f"{door.url}/analyses/{secrets['analysis']}").status_code in (303, 401)
    assert door.ask("beta", "POST", path, json={}).status_code == 404
    assert door.ask("beta", "DELETE", f"{path}/{link['id']}").status_code == 404
    assert httpx.get(link["url"]).status_code == 200
    reader = door.key(tenant="acme", role="reader")["key"]
    asked = httpx.post(door.url + path, json={}, headers={"Authorization": f"Bearer {reader}"})
    assert asked.status_code == 403
    assert door.ask("acme", "DELETE", f"{path}/{link['id']}").json()["state"] == "revoked"
    assert httpx.get(link["url"]).status_code == 404
    time.sleep(1)
    log = door.ask("local", "GET", "/v1/audit").json()
    deeds = [
        (each["action"], each["who"]) for each in log["entries"] if secrets["analysis"] in each["target"]
    ]
    assert ("GET /shared/{token}", f"share:{link['id']}") in deeds
    assert {"POST /v1/analyses/{analysis}/shares", "DELETE /v1/analyses/{analysis}/shares/{share}"} <= {
        action for action, _ in deeds
    }
    assert link["url"].rpartition("/")[2] not in str(log), "a token opens what it is for: no log has it"


def test_a_link_ends_when_it_was_said_to(
    door: Door, secrets: dict[str, str], sql: psycopg.Connection
) -> None:
    path = f"/v1/analyses/{secrets['analysis']}/shares"
    link = door.ask("acme", "POST", path, json={"expires_in_days": 0.00002}).json()  # 1.7 s
    time.sleep(2)
    assert httpx.get(link["url"]).status_code == 404
    assert sql.execute("SELECT * FROM shares").fetchall() == []
    listed = door.ask("acme", "GET", path).json()["shares"]
    assert next(each for each in listed if each["id"] == link["id"])["state"] == "expired"


def test_the_log_cannot_be_changed_even_by_its_owner(door: Door, secrets: dict[str, str]) -> None:
    time.sleep(1)
    conninfo = make_conninfo(host=str(door.data / "postgres"), user="plotlot", dbname="plotlot")
    for statement in ("DELETE FROM audit", "UPDATE audit SET who = 'x'", "TRUNCATE audit"):
        with (
            psycopg.connect(conninfo) as owner,
            pytest.raises(psycopg.errors.RaiseException, match="only added to"),
        ):
            owner.execute(statement)


def test_nobody_without_a_key_is_let_in(door: Door) -> None:
    answer = httpx.get(f"{door.url}/v1/municipalities")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="plotlot"')
    assert answer.json()["type"] == "/errors#not-authenticated"
    for path in ("/healthz", "/readyz", "/errors", "/openapi.json"):
        assert httpx.get(door.url + path).status_code == 200
    for wrong in ("Bearer", "Bearer plk_x", "Basic YTpi", "Bearer " + door.keys["acme"][:-1] + "x"):
        answer = httpx.get(f"{door.url}/v1/municipalities", headers={"Authorization": wrong})
        assert answer.status_code == 401, wrong
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_role_may_do_what_it_may_and_no_more(door: Door) -> None:
    door.keys["reader"] = door.key(tenant="beta", role="reader")["key"]
    assert door.ask("reader", "GET", "/v1/municipalities").status_code == 200
    answer = door.ask("reader", "POST", "/v1/analyses", json={"parcel_id": "LK-012"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors#not-allowed")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    # It is refused before its body is read, which would be refused too.
    assert door.ask("reader", "POST", "/v1/analyses", content=b"{").status_code == 403
    door.keys["scoped"] = door.key(tenant="beta", role="operator", scopes=["read"])["key"]
    assert door.ask("scoped", "POST", "/v1/parcels", content=b"").status_code == 403
    assert door.ask("scoped", "GET", "/v1/me").json()["rights"] == ["read"]


def test_an_administrator_of_a_tenant_rules_over_it_alone(door: Door) -> None:
    door.keys["boss"] = door.key(tenant="beta", role="admin")["key"]
    listed = door.ask("boss", "GET", "/v1/keys").json()["keys"]
    assert {key["tenant"] for key in listed} == {"beta"}
    assert not any(door.keys["beta"] in json.dumps(key) for key in listed)
    acme = next(k["id"] for k in door.ask("local", "GET", "/v1/keys").json()["keys"] if k["tenant"] == "acme")
    assert door.ask("boss", "DELETE", f"/v1/keys/{acme}").status_code == 404
    assert door.ask("boss", "POST", f"/v1/keys/{acme}/rotate", json={}).status_code == 404
    assert door.ask("boss", "POST", "/v1/keys", json={"name": "x", "tenant": "acme"}).status_code == 403
    door.keys["held"] = door.key(tenant="beta", role="admin", scopes=["administer"])["key"]
    more = door.ask("held", "POST", "/v1/keys", json={"name": "x", "role": "analyst"})
    assert (more.status_code, "rights that the caller has not" in more.json()["detail"]) == (403, True)
    entries = door.ask("boss", "GET", "/v1/audit?limit=1000").json()["entries"]
    assert {entry["tenant"] for entry in entries} == {"beta"}


def test_a_rotated_key_and_its_successor_are_both_valid_for_a_time(door: Door) -> None:
    old = door.key(tenant="beta", name="rotated")
    door.keys["old"] = old["key"]
    new = door.ask("local", "POST", f"/v1/keys/{old['id']}/rotate", json={"overlap_hours": 1}).json()
    door.keys["new"] = new["key"]
    assert (new["replaces"], new["tenant"], new["role"]) == (old["id"], "beta", old["role"])
    assert [door.ask(name, "GET", "/v1/me").status_code for name in ("old", "new")] == [200, 200]
    door.ask("local", "POST", f"/v1/keys/{old['id']}/rotate", json={"overlap_hours": 0})
    time.sleep(FRESH_SECONDS)
    assert [door.ask(name, "GET", "/v1/me").status_code for name in ("old", "new")] == [401, 200]


def test_a_successor_is_made_for_as_long_as_the_key_whose_place_it_takes(door: Door) -> None:
    def rotated(key: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        answer = door.ask("local", "POST", f"/v1/keys/{key['id']}/rotate", json=wanted)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def days(key: dict[str, Any]) -> float:
        made, ends = (datetime.fromisoformat(key[name]) for name in ("created_at", "expires_at"))
        return round((ends - made) / timedelta(days=1), 2)

    first = door.key(tenant="beta", name="for a while", expires_in_days=30)
    second = rotated(first)
    # The first is cut short by now, and still tells for how long it was made.
    assert [days(key) for key in (second, rotated(first), rotated(second))] == [30, 30, 30]
    assert days(rotated(second, expires_in_days=7)) == 7
    endless = door.key(tenant="beta", name="for ever")
    assert [rotated(endless)["expires_at"], rotated(endless)["expires_at"]] == [None, None]


def test_a_revoked_key_is_refused_within_seconds_and_the_log_says_by_whom(door: Door) -> None:
    made = door.key(tenant="beta", name="lost laptop")
    door.keys["lost"] = made["key"]
    assert door.ask("lost", "GET", "/v1/me").status_code == 200
    assert door.ask("local", "DELETE", f"/v1/keys/{made['id']}").json()["state"] == "revoked"
    time.sleep(FRESH_SECONDS)
    assert door.ask("lost", "GET", "/v1/me").status_code == 401
    found = door.ask("local", "GET", f"/v1/audit?words={made['id']}&action=key.").json()["entries"]
    assert [entry["action"] for entry in found] == ["key.revoke", "key.create"]
    assert found[0]["who"].startswith("key:")
    assert not any(made["key"] in json.dumps(entry) for entry in found)


def signed_in(door: Door, key: str) -> dict[str, str]:
    """The cookie of a browser that showed a key."""
    answer = httpx.post(f"{door.url}/sign-in", data={"key": key})
    assert answer.status_code == 303, answer.text
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_an_administrator_ends_sign_ins_of_their_tenant_alone(door: Door) -> None:
    keys = [door.key(tenant=tenant, name="browser") for tenant in ("acme", "acme", "beta")]
    one, *_ = browsers = [signed_in(door, key["key"]) for key in keys]
    door.keys["acme admin"] = door.key(tenant="acme", role="admin")["key"]

    def states() -> list[int]:
        return [httpx.get(f"{door.url}/v1/me", headers=browser).status_code for browser in browsers]

    assert states() == [200, 200, 200]
    assert door.ask("acme", "GET", "/v1/sign-ins").status_code == 403
    listed = door.ask("acme admin", "GET", "/v1/sign-ins").json()["sign_ins"]
    assert {f"key:{key['id']}" for key in keys} & {each["who"] for each in listed} == {
        f"key:{key['id']}" for key in keys[:2]
    }
    assert {each["tenant"] for each in listed} == {"acme"}
    mine = next(each for each in listed if each["who"] == f"key:{keys[0]['id']}")
    assert mine["id"] not in one["Cookie"]
    first = door.ask("local", "GET", "/v1/sign-ins?limit=1").json()
    after = door.ask("local", "GET", first["next"]).json()["sign_ins"]
    assert first["sign_ins"][0]["who"] == f"key:{keys[2]['id']}" != after[0]["who"]
    assert door.ask("acme admin", "DELETE", "/v1/sign-ins").status_code == 422
    for named, ended in ((f"id={mine['id']}", 1), (f"id={mine['id']}", 0), ("tenant=beta", 0)):
        assert door.ask("acme admin", "DELETE", f"/v1/sign-ins?{named}").json() == {"ended": ended}
    time.sleep(FRESH_SECONDS)
    assert states() == [401, 200, 200]
    administrator = {"PLOTLOT_URL": door.url, "PLOTLOT_API_KEY": door.keys["local"]}
    ended = plotlot("access", "end", "--tenant", "beta", env=administrator).communicate()[0]
    assert "sign-ins ended: 1;" in ended
    assert door.ask("local", "DELETE", f"/v1/sign-ins?who=key:{keys[1]['id']}").json() == {"ended": 1}
    time.sleep(FRESH_SECONDS)
    assert states() == [401, 401, 401]
    log = door.ask("acme admin", "GET", "/v1/audit?action=sign-in.end").json()["entries"]
    assert [each["details"]["ended"] for each in log] == [0, 0, 1]


def test_the_log_is_read_in_pages_and_as_lines(door: Door, secrets: dict[str, str]) -> None:
    whole = door.ask("local", "GET", "/v1/audit?limit=1000&who=" + "owner").json()["entries"]
    assert [entry["action"] for entry in whole] == ["key.create"]
    lines = door.ask("local", "GET", "/v1/audit?tenant=acme", headers={"Accept": "application/x-ndjson"})
    read = [json.loads(line) for line in lines.text.splitlines()]
    assert {"POST /v1/documents", "POST /v1/parcels", "POST /v1/analyses"} <= {one["action"] for one in read}
    pages, before = [], ""
    while True:
        page = door.ask("local", "GET", f"/v1/audit?tenant=acme&limit=2{before}").json()
        pages += page["entries"]
        if page["before"] is None:
            break
        before = f"&before={page['before']}"
    assert pages[-len(read) :] == read


def test_no_request_keeps_itself_or_others_out_of_the_log(door: Door) -> None:
    hidden = {"plotlot-shadow": "1", "X-Request-Id": "hidden-1"}
    for path in ("/v1/jobs/%00", "/v1/jobs/none"):
        assert door.ask("beta", "DELETE", path, headers=hidden).status_code in (404, 422)
    said = door.ask("local", "GET", "/v1/audit?tenant=beta&action=DELETE&limit=2").json()["entries"]
    assert [(one["target"], one["request_id"]) for one in said] == [
        ("/v1/jobs/none", "hidden-1"),
        ("/v1/jobs/\ufffd", "hidden-1"),
    ]


def test_a_gateway_without_login_serves_this_machine_alone(tmp_path: Path) -> None:
    refused = plotlot("up", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path))
    _, said = refused.communicate(timeout=30)
    assert refused.returncode == 2
    for advice in ("PLOTLOT_AUTH=required", "plotlot key create", "insecure-everyone-is-owner"):
        assert advice in said
    process = plotlot("up", "--port", "0", "--data", str(tmp_path))
    with stopping(process):
        url = announced(process, "serves http").split()[2].rstrip(";")
        assert httpx.get(f"{url}/v1/me").json()["role"] == "admin"
        rebound = httpx.get(f"{url}/v1/me", headers={"Host": "evil.example"})
        assert (rebound.status_code, rebound.json()["type"]) == (403, "/errors#not-allowed")
        form = httpx.post(
            f"{url}/v1/parcels", headers={"Origin": "https://evil.example"}, files={"file": ("a.csv", b"")}
        )
        assert form.status_code == 403
