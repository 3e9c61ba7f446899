"""When two statements of a code cannot both hold: they speak of the same thing and give different measures."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from plotlot.domain.quantities import Quantity, find_quantities

_WORD = re.compile(r"[A-Za-z]+(?:-\w+)*")
_TIME = re.compile(
    r"[\s)-]*((?:business|working)\s+)?(?:calendar\s+|consecutive\s+|full\s+)?(day|week|month|year|hour)s?\b",
    re.I,
)
_OF_TIME = frozenset(("day", "month", "hour", "business day", "working day"))
_LONGER: Mapping[str, tuple[str, int]] = {"week": ("day", 7), "year": ("month", 12)}
_MONEY = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})+|\d+)(\.\d{2})?(?![\d%])")
_NOUN = re.compile(r"[\s)]*([a-z]+)\b", re.I)
_DIMENSIONS = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("height", r"\b(?:high(?:er)?|heights?|tall(?:er)?)\b"),
        ("width", r"\b(?:wider?|widths?)\b"),
        ("length", r"\b(?:long(?:er)?|lengths?|deep(?:er)?|depths?)\b"),
        ("distance", r"\b(?:from|away|apart|closer|nearer|set\s?-?backs?|yards?|distance)\b"),
    )
)
_BEFORE, _AFTER = 60, 14  # characters around a length in which its dimension is named
_SMALL = frozenset(
    """
    a an and any are as at be been by each every for from has have if in into is it its least less may minimum maximum more
    most must no nor not of off on one only or other over own per required shall should so such than that the their then there
    these they this those to under up upon was were when where which who will with within without feet foot ft inches inch
    square percent acre acres days day months month years year hours hour business sec section table article
    zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen twenty thirty forty
    fifty sixty seventy eighty ninety hundred thousand half size limited exceed greater provided except whichever
    high higher height tall wide wider width long longer length deep depth located erected placed constructed
    subject person allowed permitted before prior after
    """.split()  # noqa: SIM905
)
_CASES = re.compile(
    r"\b(?:corner|side|rear|front|interior|through|flag|hammerhead|overlay|adjoin\w*|abut\w*|two-family|single-family|duplex|townhouse|apartment"
    r"|appeal|hearing|expires?|lapses?|void|unless|except|width|wide|long|high|height|area|accessory|principal|near|quorum|disabled|handicapped|accessible|first|final|preliminary|close\s+of|be\s+completed)\b|\bwithin \w+[ -]?\w* ?\(?\d* ?\)? ?feet of\b",
    re.I,
)
_ITEM = re.compile(r"\W*(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s", re.I)
_FEET: Mapping[str, float] = {"inch": 1 / 12, "ft": 1.0}
_CODE = re.compile(r"(?<![\w$.-])[A-Z]{1,4}-?\d{1,3}(?:-[A-Z0-9]{1,3})?(?![\w%])")
_MOST = re.compile(
    r"\bexceed|\b(?:more|greater|higher|larger|longer|wider|taller|deeper) than\b|\bat most\b|\bmaximum\b|\bup to\b|\blimited to\b",
    re.I,
)
_LEAST = re.compile(r"\bat least\b|\b(?:less|closer|nearer|smaller|narrower) than\b|\bminimum\b", re.I)
_SHARED = 0.5
_ALIKE = 0.35  # of all words of both, those that both have
_ALIKE_NEARBY = 0.6  # where they stand in one section, whose sentences mostly add to one another
_LEAST_SHARED = 3
_PLURAL = re.compile(r"(?<=\w{3})(?<!s)s$")
_ENDING = re.compile(r"(?<=\w{3})(?:ie|ing|ed|e|y)$")
_STEM = 6  # letters by which longer words are told apart: resume and resumed are one


Measures = Set[tuple[str, float]]
"""Values with what they measure."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or a row of a table, and the headings over it."""

    text: str
    section: str = ""

    @property
    def placed(self) -> str:
        """The text after the last of its headings."""
        return f"{self.section.rsplit(' > ', 1)[-1]}: {self.text}"


def contradict(one: Statement, other: Statement) -> bool:
    """Whether two statements give different measures of what reads as the same thing."""
    left, right = measures(one.text), measures(other.text)
    if not any(differ(*both) for both in comparable(left, right)):
        return False
    if bound(one.text) ^ bound(other.text) == {"most", "least"} or apart(one.text, other.text):
        return False
    if (
        are_items(one, other)
        or not may_be_of_one_district(one, other)
        or cases(one.placed) != cases(other.placed)
    ):
        return False
    return alike(one, other)


def alike(one: Statement, other: Statement) -> bool:
    """Whether two statements share most of what they are about: words, with those of other headings, and kinds."""
    first, second = topic(one.text) | kinds(one.text), topic(other.text) | kinds(other.text)
    if one.section == other.section and one.section:
        return _share_enough(first, second, first & second, _ALIKE_NEARBY)
    shared = first & second | first & topic(other.placed) | second & topic(one.placed)
    return _share_enough(first, second, shared, _ALIKE)


def _share_enough(first: set[str], second: set[str], shared: set[str], least: float) -> bool:
    fewest = min(_LEAST_SHARED, len(first), len(second))
    return (
        len(shared) >= max(fewest, 2)
        and len(shared) >= _SHARED * min(len(first), len(second))
        and len(shared) >= least * len(first | second)
    )


