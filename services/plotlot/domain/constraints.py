"""What each rule allows on a lot, as an interval of dwelling units with its arithmetic in words."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.applicable import Choice
from plotlot.domain.envelope import Envelope
from plotlot.domain.standards import Standard
from plotlot.domain.uses import COUNTING_FIELDS, Use, has_value

ACRE_SQFT = 43_560
UNREAD = "no list of permitted uses was read, so ask which uses the district permits"
MEASURING_SHARE = 0.001
MEASURING_FT = 0.1
_DWELLING_FIELDS = (*COUNTING_FIELDS, "min_unit_area")
_OTHER_USES = re.compile(
    r"commerc|industr|business|office|manufactur|retail|shopping|institution|medical|research|airport|highway"
    r"|agricult|conserv|open space|recreation|park\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed where the code is silent, each shown with the answer."""

    unit_area_low_sqft: float = 600.0
    unit_area_high_sqft: float = 1_500.0
    parking_space_sqft: float = 325.0


@dataclass(frozen=True, slots=True)
class Constraint:
    """What one rule allows: ``units_high`` is None where it sets no limit that is known.

    An informative constraint is shown and does not decide. ``one_more`` says what would allow
    another unit.
    """

    field: str
    units_low: int | None
    units_high: int | None
    arithmetic: str
    standards: tuple[Standard, ...] = ()
    binding: bool = False
    informative: bool = False
    one_more: str = ""


def minimum(choice: Choice, measure: float | None, unit: str, what: str) -> Constraint | None:
    """A minimum of the lot: no limit where met, no unit where not, unknown where undecided."""
    if choice.low is None or choice.high is None:
        return _undecided(choice) if choice.open else None
    need = _range(choice.low, choice.high)
    if measure is None:
        text = f"{what} is not known; the code asks for {need} {unit}"
        return Constraint(choice.field, 0, None, text, choice.standards)
    slack = MEASURING_FT if unit == "ft" else MEASURING_SHARE * choice.low
    shown = f"{measure:,.1f}".removesuffix(".0") if unit == "ft" else f"{measure:,.0f}"
    text = f"{shown} {unit}, against the {need} {unit} required"
    if measure + slack < choice.low:
        short = choice.low - measure
        feet = f"{short:,.1f}".removesuffix(".0")
        more = f"needs {feet} ft more {what}" if unit == "ft" else _more_area(choice.low, measure)
        return Constraint(choice.field, 0, 0, text, choice.standards, one_more=more)
    low = 0 if measure + slack < choice.high else None
    if measure < choice.low and low is None:
        text += ", within measuring tolerance"
    return Constraint(choice.field, low, None, text, choice.standards)


def _undecided(choice: Choice) -> Constraint:
    return Constraint(choice.field, 0, None, choice.note, choice.standards)


def by_area(area: float | None, chosen: Callable[[str], Choice]) -> list[Constraint]:
    """What density and lot area per unit allow."""
    found = []
    density = chosen("max_density")
    if density.low is not None and density.high is not None:
        found.append(_density(area, density, density.low, density.high))
    elif density.open:
        found.append(replace(_undecided(density), units_low=1))
    additional, each = chosen("min_lot_area_per_additional_unit"), chosen("min_lot_area_per_unit")
    if additional.known:
        first = chosen("min_lot_area")
        found.append(_first_and_more(area, first if first.known else each, additional))
    elif each.low is not None and each.high is not None:
        found.append(_each(area, each, each.low, each.high))
    return found


def _density(area: float | None, choice: Choice, low: float, high: float) -> Constraint:
    if area is None:
        return _area_missing(choice)
    fewest, most = _floor(area / ACRE_SQFT * low), _floor(area / ACRE_SQFT * high)
    text = "; ".join(
        f"{area:,.0f} sqft / 43,560 x {value:g} = {area / ACRE_SQFT * value:.2f}, so {units}"
        for value, units in dict.fromkeys(((low, fewest), (high, most)))
    )
    needed = (fewest + 1) * ACRE_SQFT / low if low else math.inf
    return Constraint(choice.field, fewest, most, text, choice.standards, one_more=_more_area(needed, area))


def _each(area: float | None, choice: Choice, low: float, high: float) -> Constraint:
    if area is None or low <= 0:
        return _area_missing(choice)
    fewest, most = _floor(area / high), _floor(area / low)
    text = "; ".join(
        f"{area:,.0f} sqft / {value:,.0f} sqft a unit = {area / value:.2f}, so {units}"
        for value, units in dict.fromkeys(((high, fewest), (low, most)))
    )
    more = _more_area((fewest + 1) * high, area)
    return Constraint(choice.field, fewest, most, text, choice.standards, one_more=more)


def _first_and_more(area: float | None, first: Choice, additional: Choice) -> Constraint:
    """One unit on the first area, and one more for each additional area."""
    if area is None or not additional.low or not additional.high:
        return _area_missing(additional)
    counts, texts = [], []
    for start, step in dict.fromkeys(
        ((first.high or 0.0, additional.high), (first.low or 0.0, additional.low))
    ):
        units = 1 + _floor((area - start) / step) if area * (1 + MEASURING_SHARE) >= start else 0
        counts.append(max(units, 0))
        texts.append(
            f"1 + ({area:,.0f} - {start:,.0f}) / {step:,.0f} sqft for each further unit, so {counts[-1]}"
        )
    more = _more_area((first.high or 0.0) + counts[0] * additional.high, area)
    used = (*first.standards, *additional.standards)
    return Constraint(additional.field, counts[0], counts[-1], "; ".join(texts), used, one_more=more)


