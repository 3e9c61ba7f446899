"""The REST API on the running stack, with the example town, in both topologies."""

import json

import httpx
import pytest
from integration.conftest import EXAMPLE, TOWN


def analyze(http: httpx.Client, **question: str) -> dict:
    answer = http.post("/v1/analyses", json=question)
    assert answer.status_code == 201, answer.text
    return answer.json()


def address_of(http: httpx.Client, parcel: str) -> str:
    return analyze(http, parcel_id=parcel)["parcel"]["address"]


def test_health_and_readiness(http: httpx.Client) -> None:
    assert http.get("/healthz").json()["status"] == "ok"
    assert http.get("/readyz").json()["status"] == "ready"


def test_openapi_lists_the_operations(http: httpx.Client) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    expected = {"/v1/analyses", "/v1/analyses/{analysis}", "/v1/ask", "/v1/search", "/v1/municipalities"}
    assert expected | {"/v1/documents", "/v1/parcels"} <= set(paths)
    assert http.get("/docs").status_code == 200


def test_municipalities_count_what_was_ingested(http: httpx.Client) -> None:
    towns = {town["name"]: town for town in http.get("/v1/municipalities").json()["municipalities"]}
    assert towns[TOWN]["documents"] == 1
    assert towns[TOWN]["chunks"] > 5
    assert towns[TOWN]["parcels"] > 5
    assert towns[TOWN]["indexed_at"] >= towns[TOWN]["retrieved_at"]


def test_what_was_read_of_a_code_is_counted_until_it_changes(http: httpx.Client) -> None:
    town = "Countville, OH"
    files = {"file": ("code.md", (EXAMPLE / "ordinance.md").read_bytes())}
    assert http.post("/v1/documents", files=files, data={"municipality": town}).status_code == 200
    path = f"/v1/municipalities/{town}"
    assert http.get(path).json()["coverage"] is None
    districts = http.get(f"{path}/districts").json()["districts"]
    coverage, quality = (http.get(path).json()[name] for name in ("coverage", "quality"))
    assert (coverage["districts"], coverage["districts_read"]) == (len(districts), len(districts))
    assert coverage["stated"] + coverage["conflicting"] + coverage["delegated"] == sum(
        district["standards"] for district in districts
    )
    assert quality["verified"] >= coverage["stated"]
    assert quality["verified_share"] == 1.0
    changed = {"file": ("more.md", b"# More\n\n## Section 1. Yards\n\nA yard is ten feet.\n")}
    assert http.post("/v1/documents", files=changed, data={"municipality": town}).status_code == 200
    assert http.get(path).json()["coverage"] is None
    assert http.get("/v1/municipalities/Nowhere, OH").json()["type"] == "/errors#unknown-municipality"


def test_a_map_lies_where_its_parcel_does(http: httpx.Client) -> None:
    report = http.post("/v1/analyses", json={"parcel_id": first_parcel(http)}).json()
    answer = http.get(f"/v1/analyses/{report['id']}/map.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["etag"]
    lot = answer.json()["features"][0]
    corners = {tuple(round(number, 6) for number in point) for point in lot["geometry"]["coordinates"][0]}
    given = report["parcel"]["geometry"]["coordinates"][0]
    assert corners == {tuple(round(number, 6) for number in point) for point in given}


def test_every_shown_quote_stands_in_the_text(http: httpx.Client) -> None:
    districts = http.get(f"/v1/municipalities/{TOWN}/districts").json()["districts"]
    assert len(districts) >= 4
    shown = 0
    for district in districts:
        path = f"/v1/municipalities/{TOWN}/districts/{district['code']}/standards"
        for standard in http.get(path).json()["standards"]:
            if standard["citation"]:
                citation = standard["citation"]
                assert citation["end"] - citation["start"] == len(citation["quote"])
                shown += 1
    assert shown > 20


def test_an_analysis_is_kept_and_never_changes(http: httpx.Client) -> None:
    answer = http.post("/v1/analyses", json={"parcel_id": first_parcel(http)})
    report = answer.json()
    assert answer.headers["location"] == f"/v1/analyses/{report['id']}"
    assert http.get(answer.headers["location"]).json() == report
    assert {"parcel", "district", "standards", "envelope", "yield", "verdict"} <= set(report)
    assert {"assumptions", "timings_ms", "bundle"} <= set(report)
    assert http.get(f"/v1/analyses/{report['id']}/drawing.svg").text.startswith("<svg")


def first_parcel(http: httpx.Client) -> str:
    features = json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]
    properties = {name.lower(): value for name, value in features[0]["properties"].items()}
    return str(properties.get("id") or properties.get("parcel_id"))


def test_an_address_finds_its_parcel_however_it_is_typed(http: httpx.Client) -> None:
    parcel = first_parcel(http)
    address = address_of(http, parcel)
    typed = f"  {address.upper()}\u200b "
    assert analyze(http, address=typed)["parcel"]["id"] == parcel


def test_stages_are_streamed_before_the_result(http: httpx.Client) -> None:
    headers = {"Accept": "text/event-stream"}
    body = {"parcel_id": first_parcel(http)}
    with http.stream("POST", "/v1/analyses", json=body, headers=headers) as answer:
        names = [line[7:] for line in answer.iter_lines() if line.startswith("event: ")]
    assert names == ["stage", "stage", "stage", "stage", "result"]


def test_search_finds_the_words_and_their_place(http: httpx.Client) -> None:
    answer = http.post("/v1/search", json={"query": "rear yard", "municipality": TOWN, "k": 5}).json()
    assert 1 <= len(answer["results"]) <= 5
    best = answer["results"][0]
    assert best["end"] - best["start"] == len(best["text"])
    scores = [result["score"] for result in answer["results"]]
    assert scores == sorted(scores, reverse=True)


