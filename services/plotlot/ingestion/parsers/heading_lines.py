"""Reads one line as a heading: ``ARTICLE II - ...``, ``Sec. 3-201. Lot area``, ``4.2.1 Purpose``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .lines import Line

KINDS = {
    "subpart": "part",
    "appendix": "chapter",
    "subchapter": "chapter",
    "subdivision": "division",
    "table": "section",
    "number": "section",
}
_ROMAN = r"[IVXLC]{1,8}"
_BULLET = r"[ \t]*(?:[*•–-][ \t]+(?:__[ \t]+)?)?"
_SECTION_NUMBER = r"\d{1,5}[A-Za-z]?(?:(?:[-.:]|-[ ])\d{1,5}[A-Za-z]?){0,5}"
_NUMBER_WORD = r"One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve"
DIVISION = re.compile(
    rf"{_BULLET}(?:\d{{1,4}}[ \t]+(?=[A-Z]{{4}}))?"
    r"(?P<word>(?i:title|subpart|part|appendix|subchapter|chapter|article|subdivision|division))[ \t]+"
    rf"(?P<number>{_ROMAN}(?:[-.]?[A-Z])?|\d{{1,5}}(?:[-.]\d{{1,4}})?[A-Z]?|[A-Z]|(?i:{_NUMBER_WORD}))"
    r"(?![\w(])(?P<rest>.*)"
)
SECTION = re.compile(
    rf"{_BULLET}(?P<word>(?i:section|sect\.|sec\.|§§?))[ \t\xa0]*(?P<number>{_SECTION_NUMBER}|{_ROMAN})"
    r"(?![\w(]|\s?\(\w{1,4}\))(?P<rest>.*)"
)
NUMBERED = re.compile(
    r"[ \t]*(?P<number>\d{1,5}(?:[.-]\d{1,5}[A-Za-z]?){1,8})(?![\w(%/])(?P<rest>\.?(?:[\s\xa0].*)?)"
)
TABLE = re.compile(
    r"[ \t]*(?P<word>TABLE|Table)[ \t]+(?P<number>\d{1,3}(?:[.-]\d{1,3})*[A-Z]?)(?![\w(])"
    r"(?P<rest>[ \t]*|[ \t]*[:.–—-][ \t].*)$"
)
LEADERS = re.compile(r"(?:[.…·_]\s?){4,}\s*[ivxlc\d-]*\s*$|\S\s{3,}\d{1,4}(?:-\d{1,3})?\s*$")
_SEPARATOR = re.compile(r"(?:[\s.:–—-]|\[[^\]]{1,12}\](?=[\s.]))*")
_NOTE_MARK = re.compile(r"\s*\[\d+\]\s*$")
_UNCAPITALISED = "a an and as at by for from in into nor of on or over per the to under upon with within"
_SMALL_WORDS = frozenset(_UNCAPITALISED.split())
_SENTENCE_END = re.compile(
    r"(?<=[a-z)\]A-Z]{2})(?:[.:;](?=\s+[\"“(A-Z\d])|:(?=\s+(?:not|no|none|at\s+least|minimum|maximum)\b))"
)
_WIDE_GAP = re.compile(r"\s{3,}")
_CLOSED = re.compile(r"[.;:!?—–)\]\"”’_*]\s*$|[;,]\s+(?:and|or)\s*$", re.I)
_LONGEST_HEADING = 220
_MOST_WORDS = 28
_RUN_IN_WORDS = 14
_WRAPPED_WIDTH = 45


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that reads as a heading; ``word`` is its keyword, ``number`` for a bare number."""

    line: int
    word: str
    number: str
    label: str
    text: str
    start: int
    body_start: int
    in_contents: bool = False
    bare: bool = False

    @property
    def kind(self) -> str:
        return KINDS.get(self.word, self.word)


def read_heading(line: str) -> tuple[str, str, str] | None:
    """Kind, label and heading of a line that is known to be a heading, if it carries a number."""
    match = DIVISION.match(line) or SECTION.match(line) or NUMBERED.match(line)
    if match is None:
        return None
    rest = match["rest"]
    separator = _SEPARATOR.match(rest)
    text = rest[separator.end() if separator else 0 :]
    first = match.start("word") if match.groupdict().get("word") else match.start("number")
    label = " ".join(line[first : match.end("number")].split())
    word = _word(match)
    return KINDS.get(word, word), label, _NOTE_MARK.sub("", text).strip(" .:;–—-\xa0*_#")


def candidate_at(lines: Sequence[Line], place: int) -> Candidate | None:
    """The line as a heading with what continues it on the lines below, or None for other lines."""
    line = lines[place]
    match = _match(line.text)
    if match is None or _continues_sentence(lines, place, match):
        return None
    word = _word(match)
    in_contents = LEADERS.search(line.text) is not None
    rest = LEADERS.sub("", match["rest"]) if in_contents else match["rest"]
    found = _heading_and_body(rest, word != "number")
    if found is None:
        return None
    text, run_in = found
    first = match.start("number" if word == "number" else "word")
    body_start = line.end
    if run_in:
        body_start = line.start + line.text.find(text, match.start("rest")) + len(text) + 1
    candidate = Candidate(
        line=place,
        word=word,
        number=match["number"].replace(" ", ""),
        label=" ".join(line.text[first : match.end("number")].split()),
        text=_tidy(text),
        start=line.start + first,
        body_start=min(body_start, line.end),
        in_contents=in_contents,
        bare=word == "number" and not text,
    )
    return candidate if run_in or in_contents else _continued(candidate, lines)


