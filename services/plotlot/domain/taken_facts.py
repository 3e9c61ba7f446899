"""The facts that an answer was made from, each with where it comes from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from plotlot.domain.fact_words import name_words, value_words
from plotlot.domain.lots import Lot
from plotlot.domain.parcels import Parcel
from plotlot.domain.stated_facts import StatedFacts
from plotlot.domain.yields import LotFacts

BOUNDARY, SOURCE, READER, ASSUMED, UNKNOWN = "boundary", "source", "reader", "assumed", "unknown"
Value = float | str | None


@dataclass(frozen=True, slots=True)
class TakenFact:
    """A fact as it was taken. ``origin``: measured on the ``boundary``, as the ``source`` of the parcel or the
    ``reader`` states it, ``assumed``, or ``unknown``. ``instead_of`` is what it would be without the reader."""

    value: Value
    origin: str
    instead_of: Value = None


def facts_taken(
    parcel: Parcel, lot: Lot | None, facts: LotFacts, stated: StatedFacts
) -> dict[str, TakenFact]:
    """Every fact by its name, where parcel, lot and facts are those of the source alone."""
    measured = BOUNDARY if parcel.geometry is not None else SOURCE
    plain = {
        "lot_area_sqft": known(facts.area_sqft, measured),
        "lot_width_ft": known(facts.width_ft, measured),
        "lot_depth_ft": known(facts.depth_ft, measured),
        "frontage_ft": known(lot.frontage_ft if lot else None, measured),
        "lot_kind": known(lot.kind if lot else None, measured),
        "district": known(parcel.district or None, SOURCE),
        "use": known(None, UNKNOWN),
        **{
            name: known(parcel.properties.get(name) or None, SOURCE) for name in ("sewer", "water", "overlay")
        },
        **{name: known(value, ASSUMED) for name, value in asdict(StatedFacts().assumptions).items()},
    }
    given = stated.given
    return {name: as_stated(fact, given.get(name)) for name, fact in plain.items()}


def known(value: Value, origin: str) -> TakenFact:
    """A fact of the source, or one that nobody knows."""
    return TakenFact(value, UNKNOWN if value is None else origin)


def as_stated(fact: TakenFact, stated: Value) -> TakenFact:
    """The fact, or what the reader states in its place."""
    return fact if stated is None else TakenFact(stated, READER, fact.value)


def stated_words(facts: Mapping[str, TakenFact]) -> tuple[str, ...]:
    """What the reader stated, each with what it takes the place of, as remarks on the answer."""
    return tuple(
        f"{name_words(name)}: {value_words(name, fact.value)} as the reader states it;"
        f" {'it was not known' if fact.instead_of is None else f'without that, {value_words(name, fact.instead_of)}'}"
        for name, fact in facts.items()
        if fact.origin == READER and fact.value is not None
    )


def taken_json(facts: Mapping[str, TakenFact]) -> dict[str, dict[str, Value]]:
    """Plain JSON by name; ``instead_of`` only where the reader stated the fact."""
    return {
        name: {"value": rounded(fact.value), "origin": fact.origin}
        | ({"instead_of": rounded(fact.instead_of)} if fact.origin == READER else {})
        for name, fact in facts.items()
    }


def rounded(value: Value) -> Value:
    """A measure without the noise of binary fractions."""
    return round(value, 6) if isinstance(value, float) else value
