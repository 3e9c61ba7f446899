"""Finds the headings of a code in lines of text and ranks them into a tree."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .draft import Heading
from .heading_lines import LEADERS, Candidate, candidate_at
from .lines import Line

RANKS = {
    "title": 10,
    "part": 20,
    "subpart": 25,
    "appendix": 28,
    "chapter": 30,
    "subchapter": 35,
    "article": 40,
    "division": 50,
    "subdivision": 55,
    "section": 60,
    "number": 60,
    "table": 75,
}
PARAGRAPH_RANK = 80
_BODILESS_LINES = 2
_LIST_NEIGHBOURS = 3
_LISTED_LINES = 3
_FEWEST_IN_SERIES = 3
_FURTHER = re.compile(r"[.-]\d")
_LETTERED = re.compile(r"\s*\(?[A-Za-z1]{1,2}[.)]\s")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def find_headings(lines: Sequence[Line], skipped: Iterable[int] = ()) -> list[Heading]:
    """The headings among the lines, without those of a table of contents.

    ``skipped`` holds the starts of lines that cannot be headings: page headers, table rows.
    """
    ignored = frozenset(skipped)
    found = [
        candidate
        for place, line in enumerate(lines)
        if line.start not in ignored and (candidate := candidate_at(lines, place)) is not None
    ]
    for sift in (_without_contents, _without_strays, _without_plain_tables):
        found = sift(found, lines)
    return _ranked(found)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Whether a candidate looks like an entry of a table of contents, and whether for certain."""

    listed: bool
    leaders: bool


def _without_contents(found: list[Candidate], lines: Sequence[Line]) -> list[Candidate]:
    """Drop entries of a table of contents: dot leaders, or runs without bodies named again later."""
    keys = [_key(candidate) for candidate in found]
    words = [(key, _plain(candidate.text)) for key, candidate in zip(keys, found, strict=True)]
    last_place = {key: place for place, key in enumerate(keys)}
    last_words = {pair: place for place, pair in enumerate(words)}
    entries = [_entry(found, place, lines, last_place[keys[place]]) for place in range(len(found))]
    keep: list[Candidate] = []
    dropped_before = False
    for place, candidate in enumerate(found):
        entry = entries[place]
        near = entries[max(0, place - _LIST_NEIGHBOURS) : place + _LIST_NEIGHBOURS + 1]
        listed = sum(other.listed or other.leaders for other in near)
        in_list = entry.listed and (entry.leaders or listed >= _LIST_NEIGHBOURS)
        dotted = entry.leaders and ("..." in lines[candidate.line].text or listed >= 2)
        last_of_list = dropped_before and last_words[words[place]] > place
        dropped_before = in_list or dotted or last_of_list
        if not dropped_before:
            keep.append(candidate)
    return keep


def _entry(found: Sequence[Candidate], place: int, lines: Sequence[Line], last_place: int) -> _Entry:
    candidate = found[place]
    following = found[place + 1].line if place + 1 < len(found) else len(lines)
    below = lines[candidate.line + 1 : candidate.line + 1 + _LISTED_LINES]
    paged = len(below) == _LISTED_LINES and all(LEADERS.search(line.text) for line in below)
    bodiless = paged or following - candidate.line <= _BODILESS_LINES
    repeated = last_place > place
    bulleted = lines[candidate.line].text.lstrip()[:1] in "*•" and bodiless
    return _Entry(((candidate.in_contents or bodiless) and repeated) or bulleted, candidate.in_contents)


def _key(candidate: Candidate) -> tuple[str, str]:
    return candidate.kind, arabic(candidate.number.upper().rstrip("."))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _without_strays(found: list[Candidate], lines: Sequence[Line]) -> list[Candidate]:
    """Drop bare numbers outside a series, and a lone chapter cited in the middle of articles."""
    series = Counter(_prefix(c) for c in found if c.word == "number")
    chapters = {arabic(c.number) for c in found if c.word not in ("number", "section", "table")}
    words = Counter(c.word for c in found)
    keyed = _numbers_follow_divisions(found)
    keep: list[Candidate] = []
    lowest_seen, division = 0, ""
    for candidate in found:
        rank = RANKS[candidate.word]
        lone = words[candidate.word] == 1 and rank < lowest_seen and candidate.word != "appendix"
        if lone and (_is_wordy(candidate.text) or not lines[candidate.line].blank_before):
            continue
        if candidate.word == "number":
            prefix = _prefix(candidate)
            known = prefix in chapters or (series[prefix] >= _FEWEST_IN_SERIES and not candidate.bare)
            if not known or (keyed and prefix != division):
                continue
        elif rank < RANKS["section"]:
            division = arabic(candidate.number)
            lowest_seen = max(lowest_seen, rank)
        keep.append(candidate)
    return keep


