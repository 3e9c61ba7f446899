"""Whether the words around a number in prose make it a limit, and of which kind."""

import re

from plotlot.domain.quantities import Quantity
from plotlot.domain.standards import FIELD_UNITS
from plotlot.extraction.reader.field_names import Mention
from plotlot.extraction.reader.vocabulary import FOREIGN

_CUE = re.compile(
    r"(?P<max>max(?:imum)?\b|not\s+(?:to\s+)?(?:be\s+)?exceed(?:ing)?|no\s+more\s+than|not\s+(?:be\s+|cover\s+|occupy\s+)?more\s+than|may\s+not\s+exceed|no\s+(?:higher|taller)\s+than|not\s+(?:be\s+)?(?:greater|higher|taller)\s+than|no\s+\w+(?:\s+\w+){0,12}?\s+(?:(?:shall\s+|may\s+)?exceed|in\s+excess\s+of)|nor\s+exceed|or\s+exceed|limited\s+to|up\s+to|shall\s+not\s+(?:cover|occupy|exceed))"
    r"|(?P<min>min(?:imum)?\b|n(?:o|either|one)\s+(?:[\w\"“”-]+\s+){1,12}?(?:less|fewer|smaller|narrower)\s+than|lots?\s+(?:\w+\s+){0,4}(?:less|smaller)\s+than|not\s+(?:be\s+|have\s+)?(?:less|fewer)\s+than|no\s+less\s+than|at\s+least|no\s+(?:building|structure)\s+(?:[\w-]+\s+){0,14}(?:closer|nearer|within)\b|nor\s+(?:closer|nearer|within)|(?:no|not\s+be)\s+(?:closer|nearer)\b(?:\s+[\w-]+){0,9}?\s+than|required|shall\s+be\s+(?:set\s*back|located|placed))",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"^[\s.,(]*(?:(?:or|to|-|–)\s+[\d.,]+\s*(?:%|ft\.?|feet|percent|s\.f\.)[\s.,]*)?(?:to\s+(?:the\s+)?eaves?\s+)?(?P<cue>max(?:imum)?|min(?:imum)?)\b",
    re.IGNORECASE,
)
_PLAIN_LINK = re.compile(
    r"^[\s:=.,–—()|-]*(?:(?:interior|there|having|have|has|shall|must|is|are|be|of|the|a|an|at|to|each|requirement\w*|depth|width|distance|area|line|lines|from|feet|ft|property|lot|street|right-of-way|yards?|setbacks?|size|per|lots?|for|all|required|approximately|about|this|such|in|zone|district|and)\b[\s:=.,–—()|-]*)*$",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|no|nor|never|neither|without)\s+(?:\w+\s+){0,6}(?:more|less|fewer|greater|higher|taller|exceed\w*|over|closer|nearer|above|under)(?:\s+than)?\s*(?:a\s+|an\s+|the\s+|of\s+)?$"
    r"|(?:shall|may|must|or|nor)\s+(?:not\s+|never\s+)?exceed\s*$|no\s+(?:building|structure|dwelling)[^.;]{0,90}exceed(?:s|ing)?\s+(?:an?\s+|the\s+)?(?:\w+\s+){0,3}(?:of\s+)?$"
    r"|no\s+(?:[\w-]+\s+){0,3}(?:building|structure|dwelling|portion|part|lot|parcel)\b[^.;]{0,110}\b(?:within|in\s+excess\s+of|(?:less|smaller|narrower)\s+than)\s*$",
    re.IGNORECASE,
)
_NOT_A_LIMIT = re.compile(
    r"\b(?:over|above|(?:greater|more|less|fewer|other|rather|smaller|taller|higher)\s+(?:in\s+\w+\s+)?than|in\s+excess\s+of|exceeds|exceeding|exceed|each|every|additional|within|plus|under|below|next|first|last|containing|"
    r"(?:increased?|reduced?|decreased?|extend\w*|project\w*|encroach\w*|lowered|adjusted|varied|modified)\s+(?:\w+\s+){0,4}(?:by|to|into|up\s+to)?|"
    r"with\s+an\s+area\s+of|fewer|per|intervals?\s+of|point|beyond|between|than\s+the|section|sec|article|chapter|table|figure|paragraph|page|exceed\s+\w+)"
    r"\s*(?:a\s+|an\s+|the\s+|of\s+|than\s+|\.)?$",
    re.IGNORECASE,
)
_UNLIKE_AFTER = re.compile(
    r"^\s*(?:,?\s*(?:[\w-]+\s+){0,2}accessory|(?:or|and)\s+(?:more|over|greater|less|fewer|above)|(?:of|from)\s+(?:an?\s+|any\s+|the\s+)?(?:(?:existing|adjacent|adjoining|abutting|nearest|other|residential|another|main|principal|public|navigable)\s+)*(?:dwellings?|buildings?|structures?|intersections?|wells?|residences?|districts?|zones?|boundar\w+|centerline|center\s?line|centre|streams?|lakes?|water|ponds?|shore\w*|mean|normal|ordinary)"
    r"|(?:max(?:imum)?|min(?:imum)?)\s+(?:length|spacing)|in\s+(?:gross\s+)?(?:length|diameter|thickness)|long\b|thick\b|in\s+area\s+per\s+face|apart|intervals?|clear|contour|abov?e\s+(?:ground|grade|the)\s+(?:level\s+)?(?:at|for)|per\s+(?:acre|story|floor|bedroom|guest|room|bed|seat|employee|site|campsite|lot\s+for)|for\s+each\s+(?:additional\s+)?(?:foot|story|bedroom|guest|room|employee|seat|\d|one|two|ten|hundred))",
    re.IGNORECASE,
)
_FROM_ROAD = re.compile(r"\s*from\s+(?:the\s+)?cent(?:er|re)", re.IGNORECASE)
_WIDE = re.compile(r"^\s*(?:in\s+(?:gross\s+)?width|wide\b|deep\b)", re.IGNORECASE)
_STORIED = re.compile(
    r"\s*(?:and\s+\w+[\s-]story\s+)?(?:(?:single|principal|main|residential|detached|multi)[\s-]*(?:family)?\s+)*"
    r"(?:dwellings?|houses?|homes?|residences?|portions?|units?|additions?|wings?|garages?|buildings?|structures?)\b",
    re.IGNORECASE,
)
"""What has so many stories, as ``two-story dwellings`` have, rather than may have."""
_LIMITED_TO = re.compile(r"\b(?:limited\s+to|exceed|than|only|maximum\s+of)\s+(?:an?\s+)?$", re.IGNORECASE)
_HAVE_WIDTH = frozenset(
    ("front_setback", "side_setback", "side_setback_total", "street_side_setback", "rear_setback")
) | {"min_lot_width", "min_lot_depth"}
_INCLUSION = re.compile(
    r",?\s*(?:\(?including|\bincludes?|together\s+with|and\s+(?:their\s+|its\s+|all\s+)?|or\s+(?:its\s+)?|excluding|exclusive\s+of|except(?:ing)?|not\s+including|plus)\s*(?:all\s+|any\s+|detached\s+|attached\s+|both\s+|principal\s+and\s+)*"
    r"(?:accessory|garages?|carports?|decks?|porch(?:es)?|parking|driveways?|patios?|sidewalks?|swimming\s+pools?)[^.;,]{0,60}",
    re.IGNORECASE,
)
_MUNICIPALITY = re.compile(
    r"\b(?:City|Town|Village|Borough|Township|County)\s+of(?:\s+(?:the\s+|of\s+)?[A-Z][\w.'’-]*){1,4}"
)
"""A name such as ``Village of Mud Lake``, whose words name no thing."""
_WHETHER = re.compile(r",?\s*\(?whether\s+principal\s+or\s+accessory\)?", re.IGNORECASE)
CLOSED_EXCEPTION = re.compile(
    r",\s*(?:except|excluding|other\s+than)\b[^,.;:\d]{3,80},(?=\s*(?:shall|must|may|is|are)\b)",
    re.IGNORECASE,
)
"""``Structures, except churches, shall not exceed``: what is said is of the structures."""
_EXEMPT_IN_LABEL = re.compile(
    r"[,(]\s*(?:except|exclud|exempt|not\s+including)\w*\b[^.;:]{3,220}(?=:\s)", re.IGNORECASE
)
_ANY_NAME = re.compile(r"^\W*(?:\(?\w{1,2}[.)]\s*)?[\w-]*(?:[\s/][\w-]+){0,7}\W*$")


