"""The words by which codes name conditions, and things that are not the main building."""

import re
from collections.abc import Mapping

FOREIGN = re.compile(
    r"""\b(?:accessory|out-?buildings?|detached\s+garages?|carports?|sheds?|signs?|signage|billboards?|fences?|fencing|hedges?
    |walls?\b(?!\s+of\s+the\s+(?:main|principal))|swimming\s+pools?|pools?|towers?|antennas?|antennae|wireless|telecommunications?
    |wind\s+(?:turbine|energy)|turbines?|solar|satellite|parking\s+(?:lots?|areas?|facilit\w+|aisles?|structures?|garages?|decks?)|driveways?
    |aisles?|loading|storage|kennels?|stables?|utility\s+poles?|barns?|silos?|livestock|poultry|manure|greenhouses?|roadside\s+stands?|docks?|piers?
    |decks?|porch(?:es)?|patios?|awnings?|canop(?:y|ies)|steps|eaves|chimneys?|cornices?|bay\s+windows?|balcon(?:y|ies)
    |spacing|step(?:ped)?[\s-]?backs?|enclosures?|equipment|roofs?|rooftops?|spires?|steeples?|flagpoles?|monuments?|cupolas?|parapets?|projections?|encroach\w*|streams?|rivers?|wetlands?|shoreline|lakes?
    |buffers?|screening|(?:square|circle|rectangle)\s+(?:with|having)|slopes?|travel\s+lanes?|(?:the|such|any|no|each|commercial|inoperable|parked)\s+(?:motor\s+)?vehicles?|parallel\s+parking|trees?|shrubs?|landscap(?:e|ing)\s+strips?|light(?:ing)?\s+(?:poles?|fixtures?)|lamps?|sidewalks?|curbs?|culverts?
    |easements?|cul-?de-?sacs?|cemeter(?:y|ies)|junk\s*yards?|salvage|gasoline|service\s+stations?|filling\s+stations?|fuel|pumps?
    |campgrounds?|camp\s*sites?|recreational\s+vehicles?|travel\s+trailers?|gravel|quarr(?:y|ies)|excavation|mining|extraction|landfills?
    |bed\s+and\s+breakfasts?|home\s+occupations?|day\s*care|nursing\s+homes?|hospitals?|church(?:es)?|schools?|hotels?|motels?
    |adult\s+(?:use|entertainment|business|oriented)|elevator|penthouses?|mechanical\s+equipment|vision\s+clearance|sight\s+triangle|visibility)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that show that a passage speaks of something other than the main residential building."""

_USES: tuple[tuple[str, str], ...] = (
    (
        "one_or_two_family",
        r"(?:one|single|1)[\s-]*(?:and|or|&|/|to)[\s-]*(?:two|2)[\s-]*famil(?:y|ies)|(?:one|single)[\s-]*family(?:\s+(?:detached\s+)?dwellings?)?\s*(?:,?\s*and|,?\s*or|&|/)\s*two[\s-]*family|\bone-?\s*(?:or|and)\s+two-?\s*family",
    ),
    ("multi_family", r"multi(?:ple)?[\s-]*(?:family|dwelling|unit)|apartments?\b|multi-?plex"),
    (
        "townhouse",
        r"town\s?-?(?:houses?|homes?)|row\s?-?houses?|(?:single|one)[\s-]*family\s+attached|attached\s+(?:single|one)[\s-]*family",
    ),
    (
        "two_family",
        r"(?:two|2)[\s-]*famil(?:y|ies)|duplex(?:es)?|two[\s-]+unit\s+dwellings?|semi-?detached",
    ),
    ("three_family", r"(?:three|3)[\s-]*famil(?:y|ies)|triplex(?:es)?|three[\s-]+unit"),
    (
        "four_family",
        r"(?:four|4)[\s-]*famil(?:y|ies)|quad(?:ru|ri)?plex(?:es)?|fourplex(?:es)?|four[\s-]+unit",
    ),
    ("manufactured_home", r"(?:mobile|manufactured)\s+(?:homes?|housing)|trailers?\b"),
    (
        "one_family",
        r"(?:single|one|1)[\s-]*famil(?:y|ies)|detached\s+dwellings?|single[\s-]+(?:unit|detached|dwelling)|one[\s-]+unit\s+dwelling",
    ),
    (
        "nonresidential",
        r"non-?residential|commercial\s+(?:uses?|buildings?|structures?)|business(?:es)?\s+uses?|industrial\s+uses?|institutional|(?:all\s+|any\s+)?other\s+(?:permitted\s+|principal\s+|allowed\s+)?(?:uses?|structures?|buildings?)|non-?dwelling|offices?|retail|public\s+(?:buildings?|uses?)",
    ),
)
_CONDITIONS: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "use": tuple((value, re.compile(rf"\b(?:{p})", re.IGNORECASE)) for value, p in _USES),
    "lot": (
        ("corner", re.compile(r"\bcorner\b", re.IGNORECASE)),
        ("through", re.compile(r"\b(?:through|double[\s-]frontage)\s+lots?\b", re.IGNORECASE)),
        ("interior", re.compile(r"\binterior\s+lots?\b", re.IGNORECASE)),
        ("flag", re.compile(r"\bflag\s+lots?\b", re.IGNORECASE)),
        ("waterfront", re.compile(r"\bwater\s?front|shoreland|lake\s?shore", re.IGNORECASE)),
    ),
    "sewer": (
        ("water_and_sewer", re.compile(r"(?:public|municipal|town|city|community|both)\s+water\s+(?:and|&)\s+(?:\w+\s+)?sewer|water\s+and\s+sewer", re.IGNORECASE)),
        ("none", re.compile(r"\b(?:no|without|not\s+served\s+by|lacking|neither)\s+(?:(?:the|any|an?|public|municipal|town|city|community|central|sanitary|water|or|and)\s+)*sew(?:er|age)|\bunsewered|septic|(?:on-?site|individual|private)\s+(?:sew(?:er|age)|waste\s*water|systems?)|off-?sewer", re.IGNORECASE)),
        ("public", re.compile(r"\bsewer(?:ed|age)?\b|\bon-?sewer", re.IGNORECASE)),
    ),
    "street": (
        ("state_highway", re.compile(r"\b(?:state|federal|u\.?s\.?)\s+(?:or\s+\w+\s+)?(?:highways?|routes?|roads?)|\bstate\s+and\s+federal", re.IGNORECASE)),
        ("arterial", re.compile(r"\b(?:major|principal|minor)?\s*(?:arterials?|thoroughfares?)\b|major\s+(?:streets?|roads?|highways?)", re.IGNORECASE)),
        ("collector", re.compile(r"\bcollectors?\b", re.IGNORECASE)),
        ("local", re.compile(r"\b(?:local|minor|residential|town|private|other)\s+(?:streets?|roads?|highways?)", re.IGNORECASE)),
        ("county_road", re.compile(r"\bcounty\s+(?:roads?|highways?|trunk)", re.IGNORECASE)),
    ),
    "garage": (
        ("attached", re.compile(r"\b(?:w/|with\s+(?:an\s+)?)?attached\s+garage", re.IGNORECASE)),
        ("detached", re.compile(r"\b(?:w/|with\s+(?:a\s+)?)?detached\s+garage", re.IGNORECASE)),
    ),
    "part": (
        (
            "upper_stories",
            re.compile(
                r"\b(?:second|third|upper|above\s+(?:the\s+)?\w+)[\s-]+(?:story|stories|floors?)",
                re.IGNORECASE,
            ),
        ),
    ),
    "measured_at": (
        (
            "street_line",
            re.compile(
                r"\bat\s+(?:the\s+)?(?:street|road|right-of-way|front\s+(?:lot|property))\s*line|centerline|center\s+line",
                re.IGNORECASE,
            ),
        ),
    ),
    "access": (("rear_vehicular", re.compile(r"rear\s+vehicular\s+access|alley\s+access", re.IGNORECASE)),),
    "abutting": (
        ("residential", re.compile(r"\b(?:abut\w*|adjoin\w*|adjacent|bordering|next)\s+(?:to\s+)?(?:\w+\s+){0,3}residential", re.IGNORECASE)),
        ("alley", re.compile(r"\b(?:abut\w*|adjoin\w*|adjacent\s+to)\s+(?:an?\s+)?alley", re.IGNORECASE)),
        ("setback", re.compile(r"abutting\s+a\s+setback", re.IGNORECASE)),
    ),
    "program": (
        ("affordable", re.compile(r"\b(?:affordable|workforce|attainable|low[\s-]income|elderly|senior)\b", re.IGNORECASE)),
        ("bonus", re.compile(r"\b(?:bonus|incentive|public\s+benefits?|density\s+transfer)\b", re.IGNORECASE)),
        ("approval", re.compile(r"\b(?:by|through|with|upon|subject\s+to)\s+(?:\w+\s+){0,4}(?:waiver|variance|special\s+(?:use\s+)?permit|special\s+exception|conditional\s+use|exception|warrant)\b|\bwaiver\b", re.IGNORECASE)),
    ),
    "development": (
        ("planned_unit", re.compile(r"\bplanned\s+(?:unit|residential|development)|\bp\.?u\.?d\b|\bp\.?r\.?d\b", re.IGNORECASE)),
        ("cluster", re.compile(r"\bcluster|conservation\s+subdivision|open\s+space\s+(?:residential\s+)?(?:development|subdivision)", re.IGNORECASE)),
    ),
}  # fmt: skip