def _area_missing(choice: Choice) -> Constraint:
    return Constraint(choice.field, 0, None, "the lot area is not known", choice.standards)


def by_number(choice: Choice) -> Constraint | None:
    """What a stated number of units on a lot allows."""
    if choice.low is None or choice.high is None:
        return replace(_undecided(choice), units_low=1) if choice.open else None
    text = f"at most {_range(choice.low, choice.high)} on a lot"
    low, high = int(choice.low), int(choice.high)
    return Constraint(choice.field, low, high, text, choice.standards, one_more="needs a change of the limit")


def by_use(use: Use) -> Constraint | None:
    """The units that the use or the district's name stands for."""
    if use.families is None:
        return None
    text = f"{use.words} means {use.families} dwelling unit{'s' if use.families > 1 else ''} a lot"
    text += f"; {UNREAD}" if not use.standards else ""
    more = "needs a use, or a district, of more units"
    return Constraint("uses", use.families, use.families, text, use.standards, one_more=more)


def unread_uses(standards: Sequence[Standard], district: str) -> Constraint:
    """No rule of the count was read: one unit where dwellings are in evidence, otherwise perhaps none."""
    dwellings = any(each.field in _DWELLING_FIELDS and has_value(each) for each in standards)
    if _OTHER_USES.search(district) and not dwellings:
        text = f"whether dwellings are permitted was not read; the district is named {district}"
        return Constraint("uses", 0, None, text)
    text = "how many units the uses allow was not read; one dwelling is assumed to be among them"
    return Constraint("uses", 1, None, text)


def by_floor_area(
    envelope: Envelope | None, unit: Choice, asked: Assumptions, notes: list[str]
) -> list[Constraint]:
    """What fits in the envelope; a unit area that the code does not give is assumed as a range."""
    if envelope is None:
        notes.append("without a boundary the envelope is not known and does not limit the count")
        return []
    used = envelope.standards
    if envelope.area_high_sqft < 1:
        text = "the yards leave nothing of the lot to build on"
        return [Constraint("envelope", 0, 0, text, used, one_more="needs a larger lot")]
    found = []
    if envelope.area_sqft < 1:
        text = "at the stricter of the conflicting setbacks nothing is left to build on"
        found.append(Constraint("envelope", 0, None, text, used))
    if envelope.floor_area_high_sqft is not None:
        found.append(_floor_area(envelope, unit, asked, notes))
    return found


def _floor_area(envelope: Envelope, unit: Choice, asked: Assumptions, notes: list[str]) -> Constraint:
    most = envelope.floor_area_high_sqft or 0.0
    least = most if envelope.floor_area_low_sqft is None else envelope.floor_area_low_sqft
    small, large = unit.low, unit.high
    if small is None or large is None or small <= 0:
        small, large = asked.unit_area_low_sqft, asked.unit_area_high_sqft
        notes.append(
            f"a unit is assumed to take {small:,.0f} to {large:,.0f} sqft of floor: no least area of "
            "a unit was read from the code"
        )
    high = _floor(most / small)
    low = _floor(least / large) or (1 if least >= small else 0)
    if envelope.floor_area_low_sqft is None:
        low = min(low, 0 if not high else 1)
        notes.append("a setback is missing, so the least floor area is not known")
    text = (
        f"{envelope.arithmetic}; {_range(least, most)} sqft / {_range(small, large)} sqft a unit, "
        f"so {_range(low, high)}"
    )
    more = ""
    if envelope.floor_area_low_sqft is not None:
        more = f"needs {max((low + 1) * large - least, 1):,.0f} sqft more floor area"
    used = (*envelope.standards, *unit.standards)
    return Constraint("floor_area", low, high, text, used, one_more=more)


def by_parking(
    area: float | None, envelope: Envelope | None, choice: Choice, asked: Assumptions
) -> Constraint | None:
    """The units whose spaces fit on the ground beside the building; shown, never decides."""
    if area is None or envelope is None or not choice.high or not choice.low:
        return None
    ground = max(area - envelope.footprint_sqft, 0.0)
    spaces = math.floor(ground / asked.parking_space_sqft)
    text = (
        f"{ground:,.0f} sqft beside the largest footprint / {asked.parking_space_sqft:g} sqft a "
        f"space = {spaces} spaces, {_range(choice.low, choice.high)} a unit"
    )
    return Constraint(
        choice.field,
        math.floor(spaces / choice.high),
        math.floor(spaces / choice.low),
        text,
        choice.standards,
        informative=True,
        one_more="a smaller footprint or parking inside the building makes room",
    )


def counts_by_rule(constraint: Constraint) -> bool:
    """Whether a constraint limits the count by rule, not by what happens to fit."""
    return (
        constraint.units_high is not None and not constraint.informative and constraint.field != "floor_area"
    )


def _floor(value: float) -> int:
    """Whole units; a fraction is dropped, save what lies within measuring tolerance of the next."""
    return max(0, math.floor(value * (1 + MEASURING_SHARE) + 1e-9))


def _range(low: float, high: float) -> str:
    return f"{low:,.0f}" if abs(high - low) < 0.5 else f"{low:,.0f} to {high:,.0f}"


def _more_area(needed: float, area: float) -> str:
    """The area that is missing, between both as they are printed: the measures are no finer than that."""
    if not math.isfinite(needed):
        return ""
    return f"needs {max(round(needed) - round(area), 1):,} sqft more lot area"
