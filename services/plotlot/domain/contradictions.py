"""When two statements of a code cannot both hold: they speak of the same thing and give different measures."""

import re
from collections.abc import Mapping

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
_SHARED = 0.5
_LEAST_SHARED = 3


def contradict(one: str, other: str) -> bool:
    """Whether two statements give different measures of what reads as the same thing."""
    left, right = measures(one), measures(other)
    kinds = {kind for kind, _ in left} & {kind for kind, _ in right}
    if not any(differ(_of(left, kind), _of(right, kind)) for kind in kinds):
        return False
    first, second = topic(one), topic(other)
    shared = first & second
    return (
        len(shared) >= _LEAST_SHARED
        and len(shared) >= _SHARED * min(len(first), len(second))
        and cases(one) == cases(other)
    )


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
    """The words that a statement is about, in the singular."""
    words = {word.lower() for word in _WORD.findall(text)}
    return {word.rstrip("s") for word in words if word not in _SMALL and len(word) > 2}


def cases(text: str) -> set[str]:
    """The words of a statement that narrow what it is about."""
    return {match.group().lower() for match in _CASES.finditer(text)} & _NARROWING


_NARROWING = frozenset(
    ("corner", "overlay", "interior", "through", "flag", "two-family", "single-family", "rear", "accessory")
)


def _of(found: set[tuple[str, float]], kind: str) -> set[float]:
    return {value for name, value in found if name == kind}
