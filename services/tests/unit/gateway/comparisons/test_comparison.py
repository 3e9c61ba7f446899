"""Lots side by side: what differs, what is drawn, and what the page and REST show of it."""

import re
from typing import Any

import httpx
import pytest
from fake_gateway import ADDRESS, TOWN, KeptAnalyses, TownClients, fake_app, square

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.parcels import Parcel
from plotlot.gateway.comparisons.comparing import at_most_four
from plotlot.gateway.comparisons.comparison import comparison_of
from plotlot.gateway.comparisons.drawing import drawings_of

HOSTILE = '<b>&"x'
KNOWN = {
    "wide": Parcel("p-2", TOWN, "8 Elm Street", "R-2", square(240, 200), None, {"front_bearing": "180"}),
    "bare": Parcel("p-3", TOWN, HOSTILE, "", None, None, {"lot_area_sqft": "9000"}),
    "sized": Parcel("p-4", TOWN, "", "R-2", None, None, {"lot_width_ft": "50", "lot_depth_ft": "100"}),
}


class Site:
    """A gateway whose analyses are kept, and a client of it."""

    def __init__(self) -> None:
        self.kept = KeptAnalyses()
        transport = httpx.ASGITransport(fake_app(TownClients(KNOWN), self.kept), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def analyze(self, *addresses: str) -> list[str]:
        found = [await self.client.post("/v1/analyses", json={"address": each}) for each in addresses]
        return [each.json()["id"] for each in found]

    async def reports(self, *addresses: str) -> list[dict[str, Any]]:
        return [self.kept.kept[each][0] for each in await self.analyze(*addresses)]


async def test_lots_differ_where_what_is_shown_of_them_does() -> None:
    found = comparison_of(await Site().reports(ADDRESS, "wide"))
    rows = {row.name: row for row in found.rows}
    assert rows["units"].words == ("2 units", "2 units")
    assert not rows["units"].differs
    assert rows["lot_area_sqft"].differs
    assert not rows["district"].differs
    assert not any(row.differs for _, rows_of in found.groups for row in rows_of)
    (row,) = [row for _, rows_of in found.groups for row in rows_of if row.field == "max_height"]
    assert [standard["value"] for cell in row.standards for standard in cell] == [35, 35]
    assert "max_far" not in {row.field for _, rows_of in found.groups for row in rows_of}


async def test_standards_differ_by_value_by_case_and_where_one_is_missing() -> None:
    site = Site()
    one, other, bare = await site.reports(ADDRESS, "wide", "bare")
    height = next(each for each in other["standards"] if each["field"] == "max_height")
    height["conditions"] = {"lot": "corner"}
    differing = {row.field for _, rows in comparison_of([one, other]).groups for row in rows if row.differs}
    assert differing == {"max_height"}
    found = comparison_of([one, bare])
    assert all(row.differs for _, rows in found.groups for row in rows)
    assert [row.words[1] for row in found.rows if row.name == "district"] == ["Not known"]


async def test_drawings_are_of_one_scale_and_size() -> None:
    reports = await Site().reports(ADDRESS, "wide", "sized", "bare")
    *drawn, missing = drawings_of(reports, ["a", "b", "c", "d"])
    assert missing == ""
    assert len({re.search(r'viewBox="[^"]+"', svg)[0] for svg in drawn}) == 1  # type: ignore[index]
    widths = [outline_width(svg) for svg in drawn]
    assert widths[1] / widths[0] == pytest.approx(240 / 80, rel=0.01)
    assert widths[2] / widths[0] == pytest.approx(50 / 80, rel=0.01)
    assert all(svg.count("<path") == 4 for svg in drawn)


def outline_width(svg: str) -> float:
    """How wide a lot is drawn, in pixels."""
    across = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", re.findall(r' d="([^"]+)"', svg)[0])]
    return max(across) - min(across)


async def test_the_page_shows_lots_marks_differences_and_reaches_quotes() -> None:
    site = Site()
    ids = await site.analyze(ADDRESS, "wide", "bare")
    page = await site.client.get("/compare", params={"id": ids})
    assert page.status_code == 200
    html = page.text
    assert html.count("<svg") == 2
    assert '<span class="tag quiet">differs</span>' in html
    assert "Buildings shall" in html.replace("No building shall", "Buildings shall")
    assert "&lt;b&gt;&amp;&#34;x" in html
    assert HOSTILE not in html
    assert f'href="/compare?id={ids[1]}&amp;id={ids[2]}"' in html


async def test_a_lot_is_added_without_a_script() -> None:
    site = Site()
    (first,) = await site.analyze(ADDRESS)
    added = await site.client.get("/compare/add", params={"id": first, "address": "wide"})
    assert added.status_code == 303
    assert added.headers["location"].startswith(f"/compare?id={first}&id=an-")
    empty = (await site.client.get("/compare")).text
    assert 'action="/compare/add"' in empty
    wrong = await site.client.get("/compare/add", params={"id": first, "address": "nowhere"})
    assert wrong.status_code == 404
    assert f'href="/compare/add?id={first}&amp;address={ADDRESS.replace(" ", "+")}"' in wrong.text
    assert f'<input type="hidden" name="id" value="{first}">' in wrong.text
    assert 'name="address" value="nowhere"' in wrong.text


async def test_rest_has_the_same_and_refuses_more_than_four() -> None:
    site = Site()
    ids = await site.analyze(ADDRESS, "wide")
    found = (await site.client.get("/v1/comparisons", params={"id": [*ids, ids[0]]})).json()
    assert [each["id"] for each in found["analyses"]] == ids
    measures = {each["name"]: each for each in found["measures"]}
    assert (measures["units"]["values"], measures["units"]["differs"]) == ([[2, 2], [2, 2]], False)
    assert measures["lot_width_ft"]["words"] == ["80.5 ft", "241.4 ft"]
    cell = next(each for each in found["standards"] if each["field"] == "max_height")["values"][0]
    assert cell[0]["quote"] == "No building shall exceed 35 feet or 2 1/2 stories."
    for wrong in ([], ["a", "b", "c", "d", "e"]):
        assert (await site.client.get("/v1/comparisons", params={"id": wrong})).status_code == 422
    unknown = await site.client.get("/v1/comparisons", params={"id": "an-0"})
    assert unknown.json()["type"] == "/errors#unknown-analysis"


def test_a_fifth_lot_is_refused_before_it_is_analysed() -> None:
    with pytest.raises(InvalidRequest):
        at_most_four(["a", "b", "c", "d", ""])
    assert at_most_four(["a", "b", "a"]) == ["a", "b"]
