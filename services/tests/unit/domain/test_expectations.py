"""What is expected of a code before it may serve."""

from datetime import date

import pytest

from plotlot.domain.documents import Document, Section
from plotlot.domain.expectations import (
    Look,
    Read,
    Signs,
    other_page,
    repeated_share,
    signs_of,
    unmet,
    unmet_of_reading,
)

TODAY = date(2026, 11, 22)
FINE = Signs("code.html", 40_000)
CODE = "Sec. 4-1 Lot area. Each lot in the R-1 district shall have 7,500 square feet. § 4-2 Café seating is allowed. "


def document(text: str, title: str = "", sections: int = 1, effective: str | None = None) -> Document:
    root = Section(0, None, "document", "", "", 0, len(text), 0)
    others = (Section(n, 0, "section", f"Sec. {n}", "", 0, len(text), 0) for n in range(1, sections + 1))
    return Document("code.html", title, "text/html", "0", text, (root, *others), effective_date=effective)


def kinds(before: Look, now: Look) -> list[str]:
    return [one.kind for one in unmet(before, now, TODAY)]


def test_a_code_as_it_should_be_meets_all() -> None:
    now = Look([FINE], 0.05, date(2026, 11, 1))
    assert unmet(Look([FINE], 0.0, date(2026, 5, 1)), now, TODAY) == ()
    assert unmet(Look(), now, TODAY) == ()


@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_text_that_was_read_in_another_encoding_is_told_with_its_document(wrong: str) -> None:
    spoilt = (CODE * 40).encode().decode(wrong, "replace")
    signs = signs_of(document(spoilt))
    assert signs.broken == 80
    (found,) = unmet(Look([FINE]), Look([signs]), TODAY)
    assert (found.kind, found.reason) == (
        "encoding", "80 of its characters were spoilt by an encoding, 80 of them in code.html",
    )  # fmt: skip
    replaced = signs_of(document((CODE * 40).encode("latin-1").decode("utf-8", "replace")))
    assert replaced.broken == 80
    assert kinds(Look([replaced]), Look([replaced])) == []  # as it was before, it may serve


def test_text_with_accents_and_marks_of_its_own_is_not_spoilt() -> None:
    assert signs_of(document(CODE * 40)).broken == 0
    assert signs_of(document("Â, Ã and â are letters; so are Ãa and Âb. “Quoted” — 25′")).broken == 0
    assert kinds(Look(), Look([Signs("scan.pdf", 1_000_000, broken=40)])) == []


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Please sign in to go on. User name: Password:", "Welcome", "a page to sign in at"),
        ("Log in with your e-mail address. Forgot your password?", "", "a page to sign in at"),
        ("The page you asked for was not found.", "404 Not Found", "an error page"),
        ("Access denied. Reference 18.9f3c", "", "an error page"),
        ("You need to enable JavaScript to run this app.", "", "a page that wants a browser"),
        ("Checking your browser before you go on.", "Just a moment", "a page that wants a browser"),
        (CODE, "Zoning", ""),
        ("Sec. 404 Permits are not required. A sign in a district has 10 square feet.", "Signs", ""),
    ],
)
def test_pages_that_are_no_code_are_known_by_what_they_say(text: str, title: str, expected: str) -> None:
    assert other_page(document(text, title)) == expected


def test_a_code_that_speaks_of_such_pages_is_one() -> None:
    said = "Forgot your password? The clerk's records are open to all. "
    assert other_page(document(said * 200)) == ""
    assert other_page(document(said, sections=12)) == ""


def test_a_page_in_the_place_of_a_code_is_held_back_unless_it_was_always_there() -> None:
    login = Signs("chapter-4.html", 300, other_page="a page to sign in at")
    (found,) = unmet(Look([FINE]), Look([login, FINE, login]), TODAY)
    assert found.reason == "chapter-4.html is a page to sign in at, and no code, and 1 more"
    assert kinds(Look([login]), Look([login])) == []


def test_chapters_that_are_all_the_same_one_are_told() -> None:
    share = repeated_share(
        [("a", 900), ("a", 900), ("a", 900), ("b", 300), ("reserved", 20), ("reserved", 20)]
    )
    assert share == pytest.approx(1_800 / 3_040)
    (found,) = unmet(Look([FINE], 0.1), Look([FINE], share), TODAY)
    assert found.reason == "59% of what is new stands in it more than once, word for word"
    assert kinds(Look([FINE], 0.4), Look([FINE], 0.5)) == []
    assert repeated_share([]) == 0.0


@pytest.mark.parametrize(
    ("dated", "before", "words"),
    [
        (date(2031, 1, 1), None, "its supplement is of 2031-01-01, a day that is still to come"),
        (
            date(2026, 3, 1),
            date(2026, 9, 1),
            "its supplement is of 2026-03-01, and the one that serves of 2026-09-01",
        ),
        (date(2026, 11, 23), None, None),  # it is a day later somewhere
        (date(2026, 11, 1), date(2033, 1, 1), None),  # what serves was dated by a clock that had jumped
        (None, date(2026, 9, 1), None),
    ],
)
def test_days_that_cannot_be_are_told(dated: date | None, before: date | None, words: str | None) -> None:
    found = [one.reason for one in unmet(Look([FINE], dated=before), Look([FINE], dated=dated), TODAY)]
    assert found == ([words] if words else [])


def test_a_document_in_force_far_ahead_is_told_and_one_of_next_year_is_not() -> None:
    far, near = (Look([signs_of(document(CODE, effective=day))]) for day in ("2062-01-01", "2027-06-30"))
    assert [one.reason for one in unmet(Look(), far, TODAY)] == [
        "code.html takes effect on 2062-01-01, more than two years ahead"
    ]
    assert kinds(Look(), near) == []


def test_districts_and_standards_that_vanish_are_told() -> None:
    before = Read(12, {"front_setback": 9, "max_height": 12, "max_far": 2})
    (none,) = unmet_of_reading(before, Read(0, {}))
    assert none.reason == "no district is found in it, where there were 12"
    (fields,) = unmet_of_reading(before, Read(11, {"max_height": 4}))
    assert fields.reason == "standards vanished: front setback of 9 districts"
    assert list(unmet_of_reading(before, Read(12, {"front_setback": 1, "max_height": 12}))) == []
    for nothing in (None, Read(0, {})):
        assert list(unmet_of_reading(nothing, Read(0, {}))) == []


def test_of_many_standards_that_vanish_the_first_are_named() -> None:
    names = {f"field_{letter}": 5 for letter in "edcba"}
    (found,) = unmet_of_reading(Read(5, names), Read(5, {}))
    assert (
        found.reason
        == "standards vanished: field a of 5 districts, field b of 5 districts, field c of 5 districts and 2 more"
    )
