"""What was read of a code is carried over to its next state, and is what reading that anew would give."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from plotlot.domain.districts import district_key
from plotlot.domain.documents import Document, Span
from plotlot.domain.standards import Standard
from plotlot.extraction.carrying import Carrying, Read
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document

CODE = """# Zoning Ordinance

## Article 1 Administration

### Sec. 1-1 The clerk

The clerk keeps the records and gives notice to whoever asks for it.

### Sec. 1-2 Hearings

The board hears whoever comes, and the chair keeps order.

## Article 2 R-1 Rural Homes District

### Sec. 2-1 R-1 dimensions

In the R-1 district the minimum lot area shall be 9,000 square feet. The front setback shall be 25 feet.

## Article 3 R-2 Village Homes District

### Sec. 3-1 R-2 dimensions

In the R-2 district the minimum lot area shall be 6,000 square feet. The front setback shall be 20 feet.
"""


def parsed(text: str, name: str = "code.md") -> Document:
    return parse_document(name, text.encode())


def reads(documents: Mapping[str, Document]) -> list[Read]:
    reading = read_code(list(documents.values()), {one.name: identity for identity, one in documents.items()})
    return [Read(district, reading.standards[district.code]) for district in reading.districts]


def told(standards: Sequence[Standard] | None) -> list[Standard]:
    """Standards without what their store adds to a citation."""
    assert standards is not None
    return [
        replace(one, citation=replace(one.citation, effective_date="", retrieved_at="", document_title=""))
        if one.citation else one for one in standards
    ]  # fmt: skip


def test_the_words_of_a_clerk_change_no_standard_and_all_of_them_move() -> None:
    before = {"doc-1": parsed(CODE)}
    now = {"doc-2": parsed(CODE.replace("keeps the records", "keeps all of the town's records in one room"))}
    read = reads(before)
    assert [one.district.code for one in read] == ["R-1", "R-2"]
    carrying = Carrying(before, now)
    assert carrying.affected(read) == frozenset()
    for one, anew in zip(read, reads(now), strict=True):
        moved = [carrying.moved(each) for each in one.standards or ()]
        assert told(moved) == told(anew.standards)
        assert {each.citation.document for each in moved if each.citation} == {"doc-2"}


def test_a_section_that_sets_a_standard_is_read_anew_for_its_district_alone() -> None:
    before, now = {"doc-1": parsed(CODE)}, {"doc-2": parsed(CODE.replace("25 feet", "30 feet"))}
    read = reads(before)
    carrying = Carrying(before, now)
    assert carrying.affected(read) == {"R1"}
    other = next(one for one in read if one.district.code == "R-2")
    anew = next(one for one in reads(now) if one.district.code == "R-2")
    assert told([carrying.moved(each) for each in other.standards or ()]) == told(anew.standards)


@pytest.mark.parametrize(
    "changed",
    [
        CODE.replace("keeps order", "keeps order in every zoning district"),
        CODE + "\n## Article 4 Further\n\n### Sec. 4-1 Further\n\nNo house shall be higher than 35 feet.\n",
        CODE.replace("Zoning Ordinance", "Land Use Ordinance"),
    ],
)
def test_what_may_bear_on_all_lets_all_be_read_anew(changed: str) -> None:
    before = {"doc-1": parsed(CODE)}
    assert Carrying(before, {"doc-2": parsed(changed)}).affected(reads(before)) is None


def test_a_document_that_came_or_went_lets_all_be_read_anew() -> None:
    before = {"doc-1": parsed(CODE)}
    assert Carrying(before, {}).affected(reads(before)) is None
    assert Carrying(before, {"doc-2": parsed(CODE, "other.md")}).affected(reads(before)) is None


def test_a_quote_that_does_not_stand_where_its_section_went_is_read_anew() -> None:
    before = {"doc-1": parsed(CODE)}
    now = {"doc-2": parsed(CODE.replace("gives notice", "gives due notice"))}
    (read, *others) = reads(before)
    wrong = [
        replace(one, citation=replace(one.citation, start=one.citation.start + 3)) if one.citation else one
        for one in read.standards or ()
    ]
    assert Carrying(before, now).affected([Read(read.district, wrong), *others]) == {
        district_key(read.district.code)
    }


def test_standards_of_documents_that_stayed_stay_as_they_are() -> None:
    stays, before, now = (
        parsed(CODE, "zoning.md"),
        parsed("# Parks\n\n## Sec. 1 Hours\n\nParks close at dusk.\n"),
        None,
    )
    now = parsed("# Parks\n\n## Sec. 1 Hours\n\nParks close at night.\n")
    read = reads({"doc-z": stays})
    carrying = Carrying({"doc-1": before}, {"doc-2": now})
    assert carrying.affected(read) == frozenset()
    assert [carrying.moved(one) for one in read[0].standards or ()] == list(read[0].standards or ())


def test_a_district_that_was_not_read_yet_is_carried_unread() -> None:
    before = {"doc-1": parsed(CODE)}
    now = {"doc-2": parsed(CODE.replace("whoever comes", "all who come"))}
    unread = [replace(one, standards=None) for one in reads(before)]
    assert Carrying(before, now).affected(unread) == frozenset()


GOLDEN = sorted((Path(__file__).resolve().parents[4] / "evals" / "towns").glob("*/*.[mht][dtx]*"))
ASIDE = "The clerk keeps a copy of it and lends that to whoever asks."


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.parent.name)
def test_of_whole_codes_what_is_carried_over_is_what_reading_them_again_gives(file: Path) -> None:
    before = parse_document(file.name, file.read_bytes())
    sections = [one for one in before.sections[1:] if one.end - one.start > 60]
    read, compared = reads({"doc-1": before}), 0
    for section in sections:
        place = section.start + len(before.own_text(section.ordinal).rstrip())
        now = with_words(before, place, f" {ASIDE}")
        carrying = Carrying({"doc-1": before}, {"doc-2": now})
        affected = carrying.affected(read)
        if affected is None or compared == 3:  # each takes a reading of the whole
            continue
        compared += 1
        anew = {one.district.code: one.standards for one in reads({"doc-2": now})}
        for one in read:
            if district_key(one.district.code) not in affected:
                moved = [carrying.moved(each) for each in one.standards or ()]
                assert told(moved) == told(anew[one.district.code])
    assert compared


def with_words(document: Document, place: int, words: str) -> Document:
    """The document with words more at a place that no table holds; spans behind it stand so much later."""

    def moved(offset: int) -> int:
        return offset + len(words) if offset >= place else offset

    def spans(found: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(Span(moved(one.start), moved(one.end)) for one in found)

    sections = (
        replace(one, start=moved(one.start), end=moved(one.end), body_start=moved(one.body_start))
        for one in document.sections
    )
    tables = (
        replace(
            one,
            start=moved(one.start),
            end=moved(one.end),
            cells=tuple(replace(cell, spans=spans(cell.spans)) for cell in one.cells),
            caption=spans([one.caption])[0] if one.caption else None,
            footnotes=tuple(replace(note, span=spans([note.span])[0]) for note in one.footnotes),
        )
        for one in document.tables
    )
    return replace(
        document,
        text=document.text[:place] + words + document.text[place:],
        sections=tuple(sections),
        tables=tuple(tables),
        page_starts=tuple(map(moved, document.page_starts)),
        text_sha256="",
    )
