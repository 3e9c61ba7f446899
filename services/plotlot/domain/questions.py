"""What a question in words asks for: the fields it names, the case it is about, and what is left of it."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from plotlot.domain.quantities import find_quantities

_SPACED = (
    (
        "street_side_setback",
        r"side (?:yard|set-?back)s?(?: \w+){0,3} (?:street side|side street)|corner[- ]side",
    ),
    ("street_side_setback", r"street[- ]?side(?: yard| set-?back)?s?|side street (?:yard|set-?back)s?"),
    ("side_setback_total", r"(?:total|both|combined|sum of)(?: \w+){0,3} side (?:yard|set-?back)s?"),
    ("front_setback", r"front (?:yard|set-?back|line)s?|set\s?back.*\bfront\b|street set-?back"),
    ("front_setback", r"(?:how far|set-?back|distance)(?: back)? from the (?:street|road|front)"),
    ("rear_setback", r"(?:rear|back)[- ]?(?:yard|set-?back|line|lot line)s?|set\s?back.*\brear\b"),
    ("side_setback", r"side (?:yard|set-?back)s?|set\s?back.*\bside\b"),
    ("front_setback side_setback rear_setback", r"set-?backs?|yards"),
)
_AREAS = (
    (
        "min_lot_area_per_unit",
        r"(?:lot )?(?:area|land|square f\w+)(?: of land)? (?:per|for each) (?:dwelling |housing )?(?:unit|apartment|dwelling|home|family)",
    ),
    (
        "min_unit_area",
        r"(?:smallest|minimum|min\.?|least)(?: (?!lot|yard|set|front|side|rear|park)\w+){0,2} (?:apartment|unit|flat)s?(?: size| area)?",
    ),
    ("min_unit_area", r"(?:size|floor area) of (?:an?|each|the) (?:apartment|dwelling unit|unit|flat)"),
    ("max_density", r"densit\w+|(?:units|homes|dwellings|houses|apartments) (?:per|an|to the|each) acre"),
    (
        "max_units_per_lot max_density",
        r"how many (?:dwelling |housing )?(?:units|dwellings|homes|houses|apartments)",
    ),
)
_BULK = (
    ("max_height max_stories", r"heights?\b|how (?:tall|high)|tallest|highest"),
    (
        "max_height max_stories",
        r"\b\d+[- ]?(?:foot|feet|ft\.?|story|stories)\b(?: tall| high)? (?:tall|high|buildings?|houses?)",
    ),
    ("max_stories", r"stor(?:y|ies|eys?)\b"),
    (
        "max_lot_coverage",
        r"(?:lot|building|site|ground) coverage|coverage|\bcover(?:ed)?\b|how much of (?:a|the|my)[\w -]{0,20}? (?:be )?built(?: up)?on",
    ),
    ("max_lot_coverage", r"how much of (?:an?|the|my)\b.{0,25}\bbuilt on"),
    ("max_impervious", r"impervious(?: surface| cover)?"),
    (
        "max_far",
        r"floor area ratio|floor[- ]lot ratio|(?<!how )(?<!so )(?<!as )(?<!too )\bf\.?a\.?r\b(?! from)",
    ),
)
_LOTS = (
    (
        "min_lot_area",
        r"(?:minimum|smallest|min|lot|parcel)(?: lot| parcel)? (?:size|area)|how (?:big|large|small)\b.{0,25}?\b(?:lots?|parcel)\b",
    ),
    ("min_lot_area", r"\blot\b.{0,12}\b(?:how )?(?:big|large)\b|how much land|acreage"),
    (
        "min_lot_width",
        r"lot width|width of (?:an?|the|my) lot|frontage|how wide\b.{0,30}?\blots?\b|\blots?\b.{0,20}?\bwide\b",
    ),
    ("min_lot_depth", r"lot depth|how deep\b.{0,25}?\blots?\b|depth of (?:an?|the|my) lot"),
    ("parking_per_unit", r"parking|(?:car|off-street) spaces"),
    ("min_open_space", r"open space"),
)
_FIELDS = tuple((names, re.compile(pattern)) for names, pattern in (*_SPACED, *_AREAS, *_BULK, *_LOTS))

_CONDITIONS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (name, value, re.compile(pattern))
    for name, value, pattern in (
        ("lot", "corner", r"corner lots?|\bcorner\b|corners\b"),
        ("lot", "through", r"through lots?|double[- ]frontage lots?"),
        (
            "sewer",
            "none",
            r"(?:no|not|without|neither|lack\w*|isn't|not served by|not on)\b[\w ']{0,30}?\bsewer(?:age)?|septic|unsewered|\bwells?\b",
        ),
        ("sewer", "public", r"(?:public|town|city|village|municipal|with) (?:water and )?sewer(?:age)?"),
        (
            "abutting",
            "residential",
            r"(?:next to|beside|adjoin\w*|abut\w*|bordering) (?:an? |the )?(?:house|home|residen\w+|dwelling)s?(?: lots?| districts?)?",
        ),
        ("use", "two_family", r"duplex(?:es)?|(?:two|2)[- ]famil\w+(?: \w*dwellings?| houses?)?"),
        ("use", "multi_family", r"multi(?:ple)?[- ]?famil\w+(?: dwellings?)?|apartments?(?: \w*buildings?| houses?)?"),
        ("use", "townhouse", r"town ?houses?|townhomes?|row ?houses?"),
        ("use", "one_family", r"(?:single|one|1)[- ]famil\w+(?: \w*dwellings?| houses?| homes?)?|detached (?:house|dwelling)s?"),
    )
)  # fmt: skip
_NO_WORD = re.compile(
    r"[^\W\d_]\d+[^\W\d_]|%[^\W\d_]"
)  # b4ckup, %s: a district's code, or nothing that is asked
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_LONG_WORD = re.compile(r"[a-z]{5,}")
_NEARLY, _VERY_NEARLY = 0.82, 0.88
_VOCABULARY = (
    *("setback", "setbacks", "height", "coverage", "minimum", "maximum", "frontage", "density", "parking"),
    *(
        "impervious",
        "allowed",
        "permitted",
        "required",
        "district",
        "building",
        "dwelling",
        "variance",
        "street",
    ),
    *(
        "residential",
        "accessory",
        "stories",
        "apartment",
        "duplex",
        "corner",
        "sewer",
        "depth",
        "width",
        "space",
    ),
)
_MEANING = re.compile(
    r"(?:what(?:'s| is| are| does| counts as| is meant by)|define|meaning of|definition of)\s+(?:an?\s+|the\s+)?"
    r"(?:term\s+)?(?!(?:min|max|minimum|maximum|smallest|required|allowed|limit)\b)[a-z-]+(?:\s[a-z-]+){0,2}(?:\s+mean)?\s*\??"
)
_PLAIN = frozenset(
    """
    a about all allow allowed allows also am an and any apply applies are area as ask asks at back be become been
    best big build building buildings built but by can city close code confirm correct could did distance do does
    doesn't don't down each enough far feet fine foot for from ft get give go going good ground had has have here
    high house houses home homes how i if in is isn't it its just keep know land large law leave least legal
    legally less limit limits line long lot lots many max maximum may me min minimum more most much must my need
    needed needs no normal normally not number of off ok okay on one only or ordinance our parcel percent percentage
    permit permitted permits place plan please principal property put ratio really require required requirement
    requirements requires residential right rule rules said same say says share should since sit size small so some
    square stand standard standards state still structure structures structure's sure take tall tell than that that's
    the their them then there these they this to town under unit units up upon us use village was way we what what's
    when where which why wide will with within would yes you your zone zones zoning zoned district districts dwelling
    dwellings reach reached state stated prescribed
    main new deep dimension dimensional main applicable regular actual actually main maximum's lot's
    """.split()  # noqa: SIM905
)
"""Words that say nothing about what stands on a lot, or that field questions are asked with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks: fields, the case it is about, and the words that neither explains.

    A question without such words is about the principal building of a lot, and standards answer it.
    """

    fields: tuple[str, ...]
    conditions: Mapping[str, str] = field(default_factory=dict)
    rest: tuple[str, ...] = ()
    is_of_meaning: bool = False

    @property
    def is_of_standards(self) -> bool:
        """Whether it asks for standards and nothing else."""
        return bool(self.fields) and not self.rest and not self.is_of_meaning


def asked_of(question: str, known: frozenset[str] = frozenset()) -> Asked:
    """What a question asks; ``known`` are words, in small letters, that its district or its town explains."""
    whole = " ".join(corrected(question.casefold().replace("’", "'")).split())
    fields, left = _fields_in(whole)
    conditions: dict[str, str] = {}
    for name, value, pattern in _CONDITIONS:
        found = pattern.search(whole)
        if found and not set(_WORD.findall(found.group())) <= known:
            conditions.setdefault(name, value)
        left = pattern.sub(" ~ ", left)
    if fields == ("street_side_setback",) and conditions.get("lot") == "corner":
        del conditions["lot"]  # only a corner lot has a street side
    words = " ".join(word for word in left.split() if not _NO_WORD.search(word))
    rest = [word for word in _WORD.findall(words) if word not in _PLAIN | known]
    rest = [word for word in rest if word.removesuffix("'s") not in _PLAIN | known]
    return Asked(fields, conditions, tuple(rest), _MEANING.fullmatch(whole) is not None)


def _fields_in(text: str) -> tuple[tuple[str, ...], str]:
    """The fields that a text names, and what is left of it."""
    fields: dict[str, None] = {}
    for names, pattern in _FIELDS:
        found = pattern.search(text)
        if found:
            fields.update(dict.fromkeys(names.split()))
            text = f"{text[: found.start()]} ~ {text[found.end() :]}"
    return tuple(fields), text


def corrected(text: str) -> str:
    """A text whose mistyped words of zoning are put right: ``hieght``, ``setbak``."""
    return _LONG_WORD.sub(lambda found: _right_word(found.group()), text)


@lru_cache(maxsize=4096)
def _right_word(word: str) -> str:
    """The word of zoning that a word is but for its letters' order, or nearly is."""
    if word in _PLAIN or word in _VOCABULARY:
        return word
    for near in get_close_matches(word, _VOCABULARY, n=2, cutoff=_NEARLY):
        if sorted(near) == sorted(word) or SequenceMatcher(None, word, near).ratio() >= _VERY_NEARLY:
            return near
    return word


