"""Which standard of a field applies to a lot: conditions met, most specific first, else the base.

Conditions that the facts contradict rule a standard out. Standards that remain and differ widen
the value to an interval.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plotlot.domain.standards import Standard, Status

USE_CONDITIONS = ("use", "building", "dwelling")
_SPECIAL = {"overlay", "development"}
_YES = {"public", "yes", "true", "municipal", "town", "city", "available", "connected", "served"}
_NO = {"none", "no", "false", "private", "septic", "onsite", "on_site", "well", "unsewered"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What applies of a field: ``low`` and ``high`` differ where the code leaves it open.

    Both are None where nothing is known; ``open`` says that the code sends the reader elsewhere.
    """

    field: str
    low: float | None = None
    high: float | None = None
    standards: tuple[Standard, ...] = ()
    open: bool = False
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return self.low is not None


def choose(
    standards: Iterable[Standard],
    name: str,
    facts: Mapping[str, str],
    measures: Mapping[str, float] | None = None,
) -> Choice:
    """The value of a field on a lot with these facts; formulas are evaluated on the measures."""
    named = [standard for standard in standards if standard.field == name]
    fitting = [(standard, _fit(standard.conditions, facts)) for standard in named]
    valued = [
        (standard, fit, value)
        for standard, fit in fitting
        if fit is not None and (value := _value(standard, measures or {})) is not None
    ]
    met = [item for item in valued if item[1] == len(item[0].conditions)]
    pool = met or valued
    if not pool:
        unknown = [s for s, fit in fitting if fit is not None and _is_open(s)]
        note = f"the code leaves {words(name)} to another text or body" if unknown else ""
        return Choice(name, standards=tuple(unknown), open=bool(unknown), note=note)
    rank = max if met else min
    count = rank(len(standard.conditions) for standard, _, _ in pool)
    chosen = [item for item in pool if len(item[0].conditions) == count]
    values = [value for _, _, value in chosen]
    return Choice(
        name,
        min(values),
        max(values),
        tuple(standard for standard, _, _ in chosen),
        note=_note(name, [standard for standard, _, _ in chosen], bool(met), values),
    )


def families_of(text: str) -> int | None:
    """How many dwelling units a use or a district's name speaks of, or None.

    ``one_family`` and ``Single-Family Residential`` are 1, ``duplex`` 2; several families are None.
    """
    plain = re.sub(r"[^a-z0-9]+", " ", text.lower())
    found = {
        count
        for pattern, count in (
            (r"\b(?:single|one|1) (?:family|household|unit|dwelling)|\b(?:single )?detached\b", 1),
            (r"\b(?:two|2) (?:family|household|unit)|\bduplex|\bsemi detached", 2),
            (r"\b(?:three|3) (?:family|household|unit)|\btriplex", 3),
            (r"\b(?:four|4) (?:family|household|unit)|\b(?:quad|four)plex", 4),
            (r"\bone (?:and|or|to) two family|\b1 2 family", 2),
        )
        if re.search(pattern, plain)
    }  # fmt: skip
    several = re.search(r"\b(?:multi\w*|multiple|apartments?|town ?hous\w+|row ?hous\w+|mixed)\b", plain)
    return None if several or not found else max(found)


def is_dwelling(use: str) -> bool:
    """Whether a use condition speaks of dwellings rather than of another use."""
    return not re.search(
        r"non.?resid|commerc|industr|office|retail|institut|accessory|agricult|church|school|hotel",
        use.lower(),
    )


def words(name: str) -> str:
    """A field's name in words, e.g. ``lot area per unit``."""
    plain = name.removeprefix("min_").removeprefix("max_").replace("_", " ")
    return plain.replace("far", "floor area ratio")


def _fit(conditions: Mapping[str, str], facts: Mapping[str, str]) -> int | None:
    """How many conditions the facts meet, or None where they contradict one."""
    met = 0
    for name, wanted in conditions.items():
        have = facts.get(name)
        if have is None and name in USE_CONDITIONS:
            have = facts.get("use")
            if have is None:
                return None
        if have is None:
            if name in _SPECIAL:
                return None
            continue
        if not _same(name, wanted, have):
            return None
        met += 1
    return met


def _same(name: str, wanted: str, have: str) -> bool:
    first, second = (re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_") for value in (wanted, have))
    if first == second:
        return True
    if name in USE_CONDITIONS:
        one, other = families_of(first), families_of(second)
        if first == "one_or_two_family":
            return other in (1, 2)
        return one is not None and one == other
    if name in ("sewer", "water"):
        return any(first in group and second in group for group in (_YES, _NO))
    return False


def _value(standard: Standard, measures: Mapping[str, float]) -> float | None:
    if standard.status not in (Status.STATED, Status.CONFLICTING):
        return None
    if standard.formula is not None:
        return standard.formula.evaluate(measures)
    return standard.value


def _is_open(standard: Standard) -> bool:
    return standard.status in (Status.DELEGATED, Status.CONFLICTING) or (standard.formula is not None)


def _condition(name: str, value: str) -> str:
    """A condition in words; one of no kind that has a name is in the code's own words."""
    return value if name == "case" else f"{name} {value}".replace("_", " ")


def _note(name: str, chosen: Sequence[Standard], met: bool, values: Sequence[float]) -> str:
    conditions = sorted({_condition(k, v) for s in chosen for k, v in s.conditions.items()})
    if max(values) > min(values):
        *others, last = [f"{value:,g}" for value in sorted(set(values))]
        carried = "both are" if len(others) == 1 else "the whole range is"
        return f"{words(name)}: the code gives {', '.join(others)} and {last}; {carried} carried"
    if not met:
        told = " and ".join(conditions)
        return f"{words(name)}: the only one read is for {told}, and the parcel does not say that it is so"
    return ""
