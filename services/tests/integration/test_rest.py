"""What REST promises besides answers: batches, jobs, keys that are sent again, pages, tags, feedback."""

import csv
import io
import json
import time

import httpx
import pytest
from integration.conftest import EXAMPLE, TOWN

EVENTS = {"Accept": "text/event-stream"}
PARCELS = [
    feature["properties"]["parcel_id"]
    for feature in json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]
]


def ended(http: httpx.Client, job: str) -> dict:
    """The job once it is over."""
    for _ in range(300):
        state = http.get(f"/v1/jobs/{job}").json()
        if state["status"] not in ("queued", "running"):
            return state
        time.sleep(0.1)
    raise AssertionError(f"still {state}")


def events(text: str) -> list[tuple[str, str, dict]]:
    """Id, name and data of each event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def test_a_batch_is_answered_row_by_row_in_the_form_that_is_accepted(http: httpx.Client) -> None:
    rows = [{"ref": "first", "parcel_id": PARCELS[0], "municipality": TOWN}, {"parcel_id": "no such"}]
    answer = http.post("/v1/analyses:batch", json=rows, headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200
    first, second = (json.loads(line) for line in answer.text.splitlines())
    assert (first["row"], first["ref"], first["status"]) == (1, "first", "answered")
    kept = http.get(f"/v1/analyses/{first['analysis']}").json()
    assert (kept["parcel"]["id"], kept["yield"]["units_high"]) == (PARCELS[0], first["units_high"])
    assert (second["row"], second["status"]) == (2, "refused")
    assert second["problem"]["type"] == "/errors#unknown-parcel"
    job = answer.headers["location"]
    told = http.get(f"{job}/results", headers={"Accept": "text/csv"}).text
    cells = list(csv.DictReader(io.StringIO(told)))
    assert [row["analysis"] for row in cells] == [first["analysis"], ""]
    assert cells[1]["problem"] == "/errors#unknown-parcel"


def test_a_batch_of_csv_becomes_a_job_whose_progress_and_results_go_on_where_they_were(
    http: httpx.Client,
) -> None:
    content = "parcel_id,municipality\n" + "".join(f'{parcel},"{TOWN}"\n' for parcel in PARCELS)
    answer = http.post("/v1/analyses:batch", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202
    job = answer.headers["location"].rsplit("/", 1)[1]
    assert ended(http, job)["done"] == len(PARCELS)
    progress = events(http.get(f"/v1/jobs/{job}/events", headers=EVENTS).text)
    assert progress[-1][1:] == ("job", ended(http, job))
    whole = events(http.get(f"/v1/jobs/{job}/results", headers=EVENTS).text)
    assert [name for _, name, _ in whole] == ["row"] * len(PARCELS) + ["job"]
    resumed = {**EVENTS, "Last-Event-ID": whole[4][0]}
    assert events(http.get(f"/v1/jobs/{job}/results", headers=resumed).text) == whole[5:]
    paged = http.get(f"/v1/jobs/{job}/results", params={"limit": 4}).json()
    rest = http.get(paged["next"]).json()
    assert [row["row"] for row in paged["results"] + rest["results"]] == list(range(1, 9))


def test_a_cancelled_job_stops_and_keeps_what_it_has(http: httpx.Client) -> None:
    rows = [{"parcel_id": PARCELS[0], "municipality": TOWN}] * 3000
    job = http.post("/v1/analyses:batch", json=rows).json()["id"]
    state = http.delete(f"/v1/jobs/{job}").json()
    assert state["status"] == "cancelled"
    done = http.get(f"/v1/jobs/{job}").json()["done"]
    assert done < 3000
    told = http.get(f"/v1/jobs/{job}/results", headers={"Accept": "application/x-ndjson"}).text
    assert len(told.splitlines()) == done
    assert http.get("/v1/jobs", params={"limit": 1}).json()["jobs"][0]["id"] == job


@pytest.mark.parametrize(
    ("content", "kind", "status", "expected"),
    [
        (b"", "text/csv", 422, "at least one row"),
        (b"parcel\n7\n", "text/csv", 422, "columns among ref, address, parcel_id, municipality"),
        (b'[{"adress": "7 Elm"}]', "application/json", 422, None),
        (b'{"rows": []}', "application/json", 422, 'a list, or {"analyses": [...]}'),
        (b"\xff\xfe", "text/csv", 422, "UTF-8"),
        (b"[]", "text/plain", 415, "text/csv, application/x-ndjson, application/json"),
        (b'{"address": "7\\u0000"}', "application/x-ndjson", 422, None),
    ],
)
def test_a_bad_batch_is_refused_whole_with_what_was_expected(
    http: httpx.Client, content: bytes, kind: str, status: int, expected: str | None
) -> None:
    answer = http.post("/v1/analyses:batch", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert (answer.json()["field"], answer.json().get("expected")) == ("body", expected)
    assert answer.json()["remedy"]


def test_a_document_is_ingested_as_a_job_where_that_is_preferred(http: httpx.Client) -> None:
    text = "# Rules\n\n" + "\n\n".join(f"## Section {n}. Yards\n\nOf {n} feet." for n in range(1, 40))
    files, form = {"file": ("rules.md", text.encode())}, {"municipality": "Jobville, OH"}
    key = {"Prefer": "respond-async", "Idempotency-Key": f"job-{time.time_ns()}"}
    made, again = (http.post("/v1/documents", files=files, data=form, headers=key) for _ in range(2))
    assert (made.status_code, made.headers["preference-applied"]) == (202, "respond-async"), made.text
    assert again.headers["location"] == made.headers["location"] == f"/v1/jobs/{made.json()['id']}"
    job = made.json()["id"]
    told = events(http.get(f"/v1/jobs/{job}/events", headers=EVENTS).text)
    assert (told[-1][1], told[-1][2]["status"], told[-1][2]["kind"]) == ("job", "succeeded", "document")
    stages = [data["row"]["stage"] for _, name, data in told if name == "progress" and "row" in data]
    numbers = [int(number) for number, _, _ in told]
    assert stages
    assert numbers == sorted(set(numbers))
    resumed = {**EVENTS, "Last-Event-ID": str(numbers[-2])}
    assert events(http.get(f"/v1/jobs/{job}/events", headers=resumed).text) == told[-1:]
    (row,) = http.get(f"/v1/jobs/{job}/results").json()["results"]
    assert (row["status"], row["municipality"], row["changed"]) == ("answered", "Jobville, OH", True)
    assert http.get(f"/v1/documents/{row['document']}").status_code == 200


def test_a_job_whose_document_cannot_be_read_fails_and_says_why(http: httpx.Client) -> None:
    files = {"file": ("code.pdf", b"%PDF-1.7 no more than that")}
    prefers = {"Prefer": "respond-async"}
    made = http.post("/v1/documents", files=files, data={"municipality": "Jobville, OH"}, headers=prefers)
    state = ended(http, made.json()["id"])
    assert (state["status"], state["problem"]["type"]) == ("failed", "/errors#unreadable-document")


def test_a_generation_is_built_as_a_job_where_that_is_preferred(http: httpx.Client) -> None:
    prefers = {"Prefer": "respond-async"}
    made = http.post("/v1/index/generations", json={"municipalities": [TOWN]}, headers=prefers)
    assert made.status_code == 202, made.text
    assert ended(http, made.json()["id"])["status"] == "succeeded"
    (row,) = http.get(made.json()["results"]).json()["results"]
    assert http.post(f"/v1/index/generations/{row['generation']}/retire").json()["status"] == "retired"


def test_a_cell_of_csv_begins_no_formula(http: httpx.Client) -> None:
    rows = [{"ref": "=1+1", "parcel_id": PARCELS[0], "municipality": TOWN}]
    told = http.post("/v1/analyses:batch", json=rows, headers={"Accept": "text/csv"}).text
    assert next(csv.DictReader(io.StringIO(told)))["ref"] == "'=1+1"


def test_the_same_key_gets_the_same_answer_and_carries_the_request_out_once(http: httpx.Client) -> None:
    key = {"Idempotency-Key": f"key-{time.time_ns()}"}
    body = {"kind": "missing", "municipality": TOWN, "field": "max_height", "comment": key["Idempotency-Key"]}
    first, second = (http.post("/v1/feedback", json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert second.headers["idempotency-replayed"] == "true"
    said = http.get("/v1/feedback").json()["feedback"]
    assert [remark["comment"] for remark in said].count(key["Idempotency-Key"]) == 1
    other = http.post("/v1/feedback", json={**body, "comment": "another"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/errors#idempotency-key-reused")


def test_a_form_sent_again_with_its_key_is_known_though_its_boundary_is_drawn_anew(
    http: httpx.Client,
) -> None:
    key = {"Idempotency-Key": f"form-{time.time_ns()}"}
    answers = []
    for _ in range(2):
        files = {"file": ("parcels.geojson", (EXAMPLE / "parcels.geojson").read_bytes())}
        answers.append(http.post("/v1/parcels", files=files, data={"municipality": TOWN}, headers=key))
    assert answers[0].status_code == answers[1].status_code == 200
    assert "idempotency-replayed" in answers[1].headers


@pytest.mark.parametrize("key", ["", "two words", "x" * 201])
def test_a_key_that_is_none_is_refused(http: httpx.Client, key: str) -> None:
    answer = http.post("/v1/ask", json={"question": "How tall?"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


def test_an_analysis_is_found_again_while_other_towns_change(http: httpx.Client) -> None:
    question = {"parcel_id": PARCELS[1], "municipality": TOWN}
    first = http.post("/v1/analyses", json=question)
    again = http.post("/v1/analyses", json={**question, "municipality": f"  {TOWN.lower()} "})
    assert again.json() == first.json()
    change(http, "Changeville, OH")
    after = http.post("/v1/analyses", json=question)
    assert (after.json(), after.headers["cache-status"]) == (first.json(), "plotlot; hit")
    anywhere = {"parcel_id": PARCELS[1]}
    found = http.post("/v1/analyses", json=anywhere).json()["id"]
    change(http, "Changeville, OH")
    assert http.post("/v1/analyses", json=anywhere).json()["id"] != found
    assert http.get(f"/v1/analyses/{found}").json()["id"] == found


def test_what_is_kept_of_a_town_is_kept_until_that_town_changes(http: httpx.Client) -> None:
    change(http, "Changeville, OH")
    question = {"query": "yards", "municipality": "Changeville, OH"}
    first = http.post("/v1/search", json=question).json()
    change(http, "Otherville, OH")
    assert http.post("/v1/search", json=question).headers["cache-status"] == "plotlot; hit"
    change(http, "Changeville, OH")
    assert http.post("/v1/search", json=question).json() != first


def change(http: httpx.Client, municipality: str) -> None:
    """Ingest another text of a document."""
    files = {"file": ("rules.md", f"# Rules\n\n## Section 1. Yards\n\nOf {time.time_ns()} feet.\n".encode())}
    assert http.post("/v1/documents", files=files, data={"municipality": municipality}).json()["changed"]


def test_a_shadow_neither_finds_nor_fills_what_is_kept(http: httpx.Client) -> None:
    question = {"query": f"yard {time.time_ns()}", "municipality": TOWN}
    shadow = {"plotlot-shadow": "1"}
    assert "bypass" in http.post("/v1/search", json=question, headers=shadow).headers["cache-status"]
    assert "miss" in http.post("/v1/search", json=question).headers["cache-status"]
    assert "bypass" in http.post("/v1/search", json=question, headers=shadow).headers["cache-status"]
    assert "hit" in http.post("/v1/search", json=question).headers["cache-status"]


def test_what_a_caller_has_already_is_not_sent_again(http: httpx.Client) -> None:
    path = http.post("/v1/analyses", json={"parcel_id": PARCELS[2]}).headers["location"]
    tag = http.get(path).headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = http.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_lists_are_read_in_pages_and_a_made_up_cursor_is_refused(http: httpx.Client) -> None:
    town = {"file": ("rules.md", b"# Rules\n\n## Section 1. Yards\n\nA yard is ten feet.\n")}
    for name in ("Aaville, OH", "Zedville, OH"):
        assert http.post("/v1/documents", files=town, data={"municipality": name}).status_code == 200
    for path, what, key in (("municipalities", "municipalities", "name"), ("documents", "documents", "id")):
        whole = [item[key] for item in http.get(f"/v1/{path}").json()[what]]
        found, following = [], f"/v1/{path}?limit=2"
        while following:
            answer = http.get(following).json()
            assert len(answer[what]) <= 2
            found += [item[key] for item in answer[what]]
            following = answer["next"]
        assert found == whole
    for path in ("municipalities", "documents", "jobs", "feedback"):
        for cursor in ("x", "W10", "WyJhIiwiYiJd", "WzFd", "Wzw"):
            answer = http.get(f"/v1/{path}", params={"cursor": cursor})
            assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_a_document_is_told_without_its_text(http: httpx.Client) -> None:
    listed = http.get("/v1/documents", params={"municipality": TOWN}).json()["documents"]
    one = http.get(f"/v1/documents/{listed[0]['id']}").json()
    assert one == listed[0]
    assert one["characters"] > 1000
    assert http.get("/v1/documents/none").json()["type"] == "/errors#unknown-document"


def test_each_quote_is_found_in_its_document_by_its_offsets(http: httpx.Client) -> None:
    report = http.post("/v1/analyses", json={"parcel_id": PARCELS[3], "municipality": TOWN}).json()
    cited = [one["citation"] for one in report["standards"] if one["citation"]]
    assert cited
    for one in cited:
        at = f"/v1/documents/{one['document']}/text"
        part = http.get(at, params={"start": one["start"], "end": one["end"]}).json()
        assert (part["text"], part["start"], part["end"]) == (one["quote"], one["start"], one["end"])
        assert (part["text_sha256"], part["page"]) == (one["document_sha256"], one["page"])
    document = http.get(f"/v1/documents/{cited[0]['document']}").json()
    at, sections, following = (
        f"/v1/documents/{document['id']}",
        [],
        f"/v1/documents/{document['id']}/sections?limit=7",
    )
    while following:
        answer = http.get(following).json()
        sections += answer["sections"]
        following = answer["next"]
    assert [one["ordinal"] for one in sections] == list(range(len(sections)))
    assert (sections[0]["start"], sections[0]["end"]) == (0, document["characters"])
    whole = http.get(f"{at}/text").json()["text"]
    assert whole[sections[1]["start"] :].startswith(sections[1]["label"])
    assert http.get(f"{at}/text", params={"start": 10**9}).json()["text"] == ""
    for wrong, field in (({"start": -1}, "start"), ({"start": 5, "end": 5}, "end"), ({"end": "x"}, "end")):
        answer = http.get(f"{at}/text", params=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert http.get(f"{at}/sections", params={"cursor": "WyJhIl0"}).status_code == 422
    for name in ("text", "sections"):
        assert http.get(f"/v1/documents/none/{name}").json()["type"] == "/errors#unknown-document"


def test_an_answer_in_words_comes_part_by_part(http: httpx.Client) -> None:
    question = {
        "question": "How tall may a house in the R-1 district be, and how wide is a lot there?",
        "municipality": TOWN,
    }
    told = events(http.post("/v1/ask", json=question, headers=EVENTS).text)
    assert told[-1][1] == "result"
    texts = [data["text"] for _, name, data in told if name == "text"]
    assert "\n".join(texts) == told[-1][2]["answer"]


def test_feedback_keeps_what_was_shown_and_proposes_a_gold_case(http: httpx.Client) -> None:
    report = http.post("/v1/analyses", json={"parcel_id": PARCELS[3], "municipality": TOWN}).json()
    shown = next(standard for standard in report["standards"] if standard["citation"])
    body = {"kind": "wrong_number", "analysis": report["id"], "field": shown["field"], "expected": 12.5}
    made = http.post("/v1/feedback", json=body)
    assert made.status_code == 201
    said = http.get("/v1/feedback", params={"municipality": TOWN, "limit": 1}).json()["feedback"][0]
    assert said["id"] == made.json()["id"]
    assert (said["bundle"], said["district"]) == (report["bundle"], report["district"])
    assert shown in said["evidence"]["standards"]
    assert said["gold_case"]["values"] == [{"field": shown["field"], "value": 12.5}]
    assert http.post("/v1/gold", content=json.dumps(said["gold_case"])).json() == {"given": 1, "added": 1}
    for bad in ({"kind": "wrong"}, {"kind": "other"}, {**body, "field": "colour"}, {**body, "expected": -1}):
        assert http.post("/v1/feedback", json=bad).status_code == 422


def test_what_the_router_refuses_has_a_type_too(http: httpx.Client) -> None:
    missing = http.get("/v1/nothing").json()
    assert (missing["type"], missing["status"]) == ("/errors#unknown-operation", 404)
    wrong = http.put("/v1/ask")
    assert (wrong.status_code, wrong.json()["expected"]) == (405, "POST")
    assert wrong.headers["allow"] == "POST"