def cue(text: str, quantity: Quantity, mention: Mention | None) -> str:
    """``max``, ``min`` or ``""``: what the words around a number say that it is."""
    after = _CUE_AFTER.match(text[quantity.end : quantity.end + 30])
    if after:
        return after["cue"][:3].lower()
    floor = max(0, quantity.start - 170)
    if mention is not None and mention.end <= quantity.start:
        floor = max(0, mention.start - 70, quantity.start - 320)
    cues = list(_CUE.finditer(text, floor, quantity.start))
    if not cues:
        return ""
    return "max" if cues[-1]["max"] else "min"


def is_foreign(text: str, quantity: Quantity) -> bool:
    """Whether the words before the number speak of another thing."""
    before = _WHETHER.sub("", _EXEMPT_IN_LABEL.sub("", _MUNICIPALITY.sub("", text[: quantity.start])))
    before = CLOSED_EXCEPTION.sub("", before)
    # "Except accessory structures may have five feet" is about them, up to the number.
    cleaned = _INCLUSION.sub(lambda m: m[0] if m.end() == len(before) and "xcept" in m[0] else "", before)
    return bool(FOREIGN.search(cleaned))


def is_unlike(name: str, before: str, after: str) -> bool:
    """Whether a number bounds something else, or is a threshold or a step and no limit."""
    from_road = name == "front_setback" and _FROM_ROAD.match(after)
    if name == "max_stories" and _STORIED.match(after) and not _LIMITED_TO.search(before):
        return True
    if (_UNLIKE_AFTER.match(after) and not from_road) or (name not in _HAVE_WIDTH and _WIDE.match(after)):
        return True
    return bool(_NOT_A_LIMIT.search(before[-45:])) and not _NEGATED.search(before[-130:])


