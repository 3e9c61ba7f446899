"""What a number in prose depends on, by the words of its own clause."""

import re

from plotlot.domain.quantities import Quantity, find_quantities
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.prose_limits import CLOSED_EXCEPTION
from plotlot.extraction.reader.vocabulary import conditions_named, tract_named, uses_named

_EXCEPTION = re.compile(
    r"\b(?:except|(?<!be\s)(?<!is\s)(?<!are\s)provided(?!\s+with\b)|unless|however|where|when|whenever|if|in\s+(?:the\s+)?case|in\s+the\s+event|on\s+lots|for\s+lots|(?:lots|properties|parcels|buildings)\s+(?:located\s+)?(?:within|abutting|adjacent)|lots\s+(?:of|with|having|which)|corner\s+lots?|in\s+(?:no|any)\s+(?:case|event)|but)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r";|\s(?=\([a-z0-9]{1,3}\)\s+[A-Z])|,\s+(?=(?:and\s+)?(?:except|(?<!be\s)(?<!is\s)(?<!are\s)provided(?!\s+with\b)|unless|where|when|if|in\s+which|but|however)\b)|\s(?=(?:except|(?<!be\s)(?<!is\s)(?<!are\s)provided(?!\s+with\b)|unless|however)\b)",
    re.IGNORECASE,
)
_ZONE_PHRASE = re.compile(
    r"\b[A-Z][\w-]*\s+(?:[\w-]+\s+){0,3}?(?:district|zone)s?\b|\b(?:[\w-]+\s+){1,3}(?:districts?|zones?)\b"
)

_ITS_LOTS = re.compile(
    r"\b(?:districts?|zones?)\b[^.;]{0,80}\b(?:houses?|homes?|dwellings?|residences?)\s+on\s+lots\s+"
    r"(?:of|with|having|containing)\s+(?:an\s+area\s+of\s+)?(?:not\s+less\s+than|no\s+less\s+than|at\s+least|a\s+minimum\s+of)\s+$",
    re.IGNORECASE,
)
"""What a district is for: ``The R-1 district is for houses on lots of at least`` so much, which is the rule itself."""

_HEIGHT_BEFORE = re.compile(
    r"\b(?:(?P<stories>stor(?:y|ies))|(?P<ft>feet|foot|ft))\b\W*(?:(?:in\s+height|high|tall)\W*)?$",
    re.IGNORECASE,
)


_ROOMS = re.compile(
    r"\b(?:studios?|efficienc(?:y|ies)|(?:one|two|three|four|five|\d)(?:\s*\(\d\))?[\s-]*(?:bed\s?rooms?|br\b))"
    r"(?:\s*(?:,|/|and|or|or\s+more)\s*(?:studios?|efficienc(?:y|ies)|(?:one|two|three|four|five|\d)(?:\s*\(\d\))?[\s-]*(?:bed\s?rooms?|br\b)))*",
    re.IGNORECASE,
)
"""The rooms that a size or a count of spaces is for: ``studio and one-bedroom``."""
_STORIED = re.compile(
    r"\b(?:one|two|three|\d)(?:\s+and\s+one-half)?[\s-]+stor(?:y|ies)(?:\s+(?:dwellings?|houses?|homes?|buildings?))?\b",
    re.IGNORECASE,
)
_NEAREST = 2
"""Headings, the nearest first, in which a tract is looked for."""
_BY_ROOMS = frozenset(("min_unit_area", "parking_per_unit"))


def clause_start(text: str, quantity: Quantity) -> int:
    """Where the clause of a number starts: after a break, or after the number before it."""
    start = max((m.end() for m in _CLAUSE.finditer(text, 0, quantity.start)), default=0)
    for earlier in find_quantities(text, 0, quantity.start):
        between = text[earlier.end : quantity.start]
        joints = list(re.finditer(r",\s*(?:and|or|but)\b|\band\b|,|/", between))
        if earlier.unit == quantity.unit and joints:
            start = max(start, earlier.end + joints[-1].end())
    return start