def _is_wordy(text: str) -> bool:
    """Whether a heading goes on like a definition."""
    return sum(word.islower() for word in text.split()) >= 4


def _numbers_follow_divisions(found: Sequence[Candidate]) -> bool:
    """Whether bare numbers start with the number of the chapter that they stand in."""
    division, agreeing, all_numbers = "", 0, 0
    for candidate in found:
        if candidate.word == "number":
            all_numbers += 1
            agreeing += _prefix(candidate) == division
        elif RANKS[candidate.word] < RANKS["section"]:
            division = arabic(candidate.number)
    return agreeing * 10 >= all_numbers * 8 > 0


def _without_plain_tables(found: list[Candidate], lines: Sequence[Line]) -> list[Candidate]:
    """Keep ``Table 2.7`` only where lettered paragraphs follow, as where a code sets districts so."""
    keep: list[Candidate] = []
    for candidate in found:
        below = list(lines[candidate.line + 1 : candidate.line + 4])
        lettered = any(_LETTERED.match(line.text) and not LEADERS.search(line.text) for line in below)
        if candidate.word != "table" or lettered:
            keep.append(candidate)
    return keep


def _prefix(candidate: Candidate) -> str:
    return re.split(r"[.-]", candidate.number)[0]


def arabic(number: str) -> str:
    """A roman numeral in arabic digits; other numbers as they are."""
    if not number or any(letter not in _ROMAN_VALUES for letter in number):
        return number
    values = [_ROMAN_VALUES[letter] for letter in number]
    following = [*values[1:], 0]
    return str(
        sum(-value if after > value else value for value, after in zip(values, following, strict=True))
    )


def _ranked(found: list[Candidate]) -> list[Heading]:
    """Headings with ranks: a section whose number extends an open section's lies inside it."""
    ranks = _ranks(found)
    headings = []
    open_numbers: list[str] = []
    for candidate in found:
        rank = ranks[candidate.word]
        if candidate.word in ("section", "number"):
            while open_numbers and not _extends(candidate.number, open_numbers[-1]):
                open_numbers.pop()
            rank += len(open_numbers)
            open_numbers.append(candidate.number)
        elif candidate.word != "table":
            open_numbers.clear()
        headings.append(
            Heading(
                candidate.start, candidate.body_start, candidate.kind, candidate.label, candidate.text, rank
            )
        )
    return headings


def _ranks(found: Sequence[Candidate]) -> dict[str, int]:
    """The usual order of divisions, or this code's own where it puts chapters inside articles."""
    ranks = dict(RANKS)
    numbers: dict[str, list[str]] = {}
    for candidate in found:
        if RANKS[candidate.word] < RANKS["section"]:
            numbers.setdefault(candidate.word, []).append(arabic(candidate.number))
    for upper in sorted(numbers, key=lambda word: -RANKS[word]):
        inside = [
            lower
            for lower in numbers
            if RANKS[upper] < RANKS[lower]
            and _stands_inside(numbers[upper], numbers[lower], upper, lower, found)
        ]
        if inside:
            ranks[upper] = max(ranks[lower] for lower in inside) + 2
    return ranks


def _stands_inside(
    inner: list[str], outer: list[str], word: str, outer_word: str, found: Sequence[Candidate]
) -> bool:
    """Whether divisions that usually stand above others stand inside them in this code."""
    extending = sum(any(number.startswith(f"{other}.") for other in outer) for number in inner)
    if extending * 2 > len(inner):
        return True
    first = next(c.word for c in found if c.word in (word, outer_word))
    return first == outer_word and len(set(outer)) * 10 >= len(outer) * 9 and len(inner) > len(outer) > 1


def _extends(number: str, open_number: str) -> bool:
    return number.startswith(open_number) and _FURTHER.match(number, len(open_number)) is not None