def fields_asked(question: str) -> tuple[str, ...]:
    """The fields that a question names."""
    return asked_of(question).fields


def may_be_about(text: str, name: str) -> bool:
    """Whether a text has a word without which it cannot state the field."""
    pattern = _TELLING.get(name)
    return pattern is None or pattern.search(text) is not None


def may_state(text: str, name: str) -> bool:
    """Whether a text has a measure that the field may have, a number in a row, or says that there is none."""
    in_row = _COLUMN.search(text) is not None and any(map(str.isdecimal, text))
    if in_row or _NONE.search(text):
        return True
    units = {quantity.unit for quantity in find_quantities(text)}
    return bool(units & _UNITS.get(name, units))


def words_of(question: str) -> tuple[str, ...]:
    """The words of a question, and each two neighbours: a district may be written as ``R 1``."""
    words = re.findall(r"[\w./&-]+", question)
    words = [word.strip(".-/") for word in words]
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return tuple(word for word in (*words, *pairs) if word)


_NONE = re.compile(
    r"\bno (?:\w+ ){0,4}(?:is |are |shall be )?(?:required|limit|minimum|maximum)\b|\bnone\b|\bsame as\b|\bas (?:for|required|provided)\b",
    re.I,
)
_COLUMN = re.compile(r"\||\t|\s{3}")
_LENGTHS = frozenset(("ft", "inch"))
_SURFACES = frozenset(("sqft", "acre"))
_UNITS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("front_setback", "side_setback", "side_setback_total", "street_side_setback", "rear_setback"),
        _LENGTHS | {"percent"},
    ),
    **dict.fromkeys(("min_lot_width", "min_lot_depth"), _LENGTHS),
    **dict.fromkeys(("min_lot_area", "min_lot_area_per_unit", "min_unit_area"), _SURFACES),
}
"""The units in which prose states a field; the others are stated in any."""
_YARD = re.compile(r"yard|set-?\s?back|line|street", re.I)
_TELLING: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("front_setback", "side_setback", "side_setback_total", "street_side_setback", "rear_setback"), _YARD
    ),
    **dict.fromkeys(
        ("min_lot_area", "min_lot_area_per_unit", "min_unit_area"), re.compile(r"area|acre|size|square", re.I)
    ),
    "min_lot_width": re.compile(r"width|wide|frontage", re.I),
    "min_lot_depth": re.compile(r"depth|deep", re.I),
    **dict.fromkeys(
        ("max_height", "max_stories"), re.compile(r"height|high|tall|stor(?:y|ies|eys?)\b", re.I)
    ),
    "max_lot_coverage": re.compile(r"cover", re.I),
    "max_impervious": re.compile(r"impervious|paved", re.I),
    "max_far": re.compile(r"floor[- ](?:area|lot) ratio|\bF\.?A\.?R\b", re.I),
    **dict.fromkeys(("max_density", "max_units_per_lot"), re.compile(r"densit|unit|dwelling", re.I)),
    "parking_per_unit": re.compile(r"park|space", re.I),
    "min_open_space": re.compile(r"open space|green|landscap", re.I),
}