def bound(text: str) -> set[str]:
    """Whether a statement says how much something may be at ``most``, at ``least``, both, or neither."""
    least = {"least"} if _LEAST.search(text) else set()
    return least | ({"most"} if _MOST.search(text) else set())


def row_of(text: str) -> frozenset[str]:
    """The words of a row's first cell, which say what the row is about; empty for prose."""
    cells = re.split(r"\||\t", text.strip().strip("|"))
    return frozenset(topic(cells[0])) if len(cells) > 1 else frozenset()


def apart(one: str, other: str) -> bool:
    """Whether two statements are rows about different things, or a row and prose that does not name its thing."""
    left, right = row_of(one), row_of(other)
    if left and right:
        return left != right
    row = left or right
    return len(row & topic(other if left else one)) < _SHARED * len(row)


def are_items(one: Statement, other: Statement) -> bool:
    """Whether two statements are items of one section's list, each about a thing of its own."""
    marked = _ITEM.match(one.text) is not None and _ITEM.match(other.text) is not None
    return marked and bool(one.section) and one.section == other.section


def may_be_of_one_district(one: Statement, other: Statement) -> bool:
    """Whether no district is named, or one by both: in the statements, else in the headings over them."""
    left, right = ({*_CODE.findall(each.text)} or {*_CODE.findall(each.section)} for each in (one, other))
    return not left or not right or bool(left & right)


def differ(left: set[float], right: set[float]) -> bool:
    """Whether measures of one kind differ: they share none, or are as many and not the same."""
    return not left & right or (len(left) == len(right) > 1 and left != right)


def measures(text: str) -> set[tuple[str, float]]:
    """The measures of a statement, each with what it measures: feet of height, days, dollars, members and so on."""
    found = {("dollars", float(match[1].replace(",", ""))) for match in _MONEY.finditer(text)}
    for quantity in find_quantities(text):
        kind, value = _kind(text, quantity)
        if kind:
            found.add((kind, round(value, 3)))
    return found


def _kind(text: str, quantity: Quantity) -> tuple[str, float]:
    """What a number measures, and its value in one unit for each kind; empty where that is not told."""
    if quantity.unit in _FEET:
        return f"ft {dimension(text, quantity)}".strip(), quantity.value * _FEET[quantity.unit]
    if quantity.per_unit and quantity.unit in ("", "spaces"):
        return "spaces", quantity.value
    if quantity.unit:
        return quantity.unit, quantity.value
    if time := _TIME.match(text, quantity.end):
        unit, times = _LONGER.get(time[2].lower(), (time[2].lower(), 1))
        return f"{(time[1] or '').strip().lower()} {unit}".strip(), quantity.value * times
    noun = _NOUN.match(text, quantity.end)
    counted = " ".join(topic(noun[1])) if noun else ""
    return ("dollars" if counted == "dollar" else counted), quantity.value


def kinds(text: str) -> set[str]:
    """What the measures of a statement measure."""
    return {kind for kind, _ in measures(text) if kind.startswith("ft ") or kind in _OF_TIME}


def dimension(text: str, quantity: Quantity) -> str:
    """Which way a length goes, by the words right after it, else by the last before it; empty where none says so."""
    after, before = text[quantity.end :][:_AFTER], text[: quantity.start][-_BEFORE:]
    for name, pattern in _DIMENSIONS:
        if pattern.search(after):
            return name
    last = [(found.start(), name) for name, pattern in _DIMENSIONS for found in pattern.finditer(before)]
    # A height is told where something stands: "in a front yard".
    return max([each for each in last if each[1] != "distance"] or last, default=(0, ""))[1]


def topic(text: str) -> set[str]:
    """The words that a statement is about, without their endings."""
    words = {word.lower() for word in _WORD.findall(text)}
    kept = {word for word in words if not set(word.split("-")) <= _SMALL and len(word) > 2}
    return {_ENDING.sub("", _PLURAL.sub("", word))[:_STEM] for word in kept}


def cases(text: str) -> set[str]:
    """The words of a statement that narrow what it is about."""
    return {" ".join(match.group().lower().split()) for match in _CASES.finditer(text)} & _NARROWING


_NARROWING = frozenset(
    (
        *(
            "corner",
            "overlay",
            "interior",
            "through",
            "flag",
            "two-family",
            "single-family",
            "rear",
            "accessory",
        ),
        *(
            "quorum",
            "disabled",
            "handicapped",
            "accessible",
            "first",
            "final",
            "preliminary",
            "close of",
            "be completed",
        ),
    )
)


def comparable(left: Measures, right: Measures) -> Iterator[tuple[set[float], set[float]]]:
    """The values of each kind that both have; lengths whose dimension one leaves open are of one kind."""
    both = {kind for kind, _ in left} & {kind for kind, _ in right}
    yield from ((_of(left, kind), _of(right, kind)) for kind in both)
    lengths = [{(kind, value) for kind, value in each if kind.startswith("ft")} for each in (left, right)]
    if all(lengths) and any(kind == "ft" for each in lengths for kind, _ in each):
        first, second = ({value for _, value in each} for each in lengths)
        yield first, second


def _of(found: Measures, kind: str) -> set[float]:
    return {value for name, value in found if name == kind}
