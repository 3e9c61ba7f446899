"""Headings inside running text, as in print-outs whose line ends were lost; found conservatively."""

import re
from collections.abc import Iterator, Sequence

from .draft import Heading
from .headings import RANKS, arabic
from .lines import Line

_LONG_LINE = 1500
_MOST_WORDS = 12
_OPENING = re.compile(
    r"(?<![\w“\"(])(?:(?P<word>ARTICLE|CHAPTER|PART|SECTION|TABLE|DIAGRAM|ILLUSTRATION)\s+"
    r"(?P<named>\d{1,3}(?:\.\d{1,3})*[A-Z]?|[IVXLC]{1,6})\s*[.:–—-]?\s+"
    r"|(?P<number>\d{1,3}(?:\.\d{1,3}){1,4})\.?\s+)(?=[A-Z(“\"])"
)
_TOKEN = re.compile(r"\S+")
_MARKER = re.compile(r"\(?[a-z0-9]{1,3}[.)]")
_DIVISIONS = ("article", "chapter", "part")
_CAPTIONS = ("table", "diagram", "illustration", "section")
_REFERRING = re.compile(
    r"(?:sections?|subsections?|articles?|chapters?|tables?|diagrams?|illustrations?|figures?|of|in|to|and|or"
    r"|see|with|by|under|through|from|per|code|§+),?\s*$",
    re.I,
)
_SENTENCE_STARTS = re.compile(
    r"The|This|These|All|It|In|For|An?|Any|No|Each|Every|Where|When|If|There|Unless|Except|Such|See|Upon"
    r"|Notwithstanding|Pursuant"
)
_SMALL = frozenset(["and", "or", "of", "to", "the", "in", "for", "on", "at", "by", "with", "a", "an", "from"])
_CODE = re.compile(r"\([A-Z0-9][\w, &/-]{0,24}\)[.:]?")


def is_running(lines: Sequence[Line]) -> bool:
    """Whether most of a text stands in lines far longer than a paragraph."""
    total = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if len(line.text) > _LONG_LINE) * 2 > total > 0


def running_headings(text: str, lines: Sequence[Line]) -> list[Heading]:
    """All headings of a running text; a decimal number counts only under its own article."""
    found: list[Heading] = []
    article = ""
    for line in lines:
        for match, end, words in _openings(text, line):
            number = match["number"]
            if number and number.split(".")[0] != article:
                continue
            if not number and match["word"].lower() in _DIVISIONS:
                if not words and arabic(match["named"]) == article:
                    continue
                article = arabic(match["named"])
            elif not number and not words:
                continue
            found.append(_heading(match, words, end))
    return found


def _heading(match: re.Match[str], words: str, end: int) -> Heading:
    word = (match["word"] or "").lower()
    number = match["number"] or ""
    kind = word if word in _DIVISIONS else "section"
    label = number or f"{match['word']} {match['named']}"
    rank = RANKS[kind] + max(0, number.count(".") - 1)
    return Heading(match.start(), end, kind, label, words, rank)


def _openings(text: str, line: Line) -> Iterator[tuple[re.Match[str], int, str]]:
    for match in _OPENING.finditer(text, line.start, line.end):
        if not _REFERRING.search(text, max(line.start, match.start() - 16), match.start()):
            words, end = _title(text, match.end(), line.end)
            yield match, end, words


def _title(text: str, start: int, stop: int) -> tuple[str, int]:
    """The capitalised words from an offset on, and where they end; empty for prose."""
    tokens: list[re.Match[str]] = []
    prose = False
    for match in _TOKEN.finditer(text, start, min(stop, start + 200)):
        token = match[0]
        if tokens and len(tokens) < _MOST_WORDS and _ends_title(tokens[-1][0]):
            break
        if not _belongs(token, [t[0] for t in tokens]) or len(tokens) >= _MOST_WORDS:
            prose = token[0].islower() and not _MARKER.fullmatch(token)
            break
        tokens.append(match)
    if prose and tokens and not tokens[-1][0].isupper():
        tokens.pop()  # the first word of the sentence that follows
    while tokens and tokens[-1][0].lower() in _SMALL:
        tokens.pop()
    words = " ".join(token[0] for token in tokens).rstrip(" .:;,")
    if not re.search(r"[A-Za-z]{4}", words) or words.lower() in _CAPTIONS:
        return "", start
    return words, tokens[-1].end()


def _ends_title(token: str) -> bool:
    return token.endswith((".", ":", ";")) or _CODE.fullmatch(token) is not None


def _belongs(token: str, before: Sequence[str]) -> bool:
    if _SENTENCE_STARTS.fullmatch(token) or _MARKER.fullmatch(token):
        return False
    if _CODE.fullmatch(token):
        return bool(before)
    bare = token.strip("(),.:;“”\"'’")
    if not bare:
        return token in ("&", "-", "–", "/") and bool(before)
    if before and before[0].isupper() and len(before[0]) > 1:
        return bare.isupper()
    return bare[0].isupper() or (bare in _SMALL and bool(before))