def test_ask_answers_in_quotes_or_refuses(http: httpx.Client) -> None:
    question = {"question": "How many parking spaces does a dwelling need?", "municipality": TOWN}
    answer = http.post("/v1/ask", json=question).json()
    assert not answer["refused"]
    assert answer["quotes"]
    nonsense = {"question": "What is the boiling point of tungsten?", "municipality": TOWN}
    assert http.post("/v1/ask", json=nonsense).json()["refused"]


def test_ingesting_the_same_bytes_twice_changes_nothing(http: httpx.Client) -> None:
    files = {"file": ("ordinance.md", (EXAMPLE / "ordinance.md").read_bytes())}
    answer = http.post("/v1/documents", files=files, data={"municipality": TOWN}).json()
    assert answer["changed"] is False
    files = {"file": ("parcels.geojson", (EXAMPLE / "parcels.geojson").read_bytes())}
    answer = http.post("/v1/parcels", files=files, data={"municipality": TOWN}).json()
    assert (answer["added"], answer["replaced"]) == (0, 0)


@pytest.mark.parametrize(
    ("path", "body", "status", "error", "field"),
    [
        ("/v1/analyses", {"address": "999999 Nowhere Road"}, 404, "unknown-address", "address"),
        ("/v1/analyses", {"parcel_id": "no such"}, 404, "unknown-parcel", "parcel_id"),
        ("/v1/analyses", {}, 422, "invalid-request", "address"),
        ("/v1/analyses", {"adress": "1 Main"}, 422, "invalid-request", "adress"),
        ("/v1/search", {"query": "x", "k": 1000}, 422, "invalid-request", "k"),
        (
            "/v1/search",
            {"query": "x", "municipality": "Larkfeild, OH"},
            404,
            "unknown-municipality",
            "municipality",
        ),
        ("/v1/ask", {"question": ""}, 422, "invalid-request", "question"),
        ("/v1/ask", {"question": ["how tall"]}, 422, "invalid-request", "question"),
        ("/v1/search", {"query": 5}, 422, "invalid-request", "query"),
        ("/v1/analyses", {"address": "1" * 10_000}, 422, "invalid-request", "address"),
        ("/v1/analyses", {"address": "12 Elm\0 St"}, 422, "invalid-request", "address"),
        ("/v1/analyses", {"address": "\ud800 Elm St"}, 422, "invalid-request", "address"),
        (
            "/v1/analyses",
            {"address": "12 Elm St", "municipality": "\0"},
            422,
            "invalid-request",
            "municipality",
        ),
        ("/v1/analyses", {"address": "'; DROP TABLE parcels;--"}, 404, "unknown-address", "address"),
        ("/v1/analyses", ["12 Elm St"], 422, "invalid-request", "body"),
    ],
)
def test_bad_requests_get_problems_that_name_the_field(
    http: httpx.Client, path: str, body: object, status: int, error: str, field: str
) -> None:
    answer = http.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"/errors#{error}"
    assert problem["field"] == field
    assert problem["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("content", [b'{"address":', b'{"address": "\xff"}', b"[" * 100_000, b"address=12"])
def test_a_body_that_is_no_json_is_told_so(http: httpx.Client, content: bytes) -> None:
    answer = http.post("/v1/analyses", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


@pytest.mark.parametrize("path", ["/v1/municipalities/%00/districts", "/v1/analyses/%00", "/towns/%00"])
def test_a_path_with_a_nul_is_refused(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code in (422, 400)  # 400 is a proxy's, before the gateway sees it


def test_an_unknown_district_says_which_there_are(http: httpx.Client) -> None:
    answer = http.get(f"/v1/municipalities/{TOWN}/districts/ZZ-9/standards")
    assert answer.status_code == 404
    assert answer.json()["field"] == "district"
    assert "defines" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("binary.txt", bytes(range(256)) * 64),
        ("broken.pdf", b"%PDF-1.7\n%broken"),
        ("broken.json", b'{"sections": ['),
    ],
)
def test_unreadable_documents_are_refused_and_leave_nothing(
    http: httpx.Client, name: str, content: bytes
) -> None:
    before = http.get("/v1/municipalities").json()
    answer = http.post("/v1/documents", files={"file": (name, content)}, data={"municipality": TOWN})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/errors#unreadable-document"
    assert name in answer.json()["detail"]
    assert http.get("/v1/municipalities").json() == before


def test_a_self_crossing_parcel_is_refused_and_nothing_imported(http: httpx.Client) -> None:
    bow = [[-82.0, 40.0], [-81.999, 40.001], [-81.999, 40.0], [-82.0, 40.001], [-82.0, 40.0]]
    good = [[-82.0, 40.0], [-81.999, 40.0], [-81.999, 40.001], [-82.0, 40.001], [-82.0, 40.0]]
    features = [
        {"type": "Feature", "properties": {"id": name, "address": f"{name} Bow Street"},
         "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in (("1", good), ("2", bow))
    ]  # fmt: skip
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    answer = http.post(
        "/v1/parcels", files={"file": ("bow.geojson", content)}, data={"municipality": "Bowtown, OH"}
    )
    assert answer.status_code == 422
    assert answer.json()["type"] == "/errors#invalid-parcel"
    towns = [town["name"] for town in http.get("/v1/municipalities").json()["municipalities"]]
    assert "Bowtown, OH" not in towns


def test_metrics_count_requests_by_route(http: httpx.Client) -> None:
    http.get("/v1/municipalities")
    exposed = http.get("/metrics").text
    assert 'plotlot_http_requests_total{method="GET",route="/v1/municipalities",status="200"}' in exposed


def test_a_sent_request_id_comes_back(http: httpx.Client) -> None:
    assert http.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert http.get("/healthz", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"
