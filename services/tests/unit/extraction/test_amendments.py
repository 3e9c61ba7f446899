"""Codes in several editions, and with amendments: what is in force, what it replaced, and what nobody can tell."""

from unit.extraction.small_codes import DISTRICTS, read, stated, values

from plotlot.domain.standards import Status

BASE = (
    DISTRICTS
    + """\
## Sec. 2. R-1 Single-Family Residential District

The minimum front yard shall be 30 feet. The minimum side yard shall be 10 feet.
"""
)


def with_date(text: str, date: str) -> str:
    """The text with a line that says since when it is in force."""
    return text.replace("\n\n", f"\n\nEffective {date}.\n\n", 1)


def test_of_two_editions_the_later_stands_and_shows_what_it_replaced() -> None:
    before = with_date(BASE, "May 1, 2015")
    after = with_date(
        BASE.replace("30 feet", "25 feet").replace("Millbrook", "Millbrook amended"), "June 1, 2022"
    )
    after = after.replace("The minimum side yard shall be 10 feet.", "")
    (front,) = stated(read(before, after), "R-1", "front_setback")
    assert (front.value, front.status) == (25, Status.STATED)
    assert "2022-06-01" in front.note
    assert "30 ft" in front.note
    assert "2015-05-01" in front.note


def test_editions_without_dates_conflict() -> None:
    both = stated(
        read(BASE, BASE.replace("30 feet", "25 feet") + "\nWords of another edition.\n" * 60),
        "R-1",
        "front_setback",
    )
    assert {one.status for one in both} == {Status.CONFLICTING}
    assert {one.value for one in both} == {25, 30}


AMENDMENT = """\
# Ordinance No. 2022-14

An ordinance to amend the zoning code. Effective June 1, 2022.

Section 1. Sec. 2 of the zoning code is hereby amended by striking "30 feet" and inserting in lieu thereof "25 feet".
"""


def test_an_amendment_that_replaces_a_line_is_put_in_its_place() -> None:
    (front,) = stated(read(with_date(BASE, "May 1, 2015"), AMENDMENT), "R-1", "front_setback")
    assert (front.value, front.status) == (25, Status.STATED)
    assert front.citation is not None
    assert "inserting in lieu thereof" in front.citation.quote
    assert "30 feet" in front.note
    assert "2022-06-01" in front.note


def test_an_amendment_without_a_date_leaves_both_to_be_looked_at() -> None:
    undated = AMENDMENT.replace(" Effective June 1, 2022.", "")
    both = stated(read(BASE, undated), "R-1", "front_setback")
    assert {one.status for one in both} == {Status.CONFLICTING}
    assert {one.value for one in both} == {25, 30}


ANEW = """\
# Ordinance No. 2022-14

An ordinance to amend the zoning code. Effective June 1, 2022.

Section 1. Sec. 2 of the zoning code is hereby amended to read as follows:

The minimum front yard shall be 25 feet. The minimum rear yard shall be 40 feet. The minimum side yard shall be 10 feet.

Section 2. This ordinance shall take effect upon its publication.
"""


def test_a_section_that_an_amendment_words_anew_is_read_where_the_old_one_stood() -> None:
    reading = read(with_date(BASE, "May 1, 2015"), ANEW)
    (front,) = stated(reading, "R-1", "front_setback")
    assert (front.value, front.status) == (25, Status.STATED)
    assert front.citation is not None
    assert "25 feet" in front.citation.quote
    assert "30 feet" in front.note
    assert "2022-06-01" in front.note
    assert values(reading, "R-1", "rear_setback") == [(40, {})]
    assert values(reading, "R-1", "side_setback") == [(10, {})]
    assert values(reading, "R-2", "front_setback") == [(None, {})]
    assert values(reading, "R-2", "rear_setback") == [(None, {})]


def test_a_section_worded_anew_without_a_date_leaves_both_to_be_looked_at() -> None:
    reading = read(BASE, ANEW.replace(" Effective June 1, 2022.", ""))
    both = stated(reading, "R-1", "front_setback")
    assert {(one.value, one.status) for one in both} == {(25, Status.CONFLICTING), (30, Status.CONFLICTING)}
    assert len({one.citation.document_sha256 for one in both if one.citation}) == 2


def test_a_value_that_a_section_worded_anew_no_longer_states_is_not_shown_as_in_force() -> None:
    silent = ANEW.replace(
        "The minimum side yard shall be 10 feet.", "Side yards shall suit the neighborhood."
    )
    (side,) = stated(read(with_date(BASE, "May 1, 2015"), silent), "R-1", "side_setback")
    assert side.status is Status.CONFLICTING
    assert "worded anew" in side.note or "words" in side.note


def test_an_amendment_of_a_paragraph_replaces_that_paragraph_alone() -> None:
    code = with_date(BASE, "May 1, 2015").replace(
        "The minimum front yard shall be 30 feet. The minimum side yard shall be 10 feet.",
        "(a) The minimum front yard shall be 30 feet.\n\n(b) The minimum side yard shall be 10 feet.",
    )
    anew = ANEW.replace("Sec. 2 of", "Sec. 2(b) of").split("The minimum front")[0]
    reading = read(
        code, f"{anew}(b) The minimum side yard shall be 12 feet.\n\nSection 2. It takes effect at once.\n"
    )
    assert values(reading, "R-1", "front_setback") == [(30, {})]
    (side,) = stated(reading, "R-1", "side_setback")
    assert (side.value, side.status) == (12, Status.STATED)


def test_an_amendment_of_a_section_that_is_not_here_changes_nothing_else() -> None:
    reading = read(with_date(BASE, "May 1, 2015"), ANEW.replace("Sec. 2 of", "Sec. 77 of"))
    assert (30, {}) in values(reading, "R-1", "front_setback")
