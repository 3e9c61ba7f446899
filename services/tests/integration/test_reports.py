"""Reports on a running PlotLot: facts that readers state, remarks with what was shown, links, and what changed since."""

import re
import time

import httpx
import pypdfium2
from integration.conftest import EXAMPLE, TOWN, Stack

ADDRESS = "100 S Main Street"
QUESTION = {"address": ADDRESS, "municipality": TOWN}


def analysis(http: httpx.Client, **asked: object) -> dict:
    """An analysis of the lot."""
    answer = http.post("/v1/analyses", json={**QUESTION, **asked})
    assert answer.status_code == 201, answer.text
    found: dict = answer.json()
    return found


def test_answers_by_other_facts_are_never_one_another(http: httpx.Client) -> None:
    plain = analysis(http)
    larger, again = (analysis(http, facts={"lot_area_sqft": 60000}) for _ in range(2))
    corner = analysis(http, facts={"lot_kind": "corner"})
    rerun = analysis(http, facts={"lot_kind": "corner"}, rerun_of=plain["id"])
    assert larger["id"] == again["id"], "the same question by the same facts is kept"
    assert len({each["id"] for each in (plain, larger, corner, rerun)}) == 4
    assert larger["yield"]["units_high"] > plain["yield"]["units_high"]
    assert corner["envelope"]["area_sqft"] < plain["envelope"]["area_sqft"]
    assert rerun["rerun_of"] == plain["id"]
    assert {fact["origin"] for fact in plain["facts"].values()} <= {
        "boundary",
        "source",
        "assumed",
        "unknown",
    }
    assert any("as the reader states it" in remark for remark in larger["assumptions"])


def test_a_remark_at_a_value_is_kept_with_what_was_shown(http: httpx.Client) -> None:
    shown = analysis(http)
    place = next(n for n, each in enumerate(shown["standards"]) if each["field"] == "front_setback")
    comment = f"see Table 4 {time.time_ns()}"
    answer = http.post(
        f"/analyses/{shown['id']}/feedback",
        params={"place": f"standard-{place}", "field": "front_setback", "standard": place},
        data={"kind": "wrong_number", "expected": "27", "comment": comment},
    )
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"?thanks=standard-{place}#standard-{place}")
    assert "Thank you." in http.get(answer.headers["location"]).text
    remark = next(each for each in http.get("/v1/feedback").json()["feedback"] if each["comment"] == comment)
    assert (remark["analysis"], remark["bundle"]) == (shown["id"], shown["bundle"])
    assert remark["evidence"]["standards"] == [shown["standards"][place]]
    assert remark["gold_case"]["values"] == [{"field": "front_setback", "value": 27}]


def test_a_remark_on_a_district_is_kept_with_its_standard(http: httpx.Client) -> None:
    comment = f"see Table 4 {time.time_ns()}"
    answer = http.post(
        f"/towns/{TOWN}/R-3",
        params={"place": "standard-0", "field": "min_lot_area", "standard": 0},
        data={"kind": "wrong_section", "comment": comment},
    )
    assert answer.status_code == 303
    assert "Thank you." in http.get(answer.headers["location"]).text
    remark = next(each for each in http.get("/v1/feedback").json()["feedback"] if each["comment"] == comment)
    assert (remark["analysis"], remark["municipality"], remark["district"]) == (None, TOWN, "R-3")
    assert [each["field"] for each in remark["evidence"]["standards"]] == ["min_lot_area"]


def test_a_figure_that_is_no_standard_can_be_wrong_too(http: httpx.Client) -> None:
    shown = analysis(http)
    body = {"kind": "wrong_number", "analysis": shown["id"], "field": "lot_area", "expected": 33500}
    made = http.post("/v1/feedback", json=body).json()["id"]
    remark = next(each for each in http.get("/v1/feedback").json()["feedback"] if each["id"] == made)
    assert remark["evidence"]["figure"] == shown["parcel"]["lot"]["area_sqft"]
    assert remark["gold_case"] is None