def conditions_named(text: str) -> dict[str, str]:
    """The conditions that a text sets, by kind; the first matching value of each kind."""
    found: dict[str, str] = {}
    for kind, values in _CONDITIONS.items():
        for value, pattern in values:
            if pattern.search(text):
                found[kind] = value
                break
    tract = tract_named(text)
    return {**found, "tract": tract} if tract else found


_TRACT_WORD = r"(?:(?i:tract|planning\s+area|development\s+area|sub-?area|pod|phase)|Parcel|PARCEL)"
_TRACT_ID = r"(?:[A-Z](?:-?\d{1,2})?|\d{1,2}[A-Z]?|[IVX]{1,4})(?![\w.-]*\w)"
_TRACT = re.compile(
    rf"(?<!ensus )\b{_TRACT_WORD}(?i:s)?\s+{_TRACT_ID}(?:(?:\s*,\s*|\s+)(?:(?:and|or)\s+)?(?:{_TRACT_WORD}\s+)?{_TRACT_ID})*"
)
_ONLY_TRACT = re.compile(rf"{_TRACT_WORD}s?\W*")


def tract_named(text: str, corner: str = "") -> str:
    """The part of a planned development that a text names: ``Tract A``, or ``A`` in a column headed ``Tract``."""
    if corner and _ONLY_TRACT.fullmatch(corner) and re.fullmatch(_TRACT_ID, text):
        text = f"{corner.strip(' .:')} {text}"
    found = _TRACT.search(text)
    return "_".join(re.findall(r"[a-z0-9]+", found[0].lower())) if found else ""


