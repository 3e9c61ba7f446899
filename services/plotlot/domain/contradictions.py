"""When two statements of a code cannot both hold: they speak of the same thing and give different measures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plotlot.domain.quantities import find_quantities

_WORD = re.compile(r"[A-Za-z]+(?:-\w+)*")
_TIMED = re.compile(
    r"(\d+)\)?\s+((?:business|working|calendar)\s+)?(days?|months?|years?|hours?)\b|\b(one|two|three)\s+(years?|months?)",
    re.I,
)
_SMALL = frozenset(
    """
    a an and any are as at be been by each every for from has have if in into is it its least less may minimum maximum more
    most must no nor not of off on one only or other over own per required shall should so such than that the their then there
    these they this those to under up upon was were when where which who will with within without feet foot ft inches inch
    square percent acre acres days day months month years year hours hour business sec section table article
    zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen twenty thirty forty
    fifty sixty seventy eighty ninety hundred thousand half size limited exceed greater provided except whichever
    """.split()  # noqa: SIM905
)
_CASES = re.compile(
    r"\b(?:corner|side|rear|front|interior|through|flag|hammerhead|overlay|adjoin\w*|abut\w*|two-family|single-family|duplex|townhouse|apartment"
    r"|appeal|hearing|expires?|lapses?|void|unless|except|width|wide|long|high|height|area|accessory|principal|near)\b|\bwithin \w+[ -]?\w* ?\(?\d* ?\)? ?feet of\b",
    re.I,
)
_FEET: Mapping[str, float] = {"inch": 1 / 12, "ft": 1.0}
_CODE = re.compile(r"(?<![\w$.-])[A-Z]{1,4}-?\d{1,3}(?:-[A-Z0-9]{1,3})?(?![\w%])")
_MOST = re.compile(
    r"\bexceed|\b(?:more|greater|higher|larger|longer) than\b|\bat most\b|\bmaximum\b|\bup to\b|\blimited to\b",
    re.I,
)
_LEAST = re.compile(r"\bat least\b|\b(?:less|closer|nearer|smaller) than\b|\bminimum\b", re.I)
_SHARED = 0.5
_ALIKE = 0.35  # of all words of both, those that both have
_ALIKE_NEARBY = 0.6  # where they stand in one section, whose sentences mostly add to one another
_LEAST_SHARED = 3
_ENDING = re.compile(r"(?<=\w{3})(?:ies|ing|ed|es|e|s|y)$")
_STEM = 6  # letters by which longer words are told apart: resume and resumed are one


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
    kinds = {kind for kind, _ in left} & {kind for kind, _ in right}
    if not any(differ(_of(left, kind), _of(right, kind)) for kind in kinds):
        return False
    if bound(one.text) ^ bound(other.text) == {"most", "least"} or apart(one.text, other.text):
        return False
    if not may_be_of_one_district(one, other) or cases(one.placed) != cases(other.placed):
        return False
    return alike(one, other)


def alike(one: Statement, other: Statement) -> bool:
    """Whether two statements share most of the words that they are about, with their headings where these differ."""
    nearby = one.section == other.section and bool(one.section)
    first, second = (topic(each.text if nearby else each.placed) for each in (one, other))
    shared = first & second
    return (
        len(shared) >= _LEAST_SHARED
        and len(shared) >= _SHARED * min(len(first), len(second))
        and len(shared) >= (_ALIKE_NEARBY if nearby else _ALIKE) * len(first | second)
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


def may_be_of_one_district(one: Statement, other: Statement) -> bool:
    """Whether no district is named, or one by both: in the statements, else in the headings over them."""
    left, right = ({*_CODE.findall(each.text)} or {*_CODE.findall(each.section)} for each in (one, other))
    return not left or not right or bool(left & right)


def differ(left: set[float], right: set[float]) -> bool:
    """Whether measures of one kind differ: they share none, or are as many and not the same."""
    return not left & right or (len(left) == len(right) > 1 and left != right)


def measures(text: str) -> set[tuple[str, float]]:
    """The measures of a statement, each with what it measures: feet, square feet, days and so on."""
    found = set()
    for quantity in find_quantities(text):
        if quantity.unit in _FEET:
            found.add(("ft", round(quantity.value * _FEET[quantity.unit], 3)))
        elif quantity.per_unit and quantity.unit in ("", "spaces"):
            found.add(("spaces", round(quantity.value, 3)))
        elif quantity.unit:
            found.add((quantity.unit, round(quantity.value, 3)))
    for match in _TIMED.finditer(text):
        number = match[1] or str({"one": 1, "two": 2, "three": 3}[match[4].lower()])
        unit = (match[3] or match[5]).lower().rstrip("s")
        found.add((f"{(match[2] or '').strip().lower()} {unit}".strip(), float(number)))
    return found


def topic(text: str) -> set[str]:
    """The words that a statement is about, without their endings."""
    words = {word.lower() for word in _WORD.findall(text)}
    kept = {word for word in words if not set(word.split("-")) <= _SMALL and len(word) > 2}
    return {_ENDING.sub("", word)[:_STEM] for word in kept}


def cases(text: str) -> set[str]:
    """The words of a statement that narrow what it is about."""
    return {match.group().lower() for match in _CASES.finditer(text)} & _NARROWING


_NARROWING = frozenset(
    ("corner", "overlay", "interior", "through", "flag", "two-family", "single-family", "rear", "accessory")
)


def _of(found: set[tuple[str, float]], kind: str) -> set[float]:
    return {value for name, value in found if name == kind}
