import pytest

from plotlot.domain.contradictions import Statement, contradict, dimension, measures
from plotlot.domain.quantities import parse

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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("An approved site plan expires after one year unless construction has begun.", "Site plans"),
            (
                "A site plan shall become void if construction is not begun within eighteen (18) months.",
                "Expiration",
            ),
        ),
        (
            ("An appeal shall be taken within thirty days of the decision of the administrator.", "Appeals"),
            (
                "Appeals from a decision of the administrator must be filed within twenty (20) days of it.",
                "Board",
            ),
        ),
        (
            ("The fee for a zoning permit is fifty dollars ($50).", "Fees"),
            ("Zoning permit fee: $75.00", "Schedule of fees"),
        ),
        (
            ("The planning board shall consist of five members.", "Planning board"),
            ("The planning board has seven (7) members appointed by the selectmen.", "Boards"),
        ),
        (
            ("Driveways shall be at least 12 feet wide.", "Access"),
            ("The width of a driveway shall not be less than ten (10) feet.", "Streets and driveways"),
        ),
    ],
)
def test_times_fees_members_and_lengths_of_one_thing_contradict(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert contradict(Statement(*one), Statement(*other))
    assert contradict(Statement(*other), Statement(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A dock may be six feet wide.", "A dock may extend fifty feet into the lake."),
        (
            "The planning board shall consist of five members.",
            "Three members of the planning board are a quorum.",
        ),
        (
            "Construction shall begin within one year of the permit.",
            "Construction shall be completed within two years of the permit.",
        ),
        ("Driveways shall be at least 12 feet wide.", "Driveways shall not be wider than twenty-four feet."),
        ("The fee for a zoning permit is $50.", "The fee for a variance is $150."),
        ("(a) A horse needs a lot of two acres.", "(b) A horse and its foal need a lot of three acres."),
    ],
)
def test_other_dimensions_steps_and_bounds_do_not(one: str, other: str) -> None:
    assert not contradict(Statement(one, "Rules"), Statement(other, "Rules"))


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("a fence six feet in height", "height"),
        ("the height of a fence in a front yard is limited to six feet", "height"),
        ("six feet from a lot line", "distance"),
        ("six feet", ""),
    ],
)
def test_the_dimension_of_a_length_is_told_by_the_words_around_it(text: str, way: str) -> None:
    quantity = parse(text)
    assert quantity is not None
    assert dimension(text, quantity) == way


def test_years_are_months_and_weeks_are_days() -> None:
    assert measures("two years, then two weeks") == {("month", 24.0), ("day", 14.0)}
