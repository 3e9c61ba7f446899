"""How many dwelling units a lot may have as of right, and which constraint decides.

Every constraint is an interval of the units it allows, with its arithmetic in words. A missing
fact widens the interval; a lot that fails a minimum has none.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plotlot.domain.applicable import (
    USE_CONDITIONS,
    Choice,
    choose,
    families_of,
    is_dwelling,
    words,
)
from plotlot.domain.envelope import Envelope, facts_of
from plotlot.domain.lots import Lot, number_of
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Standard

ACRE_SQFT = 43_560
BUILDABLE, NOT_BUILDABLE, UNKNOWN = "buildable", "not_buildable", "unknown"
MEASURING_SHARE = 0.001
MEASURING_FT = 0.1
_COUNTING = (
    "max_density",
    "max_units_per_lot",
    "min_lot_area_per_unit",
    "min_lot_area_per_additional_unit",
)
_DWELLING_FIELDS = (*_COUNTING, "min_unit_area")
_OTHER_USES = re.compile(
    r"commerc|industr|business|office|manufactur|retail|institution|airport|agricult|conserv|park\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LotFacts:
    """The measures of a lot that standards ask about; None where unknown."""

    area_sqft: float | None = None
    width_ft: float | None = None
    depth_ft: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Yield:
    """The answer: units from low to high, what binds, and why."""

    units_low: int | None
    units_high: int | None
    binding_constraint: str | None
    constraints: tuple[Constraint, ...]
    verdict: str
    summary: str
    use: str = ""
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def lot_facts(parcel: Parcel, lot: Lot | None, standards: Sequence[Standard]) -> LotFacts:
    """The facts of a parcel: measured where it has a boundary, otherwise as the source states."""
    facts = facts_of(lot, parcel.properties)
    if lot is None:
        return LotFacts(
            number_of(parcel.properties, "lot_area_sqft"),
            number_of(parcel.properties, "lot_width_ft"),
            number_of(parcel.properties, "lot_depth_ft"),
            facts,
        )
    measures = {"lot_depth": lot.depth_ft, "lot_width": lot.width_at(None)}
    front = choose(standards, "front_setback", facts, measures).low
    return LotFacts(lot.area_sqft, lot.width_at(front), lot.depth_ft, facts)


def yield_for(
    lot: LotFacts,
    standards: Sequence[Standard],
    *,
    district_name: str = "",
    envelope: Envelope | None = None,
    assumptions: Assumptions | None = None,
) -> Yield:
    """The units that the standards of a district allow on a lot.

    A code that sets standards for several dwelling uses is tried use by use; the use that allows
    most answers.
    """
    if not any(standard.value is not None or standard.formula for standard in standards):
        return Yield(
            None, None, None, (), UNKNOWN,
            "unknown: no standards of a district are known for this lot",
        )  # fmt: skip
    asked = assumptions or Assumptions()
    cases = [
        _case(lot, standards, use, envelope, asked, district_name)
        for use in _uses(standards, lot.facts, district_name)
    ]
    return max(cases, key=lambda case: (_rank(case.units_high), _rank(case.units_low)))


def yield_to_dict(found: Yield) -> dict[str, Any]:
    """Plain JSON. Keys: ``units_low``, ``units_high`` (null: not known), ``binding_constraint`` (a
    field, ``uses``, ``floor_area`` or ``envelope``; null: none), ``constraints``, ``use``,
    ``summary``. A constraint: ``field``, ``units_low``, ``units_high``, ``arithmetic``, ``binding``,
    ``informative``, ``one_more``, ``standards`` (``field``, ``value``, ``unit``, ``conditions``,
    ``quote``). Verdict, assumptions and warnings stand beside the yield in a report."""
    return {
        "units_low": found.units_low,
        "units_high": found.units_high,
        "binding_constraint": found.binding_constraint,
        "constraints": [_constraint_to_dict(each) for each in found.constraints],
        "use": found.use,
        "summary": found.summary,
    }


def _constraint_to_dict(constraint: Constraint) -> dict[str, Any]:
    return {
        "field": constraint.field,
        "units_low": constraint.units_low,
        "units_high": constraint.units_high,
        "arithmetic": constraint.arithmetic,
        "binding": constraint.binding,
        "informative": constraint.informative,
        "one_more": constraint.one_more,
        "standards": [
            {
                "field": standard.field,
                "value": standard.value,
                "unit": standard.unit,
                "conditions": dict(standard.conditions),
                "quote": standard.citation.quote if standard.citation else "",
            }
            for standard in constraint.standards
        ],
    }


def _rank(units: int | None) -> float:
    return math.inf if units is None else units


@dataclass(frozen=True, slots=True)
class _Use:
    """A use to try: ``name`` as conditions write it, what it is called, and its families if known."""

    name: str
    words: str
    families: int | None


def _uses(standards: Sequence[Standard], facts: Mapping[str, str], district: str) -> list[_Use]:
    """The dwelling uses to try; the plain use of the district has no name.

    A use with standards of its own is a case of its own, and the plain use then means fewer
    families. Parking and unit sizes are listed by use for all districts and prove nothing.
    """
    if facts.get("use"):
        return [_named(facts["use"])]
    telling = [each for each in standards if each.field not in ("parking_per_unit", "min_unit_area")]
    named = {use for each in telling if (use := _use_of(each)) and is_dwelling(use)}
    names = named - {"one_or_two_family"}
    if "one_or_two_family" in named:
        names |= {"one_family", "two_family"}
    families = families_of(district)
    uses = [_named(name) for name in sorted(names)]
    if families is not None:
        uses = [use for use in uses if use.families is not None and use.families <= families]
    plain = _plain_use(standards, uses, district, families)
    covered = {each.field for each in telling if not _use_of(each) and _has_value(each)}
    special = {each.field for each in telling if _use_of(each) in names and _has_value(each)}
    return [plain, *uses] if not uses or special <= covered else uses


def _plain_use(
    standards: Sequence[Standard], uses: Sequence[_Use], district: str, families: int | None
) -> _Use:
    larger = [use.families or 2 for use in uses if (use.families or 2) > 1]
    if families is not None and not larger:
        return _Use("", f"the district's name, {district},", families)
    counted = any(each.field in _COUNTING and _has_value(each) for each in standards)
    if larger and not counted:
        called = "the plain use, beside those with standards of their own,"
        return _Use("", called, min(larger) - 1)
    return _Use("", f"the district's name, {district},", families)


def _use_of(standard: Standard) -> str:
    """The use that a standard is conditioned on, if any."""
    return next((standard.conditions[k] for k in USE_CONDITIONS if k in standard.conditions), "")


def _has_value(standard: Standard) -> bool:
    return standard.value is not None or standard.formula is not None


def _named(name: str) -> _Use:
    return _Use(name, f"the use {name.replace('_', ' ')}", families_of(name))


def _case(
    lot: LotFacts,
    standards: Sequence[Standard],
    use: _Use,
    envelope: Envelope | None,
    asked: Assumptions,
    district_name: str,
) -> Yield:
    """The answer for one use of the lot."""
    facts = {**lot.facts, "use": use.name} if use.name else dict(lot.facts)
    notes: list[str] = []

    def chosen(name: str) -> Choice:
        choice = choose(standards, name, facts)
        if choice.note:
            notes.append(choice.note)
        return choice

    minimums = [
        _minimum(chosen("min_lot_area"), lot.area_sqft, "sqft", "lot area"),
        _minimum(chosen("min_lot_width"), lot.width_ft, "ft", "lot width"),
        _minimum(chosen("min_lot_depth"), lot.depth_ft, "ft", "lot depth"),
    ]
    counts = [
        *_by_area(lot.area_sqft, chosen),
        _by_number(chosen("max_units_per_lot")),
        _by_use(use),
        *_by_floor_area(envelope, chosen("min_unit_area"), asked, notes),
    ]
    parking = _by_parking(lot.area_sqft, envelope, chosen("parking_per_unit"), asked)
    decided = [each for each in (*minimums, *counts, parking) if each is not None]
    if not any(_counts(each) for each in decided):
        decided.append(_unread_uses(standards, district_name))
    return _answer(decided, use.name, notes)


def _minimum(choice: Choice, measure: float | None, unit: str, what: str) -> Constraint | None:
    """A minimum of the lot: no limit where met, no unit where not, unknown where undecided."""
    if choice.low is None or choice.high is None:
        return _undecided(choice) if choice.open else None
    need = _range(choice.low, choice.high)
    if measure is None:
        text = f"{what} is not known; the code asks for {need} {unit}"
        return Constraint(choice.field, 0, None, text, choice.standards)
    slack = MEASURING_FT if unit == "ft" else MEASURING_SHARE * choice.low
    text = f"{measure:,.0f} {unit} of {need} {unit} required"
    if unit == "ft":
        text = f"{measure:,.1f} {unit} of {need} {unit} required"
    if measure + slack < choice.low:
        short = choice.low - measure
        more = f"needs {short:,.1f} ft more {what}" if unit == "ft" else _more_area(short)
        return Constraint(choice.field, 0, 0, text, choice.standards, one_more=more)
    low = 0 if measure + slack < choice.high else None
    if measure < choice.low and low is None:
        text += ", within measuring tolerance"
    return Constraint(choice.field, low, None, text, choice.standards)


def _undecided(choice: Choice) -> Constraint:
    return Constraint(choice.field, 0, None, choice.note, choice.standards)


def _by_area(area: float | None, chosen: Callable[[str], Choice]) -> list[Constraint]:
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
    more = (fewest + 1) * ACRE_SQFT / low - area if low else math.inf
    return Constraint(choice.field, fewest, most, text, choice.standards, one_more=_more_area(more))


def _each(area: float | None, choice: Choice, low: float, high: float) -> Constraint:
    if area is None or low <= 0:
        return _area_missing(choice)
    fewest, most = _floor(area / high), _floor(area / low)
    text = "; ".join(
        f"{area:,.0f} sqft / {value:,.0f} sqft a unit = {area / value:.2f}, so {units}"
        for value, units in dict.fromkeys(((high, fewest), (low, most)))
    )
    more = (fewest + 1) * high - area
    return Constraint(choice.field, fewest, most, text, choice.standards, one_more=_more_area(more))


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
    more = (first.high or 0.0) + counts[0] * additional.high - area
    used = (*first.standards, *additional.standards)
    return Constraint(
        additional.field, counts[0], counts[-1], "; ".join(texts), used, one_more=_more_area(more)
    )


def _area_missing(choice: Choice) -> Constraint:
    return Constraint(choice.field, 0, None, "the lot area is not known", choice.standards)


def _by_number(choice: Choice) -> Constraint | None:
    if choice.low is None or choice.high is None:
        return replace(_undecided(choice), units_low=1) if choice.open else None
    text = f"at most {_range(choice.low, choice.high)} on a lot"
    low, high = int(choice.low), int(choice.high)
    return Constraint(choice.field, low, high, text, choice.standards, one_more="needs a change of the limit")


def _by_use(use: _Use) -> Constraint | None:
    """The units that the use or the district's name stands for."""
    if use.families is None:
        return None
    text = f"{use.words} means {use.families} dwelling unit{'s' if use.families > 1 else ''} a lot"
    more = "needs a use, or a district, of more units"
    return Constraint("uses", use.families, use.families, text, one_more=more)


