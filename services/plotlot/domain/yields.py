"""How many dwelling units a lot may have as of right, and which constraint decides.

Every constraint is an interval of the units it allows, with its arithmetic in words. A missing
fact widens the interval; a lot that fails a minimum has none.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plotlot.domain.applicable import Choice, choose, families_of, is_dwelling, words
from plotlot.domain.envelope import Envelope, facts_of
from plotlot.domain.lots import Lot, number_of
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Standard

ACRE_SQFT = 43_560
BUILDABLE, NOT_BUILDABLE, UNKNOWN = "buildable", "not_buildable", "unknown"
MEASURING_SHARE = 0.001
MEASURING_FT = 0.1


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
        _case(lot, standards, use, families, envelope, asked)
        for use, families in _cases(standards, lot.facts, district_name)
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


def _cases(
    standards: Sequence[Standard], facts: Mapping[str, str], district_name: str
) -> list[tuple[str, int | None]]:
    """The dwelling uses to try, each with the families it means; the plain use is named ``""``."""
    if facts.get("use"):
        return [(facts["use"], families_of(facts["use"]))]
    named = {
        standard.conditions[key]
        for standard in standards
        for key in ("use", "building", "dwelling")
        if key in standard.conditions and is_dwelling(standard.conditions[key])
    }
    uses = sorted(use for use in named if use != "one_or_two_family")
    if "one_or_two_family" in named:
        uses = sorted({*uses, "one_family", "two_family"})
    families = families_of(district_name)
    counted = any(
        s.field in ("max_density", "min_lot_area_per_unit", "max_units_per_lot",
                    "min_lot_area_per_additional_unit") and s.value is not None
        for s in standards
    )  # fmt: skip
    if families is None and not counted and any((families_of(use) or 2) > 1 for use in uses):
        families = 1
    return [("", families), *((use, families_of(use)) for use in uses)]


def _case(
    lot: LotFacts,
    standards: Sequence[Standard],
    use: str,
    families: int | None,
    envelope: Envelope | None,
    asked: Assumptions,
) -> Yield:
    """The answer for one use of the lot."""
    facts = {**lot.facts, "use": use} if use else {k: v for k, v in lot.facts.items() if k != "use"}
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
        *_by_area(lot.area_sqft, chosen, families),
        _by_number(chosen("max_units_per_lot")),
        _by_use(use, families),
        *_by_floor_area(envelope, chosen("min_unit_area"), asked, notes),
    ]
    parking = _by_parking(lot.area_sqft, envelope, chosen("parking_per_unit"), asked)
    found = [each for each in (*minimums, *counts, parking) if each is not None]
    return _answer(found, use, notes)


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
        more = f"needs {choice.low - measure:,.1f} {unit} more {what}"
        return Constraint(choice.field, 0, 0, text, choice.standards, one_more=more)
    low = 0 if measure + slack < choice.high else None
    if measure < choice.low and low is None:
        text += ", within measuring tolerance"
    return Constraint(choice.field, low, None, text, choice.standards)


def _undecided(choice: Choice) -> Constraint:
    return Constraint(choice.field, 0, None, choice.note, choice.standards)


def _by_area(area: float | None, chosen: Callable[[str], Choice], families: int | None) -> list[Constraint]:
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


def _by_use(use: str, families: int | None) -> Constraint | None:
    """The units that the use or the district's name stands for."""
    if families is None:
        return None
    source = f"the use {use.replace('_', ' ')}" if use else "the district or its plain use"
    text = f"{source} means {families} dwelling unit{'s' if families > 1 else ''} on a lot"
    return Constraint("uses", families, families, text, one_more="needs a use of more units")


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
    if not any(_counts(each) for each in deciding):
        text = "how many units the uses allow was not read; one dwelling is assumed to be among them"
        deciding.append(Constraint("uses", 1, None, text))
        found = [*found, deciding[-1]]
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
        _summary(verdict, low, high, binding),
        use,
        tuple(dict.fromkeys(notes)),
    )


def _counts(constraint: Constraint) -> bool:
    """Whether a constraint limits the count by rule, not by what happens to fit."""
    return constraint.units_high is not None and constraint.field != "floor_area"


def _summary(verdict: str, low: int | None, high: int | None, binding: Constraint | None) -> str:
    why = f"{words(binding.field)}: {binding.arithmetic}" if binding else ""
    if verdict == NOT_BUILDABLE:
        more = f"; {binding.one_more}" if binding and binding.one_more else ""
        return f"not buildable as of right: {why}{more}"
    if verdict == UNKNOWN:
        count = "an unknown number of" if high is None else f"0 to {high}"
        return f"{count} units, for something that decides is not known: {why}"
    if high is None:
        return f"{low} unit{'' if low == 1 else 's'} or more; no limit of the count was found"
    count = str(high) if low == high else f"{low} to {high}"
    return f"{count} unit{'' if high == 1 else 's'} as of right, limited by {why}"


def _floor(value: float) -> int:
    """Whole units; a fraction is dropped, save what lies within measuring tolerance of the next."""
    return max(0, math.floor(value * (1 + MEASURING_SHARE) + 1e-9))


def _range(low: float, high: float) -> str:
    return f"{low:,.0f}" if abs(high - low) < 0.5 else f"{low:,.0f} to {high:,.0f}"


def _more_area(more: float) -> str:
    return f"needs {max(math.ceil(more), 1):,} sqft more lot area" if math.isfinite(more) else ""
