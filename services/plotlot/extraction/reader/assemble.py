"""Puts the readings of a whole code together: districts, and for each its verified standards."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from plotlot.domain.districts import district_key, in_family, roman_key
from plotlot.domain.documents import Document, Span, recognised_pages
from plotlot.domain.quotes import verify
from plotlot.domain.standards import (
    FIELDS,
    Citation,
    District,
    Standard,
    Status,
)
from plotlot.extraction.reader import ENGINE
from plotlot.extraction.reader.amendments import amended, find_amendments
from plotlot.extraction.reader.district_index import DistrictIndex, lived_in
from plotlot.extraction.reader.districts import discover
from plotlot.extraction.reader.passages import Passage, passages
from plotlot.extraction.reader.planted import without_planted
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.references import Reference, find_references, followed
from plotlot.extraction.reader.renditions import distinct
from plotlot.extraction.reader.replaced_sections import Replacement, find_replacements, set_anew, superseded
from plotlot.extraction.reader.scopes import Scopes
from plotlot.extraction.reader.sentences import read_cells, read_sentences
from plotlot.extraction.reader.settling import Kept, complete
from plotlot.extraction.reader.table_notes import notes_of
from plotlot.extraction.reader.tables import read_tables
from plotlot.extraction.reader.vocabulary import uses_named

_LEAST_CONFIDENCE = 0.5
_OCR_LESS_SURE = 0.1
_OCR_NOTE = "read by OCR from a scanned page: compare it with the print"


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a code says: its districts, the standards of each, and how many quotes failed."""

    districts: tuple[District, ...]
    standards: Mapping[str, tuple[Standard, ...]]
    dropped: int

    def district(self, code: str) -> District | None:
        """The district that a spelling means, its family where it has no own standards."""
        by_key = {district_key(d.code): d for d in self.districts}
        roman = {roman_key(d.code): d for d in self.districts}
        named = {district_key(d.name): d for d in self.districts if d.name}
        found = by_key.get(district_key(code)) or roman.get(roman_key(code))
        if found is None:
            found = named.get(district_key(code))
        if found is None or not any(s.value is not None for s in self.standards[found.code]):
            families = [d for d in self.districts if in_family(code, d.code)]
            found = max(families, key=lambda d: len(d.code), default=found)
        return found


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document cut into passages, and what its places speak of."""

    document: Document
    passages: Sequence[Passage]
    scopes: Scopes


@dataclass(frozen=True, slots=True)
class _Placed:
    reading: Reading
    document: Document
    order: int


def read_code(documents: Sequence[Document], document_ids: Mapping[str, str] | None = None) -> CodeReading:
    """Read a whole code; ``document_ids`` maps document names to the ids that citations carry."""
    documents = distinct(documents)
    index = discover(documents)
    if not index.districts:
        return CodeReading((), {}, 0)
    ids = document_ids or {}
    cuts = [_cut(document, index) for document in documents]
    replacements = find_replacements(documents)
    placed = _placed(cuts, index, replacements)
    standards: dict[str, tuple[Standard, ...]] = {}
    dropped = 0
    for district in index.districts:
        kept, failed = _verified(placed.get(district.code, ()), ids)
        dropped += failed
        standards[district.code] = complete(kept)
    standards = _worded_anew(standards, replacements, index, ids)
    standards = _amended(standards, documents, ids)
    standards = followed(standards, _references(cuts, index, ids))
    standards = {
        district.code: _inherit(district, index.districts, standards) for district in index.districts
    }
    return CodeReading(index.districts, standards, dropped)


def _cut(document: Document, index: DistrictIndex) -> _Cut:
    return _Cut(document, list(passages(document)), Scopes(document, index))


def _placed(
    cuts: Sequence[_Cut], index: DistrictIndex, replacements: Sequence[Replacement]
) -> dict[str, list[_Placed]]:
    """What was read, by the codes of the districts that it speaks to; not from words that replace a section."""
    read = (
        (cut.document, reading)
        for cut in cuts
        for reading in _read(cut, index)
        if not any(one.document is cut.document and one.holds(reading.span) for one in replacements)
    )
    return _by_district(read, index)


def _by_district(read: Iterable[tuple[Document, Reading]], index: DistrictIndex) -> dict[str, list[_Placed]]:
    placed: dict[str, list[_Placed]] = defaultdict(list)
    dwellings = lived_in(index.districts)
    order = 0
    for document, reading in read:
        for code in _codes(reading, index, dwellings):
            if not reading.districts and not _suits(reading, index.by_code[code]):
                continue
            placed[code].append(_Placed(reading, document, order))
            order += 1
    return {code: _own_first(readings) for code, readings in placed.items()}


def _worded_anew(
    standards: Mapping[str, tuple[Standard, ...]],
    replacements: Sequence[Replacement],
    index: DistrictIndex,
    ids: Mapping[str, str],
) -> dict[str, tuple[Standard, ...]]:
    """The standards after sections were worded anew, the new words read where the old ones stood."""
    result = dict(standards)
    for one in sorted(replacements, key=lambda one: one.document.effective_date or ""):
        anew = set_anew(one)
        found = _read(_cut(anew, index), index)
        read = [(one.document, one.moved_back(reading)) for reading in found]
        placed = _by_district([pair for pair in read if one.holds(pair[1].span)], index)
        for code, own in result.items():
            kept, _ = _verified(placed.get(code, ()), ids)
            fresh = [new for new in complete(kept) if new.status is not Status.NOT_STATED]
            result[code] = superseded(own, fresh, one)
    return result


def _amended(
    standards: Mapping[str, tuple[Standard, ...]], documents: Sequence[Document], ids: Mapping[str, str]
) -> dict[str, tuple[Standard, ...]]:
    amendments = list(find_amendments(documents))
    if not amendments:
        return dict(standards)
    effective = {document.text_sha256: document.effective_date for document in documents}
    cite = partial(_cited, ids)
    return {code: amended(own, amendments, effective, cite) for code, own in standards.items()}


def _references(
    cuts: Sequence[_Cut], index: DistrictIndex, ids: Mapping[str, str]
) -> dict[str, list[tuple[Reference, Citation]]]:
    """What districts leave to other districts, with the words that say so."""
    found: dict[str, list[tuple[Reference, Citation]]] = defaultdict(list)
    for cut in cuts:
        for reference in find_references(cut.document, cut.passages, index, cut.scopes):
            found[reference.district].append((reference, _cited(ids, cut.document, reference.span)))
    return found


def _cited(ids: Mapping[str, str], document: Document, span: Span) -> Citation:
    section = document.section_at(span.start).ordinal
    return _citation(document, span, section, ids)


def _read(cut: _Cut, index: DistrictIndex) -> list[Reading]:
    """Every reading of one document, from its tables and from its prose; none of what is said to machines."""
    document, scopes = cut.document, cut.scopes
    context = ReadingContext(named=index.find, scope=scopes.at)
    tabled = [_in_scope(reading, scopes) for reading in read_tables(document, context)]
    notes = _notes_of_tables(document, tabled)
    cells = read_cells(document, index, scopes, [*(reading.span for reading in tabled), *notes])
    every = (*tabled, *cells, *read_sentences(cut.passages, index, scopes, notes))
    return list(without_planted(document, every))


def _notes_of_tables(document: Document, tabled: Sequence[Reading]) -> tuple[Span, ...]:
    """The notes that tables with readings have marked: they speak of cells, not of their section."""
    starts = sorted(reading.span.start for reading in tabled)
    return tuple(
        note.span
        for table in document.tables
        if table.footnotes and bisect_left(starts, table.end) > bisect_left(starts, table.start)
        for note in notes_of(document, table)
    )


def _in_scope(reading: Reading, scopes: Scopes) -> Reading:
    """A reading for no district in particular, tied to those its place speaks of."""
    for_all = reading.general and reading.field != "parking_per_unit"
    if reading.districts or for_all:
        return reading
    # A dimensional table that names no district belongs to its place, or to all if it says so, or to nobody.
    return replace(reading, districts=scopes.at(reading.span.start))


def _suits(reading: Reading, district: District) -> bool:
    """Whether a general standard for one use speaks to a district that its name keeps for uses."""
    use = reading.conditions.get("use", "")
    own = uses_named(district.name)
    if not use or not own:
        return True
    parts = {part for one in own for part in _PARTS.get(one, (one,))}
    return bool(parts & set(_PARTS.get(use, (use,))))


_PARTS: Mapping[str, tuple[str, ...]] = {"one_or_two_family": ("one_family", "two_family")}


def _inherit(
    district: District,
    districts: Sequence[District],
    standards: Mapping[str, tuple[Standard, ...]],
) -> tuple[Standard, ...]:
    """Fields that a variant (T6-8-R) leaves open, taken from its family (T6-8, then T6)."""
    own = list(standards[district.code])
    families = [
        one for one in districts if in_family(district.code, one.code) and district.name in ("", one.name)
    ]
    for family in sorted(families, key=lambda one: -len(one.code)):
        open_fields = {s.field for s in own if s.status is Status.NOT_STATED}
        given = [
            s for s in standards[family.code] if s.field in open_fields and s.status is not Status.NOT_STATED
        ]
        filled = {s.field for s in given}
        own = [s for s in own if s.field not in filled] + given
    return tuple(sorted(own, key=lambda s: FIELDS.index(s.field)))


def _own_first(placed: Sequence[_Placed]) -> list[_Placed]:
    """Without what the whole code says of a field that the district itself sets."""
    own = {one.reading.field for one in placed if one.reading.districts}
    return [
        one
        for one in placed
        if one.reading.districts or one.reading.field not in own or one.reading.field == "parking_per_unit"
    ]


def _codes(reading: Reading, index: DistrictIndex, dwellings: tuple[str, ...]) -> tuple[str, ...]:
    if reading.districts:
        resolved = [index.resolve(code) or index.find(code) for code in reading.districts]
        return tuple(dict.fromkeys(code for codes in resolved for code in codes))
    if not reading.general:
        return ()
    for_all = reading.source == "table" or reading.field == "max_height"
    return index.codes if for_all and reading.field != "parking_per_unit" else dwellings


def _verified(placed: Iterable[_Placed], ids: Mapping[str, str]) -> tuple[list[Kept], int]:
    kept: list[Kept] = []
    failed = 0
    for one in placed:
        if one.reading.confidence < _LEAST_CONFIDENCE:
            continue
        standard = _standard(one.reading, one.document, ids)
        if verify(standard, one.document.text).holds:
            kept.append(Kept(one.order, standard, one.document.effective_date))
        else:
            failed += 1
    return kept, failed


def _standard(reading: Reading, document: Document, ids: Mapping[str, str]) -> Standard:
    scanned = (document.page_at(reading.span.start) or 1) in recognised_pages(document)
    return Standard(
        field=reading.field,
        status=reading.status,
        value=reading.value,
        unit=reading.unit,
        citation=_citation(document, reading.span, reading.section, ids),
        engine=ENGINE,
        confidence=round(min(max(reading.confidence, 0.0), 0.99) - (_OCR_LESS_SURE if scanned else 0.0), 3),
        conditions=dict(reading.conditions),
        quoted_value=reading.quoted_value,
        quoted_unit=reading.quoted_unit,
        formula=reading.formula,
        note="; ".join(filter(None, (reading.note, _OCR_NOTE if scanned else ""))),
    )


def _citation(document: Document, span: Span, section: int, ids: Mapping[str, str]) -> Citation:
    return Citation(
        document=ids.get(document.name, document.name),
        document_sha256=document.text_sha256,
        section=document.section_path(section),
        page=document.page_at(span.start),
        start=span.start,
        end=span.end,
        quote=document.slice(span),
    )