def _unread_uses(standards: Sequence[Standard], district: str) -> Constraint:
    """No rule of the count was read: one unit where dwellings are in evidence, otherwise perhaps none."""
    if _OTHER_USES.search(district) and not any(s.field in _DWELLING_FIELDS for s in standards):
        text = f"whether dwellings are permitted was not read; the district is named {district}"
        return Constraint("uses", 0, None, text)
    text = "how many units the uses allow was not read; one dwelling is assumed to be among them"
    return Constraint("uses", 1, None, text)


def _by_floor_area(
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
            f"a unit is assumed to take {small:,.0f} to {large:,.0f} sqft of floor: the code gives "
            "no least area"
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
    more = f"needs {(low + 1) * large - least:,.0f} sqft more floor area"
    used = (*envelope.standards, *unit.standards)
    return Constraint("floor_area", low, high, text, used, one_more=more)


def _by_parking(
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


def _answer(found: Sequence[Constraint], use: str, notes: Sequence[str]) -> Yield:
    """The least of all intervals, the constraint that sets it, and the verdict."""
    deciding = [each for each in found if not each.informative]
    limits = [each for each in deciding if each.units_high is not None]
    binding = min(limits, key=lambda each: each.units_high or 0, default=None)
    high = binding.units_high if binding else None
    lows = [each for each in deciding if each.units_low is not None]
    low = min((each.units_low or 0 for each in lows), default=None)
    if low == 0 and high != 0:
        doubtful = next(each for each in lows if each.units_low == 0)
        binding = doubtful if binding is None or binding.units_low else binding
    verdict = NOT_BUILDABLE if high == 0 else BUILDABLE if low else UNKNOWN
    marked = tuple(replace(each, binding=True) if each is binding else each for each in found)
    return Yield(
        low,
        high,
        binding.field if binding else None,
        marked,
        verdict,
        _summary(verdict, low, high, binding, any(_counts(each) for each in deciding)),
        use,
        tuple(dict.fromkeys(notes)),
    )


def _counts(constraint: Constraint) -> bool:
    """Whether a constraint limits the count by rule, not by what happens to fit."""
    return constraint.units_high is not None and constraint.field != "floor_area"


def _summary(verdict: str, low: int | None, high: int | None, binding: Constraint | None, ruled: bool) -> str:
    why = f"{words(binding.field)}: {binding.arithmetic}" if binding else ""
    if verdict == NOT_BUILDABLE:
        more = f"; {binding.one_more}" if binding and binding.one_more else ""
        return f"not buildable as of right: {why}{more}"
    if verdict == UNKNOWN:
        count = "an unknown number of" if high is None else f"0 to {high}"
        return f"{count} units, for something that decides is not known: {why}"
    if high is None:
        return f"{low} unit{'' if low == 1 else 's'} or more; no limit of the count was found"
    if binding and binding.field == "floor_area" and not ruled:
        return f"{low} to {high} units by floor area alone, for no rule of the count was read: {why}"
    count = str(high) if low == high else f"{low} to {high}"
    return f"{count} unit{'' if high == 1 else 's'} as of right, limited by {why}"


def _floor(value: float) -> int:
    """Whole units; a fraction is dropped, save what lies within measuring tolerance of the next."""
    return max(0, math.floor(value * (1 + MEASURING_SHARE) + 1e-9))


def _range(low: float, high: float) -> str:
    return f"{low:,.0f}" if abs(high - low) < 0.5 else f"{low:,.0f} to {high:,.0f}"


def _more_area(more: float) -> str:
    return f"needs {max(math.ceil(more), 1):,} sqft more lot area" if math.isfinite(more) else ""