def conditions_of(
    text: str, quantity: Quantity, clause_start: int, name: str, passage: Passage
) -> dict[str, str]:
    """What the number depends on, by the words of its own clause and of the label before it."""
    after = text[quantity.end :]
    stop = re.search(
        r"[.;]|\s/\s|,\s+(?=(?:the|such|this|these|it)\b)|,?\s+(?=(?:except|(?<!be\s)(?<!is\s)(?<!are\s)provided(?!\s+with\b)|unless|however|but)\b)|,\s+(?:and\s+)?(?=\w+[\s-]+(?:\w+[\s-]+)?(?:\(\d|\d))|\band\s+(?=\d|\w+[\s-]*\(\d)",
        after,
    )
    clause_after = after[: stop.start()] if stop else after
    clause = text[clause_start : quantity.start] + " " + clause_after
    found = conditions_named(_ZONE_PHRASE.sub(" ", clause))
    lead = conditions_named(passage.lead) if passage.lead else {}
    for kind, value in lead.items():
        found.setdefault(kind, value)
    for kind, value in _set_by_headings(passage).items():
        found.setdefault(kind, value)
    if name == "street_side_setback":
        found.pop("lot", None)
    if name == "parking_per_unit":
        uses = uses_named(clause)
        all_dwellings = {"one_family", "two_family", "multi_family"} <= set(uses)
        tract = {kind: value for kind, value in found.items() if kind == "tract"}
        found = {"use": uses[0], **tract} if uses and not all_dwellings else tract
    if name in _BY_ROOMS and not found and (rooms := _ROOMS.search(clause)):
        found["case"] = _short(rooms[0])
    if name == "min_unit_area" and not found and (storied := _STORIED.search(clause)):
        found["case"] = _short(storied[0])
    opening = _EXCEPTION.search(text, clause_start, quantity.start)
    if opening and opening[0].lower() == "except" and ":" in text[opening.end() : quantity.start]:
        opening = None  # the exception closed with the label
    if opening and CLOSED_EXCEPTION.search(text, max(0, opening.start() - 2), quantity.start):
        opening = None
    if name == "min_lot_area" and _ITS_LOTS.search(text[: quantity.start]):
        opening = None
    if opening and opening[0].lower() == "but" and _is_height_too(text[: opening.start()], quantity):
        opening = None
    trailing = re.match(
        r"^[\s,]*(?:\(?\s*)(?:if|when|where|for|on(?!\s+(?:each|either|both|all|one|any)\b)|in\s+the\s+case|abutting|adjacent|adjoining)\s",
        clause_after,
        re.IGNORECASE,
    )
    if (
        not found
        and opening
        and not re.match(
            r"(?:in\s+(?:no|any)|where|when|if)\b.{0,60}\brequired", text[opening.start() :], re.IGNORECASE
        )
    ):
        found["case"] = _short(text[opening.start() : quantity.start])
    elif (
        not found
        and trailing
        and not re.match(
            r"[\s,(]*for\s+(?:the\s+|all\s+|any\s+|each\s+|every\s+)?(?:first|principal|main|buildings?\b|structures?\b|lots?\b|dwelling)"
            r"(?!\s+(?:of\s+)?(?:over|above|exceeding|more\s+than|taller|higher|less\s+than|under)\b)",
            clause_after,
            re.IGNORECASE,
        )
    ):
        found["case"] = _short(clause_after)
    return found


def _set_by_headings(passage: Passage) -> dict[str, str]:
    """What the headings over a passage narrow it to: a tract, or lots that are clustered."""
    found = {}
    tract = next(filter(None, map(tract_named, passage.headings[:_NEAREST])), "")
    if tract:
        found["tract"] = tract
    nearest = passage.headings[0] if passage.headings else ""
    development = conditions_named(nearest).get("development")
    if development == "cluster" and not re.search(r"\b(?:district|zone)", nearest, re.IGNORECASE):
        found["development"] = development
    return found


def _is_height_too(before: str, quantity: Quantity) -> bool:
    """``Three stories but not more than forty feet``: a height told twice, neither on a condition."""
    said = _HEIGHT_BEFORE.search(before)
    return said is not None and {said.lastgroup, quantity.unit} == {"stories", "ft"}


def _short(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(" ,.;:(")[:60]
