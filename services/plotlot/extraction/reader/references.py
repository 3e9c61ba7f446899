"""Standards that a code sets by sending the reader to another district: ``as required in the R-2 district``."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.documents import Document, Span
from plotlot.domain.standards import FIELD_UNITS, FIELDS, Citation, Standard, Status
from plotlot.extraction.reader import ENGINE
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.scopes import Scopes
from plotlot.extraction.reader.table_grid import TableGrid
from plotlot.extraction.reader.table_labels import read_label

_SAME = re.compile(
    r"\b(?:the\s+)?same\s+(?:as|requirements?\s+as|standards?\s+as)\b|\b(?:as|those|that)\s+(?:are\s+|is\s+)?"
    r"(?:required|specified|provided|set\s+forth|prescribed|established|stated|permitted|applicable|for|in|of)\b"
    r"|\b(?:comply|conform|accordance)\s+(?:with|to)\b|\bsubject\s+to\b|\b(?:requirements|standards|regulations)\s+of\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:dimensional|area|bulk|lot|yard|height)\b[^.;]{0,60}\b(?:requirements|standards|regulations)\b",
    re.IGNORECASE,
)
_DIMENSIONS = tuple(name for name in FIELDS if name != "parking_per_unit")
_CELL = re.compile(
    r"\W*(?:(?:the\s+)?same\s+as|see|as\s+(?:in|for|required\s+(?:in|for|by)|per))\s+(?P<to>.{1,60})",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:abut|adjoin|adjacent|boundar|accessory|conditional|except|unless|where|when|if)\w*\b",
    re.IGNORECASE,
)
_LONGEST = 420
_DEPTH = 3
_LESS_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Reference:
    """Fields that a place sets for a district by naming another; no target where it names no district."""

    district: str
    fields: tuple[str, ...]
    target: str
    span: Span
    section: int


def find_references(
    document: Document, passages: Iterable[Passage], index: DistrictIndex, scopes: Scopes
) -> Iterator[Reference]:
    """The references of a document's prose, cut into passages, and of its tables."""
    for passage in passages:
        if not passage.text or len(passage.text) > _LONGEST or _CASES.search(passage.text):
            continue
        same = _SAME.search(passage.text)
        targets = index.find(passage.text[same.end() :], strict=True) if same else ()
        if same is None or len(targets) != 1:
            continue
        fields = _fields(passage.text[: same.end()])
        place = scopes.place(passage.section, passage.start)
        span = Span(passage.start, passage.start + len(passage.text))
        if fields and not place.aside and not place.of_use and place.home:
            for district in place.districts:
                if district != targets[0]:
                    yield Reference(district, fields, targets[0], span, passage.section.ordinal)
    yield from _in_tables(document, index)


def _fields(words: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(mention.field for mention in fields_named(words)))
    return _DIMENSIONS if _ALL.search(words) else named


def _in_tables(document: Document, index: DistrictIndex) -> Iterator[Reference]:
    """Cells such as "Same as R-1", under one axis of districts and one of fields."""
    for table in document.tables:
        for cell in table.cells:
            found = _CELL.match(document.cell_text(cell))
            targets = index.find(found["to"]) if found else ()
            if found is None or (len(targets) != 1 and not re.search(r"\d", found["to"])):
                continue
            grid = TableGrid(document, table)
            heads = (grid.label(cell.row).text, grid.header(cell.column))
            districts = next((codes for head in heads if (codes := index.find(head))), ())
            fields = next((named for head in heads if (named := read_label(head, bare=True).fields)), ())
            section = document.section_at(cell.spans[0].start).ordinal
            target = targets[0] if len(targets) == 1 else ""
            for district in districts:
                if fields and district != target:
                    yield Reference(district, tuple(fields), target, grid.quote(cell.row, cell), section)


def followed(
    standards: Mapping[str, tuple[Standard, ...]],
    references: Mapping[str, Sequence[tuple[Reference, Citation]]],
) -> dict[str, tuple[Standard, ...]]:
    """The standards with what districts leave to others filled in, each naming both places."""
    return {code: _followed(code, own, standards, references) for code, own in standards.items()}


def _followed(
    code: str,
    own: Sequence[Standard],
    standards: Mapping[str, tuple[Standard, ...]],
    references: Mapping[str, Sequence[tuple[Reference, Citation]]],
) -> tuple[Standard, ...]:
    found = [one for one in own if one.status is not Status.NOT_STATED]
    open_fields = {one.field for one in own} - {one.field for one in found}
    for reference, citation in references.get(code, ()):
        for name in reference.fields:
            if name in open_fields:
                given = _given(name, reference, standards, references)
                # A place that sets every dimension at once says nothing of those that its target lacks.
                if given or len(reference.fields) < len(_DIMENSIONS):
                    open_fields.discard(name)
                    found += [_by_reference(one, reference, citation) for one in given]
                    found += [] if given else [_delegated(name, citation)]
    left = [one for one in own if one.status is Status.NOT_STATED and one.field in open_fields]
    return tuple(sorted([*found, *left], key=lambda one: FIELDS.index(one.field)))


def _given(
    name: str,
    reference: Reference,
    standards: Mapping[str, tuple[Standard, ...]],
    references: Mapping[str, Sequence[tuple[Reference, Citation]]],
    depth: int = 0,
) -> list[Standard]:
    """What the target states for a field, itself or by a reference of its own."""
    stated = [
        one
        for one in standards.get(reference.target, ())
        if one.field == name and one.status is not Status.NOT_STATED
    ]
    if stated or depth >= _DEPTH:
        return stated
    for further, _ in references.get(reference.target, ()):
        if name in further.fields:
            return _given(name, further, standards, references, depth + 1)
    return []


def _by_reference(standard: Standard, reference: Reference, citation: Citation) -> Standard:
    words = " ".join(citation.quote.split())
    note = f"by reference to {reference.target}: {citation.section}, “{words}”"
    confidence = round(max(standard.confidence - _LESS_SURE, 0.5), 3)
    return replace(standard, note="; ".join(filter(None, (note, standard.note))), confidence=confidence)


def _delegated(name: str, citation: Citation) -> Standard:
    note = "the code sends the reader elsewhere, and no value was read there"
    return Standard(name, Status.DELEGATED, None, FIELD_UNITS[name], citation, ENGINE, 0.8, note=note)