def test_a_link_shows_the_report_until_it_is_taken_back(http: httpx.Client) -> None:
    shown = analysis(http)
    made = http.post(f"/v1/analyses/{shown['id']}/shares", json={"expires_in_days": 2})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    link = made.json()
    page = http.get(link["url"])
    assert page.status_code == 200
    assert "11 units" in page.text
    assert not re.search(r"<form|href=\"/(?!shared/|static/)", page.text), "it leads nowhere else"
    assert page.headers["referrer-policy"] == "no-referrer"
    listed = http.get(f"/v1/analyses/{shown['id']}/shares").json()["shares"]
    assert link["id"] in [each["id"] for each in listed]
    assert "url" not in str(listed)
    http.delete(f"/v1/analyses/{shown['id']}/shares/{link['id']}").raise_for_status()
    for path in (link["url"], f"{link['url']}/report.pdf", f"{link['url'][:-1]}x"):
        assert http.get(path).status_code == 404


def test_the_page_makes_a_link_and_takes_it_back(http: httpx.Client) -> None:
    path = f"/analyses/{analysis(http)['id']}/shares"
    made = http.post(path, data={"days": "7"}).text
    found = re.search(r'href="([^"]+/shared/[^"]+)"', made)
    assert found is not None
    assert http.get(found[1]).status_code == 200
    (revoke,) = re.findall(r'action="([^"]+/revoke)"', made)[:1]
    assert http.post(revoke).headers["location"] == path
    assert http.get(found[1]).status_code == 404
    assert http.post(path, data={"days": "for ever"}).status_code == 422


def test_a_report_is_a_pdf_too(http: httpx.Client) -> None:
    shown = analysis(http)
    answer = http.get(f"/v1/analyses/{shown['id']}/report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    assert "11 units" in text
    assert "In force from April 3, 2019" in text
    assert "Report an error" not in text
    assert "Analyse a lot" not in text


def test_a_replaced_code_is_seen_in_an_old_report(stack: Stack, http: httpx.Client) -> None:
    town = "Changefield, OH"
    text = (EXAMPLE / "ordinance.md").read_text()

    def ingest(content: str) -> None:
        sent = {"file": ("ordinance.md", content.encode())}
        http.post("/v1/documents", files=sent, data={"municipality": town}).raise_for_status()

    ingest(text)
    # Lots of its own: others ask this stack for the example's, and name no town.
    lots = (
        (EXAMPLE / "parcels.geojson")
        .read_text()
        .replace('"LK-', '"CF-')
        .replace('"address": "', '"address": "9')
    )
    parcels = {"file": ("parcels.geojson", lots.encode())}
    http.post("/v1/parcels", files=parcels, data={"municipality": town}).raise_for_status()
    old = analysis(http, address="9100 S Main Street", municipality=town)
    assert http.get(f"/v1/analyses/{old['id']}/changes").json()["same"]
    row = re.search(r"^\|?\s*Minimum lot area per dwelling unit.*$", text, re.MULTILINE)
    assert row is not None
    ingest(text.replace(row[0], row[0].replace("3,000", "6,000")))
    changes = http.get(f"/v1/analyses/{old['id']}/changes").json()
    assert [
        (each["field"], each["before"]["value"], each["after"]["value"]) for each in changes["standards"]
    ] == [("min_lot_area_per_unit", 3000, 6000)]
    assert {each["name"]: (each["before"], each["after"]) for each in changes["answer"]}["units_high"] == (
        11,
        5,
    )
    assert (
        changes["documents"][0]["before"]["document_sha256"]
        != changes["documents"][0]["after"]["document_sha256"]
    )
    assert "answers differently from this report" in http.get(f"/analyses/{old['id']}/changes").text
    assert http.get(f"/v1/analyses/{old['id']}").json() == old
