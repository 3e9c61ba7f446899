"""Lettered and numbered paragraphs, nested by their numbering style and its order."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plotlot.domain.texts import whole_number

from .draft import Heading
from .headings import PARAGRAPH_RANK
from .lines import Line

_MARKER = re.compile(
    r"[ \t]*(?:(?:\d{1,3}\.|[-*+])[ \t]+(?=[_*]*\())?[_*]{0,3}"
    r"(?P<label>\((?P<enclosed>[A-Za-z]{1,5}|\d{1,3})\)|(?P<open>[A-Za-z]|[ivxIVX]{2,5}|\d{1,2})[.)])"
    r"[_*]{0,3}(?P<rest>\s.*|)$"
)
_RUN_IN = re.compile(r"\s*[*_]{0,3}(?P<text>[A-Z][^.:;]{1,70}?)[*_]{0,3}(?P<stop>[.:–—])[*_]{0,3}(?:\s|$)")
_VERB = re.compile(
    r"\b(?:shall|is|are|was|may|must|be|has|have|will|can|should|does|do|applies|apply|means)\b"
)
_CLOSED = re.compile(r"[.;:!?—–)\]*_\\\"”]\s*$|(?:\band|\bor)\s*$", re.I)
_REFERENCE = re.compile(
    r"\s*(?:(?:feet|foot|ft|percent|acres?|square|stor(?:y|ies)|spaces?|units?|of|and|or|above|below|hereof|herein|through|to|in|shall|is|are|as|for|with|may|if|by)\b|[,;)])"
)
_INLINE = re.compile(
    r"(?<=[^a-z,]\s)(?P<label>\((?P<enclosed>[a-z]{1,4}|[A-Z]|\d{1,2})\)|(?P<open>[a-z]|[ivx]{2,4}|\d{1,2})\.)"
    r"(?P<rest>\s+(?=[A-Z“\"]))"
)
_LONG_LINE = 300
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}
_WRAPPED_WIDTH = 45
_DEEPEST = 12
_RUN_IN_WORDS = 9


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a marker: ``(i)`` is a roman one or the letter after ``(h)``."""

    style: str
    value: int


@dataclass(frozen=True, slots=True)
class _Level:
    reading: _Reading
    indent: int


def find_paragraphs(
    lines: Sequence[Line], headings: Sequence[Heading], skipped: Iterable[int] = ()
) -> list[Heading]:
    """The paragraphs of every section as subsections; their nesting starts anew at each heading."""
    ignored = frozenset(skipped)
    boundaries = sorted((heading.start, heading.body_start) for heading in headings)
    found: list[Heading] = []
    levels: list[_Level] = []
    position = covered = 0
    for place, line in enumerate(lines):
        inner: list[int] = []
        while position < len(boundaries) and boundaries[position][0] < line.end:
            start, body_start = boundaries[position]
            if start <= line.start + line.indent:
                levels, covered = [], body_start
            else:
                inner.append(start)
            position += 1
        if line.start in ignored or line.end <= covered:
            continue
        if line.start >= covered:
            levels = _opening(lines, place, levels, found)
        if len(line.text) > _LONG_LINE:
            levels = _inside(line, levels, found, inner)
    return found


def _opening(lines: Sequence[Line], place: int, levels: list[_Level], found: list[Heading]) -> list[_Level]:
    """The open levels after the marker that a line may begin with; its paragraph is added."""
    line = lines[place]
    match = _MARKER.match(line.text)
    if match is None or _is_reference(lines, place, match):
        return levels
    nested = _nest(levels, _readings(match), match.start("label"))
    if nested is None:
        return levels
    found.append(_paragraph(line, match, line.indent, len(nested)))
    return nested


def _inside(line: Line, levels: list[_Level], found: list[Heading], ends: Sequence[int]) -> list[_Level]:
    """Paragraphs that begin inside a long line; only the first or the next of a list counts."""
    waiting = list(ends)
    for match in _INLINE.finditer(line.text, line.indent + 1):
        while waiting and waiting[0] <= line.start + match.start():
            waiting.pop(0)
            levels = []
        readings = _readings(match)
        nested = _next_in_open_list(levels, readings, 0) or _first_of_new_list(levels, readings, 0)
        if nested is not None:
            levels = nested
            found.append(_paragraph(line, match, match.start(), len(levels)))
    return levels


