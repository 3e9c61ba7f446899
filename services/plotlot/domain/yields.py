"""How many dwelling units a lot may have as of right, and which constraint decides.

Every constraint is an interval of the units it allows, with its arithmetic in words. A missing
fact widens the interval; a lot that fails a minimum has none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from plotlot.domain.applicable import Choice, choose, words
from plotlot.domain.constraints import (
    Assumptions,
    Constraint,
    by_area,
    by_floor_area,
    by_number,
    by_parking,
    by_use,
    counts_by_rule,
    minimum,
    unread_uses,
)
from plotlot.domain.envelope import Envelope, facts_of
from plotlot.domain.lots import Lot, number_of
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Standard
from plotlot.domain.uses import Use, uses_of

BUILDABLE, NOT_BUILDABLE, UNKNOWN = "buildable", "not_buildable", "unknown"


@dataclass(frozen=True, slots=True)
class LotFacts:
    """The measures of a lot that standards ask about; None where unknown."""

    area_sqft: float | None = None
    width_ft: float | None = None
    depth_ft: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


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


def lot_facts(parcel: Parcel, lot: Lot | None, standards: Sequence[Standard], use: str = "") -> LotFacts:
    """The facts of a parcel: measured where it has a boundary, otherwise as the source states."""
    facts = facts_of(lot, parcel.properties, use)
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
        for use in uses_of(standards, lot.facts, district_name)
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


def _case(
    lot: LotFacts,
    standards: Sequence[Standard],
    use: Use,
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
        minimum(chosen("min_lot_area"), lot.area_sqft, "sqft", "lot area"),
        minimum(chosen("min_lot_width"), lot.width_ft, "ft", "lot width"),
        minimum(chosen("min_lot_depth"), lot.depth_ft, "ft", "lot depth"),
    ]
    counts = [
        *by_area(lot.area_sqft, chosen),
        by_number(chosen("max_units_per_lot")),
        by_use(use),
        *by_floor_area(envelope, chosen("min_unit_area"), asked, notes),
    ]
    parking = by_parking(lot.area_sqft, envelope, chosen("parking_per_unit"), asked)
    decided = [each for each in (*minimums, *counts, parking) if each is not None]
    if not any(counts_by_rule(each) for each in decided):
        decided.append(unread_uses(standards, district_name))
    return _answer(decided, use.name, notes)


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
    elif low != high and not any(counts_by_rule(each) for each in deciding):
        # What would fit is no rule of the code: the uses that were not read are what leaves the count open.
        binding = next((each for each in deciding if each.field == "uses"), binding)
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


def _summary(verdict: str, low: int | None, high: int | None, binding: Constraint | None) -> str:
    why = f"{words(binding.field)}: {binding.arithmetic}" if binding else ""
    if verdict == NOT_BUILDABLE:
        more = f"; {binding.one_more}" if binding and binding.one_more else ""
        return f"not buildable as of right: {why}{more}"
    if verdict == UNKNOWN:
        count = "an unknown number of" if high is None else f"0 to {high}"
        return f"{count} units, for something that decides is not known: {why}"
    if binding is None or binding.units_high is None:
        least = f"{low} unit{'' if low == 1 else 's'} or more"
        most = "no limit of the count was found" if high is None else f"{high} by floor area alone"
        return f"{least}, {most}: {why}" if why else f"{least}; {most}"
    count = str(high) if low == high else f"{low} to {high}"
    return f"{count} unit{'' if high == 1 else 's'} as of right, limited by {why}"
