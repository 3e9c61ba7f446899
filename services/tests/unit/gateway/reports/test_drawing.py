import re
from xml.etree import ElementTree

import pytest
from unit.domain.lot_shapes import (
    EAST_STREET,
    FLAG,
    RECTANGLE,
    SOUTH_STREET,
    TRIANGLE,
    XY,
    lot,
    pie,
    standard,
)

from plotlot.domain.envelope import envelope_of
from plotlot.gateway.reports.drawing import lot_svg, overlap

YARDS = [standard("front_setback", 25), standard("side_setback", 8), standard("rear_setback", 30)]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(points: list[XY], **options: str) -> ElementTree.Element:
    found = lot(points, SOUTH_STREET)
    return ElementTree.fromstring(lot_svg(found, envelope_of(found, YARDS), **options))


def texts(svg: ElementTree.Element, kind: str) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{SVG}text") if each.get("class") == kind]


def test_edges_setbacks_and_area_are_labelled() -> None:
    svg = drawn(RECTANGLE)
    assert set(texts(svg, "lot-edge-label")) == {
        "Front on Elm St · 60 ft",
        "Rear · 60 ft",
        "Side · 120 ft",
    }
    assert sorted(texts(svg, "lot-setback")) == ["25 ft", "30 ft", "8 ft", "8 ft"]
    assert "Buildable 2,860 sq ft" in texts(svg, "lot-key")


def test_drawing_is_to_scale() -> None:
    svg = drawn(RECTANGLE)
    numbers = [
        [float(n) for n in re.findall(r"-?\d+\.\d", path.get("d", ""))]
        for kind in ("lot-outline", "lot-envelope")
        for path in svg.iter(f"{SVG}path")
        if path.get("class") == kind
    ]
    outline, envelope = ((max(n[::2]) - min(n[::2]), max(n[1::2]) - min(n[1::2])) for n in numbers)
    assert outline[1] / outline[0] == pytest.approx(2, rel=0.01)
    assert envelope[0] / outline[0] == pytest.approx(44 / 60, rel=0.01)
    assert envelope[1] / outline[1] == pytest.approx(65 / 120, rel=0.01)


def test_it_can_be_read_without_being_seen() -> None:
    svg = drawn(RECTANGLE, title="12 Elm St <Larkfield>")
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == "12 Elm St <Larkfield>"
    words = svg.findtext(f"{SVG}desc") or ""
    assert "Interior lot of 7,200 square feet" in words
    assert "Setbacks: front 25 feet" in words


def test_no_style_element_and_no_script() -> None:
    tags = {each.tag.removeprefix(SVG) for each in drawn(RECTANGLE).iter()}
    assert tags <= {"svg", "title", "desc", "path", "text", "rect", "g"}


@pytest.mark.parametrize("points", [RECTANGLE, FLAG, TRIANGLE, pie()], ids=["box", "flag", "tri", "pie"])
def test_every_mark_lies_on_the_sheet(points: list[XY]) -> None:
    svg = drawn(points)
    _, _, width, height = (float(n) for n in svg.get("viewBox", "").split())
    for each in svg.iter(f"{SVG}text"):
        assert 0 <= float(each.get("x", "-1")) <= width
        assert 0 <= float(each.get("y", "-1")) <= height


def test_unknown_setbacks_do_not_call_the_whole_lot_buildable() -> None:
    found = lot(RECTANGLE, SOUTH_STREET)
    for svg in (lot_svg(found, envelope_of(found, [])), lot_svg(found)):
        assert "lot-envelope" not in re.findall(r'class="([^"]+)"', svg)
        assert "Setbacks not known" in svg


def test_names_of_streets_are_escaped() -> None:
    found = lot(RECTANGLE, (SOUTH_STREET[0], "<b>&"), EAST_STREET)
    assert "<b>" not in lot_svg(found, envelope_of(found, YARDS))


def test_labels_have_room_where_no_other_is() -> None:
    square = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    turned = ((15.0, 3.0), (17.0, 5.0), (15.0, 7.0), (13.0, 5.0))
    beside = ((13.0, 8.0), (18.0, 13.0), (13.0, 18.0), (8.0, 13.0))  # its box meets the square, it does not
    within = ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0))
    assert [overlap(square, other) for other in (square, turned, beside, within)] == [
        True,
        False,
        False,
        True,
    ]
