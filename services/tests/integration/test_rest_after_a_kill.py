"""A process that is killed while it does a job and answers a request with a key: nothing is lost or done twice."""

import contextlib
import json
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import psycopg
from integration.conftest import EXAMPLE, TOWN, Stack, announced, load_example, plotlot, stopping

from plotlot.store.embedded import EmbeddedPostgres

ROWS = 400
PARCELS = [
    feature["properties"]["parcel_id"]
    for feature in json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]
    if feature["properties"].get("zoning")
]


def ask_with_key(client: httpx.Client, key: str) -> httpx.Response:
    """Import a code, again and again for as long as the same request is said to be in progress."""
    text = "# Rules\n\n" + "\n\n".join(
        f"## Section {number}. Yards\n\nThe yard of lot {number} shall be {number % 40} feet deep."
        for number in range(1, 600)
    )
    while True:
        answer = client.post(
            "/v1/documents",
            files={"file": ("rules.md", text.encode())},
            data={"municipality": "Killville, OH"},
            headers={"Idempotency-Key": key},
        )
        if answer.status_code != 409:
            return answer
        time.sleep(float(answer.headers["retry-after"]))


def test_a_killed_process_leaves_a_job_and_a_key_that_the_next_one_finishes(tmp_path: Path) -> None:
    first = plotlot("up", "--port", "0", "--data", str(tmp_path))
    rows = [
        {"ref": str(n), "parcel_id": PARCELS[n % len(PARCELS)], "municipality": TOWN} for n in range(ROWS)
    ]
    with stopping(first):
        url = announced(first, "serves http").split()[2].rstrip(";")
        load_example(Stack(url, {}, tmp_path))
        with httpx.Client(base_url=url, timeout=60) as client:
            made = client.post("/v1/analyses:batch", json=rows, headers={"Idempotency-Key": "batch"})
            job = made.json()["id"]
            while client.get(f"/v1/jobs/{job}").json()["done"] < ROWS // 8:
                time.sleep(0.02)
            cut_off = threading.Thread(target=swallowed, args=(url,))
            cut_off.start()
            time.sleep(0.3)
            first.kill()
            cut_off.join()
    second = plotlot("up", "--port", "0", "--data", str(tmp_path))
    with stopping(second):
        url = announced(second, "serves http").split()[2].rstrip(";")
        with httpx.Client(base_url=url, timeout=60) as client:
            assert client.get(f"/v1/jobs/{job}").json()["status"] == "running"
            again = client.post("/v1/analyses:batch", json=rows, headers={"Idempotency-Key": "batch"})
            assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
            written = ask_with_key(client, "code")
            assert written.status_code == 200, written.text
            assert ask_with_key(client, "code").json() == written.json()
            told = client.get(f"/v1/jobs/{job}/results", headers={"Accept": "application/x-ndjson"}).text
        outcomes = [json.loads(line) for line in told.splitlines()]
        assert [outcome["row"] for outcome in outcomes] == list(range(1, ROWS + 1))
        assert all(outcome["status"] == "answered" for outcome in outcomes)
        with psycopg.connect(EmbeddedPostgres(tmp_path).start()) as connection:
            kept = Counter(id for (id,) in connection.execute("SELECT id FROM analyses").fetchall())
            documents = connection.execute(
                "SELECT count(*) FROM documents WHERE name = 'rules.md'"
            ).fetchone()
    assert kept == Counter(outcome["analysis"] for outcome in outcomes)
    assert documents == (1,)


SECTIONS = 1200


def test_a_killed_process_leaves_a_document_that_the_next_one_ingests_once(tmp_path: Path) -> None:
    text = "# Rules\n\n" + "\n\n".join(
        f"## Section {number}. Yards\n\nThe yard of lot {number} shall be {number % 40} feet deep."
        for number in range(1, SECTIONS + 1)
    )
    files, form = {"file": ("rules.md", text.encode())}, {"municipality": "Killville, OH"}
    asked = {"Prefer": "respond-async", "Idempotency-Key": "document"}
    first = plotlot("up", "--port", "0", "--data", str(tmp_path))
    with stopping(first):
        url = announced(first, "serves http").split()[2].rstrip(";")
        with httpx.Client(base_url=url, timeout=60) as client:
            made = client.post("/v1/documents", files=files, data=form, headers=asked)
            assert made.status_code == 202, made.text
            job = made.json()["id"]
            while not client.get(f"/v1/jobs/{job}").json()["started_at"]:
                time.sleep(0.01)
            time.sleep(0.2)  # it is being read, or its chunks embedded
            first.kill()
            first.wait()
    with psycopg.connect(EmbeddedPostgres(tmp_path).start()) as connection:
        assert connection.execute("SELECT status, attempts FROM jobs").fetchall() == [("running", 1)]
    second = plotlot("up", "--port", "0", "--data", str(tmp_path))
    with stopping(second):
        url = announced(second, "serves http").split()[2].rstrip(";")
        with httpx.Client(base_url=url, timeout=60) as client:
            again = client.post("/v1/documents", files=files, data=form, headers=asked)
            assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
            while (state := client.get(f"/v1/jobs/{job}").json())["status"] == "running":
                time.sleep(0.05)
            (row,) = client.get(f"/v1/jobs/{job}/results").json()["results"]
        assert (state["status"], row["changed"]) == ("succeeded", True)
        with psycopg.connect(EmbeddedPostgres(tmp_path).start()) as connection:
            kept = connection.execute(
                "SELECT (SELECT array_agg(id) FROM documents), (SELECT count(*) FROM sections WHERE kind = 'section'),"
                " (SELECT count(*) FROM chunks), (SELECT count(DISTINCT (document_id, ordinal)) FROM chunks),"
                " (SELECT sum(chunks) FROM scope_sizes), (SELECT attempts FROM jobs)"
            ).fetchone()
    assert kept is not None
    documents, sections, chunks, different, counted, attempts = kept
    assert (documents, sections, attempts) == ([row["document"]], SECTIONS + 1, 2)  # and the whole
    assert chunks == different == counted >= SECTIONS / 10


def swallowed(url: str) -> None:
    """The request whose answer never comes."""
    with contextlib.suppress(httpx.HTTPError), httpx.Client(base_url=url, timeout=60) as client:
        ask_with_key(client, "code")
