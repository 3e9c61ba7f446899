import pytest

from plotlot.domain.contradictions import Statement, contradict, measures

FENCE = "A fence in a front yard shall not exceed forty-two (42) inches in height."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FENCE, "The height of a fence in a front yard is limited to four (4) feet."),
        (
            "A permit shall be decided within fifteen (15) business days of a complete application.",
            "Every complete application for a permit shall be decided within twenty (20) business days.",
        ),
        (
            "A parking space shall be nine (9) feet wide and eighteen (18) feet long.",
            "The stalls of a parking lot shall be nine (9) feet wide and twenty (20) feet long.",
        ),
    ],
)
def test_statements_of_one_thing_with_other_measures_contradict(one: str, other: str) -> None:
    assert contradict(Statement(one), Statement(other))
    assert contradict(Statement(other), Statement(one))


@pytest.mark.parametrize(
    "other",
    [
        "A fence in a front yard shall not exceed three and one-half (3 1/2) feet in height.",
        "A fence in a front yard shall be made of wood, stone or iron.",
        "A fence in a front yard of a corner lot shall not exceed three (3) feet in height.",
        "A fence in a rear yard shall not exceed six (6) feet in height.",
        "A sign on a shop shall not exceed ten (10) feet in height.",
        "A permit for a fence in a front yard is decided within ten (10) days.",
    ],
)
def test_the_same_measure_another_case_and_another_thing_do_not(other: str) -> None:
    assert not contradict(Statement(FENCE), Statement(other))


def test_measures_have_one_unit_for_each_kind() -> None:
    assert measures("42 inches within ten (10) days, 1.75 parking spaces per dwelling unit") == {
        ("ft", 3.5),
        ("day", 10.0),
        ("spaces", 1.75),
    }


@pytest.mark.parametrize(
    ("one", "other", "sections"),
    [
        ("| Office | 1 per 300 square feet |", "| Warehouse | 1 per 1,500 square feet |", ("5.1", "5.1")),
        (
            "A porch may stand up to eight (8) feet within the front setback.",
            "A building shall have a front setback of at least 25 feet.",
            ("3.5", "3.5"),
        ),
        (
            "The front setback shall be at least 20 feet.",
            "The front setback shall be at least 30 feet.",
            ("2.1 R-1 District", "2.2 R-2 District"),
        ),
    ],
)
def test_rows_neighbours_and_districts_that_differ_do_not(
    one: str, other: str, sections: tuple[str, str]
) -> None:
    assert not contradict(Statement(one, sections[0]), Statement(other, sections[1]))


def test_sections_of_one_district_may_contradict() -> None:
    one = Statement("The front setback shall be at least 20 feet.", "2.1 R-1 District")
    other = Statement("The front setback shall be at least 30 feet.", "4.3 Yards in the R-1 District")
    assert contradict(one, other)