_PART_END = re.compile(
    r"[?;]\s+(?=\S)|,?\s+(?:and|or)\s+(?=(?:what|how|who|when|where|which|is|are|can|may|do|does)\b)", re.I
)
_MOST_PARTS = 4


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that a question is made of, at most four; itself where it is one."""
    parts = [part.strip() for part in _PART_END.split(question)]
    kept = [part for part in parts if len(part.split()) > 1]
    return tuple(kept[:_MOST_PARTS]) if len(kept) > 1 else (question,)


def is_of_the_day(question: str) -> bool:
    """Whether a question asks when something is today or on another day, which no code says."""
    return _OF_THE_DAY.search(question) is not None


def wants(question: str) -> Iterator[str]:
    """The kinds of answer that a question's words ask for: ``number``, ``money``, ``meaning``, ``limit``, ``who``."""
    lowered = question.casefold()
    for kind, pattern in _WANTS:
        if pattern.search(lowered):
            yield kind


_OF_THE_DAY = re.compile(
    r"^\W*(?:when|(?:at )?what time)\b.*\b(?:today|tonight|tomorrow|this (?:evening|week|weekend|month))\b",
    re.I,
)
_WANTS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "number",
            r"how (?:many|much|tall|high|wide|deep|far|long|big|large|close|near|thick|fast|quick|soon|loud|often|old)|\b(?:tallest|highest|biggest|largest|smallest|shortest|widest|narrowest|closest|nearest|longest|fewest|most|least)\b|\b(?:min|max|minimum|maximum|size|height|width|depth|distance|limit|ratio|percent|days|hours|deadline|slope|grade|spacing|feet)\b",
        ),
        ("money", r"\b(?:fees?|costs?|fines?|price|penalty|pay|charge)\b"),
        ("meaning", r"^(?:what(?:'s| is| are| does| counts)|define|definition|meaning)\b|\bmean(?:s|ing)?\b|counts? as|consid\w+ an?"),
        ("ban", r"\b(?:not allowed|prohibited|banned|forbidden|not permitted|can't|cannot|may not|never|illegal)\b"),
        ("purpose", r"\bfor\s*\??$|\b(?:purpose|intent|point) of\b|\bintended\b"),
        ("who", r"^who\b|\bwhich (?:board|body|officer|official)\b"),
    )
)  # fmt: skip
