import pytest

from plotlot.domain.contradictions import contradict, measures

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
    assert contradict(one, other)
    assert contradict(other, one)


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
    assert not contradict(FENCE, other)


def test_measures_have_one_unit_for_each_kind() -> None:
    assert measures("42 inches within ten (10) days, 1.75 parking spaces per dwelling unit") == {
        ("ft", 3.5),
        ("day", 10.0),
        ("spaces", 1.75),
    }
