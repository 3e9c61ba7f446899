"""When a code that was fetched may take the place of the one that serves."""

from collections import Counter
from datetime import timedelta

from plotlot.domain.coverage import (
    CodeSize,
    ListedTown,
    Misgiving,
    SectionChange,
    counted,
    listing_misgiving,
    misgivings,
    named_twice,
    section_changes,
    trusted_for,
)

HEADINGS = frozenset(f"Sec. {number}" for number in range(20))
BEFORE = CodeSize(documents=3, sections=20, characters=40_000, headings=HEADINGS)


def test_a_code_that_grew_or_lost_a_little_is_taken() -> None:
    assert misgivings(BEFORE, CodeSize(3, 25, 50_000, HEADINGS)) == ()
    assert misgivings(BEFORE, CodeSize(3, 18, 36_000, HEADINGS)) == ()
    assert misgivings(None, CodeSize(1, 4, 5_000)) == ()


def test_towns_that_were_fetched_in_one_night_are_due_again_in_many() -> None:
    nights = Counter(trusted_for(f"Town {number}, QX", timedelta(days=30)).days for number in range(3_000))
    assert set(nights) == set(range(15, 30))
    assert max(nights.values()) < 300
    assert trusted_for("Town 1, QX", timedelta(0)) == timedelta(0)


def test_a_code_that_vanished_or_halved_is_held_back() -> None:
    (gone,) = misgivings(BEFORE, CodeSize(0, 0, 0))
    assert gone == Misgiving("vanished", "the publisher has no text of it any more")
    (none,) = misgivings(None, CodeSize(0, 0, 0))
    assert none == Misgiving("vanished", "the publisher has no text of it")
    (text,) = misgivings(BEFORE, CodeSize(3, 20, 20_000, HEADINGS))
    assert (text.kind, "from 40,000 to 20,000 characters" in text.reason) == ("shrunken", True)
    (sections,) = misgivings(BEFORE, CodeSize(3, 9, 39_000, HEADINGS))
    assert sections == Misgiving("shrunken", "it had 20 sections and has 9")


def test_a_list_that_is_empty_or_of_other_towns_is_held_back() -> None:
    def towns(*names: str) -> list[ListedTown]:
        return [ListedTown(name, "p", name) for name in names]

    assert "0 of the 8 towns" in listing_misgiving(towns(*"abcdefgh"), towns(*"ijklmnop"))
    assert "3 of the 8 towns" in listing_misgiving(towns(*"abcdefgh"), towns(*"abcxyz"))
    assert "0 of the 2 towns" in listing_misgiving(towns("a", "b"), [])
    for before, now in (("abcdefgh", "abcd"), ("ab", "cd"), ("", "a"), ("", "")):
        assert listing_misgiving(towns(*before), towns(*now)) == ""


def test_a_notice_instead_of_a_code_is_held_back() -> None:
    (notice,) = misgivings(None, CodeSize(1, 1, 120))
    assert notice == Misgiving("shrunken", "it has 120 characters, too few for a code")


def test_a_code_whose_headings_are_all_others_is_held_back() -> None:
    renamed = frozenset(f"Article {number}" for number in range(20))
    (found,) = misgivings(BEFORE, CodeSize(3, 20, 40_000, renamed))
    assert found == Misgiving("renamed", "only 0 of its 20 headings are the same as before")
    small = CodeSize(1, 3, 4_000, frozenset("abc"))
    assert misgivings(small, CodeSize(1, 3, 4_000, frozenset("xyz"))) == ()


def test_sections_are_known_by_where_they_stand() -> None:
    before = {("code", "a"): "1", ("code", "b"): "1", ("code", "c"): "3"}
    found = section_changes(before, {("code", "a"): "1", ("code", "b"): "2", ("code", "d"): "4"})
    assert found == (
        SectionChange(("code", "b"), "changed"),
        SectionChange(("code", "c"), "removed"),
        SectionChange(("code", "d"), "added"),
    )
    assert counted(found) == {"added": 1, "changed": 1, "removed": 1}
    assert counted(section_changes({}, before)) == {"added": 3, "changed": 0, "removed": 0}


def test_a_document_that_is_called_otherwise_changes_only_what_it_says_otherwise() -> None:
    before = {("ch1", "Sec. 1"): "a", ("ch1", "Sec. 2"): "b", ("ch1", "Sec. 3"): "c"}
    now = {("ch1r2", "Sec. 1"): "a", ("ch1r2", "Sec. 2"): "B", ("ch1r2", "Sec. 4"): "d"}
    assert section_changes(before, now) == (
        SectionChange(("ch1", "Sec. 2"), "changed"),
        SectionChange(("ch1", "Sec. 3"), "removed"),
        SectionChange(("ch1r2", "Sec. 4"), "added"),
    )


def test_of_several_sections_with_one_path_none_is_taken_for_another() -> None:
    before = {("x", "Purpose"): "1", ("y", "Purpose"): "2"}
    found = section_changes(before, {("z", "Purpose"): "3"})
    assert [one.change for one in found] == ["removed", "removed", "added"]


def test_two_towns_of_one_publisher_with_one_name_are_told() -> None:
    towns = [
        ListedTown("Lake, QX", "a", "1"),
        ListedTown("Lake, QX", "a", "2"),
        ListedTown("Lake, QX", "b", "9"),
        ListedTown("Hill, QX", "a", "3"),
        ListedTown("Hill, QX", "a", "3"),
    ]
    assert named_twice(towns) == {("a", "Lake, QX")}
