"""Cuts a document into sentences and labelled lines, each with the words that introduce it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plotlot.domain.documents import Document, Section

_BREAK = re.compile(
    r"""[.;:\n](?:
       (?<=[.;])(?<!\bft.)(?<!\bsq.)(?<!\bmin.)(?<!\bmax.)(?<!\bsec.)(?<!\bno.)(?<!\bart.)(?<!\bs\.f.)(?<!\bapprox.)(?<!\bu\.s.)(?<!\bi\.e.)(?<!\be\.g.)
        (?:[”"’)])*\s+(?=[A-Z(“"•*\d—–-]|and\b|or\b)
      |(?<=\b(?:ft|sq|in)\b\.)\s+(?=(?-i:The|No|All|Each|Every|In|For|Where|A|Any|Front|Side|Rear|Lot|Minimum|Maximum|\([a-z0-9]\))\s)
      |(?<=:)\s*\n\s*(?=\S)
      |(?<=follows:)\s+(?=[A-Z(])
      |(?<=\n)[ \t]*\n\s*
      |(?<=\n)[ \t]*(?!\(\d{1,3}\)\s*(?:feet|foot|ft|percent|%|acres?|square|stor|spaces?|units?))(?=(?:[-•*◦▪●]|\(?[a-zA-Z0-9]{1,2}[.)]|\(?[ivx]{1,4}[.)])\s)
      )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_INLINE_LABEL = re.compile(r"\s(?=(?:[a-h]\.\s+[A-Z][A-Za-z]|[•*]{1,4}\s?[A-Z(]|[A-Z]\d-[A-Z]\s=\s))")
_INLINE_CAPITALS = re.compile(r"(?<=[.;*)])\s(?=[A-Z]{4,}\s+[A-Z]{4,})")
_LABEL_LINE = re.compile(
    r"\n[ \t]*(?=(?:Minimum|Maximum|Min\.|Max\.|Front|Side|Rear|Lot|Street|Building|Height|Density|Parking|Interior|Corner|Floor|Setbacks?)\b[^.;:\n]{0,45}:)"
)
_SHORT_LINE = re.compile(r"\n[ \t]*(?=[A-Z]|\((?!\d))")
_CAPITALS = re.compile(r"(?:\b[A-Z][A-Z/&-]+\b[\s,:]*(?:\([^)]{1,14}\)\s*)?){1,9}")
_GROUP = re.compile(
    r"(?:\(?\w{1,3}[.)]\s*)*(?:accessory|principal|main|detached)\s+(?:buildings?|structures?|uses?|dwellings?)(?:\s+and\s+\w+)?\s*:",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:\(?[A-Za-z0-9]{1,3}[.)]\s*)+[A-Z][A-Za-z ,/&-]{3,60}\.?")
_LONG_LINE = 600


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or labelled line; ``lead`` introduces it, ``headings`` stand over it."""

    text: str
    start: int
    section: Section
    lead: str = ""
    headings: tuple[str, ...] = ()


def passages(document: Document) -> Iterator[Passage]:
    """Every passage of a document outside its tables, in order."""
    children: dict[int, list[Section]] = {}
    for section in document.sections:
        if section.parent is not None:
            children.setdefault(section.parent, []).append(section)
    leads: dict[int, str] = {}
    run_on = is_run_on(document.text)
    lead = ""
    for section in document.sections:
        inherited = leads.get(section.parent, "") if section.parent is not None else ""
        last = ""
        headings = tuple(s.heading or "" for s in document.ancestors(section.ordinal))
        # Without line breaks the tree is uncertain, so what was said last introduces what follows.
        lead = lead if run_on else inherited if section.kind == "subsection" else ""
        for start, end in _own_ranges(document, section, children.get(section.ordinal, [])):
            for passage in _cut(document, section, start, end, lead, headings, run_on):
                lead = passage.lead
                if passage.text:
                    last = passage.text
                    yield passage
        leads[section.ordinal] = lead
        if last.endswith(":") and section.parent is not None and not children.get(section.ordinal):
            # A line that closes one item and ends in a colon introduces the items after it.
            leads[section.parent] = lead


def is_run_on(text: str) -> bool:
    """Whether a text came without its line breaks, as a print of a web page does."""
    return len(text) / (text.count("\n") + 1) >= _LONG_LINE


def _own_ranges(document: Document, section: Section, children: list[Section]) -> Iterator[tuple[int, int]]:
    start = section.body_start if section.kind != "subsection" else section.start
    holes = [(child.start, child.end) for child in children]
    holes += [
        (table.start, table.end)
        for table in document.tables
        if table.start < section.end and table.end > section.start
    ]
    for hole_start, hole_end in sorted(holes):
        if hole_start > start:
            yield start, min(hole_start, section.end)
        start = max(start, hole_end)
    if start < section.end:
        yield start, section.end


def _cut(
    document: Document,
    section: Section,
    start: int,
    end: int,
    lead: str,
    headings: tuple[str, ...],
    run_on: bool,
) -> Iterator[Passage]:
    text = document.text[start:end]
    cuts = {match.end() for match in _BREAK.finditer(text)}
    cuts |= {match.end() for match in _SHORT_LINE.finditer(text) if _ends_short(text, match.start())}
    cuts |= {match.end() for match in _LABEL_LINE.finditer(text)}
    if run_on:
        cuts |= {match.end() for match in _INLINE_LABEL.finditer(text)}
        cuts |= {match.end() for match in _INLINE_CAPITALS.finditer(text)}
    previous = 0
    for cut in [*sorted(cuts), len(text)]:
        piece = text[previous:cut]
        body = piece.strip()
        if body:
            offset = start + previous + len(piece) - len(piece.lstrip())
            yield Passage(body, offset, section, lead, headings)
            lead = _next_lead(body, lead, run_on)
            yield Passage("", offset, section, lead, headings)
        previous = cut


def _ends_short(text: str, newline: int) -> bool:
    """A line that stops well before the margin ends what it says."""
    line_start = text.rfind("\n", 0, newline) + 1
    return len(text[line_start:newline].strip()) < 55


def _next_lead(body: str, lead: str, run_on: bool) -> str:
    if body.endswith(":") or body.endswith(("following", "follows")):
        return body[-220:]
    if run_on:
        capitals = [m[0].strip() for m in _CAPITALS.finditer(body[-160:]) if len(m[0].strip()) > 9]
        return capitals[-1] if capitals else lead
    group = _GROUP.match(body)
    if group:
        return group[0]
    if body.endswith(";") and ":" in body[:60] and not run_on:
        # "Lot area: 7,500 sq. ft. (single-family); 10,000 sq. ft. (duplex)" has one label.
        return body[: body.index(":")] + ";"
    if lead.endswith(";") and not body.endswith(";"):
        lead = ""
    if _TITLE.fullmatch(body):
        return body
    if body.isupper() and 3 < len(body) < 80:
        return body
    return lead