def is_plain(before: str, mention: Mention | None, quantity: Quantity) -> bool:
    """Whether nothing but linking words stand between a field's name and the number."""
    gap = before[mention.end :] if mention and mention.end <= quantity.start else ""
    return bool(_PLAIN_LINK.match(gap)) and len(gap) < 90


def opens_line(before: str) -> bool:
    """Whether a few words at most come before the number, as in a labelled line."""
    return bool(_ANY_NAME.match(before))


_PLAUSIBLE = {
    "ft": (0.0, 1_500.0),
    "sqft": (150.0, 50_000_000.0),
    "sqft_per_unit": (150.0, 5_000_000.0),
    "percent": (1.0, 100.0),
    "ratio": (0.05, 30.0),
    "stories": (1.0, 90.0),
    "units": (1.0, 200.0),
    "units_per_acre": (0.01, 600.0),
    "spaces_per_unit": (0.25, 5.0),
}
_NARROWER = {
    "max_height": (10.0, 900.0),
    "min_lot_area": (800.0, 50_000_000.0),
    "min_lot_width": (10.0, 1_500.0),
    "min_lot_depth": (20.0, 1_500.0),
    "min_unit_area": (150.0, 5_000.0),
    "side_setback": (0.0, 250.0),
    "front_setback": (0.0, 400.0),
    "rear_setback": (0.0, 400.0),
    "max_lot_coverage": (2.0, 100.0),
}


def is_plausible(name: str, value: float) -> bool:
    """Whether a value is one that codes set for a field."""
    low, high = _NARROWER.get(name) or _PLAUSIBLE[FIELD_UNITS[name]]
    return low <= value <= high