def _paragraph(line: Line, match: re.Match[str], start: int, depth: int) -> Heading:
    run_in = _RUN_IN.match(line.text, match.start("rest"))
    text, body_start = "", line.start + match.start("rest")
    if run_in and len(run_in["text"].split()) <= _RUN_IN_WORDS and not _VERB.search(run_in["text"]):
        follows = line.text[run_in.end() :].strip()
        if follows or run_in["stop"] != ".":
            text, body_start = run_in["text"].strip(), line.start + run_in.end()
    return Heading(
        start=line.start + start,
        body_start=body_start,
        kind="subsection",
        label=match["label"],
        text=text,
        rank=PARAGRAPH_RANK + depth,
    )


def _is_reference(lines: Sequence[Line], place: int, match: re.Match[str]) -> bool:
    """Whether the marker is the wrapped end of a sentence (``as required in / (b) of this section``)."""
    line = lines[place]
    if place == 0 or line.blank_before:
        return False
    above = lines[place - 1].text.rstrip()
    if len(above.strip()) < _WRAPPED_WIDTH or _CLOSED.search(above):
        return False
    return _REFERENCE.match(match["rest"]) is not None or match["enclosed"] is None


def _readings(match: re.Match[str]) -> list[_Reading]:
    """Every style the marker may belong to, the likelier first."""
    body = match["enclosed"] or match["open"]
    shape = "()" if match["enclosed"] else match["label"][-1]
    number = whole_number(body)
    if number is not None:
        return [_Reading(shape + "1", number)]
    case = "A" if body.isupper() else "a"
    if not (body.isascii() and body.isalpha()) or (body != body.upper() and body != body.lower()):
        return []
    readings = []
    letters = body.lower()
    if len(set(letters)) == 1 and len(letters) <= 2:
        value = ord(letters[0]) - 96 + 26 * (len(letters) - 1)
        readings.append(_Reading(shape + case, value))
    roman = _roman(letters)
    if roman:
        readings.append(_Reading(shape + case + "roman", roman))
    return readings


def _roman(letters: str) -> int:
    """The value of a roman numeral, zero for other letters."""
    if any(letter not in _ROMAN_VALUES for letter in letters):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in letters]
    total = sum(
        -value if following > value else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
    return total if re.fullmatch(r"x{0,3}(ix|iv|v?i{0,3})|l", letters) else 0


def _nest(levels: list[_Level], readings: list[_Reading], indent: int) -> list[_Level] | None:
    """The open levels after this marker, or None where it fits no list."""
    if not readings:
        return None
    return (
        _next_in_open_list(levels, readings, indent)
        or _first_of_new_list(levels, readings, indent)
        or _later_in_open_list(levels, readings, indent)
        or _first_seen(levels, readings, indent)
    )


def _next_in_open_list(levels: list[_Level], readings: list[_Reading], indent: int) -> list[_Level] | None:
    for depth in range(len(levels) - 1, -1, -1):
        for reading in readings:
            level = levels[depth].reading
            if reading.style == level.style and reading.value == level.value + 1:
                return [*levels[:depth], _Level(reading, indent)]
    return None


def _first_of_new_list(levels: list[_Level], readings: list[_Reading], indent: int) -> list[_Level] | None:
    firsts = [reading for reading in reversed(readings) if reading.value == 1]
    if not firsts or len(levels) >= _DEEPEST:
        return None
    reading = firsts[0]
    for depth, level in enumerate(levels):
        innermost = depth == len(levels) - 1
        if level.reading.style == reading.style and (level.indent > indent or innermost):
            return [*levels[:depth], _Level(reading, indent)]
    return [*levels, _Level(reading, indent)]


def _later_in_open_list(levels: list[_Level], readings: list[_Reading], indent: int) -> list[_Level] | None:
    for depth in range(len(levels) - 1, -1, -1):
        for reading in readings:
            level = levels[depth].reading
            if reading.style == level.style and level.value < reading.value <= level.value + 6:
                return [*levels[:depth], _Level(reading, indent)]
    return None


def _first_seen(levels: list[_Level], readings: list[_Reading], indent: int) -> list[_Level] | None:
    """A list that starts late, as where its beginning was repealed or lies on a lost page."""
    if levels or readings[0].value > 12:
        return None
    return [_Level(readings[0], indent)]


def label_of_item(start: int, number: int, style: str, depth: int, text: str) -> Heading | None:
    """A list item as a paragraph, with the label that its list shows; None where its text has one."""
    if _MARKER.match(text.lstrip()) or number < 1:
        return None
    letters = {"a": chr(96 + number), "A": chr(64 + number)} if number <= 26 else {}
    roman = _roman_letters(number)
    shown = {**letters, "i": roman, "I": roman.upper()}.get(style, str(number))
    return Heading(start, start, "subsection", f"{shown}.", "", PARAGRAPH_RANK + depth)


def _roman_letters(number: int) -> str:
    letters = ""
    for value, numeral in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while number >= value:
            letters += numeral
            number -= value
    return letters
