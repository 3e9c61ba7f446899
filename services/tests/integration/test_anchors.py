"""What a publisher calls a section goes with every citation, and leads readers to the section's own page."""

import json
from collections.abc import Iterator

import httpx
import pytest
from integration.conftest import ELSEWHERE, one_process

pytestmark = pytest.mark.skipif(bool(ELSEWHERE), reason="ingests a town of its own")

TOWN = "Northmere, QX"
YARDS = "https://library.municode.com/qx/northmere/codes/code_of_ordinances?nodeId=CH30_S30-2YA"
EXPORT = [
    {
        "title": "Sec. 30-1. Districts",
        "id": "CH30_S30-1DI",
        "text": "The town is divided into the following zoning districts:\n\nR-1 Single-Family Residential District\n"
        "R-2 Two-Family Residential District\n",
    },
    {
        "title": "Sec. 30-2. R-1 Single-Family Residential District",
        "id": "CH30_S30-2YA",
        "url": YARDS,
        "text": "(a) Yards.\n\n(1) The minimum front yard shall be 30 feet.\n",
    },
    {"title": "Sec. 30-3. Fences", "text": "A fence on a corner lot shall be at most three feet high."},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The REST API of a PlotLot that holds the town's export."""
    with one_process(tmp_path_factory.mktemp("anchors")) as stack, stack.client() as opened:
        sent = opened.post(
            "/v1/documents",
            files={"file": ("code.json", json.dumps(EXPORT).encode())},
            data={"municipality": TOWN},
        )
        assert sent.status_code == 200, sent.text
        yield opened


def test_a_citation_leads_to_the_innermost_section_that_its_publisher_shows(client: httpx.Client) -> None:
    found = client.get(f"/v1/municipalities/{TOWN}/districts/R-1/standards").json()
    (front,) = [one for one in found["standards"] if one["field"] == "front_setback"]
    assert front["citation"]["section"].endswith("(a) > (1)")
    assert front["citation"]["anchor"] == YARDS


def test_results_and_quotes_carry_addresses_ids_or_nothing(client: httpx.Client) -> None:
    asked = {"query": "districts yard fence", "municipality": TOWN}
    results = client.post("/v1/search", json=asked).json()["results"]
    anchors = {one["section"].split(" > ")[0][:9]: one["anchor"] for one in results}
    assert anchors == {"Sec. 30-1": "CH30_S30-1DI", "Sec. 30-2": YARDS, "Sec. 30-3": ""}
    answer = client.post("/v1/ask", json={"question": "front yard in R-1?", "municipality": TOWN}).json()
    assert [one["anchor"] for one in answer["quotes"]] == [YARDS]


def test_a_page_links_an_address_and_no_id(client: httpx.Client) -> None:
    page = client.get("/ask", params={"question": "front yard in R-1?", "municipality": TOWN}).text
    assert f'href="{YARDS}"' in page
    fences = client.get("/ask", params={"question": "how high may a fence be?", "municipality": TOWN}).text
    assert "three feet high" in fences
    assert "at its publisher" not in fences
