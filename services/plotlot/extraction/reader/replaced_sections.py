"""Amendments that word a section anew: ``Section 4.3 is amended to read as follows: ...``.

The new words are read where the old ones stood, under their headings, since they seldom name a district.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.documents import Cell, Document, Footnote, Section, Span, Table
from plotlot.domain.standards import Citation, Standard, Status
from plotlot.extraction.reader.readings import Reading

_ORDERS = re.compile(
    r"(?:\bsections?|\bsec\.|§)\s*(?P<number>\d[\w.-]*?)(?P<parts>(?:\s?\(\w{1,4}\))*)(?=[\s,])(?P<rest>[^.;:]{0,200}?)"
    r"\b(?:is|are|be)\s+(?:hereby\s+)?(?:amended|revised|repealed\s+and\s+re(?:placed|enacted))\b[^.;:]{0,60}?"
    r"\bread(?:\s+in\s+(?:its|their)\s+entirety)?(?:\s+as\s+follows|\s+thus)?\s*[:.]",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"^[ \t#*]*(?:section|sec\.|article|§)\s*(?P<number>[\dIVX][\w.-]*?)[.:]?(?=\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSES = re.compile(
    r"^[ \t#*]*(?:this\s+(?:ordinance|amendment|act)\s+(?:shall|takes|is)|passed\s+(?:and|this|by)|adopted\s+(?:and|this|by)"
    r"|severability|effective\s+date|be\s+it\s+further)\b",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(r"\d[\w.-]*")
_PART = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Replacement:
    """A section of a code and the words, in another document, that take its place."""

    code: Document
    section: int
    document: Document
    words: Span

    @property
    def shift(self) -> int:
        """How much further the new words stand in the amendment than in the section set anew."""
        return self.words.start - len(_headings_above(self))

    def holds(self, span: Span) -> bool:
        """Whether a place of the amendment lies among the new words."""
        return self.words.start <= span.start < self.words.end

    def moved_back(self, reading: Reading) -> Reading:
        """What was read from the section set anew, at its place in the amendment."""
        span = Span(reading.span.start + self.shift, reading.span.end + self.shift)
        return replace(reading, span=span, section=self.document.section_at(span.start).ordinal)


def find_replacements(documents: Sequence[Document]) -> list[Replacement]:
    """The sections that documents word anew and that are found in one of the others."""
    return [
        Replacement(code, section, document, words)
        for document in documents
        for match in _ORDERS.finditer(document.text)
        for words in _new_words(document.text, match)
        for code in documents
        if code is not document
        for section in _sections(code, match["number"], _PART.findall(match["parts"]))
    ]


def _new_words(text: str, order: re.Match[str]) -> Iterator[Span]:
    """What follows the order, up to the next section of the amendment; nothing where that is empty."""
    end = len(text)
    for found in _NEXT.finditer(text, order.end()):
        if found["number"].rstrip(".:") != order["number"].rstrip("."):
            end = found.start()
            break
    closing = _CLOSES.search(text, order.end(), end)
    end = closing.start() if closing else end
    if text[order.end() : end].strip():
        yield Span(order.end(), end)


def _sections(code: Document, number: str, parts: Sequence[str]) -> Iterator[int]:
    """The sections of a code with a number, or their paragraphs by the labels of ``parts``."""
    for section in code.sections[1:]:
        found = _NUMBER.search(section.label) if section.kind != "subsection" else None
        if found is None or found[0].rstrip(".") != number.rstrip("."):
            continue
        place: int | None = section.ordinal
        for part in parts:
            place = next(
                (
                    one.ordinal
                    for one in code.sections
                    if one.parent == place and _PART.findall(one.label) == [part]
                ),
                None,
            )
        if place is not None:
            yield place


def set_anew(replacement: Replacement) -> Document:
    """The section as it now reads, below the headings that it stands under."""
    above = _headings_above(replacement)
    words, shift = replacement.words, replacement.shift
    text = above + replacement.document.slice(words)
    sections = [Section(0, None, "document", "", replacement.code.title, 0, len(text), 0)]
    start = 0
    for old in _path(replacement):
        end = start + len(old.title)
        sections.append(
            Section(len(sections), len(sections) - 1, old.kind, old.label, old.heading, start, len(text), end)
        )
        start = end + 1
    sections += _inner(replacement, len(sections) - 1, shift)
    tables = [
        _moved(table, shift)
        for table in replacement.document.tables
        if words.start <= table.start and table.end <= words.end
    ]
    return replace(
        replacement.document,
        text=text,
        sections=tuple(sections),
        tables=tuple(tables),
        page_starts=(),
        text_sha256="",
    )


def _path(replacement: Replacement) -> list[Section]:
    return [*reversed([*replacement.code.ancestors(replacement.section)])]


def _headings_above(replacement: Replacement) -> str:
    return "".join(f"{section.title}\n" for section in _path(replacement))


def _inner(replacement: Replacement, top: int, shift: int) -> Iterator[Section]:
    """The sections among the new words, below the one that they replace."""
    ordinals: dict[int | None, int] = {}
    for section in replacement.document.sections:
        if replacement.words.start <= section.start < replacement.words.end:
            ordinals[section.ordinal] = top + 1 + len(ordinals)
            yield replace(
                section,
                ordinal=ordinals[section.ordinal],
                parent=ordinals.get(section.parent, top),
                start=section.start - shift,
                body_start=min(section.body_start, replacement.words.end) - shift,
                end=min(section.end, replacement.words.end) - shift,
                page=None,
            )


def _moved(table: Table, shift: int) -> Table:
    def moved(span: Span) -> Span:
        return Span(span.start - shift, span.end - shift)

    def cell(one: Cell) -> Cell:
        return replace(one, spans=tuple(map(moved, one.spans)))

    return replace(
        table,
        start=table.start - shift,
        end=table.end - shift,
        cells=tuple(map(cell, table.cells)),
        caption=moved(table.caption) if table.caption else None,
        footnotes=tuple(Footnote(note.mark, moved(note.span)) for note in table.footnotes),
    )


def superseded(
    standards: Sequence[Standard],
    fresh: Sequence[Standard],
    replacement: Replacement,
) -> tuple[Standard, ...]:
    """A district's standards after a section was worded anew; ``fresh`` is what the new words say of it.

    Where a date is missing, old and new both stand as conflicting; an old value to which the new words
    have none stands as conflicting too.
    """
    section = replacement.code.section_path(replacement.section)
    before, after = replacement.code.effective_date, replacement.document.effective_date
    dated = bool(before and after and before <= after)
    result: list[Standard] = []
    used: set[int] = set()
    for old in standards:
        if not _stands_in(old, replacement):
            result.append(old)
            continue
        rivals = [one for one in fresh if one.field == old.field and one.conditions == old.conditions]
        used.update(map(id, rivals))
        result += _settled(old, rivals, section, after if dated else None)
    added = [one for one in fresh if id(one) not in used]
    open_fields = {one.field for one in result if one.status is Status.NOT_STATED}
    filled = [replace(one, note=_since(one, after)) for one in added if one.field in open_fields]
    taken = {one.field for one in filled}
    return (
        *(one for one in result if one.status is not Status.NOT_STATED or one.field not in taken),
        *filled,
    )


def _stands_in(standard: Standard, replacement: Replacement) -> bool:
    citation = standard.citation
    section = replacement.code.sections[replacement.section]
    return (
        citation is not None
        and citation.document_sha256 == replacement.code.text_sha256
        and section.start <= citation.start < section.end
    )


def _settled(old: Standard, rivals: Sequence[Standard], section: str, since: str | None) -> list[Standard]:
    quote = _words(old.citation)
    if rivals and since:
        return [
            replace(one, note=f"amended, in force since {since}; before: “{quote}” ({section})")
            for one in rivals
        ]
    if rivals:
        note = f"an amendment words {section} anew, and which of the two came later is not known"
        return [replace(one, status=Status.CONFLICTING, note=note) for one in (old, *rivals)]
    note = f"an amendment words {section} anew, and no value for this was read from its words"
    return [replace(old, status=Status.CONFLICTING, note=note)]


def _since(standard: Standard, since: str | None) -> str:
    return "; ".join(
        filter(
            None,
            (
                standard.note,
                f"set by an amendment, in force since {since}" if since else "set by an amendment",
            ),
        )
    )


def _words(citation: Citation | None) -> str:
    return " ".join(citation.quote.split()) if citation else ""
