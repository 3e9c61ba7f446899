"""Finds the districts that have a name and no code, by their headings and in lists of districts."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from plotlot.domain.districts import CODE
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.district_words import (
    KIND,
    LABEL,
    NOT_A_DISTRICT,
    heading_starts,
    inside_headings,
    lines,
    listed_lines,
    name_key,
    tidy,
)

_NAMED = re.compile(
    rf"^{LABEL}(?P<name>(?-i:[A-Z])[\w/&,'’#–-]*(?:\s+[\w/&,'’#–-]+){{0,6}}?)\s+(?:zoning\s+|use\s+)?(?:district|zone)s?(?P<tail>\s+(?:[IVX]{{1,3}}|\d))?"
    rf"\s*(?:[-–—:(.].*)?$",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"\b(?:zoning|school|fire|water|sewer|special|such|same|other|any|each|every|all|this|that|these|which|establish\w*|permitted|uses?|"
    r"boundar\w*|between|within|one|more|lots?|standards?|regulations?|requirements?|purpose|map|review|local|taxing|improvement|"
    r"except|travel|trailers?|route|historic|congress\w*|court|voting|election|tax|levy|overlay|floating|base|underlying|adjacent|abutting|new|if|where|when|no|of\s+the|in|not|are|is|"
    r"shall|by|to|from|that|with|or|created|creation|change|interpretation|official|description|list\w*|dimensional|table|parking|buffer|district|districts|flood\w*|wellhead|aquifer|airport)\b",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"residential|residence|commercial|business|industrial|general|office|mixed|planned|rural|urban",
    re.IGNORECASE,
)
_CODED_CODE = 4
"""From so many districts with codes on, a plain ``Residential`` is a class of them."""
_CODED = re.compile(rf"(?=\S*\d){CODE}\s", re.IGNORECASE)
_LISTED = re.compile(
    rf"^{LABEL}[•\uf0b7o▪●*]?\s*[\"“]?(?P<name>[A-Z][\w/&'’#-]*(?:\s+(?:[A-Z(#&/–-][\w/&'’#)-]*|and|of|\d{{1,2}}))*)[\"”]?[.;,:]?\s*(?:and)?$"
)


_NUMBERED = re.compile(
    r"(?m)^[ \t]*(?:\d{1,2}[ \t]{2,})?(?P<word>(?i:table|section|sec\.|article|§))[ \t]*(?P<stem>(?:\d+[.-])*)\d{1,3}[:.)\s–—-]+"
    r"(?P<name>[A-Z](?:[^\n.:;]|(?<=M[tT])\.|(?<=S[tT])\.){2,60}?)[ \t]+(?:[Zz]oning\s+|ZONING\s+)?(?:District|DISTRICT)(?:[ \t]*\([^)\n]*\))?(?=[ \t]*$|[ \t]*\.{3}|,?[ \t]+continued|[ \t]{3,}\d+$)"
)
_SOURCE = re.compile(r"\b(?:ground)?water\b", re.IGNORECASE)
"""A word of names such as ``Soil and Water Conservation`` in a row of titles; elsewhere, a utility's."""
_FEWEST_NUMBERED = 3
_FEWEST_KINDS = 2
_AREA = " Area"
"""What some codes call all their districts, as others say ``district``."""
_FEWEST_LISTED = 3


def named_districts(documents: Sequence[Document], known: DistrictIndex) -> list[District]:
    """Districts that have a name and no code, found by their headings and in lists of districts."""
    found: dict[str, District] = {}
    counts: dict[str, int] = defaultdict(int)
    numbered: set[str] = set()
    listed: set[str] = set()
    for document in documents:
        titled = list(_numbered_names(document))
        numbered |= {name_key(name) for name, _, _ in titled}
        beside = list(_listed_names(document))
        listed |= {name_key(name) for name, _, _ in beside}
        names = (_headed_names(document), beside, titled)
        for name, offset, weight in chain.from_iterable(names):
            key = name_key(name)
            if key and not known.find(name) and not known.resolve(name.split()[0].upper()):
                counts[key] += weight
                found.setdefault(key, District(name, name, document.name, offset))
    text = "\n".join(document.text for document in documents).lower()
    kept = []
    for key, district in found.items():
        called = "district|zone|area" if key in listed else "district|zone"
        pattern = rf"{re.escape(district.name.lower())}\s+(?:zoning\s+)?(?:{called})"
        enough = 1 if counts[key] >= 4 else 2
        if len(known) >= _CODED_CODE and _GENERIC.fullmatch(district.name) and key not in numbered:
            continue
        if counts[key] >= 2 and sum(1 for _ in re.finditer(pattern, text)) >= enough:
            kept.append(district)
    return kept


def _headed_names(document: Document) -> Iterator[tuple[str, int, int]]:
    headings = heading_starts(document)
    wrapped = inside_headings(document)
    for offset, line in lines(document):
        stripped = re.sub(r"\s+", " ", line.strip())
        match = _NAMED.match(stripped) if len(stripped) <= 90 else None
        if not match or any(start <= offset < end for start, end in wrapped):
            continue
        name = tidy(match["name"] + (match["tail"] or ""))
        if _may_be_name(name):
            indent = offset + len(line) - len(line.lstrip())
            yield name, offset, 2 if (offset in headings or indent in headings) else 1


def _numbered_names(document: Document) -> Iterator[tuple[str, int, int]]:
    """Names of any kind in a row of titles such as ``Table 2.1 Village District``, ``Table 2.2 Mill District``."""
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for match in _NUMBERED.finditer(document.text):
        name = tidy(match["name"])
        if (
            len(name) > 3
            and name[0].isupper()
            and not _NOT_NAMES.search(_SOURCE.sub("", name))
            and not NOT_A_DISTRICT.search(name)
        ):
            rows[f"{match['word'].lower()} {match['stem']}"].append((name, match.start("name")))
    for row in rows.values():
        kinds = {name for name, _ in row if re.search(rf"\b{KIND}\b", name, re.IGNORECASE)}
        if len({name for name, _ in row}) >= _FEWEST_NUMBERED and len(kinds) >= _FEWEST_KINDS:
            yield from ((name, offset, 4) for name, offset in row)


def _may_be_name(name: str) -> bool:
    return (
        len(name) >= 4
        and name[0].isupper()
        and not _CODED.match(name)
        and not _NOT_NAMES.search(name)
        and not NOT_A_DISTRICT.search(name)
        and bool(re.search(rf"\b{KIND}\b", name, re.IGNORECASE))
    )


def _listed_names(document: Document) -> Iterator[tuple[str, int, int]]:
    block: list[tuple[str, int]] = []
    for offset, line in listed_lines(document):
        stripped = re.sub(r"\s+", " ", line.strip())
        listed = _LISTED.match(stripped) if 3 < len(stripped) < 60 else None
        if listed:
            block.append((tidy(listed["name"]), offset))
        elif stripped:
            yield from _of_block(block)
            block = []
    yield from _of_block(block)


def _of_block(block: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """The names of a list; where most are of the kinds that districts have, the others are names too."""
    if 2 * sum(name.endswith(_AREA) for name, _ in block) > len(block):
        block = [(name.removesuffix(_AREA), offset) for name, offset in block]
    known = [name for name, _ in block if _may_be_name(name)]
    whole = len(block) >= _FEWEST_LISTED and 2 * len(known) > len(block)
    for name, offset in block:
        other = whole and len(name) > 3 and not _NOT_NAMES.search(name) and not NOT_A_DISTRICT.search(name)
        if name in known or other:
            yield name, offset, 4
