"""Districts that one sentence lists: ``the following districts: Rural Residential (RR), Village Center (VC) and Business (B)``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plotlot.domain.districts import CODE
from plotlot.domain.documents import Document
from plotlot.extraction.reader.district_words import ZONE, lists_of_districts

_LONGEST = 2_000
_END = re.compile(r"\.(?=\s|$)|\n[ \t]*\n|\n(?=[ \t]*(?:\(?[a-z\d]{1,3}[.)]|§|(?i:section|sec\.))\s)")
_SEMICOLON = re.compile(r";")
_COMMA = re.compile(r",|\s+and\s+(?=[^,;]{2,60}$)")
_LEAD = re.compile(r"\A(?:[\s\-–—•]|and\b|the\b|\(?(?:\d{1,2}|[a-z])[.)]\s)+")
_NAME = r"(?P<name>[A-Z][\w/&'’-]*(?:\s+[\w/&'’-]+){0,7}?)"
_CODE_FIRST = re.compile(
    rf"[\"“]?(?P<code>{CODE})(?P<between>[\"”]?\s*[,:=–—-]*\s+){_NAME}(?:\s+(?i:{ZONE}))?"
)
_NAME_FIRST = re.compile(
    rf"{_NAME}(?:\s+(?i:{ZONE}))?(?P<between>\s*[(\[])\s*[\"“]?(?P<code>{CODE})[\"”]?\s*[)\]](?:\s+(?i:{ZONE}))?"
)
_IS_NAME = re.compile(r".*[A-Za-z]{4}")
_FEWEST = 2
_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class ListedDistrict:
    """A code and its name in such a list, with the offset of the list."""

    code: str
    name: str
    start: int


def enumerated_districts(document: Document) -> Iterator[ListedDistrict]:
    """The codes with names that sentences of a document list as its districts."""
    for start in lists_of_districts(document):
        ending = _END.search(document.text, start, start + _LONGEST)
        words = re.sub(r"\s+", " ", document.text[start : ending.start() if ending else start + _LONGEST])
        between = _SEMICOLON if ";" in words else _COMMA
        items = [_LEAD.sub("", item).strip(" :") for item in between.split(words)]
        items = [item for item in items if item]
        coded = [match for item in items if (match := _coded(item))]
        if len(coded) >= max(_FEWEST, _SHARE * len(items)):
            yield from (ListedDistrict(match["code"], match["name"], start) for match in coded)


def _is_all_name(match: re.Match[str]) -> bool:
    """Whether what looks like a code is the first word of a name: ``TOWN CENTER``, ``Open Space``."""
    word = match["code"].isalpha() and match["between"].isspace()
    return word and (match.string.isupper() or not match["code"].isupper())


def _coded(item: str) -> re.Match[str] | None:
    """An item that is a code and a name in either order; the code is in capitals, the name begins with one."""
    for pattern in (_NAME_FIRST, _CODE_FIRST):
        match = pattern.fullmatch(item)
        if match and _IS_NAME.match(match["name"]) and not _is_all_name(match):
            return match
    return None
