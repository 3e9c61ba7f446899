"""Notes below a table: the standards that they set for the cells that carry their marks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Cell, Document, Span, Table
from plotlot.domain.quantities import Quantity, find_quantities, normalise
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.prose_conditions import clause_start, conditions_of
from plotlot.extraction.reader.prose_fields import match_fields
from plotlot.extraction.reader.prose_limits import (
    cue,
    is_foreign,
    is_plain,
    is_plausible,
    is_unlike,
    opens_line,
)
from plotlot.extraction.reader.vocabulary import conditions_named, field_limit

_MARK = re.compile(
    r"\[\^?(?P<bracket>\w{1,12})\]|<sup>\W*(?P<sup>\w{1,2}|\*+)\W*</sup>|(?P<star>\*{1,4}|[†‡]+)"
    r"|(?P<over>[¹²³⁴⁵⁶⁷⁸⁹⁰]+)|(?<=[\w%.'’)])\s?\((?P<round>\d{1,2}|[a-zA-Z])\)(?!\s*(?:feet|ft|acres?|stor))"
    r"|(?:(?<=,\d{3})|(?<=[A-Za-z]{4}))(?P<glued>\d)(?!\d)"
)
_EMPHASIS = re.compile(r"\*\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*\*")
_OWN_MARK = re.compile(
    r"(?:(?:foot)?notes?\b|<\w+>|[^\w<*†‡¹²³⁴⁵⁶⁷⁸⁹⁰])*(?:\*+|[†‡]+|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|[a-z0-9]{1,12}(?=[\])>.:<\s]))(?:</\w+>|[\])>.:])*\s*",
    re.IGNORECASE,
)
_TAGS = re.compile(r"</?\w+>")
_SUPERSCRIPTS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
_FURTHER = re.compile(r"\badditional\b|\bplus\b|\bby\s+special\s+(?:use\s+)?(?:permit|exception)\b|\bwaive", re.IGNORECASE)  # fmt: skip
_ALLOWANCE = re.compile(r"\bmay\s+be\s+(?:\w+\s+)?(?:increased|extended|reduced|raised)\b", re.IGNORECASE)
_LONGEST = 700


@dataclass(frozen=True, slots=True)
class Note:
    """The words of a note after its mark, and where they stand; ``span`` holds the mark too."""

    mark: str
    text: str
    start: int
    span: Span


@dataclass(frozen=True, slots=True)
class NotedValue:
    """A standard that a note sets, with the words it is read from."""

    field: str
    value: float
    quoted_value: str
    quoted_unit: str
    conditions: dict[str, str]
    span: Span


def marks_in(text: str) -> frozenset[str]:
    """The marks of notes in a cell as written: ``[^1]``, ``(1)``, ``*``, ``¹``, ``9,0001``."""
    plain = _EMPHASIS.sub(r"\1", text.replace("\\", ""))
    found = (next(group for group in match.groups() if group) for match in _MARK.finditer(plain))
    return frozenset(mark.translate(_SUPERSCRIPTS).lower() for mark in found)


def notes_of(document: Document, table: Table) -> tuple[Note, ...]:
    """The notes of a table whose mark one of its cells carries."""
    if not table.footnotes:
        return ()
    carried = {mark for cell in table.cells for mark in marks_in(document.cell_text(cell))}
    notes = []
    for footnote in table.footnotes:
        words = document.slice(footnote.span)
        opening = _OWN_MARK.match(words)
        cut = opening.end() if opening else 0
        if footnote.mark.lower() in carried and cut < len(words) <= _LONGEST:
            start = footnote.span.start + cut
            notes.append(Note(footnote.mark.lower(), words[cut:], start, footnote.span))
    return tuple(notes)


def notes_on(document: Document, cells: Iterable[Cell], notes: Sequence[Note]) -> tuple[Note, ...]:
    """The notes whose mark one of the cells carries."""
    marks = {mark for cell in cells for mark in marks_in(document.cell_text(cell))} if notes else set()
    return tuple(note for note in notes if note.mark in marks)


def read_note(
    document: Document, note: Note, fields: Sequence[str], *, implied: bool
) -> Iterator[NotedValue]:
    """The values that a note sets for the fields of a marked cell, each under a condition.

    ``implied``: the marked cell or label itself says which field the note is about.
    """
    text = _TAGS.sub(lambda tag: " " * len(tag[0]), note.text)
    passage = Passage(text, note.start, document.section_at(note.start))
    mentions = fields_named(text)
    for quantity in find_quantities(text):
        matches = match_fields(passage, quantity, mentions)
        named = [match for match in matches if match.field in fields]
        if named:
            mention, name = named[0].mention, named[0].field
        elif implied and not matches and not mentions and len(fields) == 1:
            mention, name = None, fields[0]
        else:
            continue
        before, after = text[: quantity.start], text[quantity.end :]
        limit = cue(text, quantity, mention)
        if limit != field_limit(name) and (
            limit or not (is_plain(before, mention, quantity) or opens_line(before))
        ):
            continue
        if is_unlike(name, before, after) or is_foreign(text, quantity):
            continue
        value = _noted(passage, quantity, name)
        if value is not None:
            yield value


def _noted(passage: Passage, quantity: Quantity, name: str) -> NotedValue | None:
    """The value where it is a limit under a condition, and no addition and no mere permission."""
    text = passage.text
    value = normalise(quantity.value, quantity.unit, name) if quantity.unit else None
    conditions = conditions_of(text, quantity, clause_start(text, quantity), name, passage)
    start = max(text.rfind(". ", 0, quantity.start) + 1, 0)
    sentence = text[start : quantity.end + 60]
    if value is None or not is_plausible(name, value) or not conditions or _FURTHER.search(sentence):
        return None
    if "program" in conditions or "program" in conditions_named(text) or _ALLOWANCE.search(sentence):
        return None
    stop = re.search(r"[.;](?:\s|$)", text[quantity.end :])
    end = quantity.end + stop.end() if stop else len(text)
    span = Span(passage.start + start + len(text[start:]) - len(text[start:].lstrip()), passage.start + end)
    return NotedValue(name, value, quantity.number_text, quantity.unit, conditions, span)
