"""Finds the headings of a code in lines of text: chapters, articles, sections, numbered rules."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .draft import Heading
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
}
PARAGRAPH_RANK = 80
_KINDS = {
    "subpart": "part",
    "appendix": "chapter",
    "subchapter": "chapter",
    "subdivision": "division",
}
_ROMAN = r"[IVXLC]{1,8}"
_SECTION_NUMBER = r"\d{1,5}[A-Za-z]?(?:[-.:]\d{1,5}[A-Za-z]?){0,5}"
_NUMBER_WORD = r"One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve"
_DIVISION = re.compile(
    r"[ \t]*(?P<word>(?i:title|subpart|part|appendix|subchapter|chapter|article|subdivision|division))"
    rf"[ \t]+(?P<number>{_ROMAN}(?:-?[A-Z])?|\d{{1,5}}(?:[-.]\d{{1,4}})?[A-Z]?|[A-Z]|(?i:{_NUMBER_WORD}))"
    r"(?![\w(])(?P<rest>.*)"
)
_SECTION = re.compile(
    rf"[ \t]*(?P<word>(?i:section|sect\.|sec\.|§§?))[ \t]*(?P<number>{_SECTION_NUMBER}|{_ROMAN})"
    r"(?![\w(])(?P<rest>.*)"
)
_NUMBERED = re.compile(
    r"[ \t]*(?P<number>\d{1,5}(?:[.-]\d{1,5}[A-Za-z]?){1,5})(?![\w(%/])(?P<rest>\.?(?:\s.*)?)"
)
_SEPARATOR = re.compile(r"^[\s.:–—-]*")
_LEADERS = re.compile(r"(?:[.…·_]\s?){4,}\s*[ivxlc\d-]*\s*$|\S\s{3,}\d{1,4}(?:-\d{1,3})?\s*$")
_NOTE_MARK = re.compile(r"\s*\[\d+\]\s*$")
_EMPHASIS = re.compile(r"^[\s#*_]*|[\s#*_]+$")
_SMALL_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "nor", "of", "on", "or", "over", "per", "the", "to", "under", "upon", "with", "within"]
)
_SENTENCE_END = re.compile(r"(?<=[a-z)\]A-Z]{2})[.:;](?=\s+[\"“(A-Z\d])")
_CLOSED = re.compile(r"[.;:!?—–)\]\"”’]\s*$|[;,]\s+(?:and|or)\s*$", re.I)
_LONGEST_HEADING = 220
_MOST_WORDS = 28
_RUN_IN_WORDS = 14
_WRAPPED_WIDTH = 45


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: int
    kind: str
    word: str
    number: str
    label: str
    text: str
    start: int
    body_start: int
    contents: bool = False


def find_headings(lines: Sequence[Line], skipped: Iterable[int] = ()) -> list[Heading]:
    """The headings among the lines, without those of a table of contents.

    ``skipped`` holds the starts of lines that cannot be headings: page headers, table rows.
    """
    ignored = frozenset(skipped)
    found = [
        candidate
        for place, line in enumerate(lines)
        if line.start not in ignored and (candidate := _candidate(lines, place)) is not None
    ]
    found = _without_lonely_numbers(_without_contents(found, lines))
    return _ranked(found)


def _candidate(lines: Sequence[Line], place: int) -> _Candidate | None:
    line = lines[place]
    match = _DIVISION.match(line.text) or _SECTION.match(line.text) or _NUMBERED.match(line.text)
    if match is None or _continues_sentence(lines, place, match):
        return None
    word = match.groupdict().get("word", "") or ""
    if word and not (word[0].isupper() or word[0] == "§"):
        return None
    key = "section" if not word or (word[0] in "§Ss" and word.lower()[:3] != "sub") else word.lower()
    contents = _LEADERS.search(line.text) is not None
    rest = _LEADERS.sub("", match["rest"]) if contents else match["rest"]
    heading = _read_heading(rest, bool(word))
    if heading is None:
        return None
    text, run_in = heading
    body_start = line.end
    if run_in:
        body_start = line.start + line.text.find(text, match.start("rest")) + len(text) + 1
    candidate = _Candidate(
        line=place,
        kind=_KINDS.get(key, key),
        word=key if word else "number",
        number=match["number"],
        label=" ".join(line.text[: match.end("number")].split()),
        text=text.rstrip(" .:;–—-"),
        start=line.start + line.indent,
        body_start=body_start,
        contents=contents,
    )
    if run_in or contents:
        return candidate
    return _continued(candidate, lines) if word or text else None


def _read_heading(rest: str, named: bool) -> tuple[str, bool] | None:
    """The heading after a number and whether a body follows on its line; None for prose."""
    separator = _SEPARATOR.match(rest)
    separated = separator is not None and bool(separator[0].strip(" \t.") or "  " in separator[0])
    text = _NOTE_MARK.sub("", rest[separator.end() if separator else 0 :]).strip(" \t*_#")
    if not text:
        return "", False
    if not (text[0].isupper() or text[0] in '"“([' or (text[0].isdigit() and separated and named)):
        return None
    sentence = _SENTENCE_END.search(text)
    if sentence and len(text[: sentence.start()].split()) <= _RUN_IN_WORDS:
        return text[: sentence.start()], True
    if len(text) > _LONGEST_HEADING or len(text.split()) > _MOST_WORDS:
        return None
    if text.endswith((",", ";")) or (not separated and not _is_title(text, 7)):
        return None
    return (text, False) if separated or named or _is_title(text, 9) else None


def _is_title(text: str, short: int) -> bool:
    """Whether words are capitalised as in a title, or few enough to be one."""
    words = [word for word in re.findall(r"[A-Za-z][\w'’-]*", text) if word.lower() not in _SMALL_WORDS]
    capitalised = sum(word[0].isupper() for word in words)
    return not words or capitalised * 3 >= len(words) * 2 or len(text.split()) <= short


def _continues_sentence(lines: Sequence[Line], place: int, match: re.Match[str]) -> bool:
    """Whether the line goes on with the sentence of the line above (``as set forth in / Section 5``)."""
    line = lines[place]
    if place == 0 or line.blank_before:
        return False
    above = lines[place - 1].text.strip()
    if len(above) < _WRAPPED_WIDTH or _CLOSED.search(above) or _LEADERS.search(above):
        return False
    if above.isupper() or above.istitle():
        return False
    return not re.match(r"\.?\s*[-–—:]\s*[A-Z]|\.\s+-", match["rest"])


def _continued(candidate: _Candidate, lines: Sequence[Line]) -> _Candidate:
    """The candidate with a heading that stands on the next line or runs over to it."""
    text, body_start = candidate.text, candidate.body_start
    place = candidate.line + 1
    while place < len(lines) and place <= candidate.line + 3:
        line = lines[place]
        words = _EMPHASIS.sub("", line.text)
        fresh = not text
        if not _may_continue(text, words, line.blank_before, candidate.kind):
            break
        text = f"{text} {_NOTE_MARK.sub('', words)}".strip()
        body_start = line.end
        place += 1
        if fresh and not words.isupper():
            break
    return replace(candidate, text=text.rstrip(" .:;"), body_start=body_start)


def _may_continue(text: str, words: str, blank: int, kind: str) -> bool:
    if not words or len(words) > 100 or (not words[0].isalpha() and words[0] not in '("“'):
        return False
    if any(pattern.match(words) for pattern in (_DIVISION, _SECTION, _NUMBERED)):
        return False
    if re.match(r"\(?\w{1,3}[.)]\s", words) or _LEADERS.search(words):
        return False
    if not text:
        limit = 1 if kind == "section" else 3
        return blank <= limit and words[0].isupper() and _is_title(words, 0) and not words.endswith(".")
    return blank == 0 and text.isupper() and words.isupper()


def _key(candidate: _Candidate) -> tuple[str, str]:
    return candidate.kind, candidate.number.upper().rstrip(".")


def _without_contents(found: list[_Candidate], lines: Sequence[Line]) -> list[_Candidate]:
    """Drop entries of a table of contents: dot leaders, or runs without bodies named again later."""
    last_place = {_key(candidate): place for place, candidate in enumerate(found)}
    listed = [False] * len(found)
    for place, candidate in enumerate(found):
        following = found[place + 1].line if place + 1 < len(found) else len(lines)
        bodiless = (
            following - candidate.line <= 2
            and candidate.body_start <= lines[min(following, len(lines)) - 1].end
        )
        repeated = last_place[_key(candidate)] > place
        listed[place] = (candidate.contents and repeated) or (bodiless and repeated)
    keep = []
    for place, candidate in enumerate(found):
        neighbours = listed[max(0, place - 3) : place + 4]
        in_list = listed[place] and (candidate.contents or sum(neighbours) >= 3)
        orphan = candidate.contents and sum(neighbours) >= 2
        if not (in_list or orphan or (candidate.contents and "..." in lines[candidate.line].text)):
            keep.append(candidate)
    return keep


def _without_lonely_numbers(found: list[_Candidate]) -> list[_Candidate]:
    """Drop bare numbers (``2.5 ...``) that do not belong to a series or to an open chapter."""
    shared = Counter(re.split(r"[.-]", c.number)[0] for c in found if c.word == "number")
    chapters = {_arabic(c.number) for c in found if c.word != "number"}
    return [
        c
        for c in found
        if c.word != "number" or shared[prefix := re.split(r"[.-]", c.number)[0]] >= 3 or prefix in chapters
    ]


def _arabic(number: str) -> str:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    if not number or any(letter not in values for letter in number):
        return number
    total = 0
    for letter, following in zip(number, [*number[1:], ""], strict=True):
        value = values[letter]
        total += -value if following and values[following] > value else value
    return str(total)


def _ranked(found: list[_Candidate]) -> list[Heading]:
    """Headings with ranks: a section whose number extends an open section's lies inside it."""
    headings = []
    open_numbers: list[str] = []
    for candidate in found:
        rank = RANKS[candidate.word] if candidate.word in RANKS else RANKS["section"]
        if candidate.kind == "section":
            while open_numbers and not _extends(candidate.number, open_numbers[-1]):
                open_numbers.pop()
            rank += len(open_numbers)
            open_numbers.append(candidate.number)
        else:
            open_numbers.clear()
        headings.append(
            Heading(
                candidate.start, candidate.body_start, candidate.kind, candidate.label, candidate.text, rank
            )
        )
    return headings


def _extends(number: str, open_number: str) -> bool:
    return re.match(re.escape(open_number) + r"[.-]\d", number) is not None
