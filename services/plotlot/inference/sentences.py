"""Sentences of legal text, as spans: prose, lettered lists, rows of tables."""

import re
from collections.abc import Iterator
from itertools import pairwise

from plotlot.domain.documents import Span
from plotlot.domain.quantities import find_quantities

LONGEST = 600  # characters; a longer sentence is cut at its semicolons and commas
SHORT_LINE = 50  # characters; a line so short that stands above a capital is a heading, not wrapped prose

_SHORT_FORMS = (
    "sec secs art ch no nos sq ft in min max approx e.g i.e etc vs st ave blvd dr fig vol inc co ord"
)
_ABBREVIATIONS = frozenset(_SHORT_FORMS.split())
_MARKER = re.compile(r"(\([a-z0-9]{1,4}\)|[a-z0-9]{1,3}[.)]|[-•*–]|§+|sec(tion|\.)?)\s", re.IGNORECASE)
_BRACKETED = re.compile(r"\((\d{1,4})\)")
_TABULAR = re.compile(r"\||\t|\S {3,}\S")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"“‘(\[]?[A-Z0-9§])|;\s+")
_STATEMENT = re.compile(r"\b(?:shall|must|may|will|is|are|was|were|has|have|need|needs|means)\b")
_CLAUSE_END = re.compile(r"[;:,]\s+")


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of a text, in order, without the white space around them."""
    spans: list[Span] = []
    for line in _split(text, Span(0, len(text)), _line_ends(text)):
        for sentence in _split(text, line, _sentence_ends(text, line)):
            spans.extend(_shortened(text, sentence))
    return spans


def _line_ends(text: str) -> Iterator[int]:
    """Where a line break ends a sentence; elsewhere it only wraps one."""
    lines = text.splitlines(keepends=True)
    offset = 0
    for line, below in pairwise(lines):
        offset += len(line)
        if _ends_here(line.strip(), below.strip()):
            yield offset


def _ends_here(line: str, below: str) -> bool:
    if not line or not below or line[-1] in ".:;!?":
        return True
    if _TABULAR.search(line) or _TABULAR.search(below):
        return True
    if _is_number_told_twice(line, below):
        return False
    if _MARKER.match(below):
        return True
    return len(line) <= SHORT_LINE and not below[0].islower()


def _is_number_told_twice(line: str, below: str) -> bool:
    """Whether a line ends in a number whose digits stand below it in brackets: ``ninety`` above ``(90) days``."""
    digits = _BRACKETED.match(below)
    if digits is None:
        return False
    words = line[-40:]
    return any(
        found.end == len(words) and found.value == float(digits[1]) for found in find_quantities(words)
    )


def _sentence_ends(text: str, within: Span) -> Iterator[int]:
    for found in _SENTENCE_END.finditer(text, within.start, within.end):
        word = re.search(r"[\w.]+$", text[max(within.start, found.start() - 12) : found.start()])
        last = word.group().casefold() if word else ""
        list_marker = found.start() - within.start <= 3
        if found.group().startswith(";"):
            if _STATEMENT.search(text, found.end(), _clause_end(text, found.end(), within.end)):
                yield found.end()
        elif not (last in _ABBREVIATIONS or len(last) == 1 or list_marker):
            yield found.end()


def _clause_end(text: str, start: int, end: int) -> int:
    """Where the clause that starts there ends."""
    at = text.find(";", start, end)
    return end if at < 0 else at


def _shortened(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence, cut at clauses into pieces of at most ``LONGEST`` characters where they allow it."""
    if len(sentence) <= LONGEST:
        yield sentence
        return
    ends: list[int] = []
    start = sentence.start
    previous = start
    for found in _CLAUSE_END.finditer(text, sentence.start, sentence.end):
        if found.end() - start > LONGEST and previous > start:
            ends.append(previous)
            start = previous
        previous = found.end()
    yield from _split(text, sentence, iter(ends))


def _split(text: str, within: Span, ends: Iterator[int]) -> Iterator[Span]:
    """The pieces of a span between cuts, stripped; empty ones are left out."""
    start = within.start
    for end in (*ends, within.end):
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, first + len(stripped))
        start = end
