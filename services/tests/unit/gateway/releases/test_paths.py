"""The chart of a guardrail's evidence."""

import math
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from plotlot.gateway.releases.paths import HEIGHT, WIDTH, Chart, Point, paths_svg

SVG = "{http://www.w3.org/2000/svg}"
HARM, FINE = math.log(120), math.log(20)
any_log_e = st.floats(-1e4, 1e4)


def chart(points: list[Point], **more: object) -> Chart:
    return Chart(points, HARM, FINE, title="Citations", description="both e-values", **more)  # type: ignore[arg-type]


def test_each_threshold_is_drawn_at_its_value_and_named() -> None:
    drawn = chart([Point(0, 0, 0), Point(10, HARM, FINE)])
    svg = paths_svg(drawn)
    assert "worse: goes back at 120" in svg
    assert "within its margin at 20" in svg
    ends = [
        (float(dot.get("cx", "")), float(dot.get("cy", "")))
        for dot in ElementTree.fromstring(svg).iter(f"{SVG}circle")
    ]
    assert [y for _, y in ends] == [round(drawn.y(FINE), 1), round(drawn.y(HARM), 1)]


def test_stages_are_named_where_they_began_as_far_as_there_is_room() -> None:
    points = [Point(0, 0, 0), Point(480, 1, 1)]
    svg = paths_svg(chart(points, marks=((0, "shadow"), (160, "5%"), (170, "25%"), (320, "50%"))))
    assert ">shadow<" in svg
    assert ">5%<" in svg
    assert ">25%<" not in svg
    assert ">50%<" in svg
    assert ">8 minutes<" in svg
    assert ">8 minutes<" not in paths_svg(chart(points, marks=((450, "100%"), (400, "50%"))))


def test_the_scale_is_logarithmic() -> None:
    drawn = chart([Point(0, 0, 0)])
    steps = [drawn.y(math.log(10) * power) for power in range(3)]
    assert math.isclose(steps[0] - steps[1], steps[1] - steps[2])
    assert steps[0] > steps[1]


@given(st.lists(st.tuples(st.floats(0, 1e6), any_log_e, any_log_e), max_size=30))
def test_every_mark_lies_on_the_sheet(values: list[tuple[float, float, float]]) -> None:
    points = [Point(*value) for value in sorted(values)]
    root = ElementTree.fromstring(paths_svg(chart(points, marks=((0, "shadow"), (5, "5%"), (1e9, "25%")))))
    for dot in root.iter(f"{SVG}circle"):
        assert 0 <= float(dot.get("cx", "")) <= WIDTH
        assert 0 <= float(dot.get("cy", "")) <= HEIGHT
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", "")) <= WIDTH
        assert 0 <= float(text.get("y", "")) <= HEIGHT


def test_it_can_be_read_without_being_seen() -> None:
    root = ElementTree.fromstring(paths_svg(chart([Point(0, 0, 0)])))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Citations"
    assert root.findtext(f"{SVG}desc") == "both e-values"


def test_no_style_no_script_and_names_are_escaped() -> None:
    svg = paths_svg(Chart([], HARM, FINE, ((0.0, "<script>"),), title="<script>", description="<b>"))
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "style" not in svg
