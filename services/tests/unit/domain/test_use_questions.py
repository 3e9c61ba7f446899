import pytest

from plotlot.domain.use_questions import lists_uses, subjects_of, use_asked, use_of_row


@pytest.mark.parametrize(
    ("question", "use"),
    [
        ("Can I run a bakery in R-1?", "bakery"),
        ("Is a restaurant permitted in V-C?", "restaurant"),
        ("are hotels allowed anywhere", "hotels"),
        ("duplex in old town residential ok?", "duplex"),
        ("which districts allow townhomes", "townhomes"),
        ("How tall may a fence be?", ""),
        ("Is it allowed?", ""),
    ],
)
def test_the_use_asked_for_stands_without_its_place(question: str, use: str) -> None:
    assert use_asked(question) == use


def test_what_needs_something_and_what_is_counted_are_subjects() -> None:
    assert subjects_of("How many parking spaces does a marina need?") == ["marina", "parking spaces"]
    assert subjects_of("How many lobsters may I catch?") == ["lobsters"]
    assert subjects_of("How many clerks from elsewhere may a home shop employ?") == ["clerks"]
    assert subjects_of("How many cords of wood may I keep?") == ["cords of wood"]


@pytest.mark.parametrize(
    ("row", "use"),
    [
        ("| Restaurant | | | | P | C | |", "Restaurant"),
        ("| Use | R-1 | R-2 |", ""),
        ("| Front yard (ft.) | 25 | 20 | 25 |", ""),
        ("| Church | 1 per 4 seats |", ""),
    ],
)
def test_a_row_of_uses_has_marks_alone(row: str, use: str) -> None:
    assert use_of_row(row) == use


def test_lists_of_uses_are_known_by_their_heading() -> None:
    assert lists_uses("2. Permitted uses: churches; parks")
    assert not lists_uses("A fence shall be used to screen the yard.")
