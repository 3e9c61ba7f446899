"""Quantities as ordinances write them: ``twenty-five (25) feet``, ``2 1/2 stories``, ``9 du/ac``.

Numbers and units are found with their offsets, so that a value can always be read again from
the quote it came from. Units here are the plain ones of the text; ``normalise`` takes them to
the unit of a standard's field.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from plotlot.domain.standards import FIELD_UNITS

SQFT_PER_ACRE = 43_560.0
FEET_PER_METRE = 3.280839895
SQFT_PER_SQUARE_METRE = FEET_PER_METRE**2
SQFT_PER_HECTARE = 10_000 * SQFT_PER_SQUARE_METRE

# Two runs of white space side by side take all or nothing (``*+``): else a number before a thousand blanks takes minutes.
_ONES = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
} | {"fourty": 40}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_VULGAR = {"¼": 0.25, "½": 0.5, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125}

_WORD = "|".join([*_ONES, *_TENS, *_SCALES])
_SPELLED = (
    rf"(?:an?\s+(?=hundred\b|thousand\b))?\b(?:{_WORD})\b"
    rf"(?:(?:\s*+[-‐‑–]\s*+|\s++and\s++(?!one\b)|,?\s++)(?:{_WORD})\b)*"
)
_FRACTION = r"(?:one|two|three)(?:\s*+[-‐‑–]\s*+|\s++)(?:half|halves|thirds?|quarters?|fourths?)\b"
_DIGITS = r"(?:\d{1,3}(?:,\s?\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\d.])\.\d+"
_SLASH = r"[1-9]\s?[/⁄]\s?[2348](?!\d)"
_NUMERAL = rf"(?:{_SLASH}|(?:{_DIGITS})(?:(?:\s++|\s*+[-‐‑–]\s*+){_SLASH}|\s*+[-‐‑–]?\s*+[¼½¾⅓⅔⅛])?|[¼½¾⅓⅔⅛])"
# What every number begins with: a test that most words fail, before the many that spell one.
_OPENING = (
    rf"(?=[\d.¼½¾⅓⅔⅛]|[aefhmnostz](?:{'|'.join(sorted({word[1:3] for word in _WORD.split('|')}))}|n?\s|alf))"
)
NUMBER = re.compile(
    rf"(?<![\w$#§])(?<![^.]\.)(?<![A-Za-z][-‐‑]){_OPENING}(?:"
    rf"(?P<fraction>(?:(?P<whole>{_SPELLED})\s+and\s+)?(?:{_FRACTION})|half(?=\s+(?:of\s+)?an?\s+acre))"
    rf"(?:\s*\(\s*(?P<fraction_digits>{_NUMERAL})\s*%?\s*\))?"
    rf"|(?P<words>{_SPELLED})(?:\s+and\s+(?P<tail>{_FRACTION}|a\s+half\b|{_SLASH}|[¼½¾]))?"
    rf"(?:\s*\(\s*(?P<echo>{_NUMERAL})\s*(?P<echo_unit>%|percent|feet|ft\.?|')?\s*\))?"
    rf"|(?P<digits>{_NUMERAL})(?!\s?(?:st|nd|rd|th)\b))",
    re.IGNORECASE,
)

_PER_UNIT = (
    r"(?:/\s*|\bper\s+|\bfor\s+each\s+|\bfor\s+every\s+|\beach\s+)"
    r"(?:each\s+|every\s+|principal\s+|single\s+|individual\s+|residential\s+|one\s+)*"
    r"(?:dwelling\s+units?|d\.?u\.?s?\b|units?\b|apartments?\b|dwellings?\b|famil(?:y|ies)\b"
    r"|residences?\b|households?\b)"
)
_DWELLINGS = r"(?:dwelling\s+units?|dwellings?|d\.?u\.?'?s?|residential\s+units?|units?|families)"
UNIT = re.compile(
    rf"""\s*+[-‐‑–]?\s*+(?:
      (?P<units_per_acre>(?:\(\s*)?{_DWELLINGS}\s*+\)?\s*+(?:allowed\s+|permitted\s+)?
         (?:/|per|to\s+the|to\s+an|an)\s*(?:(?:one|1|net|gross|buildable|developable|usable)\s+)*(?:acres?|ac)\b\.?)
     |(?P<sqft>(?:\(\s*)?(?:square\s*+-?\s*+(?:feet|foot|ft\b\.?)|sq\.?\s*(?:ft\b\.?|feet|foot|\'|f\b\.?)
         |sq\.?\s?ft\b\.?|s\.\s?f\.|s\.?f\b\.?|sqft\b))
     |(?P<sqm>square\s+met(?:er|re)s?\b|sq\.?\s*m\b\.?|m²|m2\b)
     |(?P<hectare>(?:of\s+a\s+)?hectares?\b|(?-i:ha)\b)
     |(?P<acre>(?:of\s+)?(?:an?\s+)?(?:contiguous\s+)?(?:acres?\b|ac\b\.?))
     |(?P<percent>%|per\s?cent(?:um)?\b|pct\b\.?)
     |(?P<stories>stor(?:y|ies|eys?|ey)\b)
     |(?P<ft>(?:linear\s+|lineal\s+)?(?:feet|foot|ft)\b\.?|lf\b|[’′'](?!\w|['’′]))
     |(?P<inch>inch(?:es)?\b|["”″](?!\w))
     |(?P<m>met(?:er|re)s?\b|(?-i:m)(?=[\s),;./]|$)(?!\.\w))
     |(?P<mile>miles?\b)
     |(?P<spaces>(?:(?:off[-\s]street|off[-\s]road|outside|outdoor|open|usable|paved|designated|parking|enclosed|improved|vehicle|automobile|car|resident|garage|covered|on-?site)\s+)*
         (?:parking\s+)?(?:spaces?|stalls?)\b)
     |(?P<units>{_DWELLINGS}\b)
     )""",
    re.IGNORECASE | re.VERBOSE,
)
_PER_UNIT_AFTER = re.compile(r"[\s(,;:.]{0,3}" + _PER_UNIT, re.IGNORECASE)
_ECHO_AFTER = re.compile(
    rf"\s*\(\s*({_NUMERAL})\s*(?:feet|foot|ft\.?|['’′]|%|percent|square\s+feet|sq\.?\s*ft\.?)?\s*\)",
    re.IGNORECASE,
)
_TO_ONE = re.compile(r"\s*(?::|\bto\b)\s*(?:1(?:\.0+)?(?!\d|[.,/]\d)|one\b)", re.IGNORECASE)
"""What makes a ratio of a number: ``0.5:1``, ``.75 to 1``."""
_AGAIN = re.compile(r"\s*[(\[/]\s*(?=[\d.])")
_AFTER_FEET = re.compile(r"(?:feet|foot|ft\.?|acres?|['’′])\s*[(\[]\s*\Z", re.IGNORECASE)
"""What stands before a measure that only says in metres what a measure in feet has said."""
_CLOSING = re.compile(r"\s*[)\]]")
_METRIC = frozenset(("m", "sqm", "hectare"))
_ROUNDED = 0.06
"""How far a length in feet may lie from the same in metres, as rounded."""
_PER_ACRES = re.compile(
    r"\s*(?:/|per|(?:for\s+)?(?:each|every)|to\s+(?:each|every))\s*"
    rf"(?:(?P<words>{_SPELLED})(?:\s*\(\s*{_NUMERAL}\s*\))?|(?P<digits>{_NUMERAL}))"
    r"\s*(?:gross\s+|net\s+)?(?:acres?|ac)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit as written; offsets count characters of the text searched."""

    value: float
    unit: str
    start: int
    end: int
    number_text: str
    unit_text: str
    per_unit: bool = False


def spelled(words: str) -> float:
    """The value of a number written in words, e.g. ``seven thousand five hundred``."""
    total, group = 0, 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _SCALES:
            scale = _SCALES[word]
            if scale == 100:
                group = max(group, 1) * 100
            else:
                total, group = total + max(group, 1) * scale, 0
        else:
            group += _ONES.get(word, 0) + _TENS.get(word, 0)
    return float(total + group)


def numeral(digits: str) -> float:
    """The value of a number written in digits: ``5,000``, ``2 1/2``, ``2½``, ``.5``."""
    text = digits.strip().replace("⁄", "/")
    value = 0.0
    if text[-1] in _VULGAR:
        value, text = _VULGAR[text[-1]], text[:-1]
    slash = re.search(r"(\d)\s?/\s?(\d)$", text)
    if slash:
        value, text = int(slash[1]) / int(slash[2]), text[: slash.start()]
    text = re.sub(r"[,\s‐‑–-]", "", text)
    return value + (float(text) if text else 0.0)


def _fraction(words: str) -> float:
    """``one-half`` or ``three quarters``."""
    first, *_, last = ["one", *re.findall(r"[a-z]+", words.lower())]
    count = _ONES.get(re.findall(r"[a-z]+", words.lower())[0], 1) if first else 1
    base = {"half": 2, "third": 3, "quarter": 4, "fourth": 4}
    return count / base[last.replace("halves", "half").rstrip("s")]


def _number(match: re.Match[str]) -> float:
    if match["fraction"]:
        if match["fraction_digits"]:
            return numeral(match["fraction_digits"])
        whole = spelled(match["whole"]) if match["whole"] else 0.0
        rest = match["fraction"]
        tail = re.search(rf"(?:{_FRACTION})|half", rest, re.IGNORECASE)
        return whole + (_fraction(tail[0]) if tail else 0.0)
    if match["words"]:
        # The digits in brackets are the figure that a drafter checks, so they win.
        if match["echo"]:
            return numeral(match["echo"])
        value = spelled(match["words"])
        rest = match["tail"] or ""
        if rest[-1:].isalpha():
            return value + _fraction(rest)
        return value + (numeral(rest) if rest else 0.0)
    return numeral(match["digits"])


def find_quantities(text: str, start: int = 0, end: int | None = None) -> Iterator[Quantity]:
    """Every number in the text with the unit that follows it (``""`` where none does)."""
    taken = start
    for match in NUMBER.finditer(text, start, len(text) if end is None else end):
        if match.start() >= taken:
            quantity = _quantity(text, match)
            taken = quantity.end
            if quantity.unit not in _METRIC or not _AFTER_FEET.search(
                text, max(0, quantity.start - 12), quantity.start
            ):
                yield quantity


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    value, after = _number(match), match.end()
    unit = UNIT.match(text, after)
    kind, unit_text = "", ""
    if unit and unit.lastgroup:
        kind, unit_text, after = unit.lastgroup, unit[0].strip(), unit.end()
    elif match["words"] and match["echo_unit"]:
        kind = "percent" if match["echo_unit"].lower() in ("%", "percent") else "ft"
        unit_text = match["echo_unit"]
    if kind == "units":
        acres = _PER_ACRES.match(text, after)
        if acres:
            # "One dwelling per five acres": the whole phrase is the number.
            count = spelled(acres["words"]) if acres["words"] else numeral(acres["digits"])
            phrase = text[match.start() : acres.end()]
            density = value / count if count else 0.0
            return Quantity(density, "units_per_acre", match.start(), acres.end(), phrase, unit_text)
    if not kind and (one := _TO_ONE.match(text, after)) and not UNIT.match(text, one.end()):
        after = one.end()
    echo = _ECHO_AFTER.match(text, after) if unit_text else None
    if echo and same_value(numeral(echo[1]), value):
        # "Twenty-five feet (25')" is one number, said twice.
        after = echo.end()
    per_unit = kind in ("sqft", "spaces", "") and bool(_PER_UNIT_AFTER.match(text, after))
    found = Quantity(value, kind, match.start(), after, match[0], unit_text, per_unit)
    return _said_again(text, found) if kind else found


def _said_again(text: str, first: Quantity) -> Quantity:
    """``7.5 m (25 ft)``, ``25 feet (7.6 m)``: one quantity in two systems of measures, of which feet and acres count."""
    opening = _AGAIN.match(text, first.end)
    number = NUMBER.match(text, opening.end()) if opening else None
    unit = UNIT.match(text, number.end()) if number else None
    if number is None or unit is None or not unit.lastgroup:
        return first
    second = Quantity(_number(number), unit.lastgroup, number.start(), unit.end(), number[0], unit[0].strip())
    if (first.unit in _METRIC) == (second.unit in _METRIC) or not _same_measure(first, second):
        return first
    closing = _CLOSING.match(text, second.end)
    end = closing.end() if closing else second.end
    stated = second if first.unit in _METRIC else first
    per_unit = bool(_PER_UNIT_AFTER.match(text, end)) if stated.unit == "sqft" else first.per_unit
    return replace(stated, start=first.start, end=end, per_unit=per_unit)


def _same_measure(left: Quantity, right: Quantity) -> bool:
    """Whether two lengths, or two areas, agree but for rounding."""
    for field in ("min_lot_width", "min_lot_area"):
        one, other = normalise(left.value, left.unit, field), normalise(right.value, right.unit, field)
        if one is not None and other is not None:
            return same_value(one, other, _ROUNDED)
    return False


def unit_kind(text: str) -> str:
    """The kind of a unit as written: ``acres`` is ``acre``, ``sq. ft.`` is ``sqft``."""
    if text in QUOTED_UNITS:
        return text
    match = UNIT.match(text)
    return match.lastgroup or "" if match else ""


def parse(text: str) -> Quantity | None:
    """The first quantity of a text, or None."""
    return next(find_quantities(text), None)


_TO_FIELD_UNIT: Mapping[tuple[str, str], float] = {
    ("ft", "ft"): 1.0,
    ("inch", "ft"): 1 / 12,
    ("m", "ft"): FEET_PER_METRE,
    ("mile", "ft"): 5_280.0,
    ("sqft", "sqft"): 1.0,
    ("acre", "sqft"): SQFT_PER_ACRE,
    ("sqm", "sqft"): SQFT_PER_SQUARE_METRE,
    ("hectare", "sqft"): SQFT_PER_HECTARE,
    ("sqft", "sqft_per_unit"): 1.0,
    ("acre", "sqft_per_unit"): SQFT_PER_ACRE,
    ("sqm", "sqft_per_unit"): SQFT_PER_SQUARE_METRE,
    ("hectare", "sqft_per_unit"): SQFT_PER_HECTARE,
    ("percent", "percent"): 1.0,
    ("ratio", "percent"): 100.0,
    ("ratio", "ratio"): 1.0,
    ("percent", "ratio"): 0.01,
    ("stories", "stories"): 1.0,
    ("units", "units"): 1.0,
    ("units_per_acre", "units_per_acre"): 1.0,
    ("units", "units_per_acre"): 1.0,
    ("spaces", "spaces_per_unit"): 1.0,
}
QUOTED_UNITS = frozenset(source for source, _ in _TO_FIELD_UNIT)


def normalise(value: float, unit: str, field: str) -> float | None:
    """The value in the field's unit, or None where that unit cannot measure the field."""
    factor = _TO_FIELD_UNIT.get((unit, FIELD_UNITS[field]))
    return None if factor is None else value * factor


def same_value(left: float, right: float, tolerance: float = 1e-6) -> bool:
    """Whether two values agree within a relative tolerance."""
    return abs(left - right) <= max(tolerance * max(abs(left), abs(right)), 1e-9)
