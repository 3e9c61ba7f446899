"""Puts the readings of a whole code together: districts, and for each its verified standards."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.districts import district_key, in_family, roman_key
from plotlot.domain.documents import Document, Span
from plotlot.domain.quantities import same_value
from plotlot.domain.quotes import verify
from plotlot.domain.standards import (
    FIELDS,
    Citation,
    District,
    Standard,
    Status,
    not_stated,
)
from plotlot.extraction.reader import ENGINE
from plotlot.extraction.reader.district_index import DistrictIndex, lived_in
from plotlot.extraction.reader.districts import discover
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.renditions import distinct
from plotlot.extraction.reader.scopes import Scopes
from plotlot.extraction.reader.sentences import read_cells, read_sentences
from plotlot.extraction.reader.table_notes import notes_of
from plotlot.extraction.reader.tables import read_tables
from plotlot.extraction.reader.vocabulary import uses_named

_LEAST_CONFIDENCE = 0.5
_AGREEMENT = 0.06
_OF_EVERY_DISTRICT = frozenset({"max_height"})


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
class _Placed:
    reading: Reading
    document: Document
    order: int


def read_code(documents: Sequence[Document], document_ids: Mapping[str, str] | None = None) -> CodeReading:
    """Read a whole code; ``document_ids`` maps document names to the ids that citations carry."""
    documents = distinct(documents)
    index = discover(documents)
    placed: dict[str, list[_Placed]] = defaultdict(list)
    dwellings = lived_in(index.districts)
    order = 0
    for document in documents:
        for reading in read_document(document, index):
            for code in _codes(reading, index, dwellings):
                if not reading.districts and not _suits(reading, index.by_code[code]):
                    continue
                placed[code].append(_Placed(reading, document, order))
                order += 1
    placed = {code: _own_first(readings) for code, readings in placed.items()}
    ids = document_ids or {}
    standards: dict[str, tuple[Standard, ...]] = {}
    dropped = 0
    for district in index.districts:
        kept, failed = _verified(placed.get(district.code, ()), ids)
        dropped += failed
        standards[district.code] = _complete(kept)
    standards = {
        district.code: _inherit(district, index.districts, standards) for district in index.districts
    }
    return CodeReading(index.districts, standards, dropped)


def read_document(document: Document, index: DistrictIndex) -> list[Reading]:
    """Every reading of one document, from its tables and from its prose."""
    scopes = Scopes(document, index)
    context = ReadingContext(named=index.find, scope=scopes.at)
    tabled = [_in_scope(reading, scopes) for reading in read_tables(document, context)]
    notes = _notes_of_tables(document, tabled)
    cells = read_cells(document, index, scopes, [*(reading.span for reading in tabled), *notes])
    return [*tabled, *cells, *read_sentences(document, index, scopes, notes)]


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
    if reading.districts:
        return reading
    # A dimensional table that names no district belongs to its place or to nobody.
    general = reading.general and reading.field == "parking_per_unit"
    return replace(reading, districts=scopes.at(reading.span.start), general=general)


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
    if reading.field in _OF_EVERY_DISTRICT and reading.general:
        return index.codes
    return dwellings if reading.general else ()


def _verified(placed: Iterable[_Placed], ids: Mapping[str, str]) -> tuple[list[tuple[int, Standard]], int]:
    kept: list[tuple[int, Standard]] = []
    failed = 0
    for one in placed:
        if one.reading.confidence < _LEAST_CONFIDENCE:
            continue
        standard = _standard(one.reading, one.document, ids)
        if verify(standard, one.document.text).holds:
            kept.append((one.order, standard))
        else:
            failed += 1
    return kept, failed


def _standard(reading: Reading, document: Document, ids: Mapping[str, str]) -> Standard:
    citation = Citation(
        document=ids.get(document.name, document.name),
        document_sha256=document.text_sha256,
        section=document.section_path(reading.section),
        page=document.page_at(reading.span.start),
        start=reading.span.start,
        end=reading.span.end,
        quote=document.slice(reading.span),
    )
    return Standard(
        field=reading.field,
        status=reading.status,
        value=reading.value,
        unit=reading.unit,
        citation=citation,
        engine=ENGINE,
        confidence=min(max(reading.confidence, 0.0), 0.99),
        conditions=dict(reading.conditions),
        quoted_value=reading.quoted_value,
        quoted_unit=reading.quoted_unit,
        formula=reading.formula,
        note=reading.note,
    )


def _complete(kept: Sequence[tuple[int, Standard]]) -> tuple[Standard, ...]:
    """One standard for each field and condition, best first; ``not_stated`` for absent fields."""
    result: list[Standard] = []
    for name in FIELDS:
        of_field = [(order, standard) for order, standard in kept if standard.field == name]
        groups: dict[tuple[tuple[str, str], ...], list[tuple[int, Standard]]] = defaultdict(list)
        for order, standard in of_field:
            groups[tuple(sorted(standard.conditions.items()))].append((order, standard))
        chosen = [standard for group in groups.values() for standard in _settle(group)]
        chosen.sort(key=lambda s: (len(s.conditions), -s.confidence))
        result.extend(chosen or [not_stated(name, ENGINE)])
    return tuple(result)


def _settle(group: Sequence[tuple[int, Standard]]) -> list[Standard]:
    """Agreeing readings become one; readings that contradict one another are marked so."""
    best_first = sorted(group, key=lambda pair: (-pair[1].confidence, pair[0]))
    values: list[tuple[int, Standard]] = []
    for order, standard in best_first:
        if not any(_agree(standard, other) for _, other in values):
            values.append((order, standard))
    rivals = [
        standard for _, standard in values if values[0][1].confidence - standard.confidence < _AGREEMENT
    ]
    if len(rivals) == 1:
        return rivals
    note = "the code states more than one value: " + ", ".join(_shown(one) for one in rivals)
    return [replace(one, status=Status.CONFLICTING, note=note) for one in rivals]


def _shown(standard: Standard) -> str:
    return "a formula" if standard.value is None else f"{standard.value:g} {standard.unit}"


def _agree(left: Standard, right: Standard) -> bool:
    if left.value is None or right.value is None:
        return left.formula == right.formula and left.value is right.value
    return same_value(left.value, right.value, 0.005)