def uses_named(text: str) -> tuple[str, ...]:
    """Every residential use that a text names, the specific before the plain."""
    return tuple(value for value, pattern in _CONDITIONS["use"] if pattern.search(text))


_MAXIMUM = re.compile(r"\b(?:max(?:imum)?\b\.?|not\s+(?:to\s+)?exceed|no\s+more\s+than|not\s+more\s+than|at\s+most|up\s+to)", re.IGNORECASE)  # fmt: skip
_MINIMUM = re.compile(r"\b(?:min(?:imum)?\b\.?|not\s+(?:be\s+)?less\s+than|no\s+less\s+than|at\s+least|required)", re.IGNORECASE)  # fmt: skip


def limit_named(text: str) -> str:
    """``max``, ``min`` or ``""``: which kind of limit the words express (both named: ``""``)."""
    maximum, minimum = bool(_MAXIMUM.search(text)), bool(_MINIMUM.search(text))
    return "" if maximum == minimum else ("max" if maximum else "min")


def field_limit(name: str) -> str:
    """The kind of limit that a field is: ``max`` for ceilings, ``min`` for the rest."""
    return "max" if name.startswith("max_") else "min"


NOT_APPLICABLE = re.compile(r"\W*(?:n\s?/\s?a|n\.a\.|not\s+applicable)\W*", re.IGNORECASE)
"""A cell by which a code says that a standard does not apply."""
NOT_STATED = re.compile(
    r"^\W*(?:n\s?/?\s?a|not\s+applicable|none|no\s+(?:minimum|maximum|requirement|limit)|no\s+min\.?|-{1,3}|—|–|\*+|nr|not\s+required)\W*$",
    re.IGNORECASE,
)
"""A cell or label that says that the code sets no such standard here."""