def _match(text: str) -> re.Match[str] | None:
    stripped = text.lstrip(" \t*•–-_")
    first = stripped[:1]
    if first.isdigit():
        return DIVISION.match(text) or NUMBERED.match(text)
    if first not in "tTpPaAcCdDsS§":
        return None
    match = DIVISION.match(text) or SECTION.match(text) or TABLE.match(text)
    if match is None or not (match["word"][0].isupper() or match["word"][0] == "§"):
        return None
    return match


def _word(match: re.Match[str]) -> str:
    word = (match.groupdict().get("word") or "number").lower()
    return "section" if word[0] == "§" or word.startswith("sec") else word


def _heading_and_body(rest: str, named: bool) -> tuple[str, bool] | None:
    """The heading after a number and whether a body follows on its line; None for prose."""
    separator = _SEPARATOR.match(rest)
    end = separator.end() if separator else 0
    separated = bool(rest[:end].strip(" \t.") or "  " in rest[:end] or "\xa0" in rest[:end])
    text = _NOTE_MARK.sub("", rest[end:]).strip(" \t*_#\xa0")
    if not text:
        return "", False
    if not (text[0].isupper() or text[0] in '"“([' or (text[0].isdigit() and separated and named)):
        return None
    cut = _run_in_end(text)
    if cut is not None:
        return text[:cut], True
    if len(text) > _LONGEST_HEADING or len(text.split()) > _MOST_WORDS or text.endswith((",", ";")):
        return None
    if separated or named:
        return (text, False) if separated or _is_title(text, 7) else None
    return (text, False) if _is_title(text, 9) else None


def _run_in_end(text: str) -> int | None:
    """Where a heading that its section follows on the same line ends."""
    for sentence in _SENTENCE_END.finditer(text):
        head = text[: sentence.start()]
        if len(head.split()) > _RUN_IN_WORDS:
            break
        if head.count("(") <= head.count(")") and not (text.isupper() and sentence[0] != ":"):
            return sentence.start()
    gaps = list(_WIDE_GAP.finditer(text))
    if len(gaps) == 1 and len(text[gaps[0].end() :].split()) >= 6 and gaps[0].start() > 2:
        return gaps[0].start()
    return None


def _is_title(text: str, short: int) -> bool:
    """Whether words are capitalised as in a title, or few enough to be one."""
    words = [word for word in re.findall(r"[A-Za-z][\w'’-]*", text) if word.lower() not in _SMALL_WORDS]
    capitalised = sum(word[0].isupper() for word in words)
    return not words or capitalised * 3 >= len(words) * 2 or len(text.split()) <= short


def _continues_sentence(lines: Sequence[Line], place: int, match: re.Match[str]) -> bool:
    """Whether the line goes on with the sentence above it (``as set forth in / Section 5``)."""
    line = lines[place]
    if place == 0 or line.blank_before:
        return False
    above = lines[place - 1].text.strip()
    if len(above) < _WRAPPED_WIDTH or _CLOSED.search(above) or LEADERS.search(above):
        return False
    if above.isupper() or above.istitle():
        return False
    return not re.match(r"\.?\s*[-–—:]\s*[A-Z]|\.\s+-", match["rest"])


def _continued(candidate: Candidate, lines: Sequence[Line]) -> Candidate | None:
    """The candidate with a heading that stands on the next line or runs over to it."""
    text, body_start = candidate.text, candidate.body_start
    place = candidate.line + 1
    while place < len(lines) and place <= candidate.line + 3:
        line = lines[place]
        words = line.text.strip(" \t#*_\xa0")
        fresh = not text
        if not _may_continue(text, words, line.blank_before, candidate):
            break
        text = f"{text} {_NOTE_MARK.sub('', words)}".strip()
        body_start = line.end
        place += 1
        if fresh and not words.isupper():
            break
    if candidate.bare and not text:
        return None
    return replace(candidate, text=_tidy(text), body_start=body_start)


def _may_continue(text: str, words: str, blank: int, candidate: Candidate) -> bool:
    if not words or len(words) > 100 or (not words[0].isalpha() and words[0] not in '("“'):
        return False
    if any(pattern.match(words) for pattern in (DIVISION, SECTION, NUMBERED, TABLE)):
        return False
    if re.match(r"\(?\w{1,3}[.)]\s", words) or LEADERS.search(words):
        return False
    if not text:
        limit = 0 if candidate.bare else 1 if candidate.kind == "section" else 3
        ended = words.endswith(".") and not candidate.bare
        return blank <= limit and words[0].isupper() and _is_title(words, 0) and not ended
    return blank == 0 and text.isupper() and words.isupper()


def _tidy(text: str) -> str:
    return " ".join(text.split()).rstrip(" .:;–—-")
