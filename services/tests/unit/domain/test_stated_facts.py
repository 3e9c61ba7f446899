"""What a reader states takes the place of the source, for the sizes, the kind and the services of a lot."""

import pytest

from plotlot.domain.envelope import envelope_of
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.lots import Lot, lot_of, rectangle_lot
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Standard, Status
from plotlot.domain.stated_facts import StatedFacts, facts_in, lot_as_stated, parcel_as_stated
from plotlot.domain.taken_facts import facts_taken, stated_words, taken_json
from plotlot.domain.yields import lot_facts

BARE = Parcel("p-1", "Testford, OH", "1 Elm Street", "R-1")
MEASURED = Parcel(
    "p-2", "Testford, OH", properties={"lot_width_ft": "60", "lot_depth_ft": "100", "sewer": "none"}
)
SETBACKS = tuple(
    Standard(name, Status.STATED, value, "ft", None, "reader/1", 0.9)
    for name, value in (
        ("front_setback", 25),
        ("side_setback", 5),
        ("street_side_setback", 20),
        ("rear_setback", 10),
    )
)


def stated_lot(parcel: Parcel, **facts: object) -> Lot:
    stated = StatedFacts(**facts)  # type: ignore[arg-type]
    lot = lot_as_stated(lot_of(parcel_as_stated(parcel, stated)), stated)
    assert lot is not None
    return lot


def test_what_is_typed_is_read_as_people_write_it() -> None:
    found = facts_in({"lot_area_sqft": " 12,000 ", "lot_kind": "corner", "use": "", "district": "R-3"})
    assert found.given == {"lot_area_sqft": 12000, "lot_kind": "corner", "district": "R-3"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("lot_area_sqft", "much"), ("lot_area_sqft", "nan"), ("lot_area_sqft", "-1"), ("lot_width_ft", "0"),
        ("lot_depth_ft", "1e9"), ("lot_kind", "round"), ("use", "castle"), ("sewer", "maybe"),
        ("district", "x" * 201), ("parking_space_sqft", "1"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_taken_is_named(name: str, typed: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        facts_in({name: typed})
    assert raised.value.field == f"facts.{name}"
    assert raised.value.expected


def test_the_least_area_of_a_unit_is_no_more_than_the_most() -> None:
    with pytest.raises(InvalidRequest, match="at least 2,000"):
        StatedFacts(unit_area_low_sqft=2000)
    assert (
        StatedFacts(unit_area_low_sqft=2000, unit_area_high_sqft=2500).assumptions.unit_area_low_sqft == 2000
    )


def test_nothing_stated_changes_nothing() -> None:
    stated = StatedFacts()
    assert parcel_as_stated(MEASURED, stated) == MEASURED
    assert lot_as_stated(lot_of(MEASURED), stated) == lot_of(MEASURED)
    assert lot_as_stated(None, stated) is None


def test_a_stated_width_makes_a_rectangle_of_it() -> None:
    lot = stated_lot(MEASURED, lot_width_ft=80)
    assert (round(lot.area_sqft), round(lot.width_at(25)), round(lot.depth_ft)) == (8000, 80, 100)
    drawn = lot_as_stated(rectangle_lot(60, 100), StatedFacts(lot_width_ft=80))
    assert drawn is not None
    assert round(drawn.area_sqft) == 8000
    assert any("80.0 by 100.0 ft" in note for note in drawn.assumptions)


def test_a_stated_area_counts_and_the_outline_stays() -> None:
    lot = stated_lot(MEASURED, lot_area_sqft=9000)
    assert (lot.area_sqft, round(lot.outline.area)) == (9000, 6000)
    assert any("9,000 sqft counts" in note for note in lot.assumptions)


def test_a_lot_of_unknown_size_is_of_the_size_that_is_stated() -> None:
    assert lot_of(BARE) is None
    assert round(stated_lot(BARE, lot_width_ft=50, lot_depth_ft=100).area_sqft) == 5000
    assert round(stated_lot(BARE, frontage_ft=50, lot_depth_ft=100).width_at(None)) == 50
    area_alone = parcel_as_stated(BARE, StatedFacts(lot_area_sqft=7000))
    assert lot_facts(area_alone, lot_of(area_alone), ()).area_sqft == 7000


def test_a_corner_keeps_a_yard_at_its_second_street() -> None:
    interior, corner = stated_lot(MEASURED), stated_lot(MEASURED, lot_kind="corner")
    areas = [round(envelope_of(lot, SETBACKS).area_sqft) for lot in (interior, corner)]
    assert areas == [50 * 65, 35 * 65]
    assert corner.kind == "corner"
    assert len(corner.street_lines) == 2
    resized = stated_lot(MEASURED, lot_kind="corner", lot_width_ft=60)
    assert round(envelope_of(resized, SETBACKS).area_sqft) == 35 * 65


def test_a_corner_stated_to_be_interior_keeps_none() -> None:
    lot = lot_as_stated(rectangle_lot(60, 100, corner=True), StatedFacts(lot_kind="interior"))
    assert lot is not None
    assert round(envelope_of(lot, SETBACKS).area_sqft) == 50 * 65
    assert [edge.kind for edge in lot.street_lines] == ["front"]


def test_services_and_the_district_are_those_that_are_stated() -> None:
    parcel = parcel_as_stated(MEASURED, StatedFacts(sewer="public", district="R-9"))
    assert (parcel.properties["sewer"], parcel.district) == ("public", "R-9")


def test_every_fact_says_where_it_comes_from() -> None:
    lot = lot_of(MEASURED)
    stated = StatedFacts(lot_area_sqft=9000, sewer="public", unit_area_low_sqft=500, use="two_family")
    taken = facts_taken(MEASURED, lot, lot_facts(MEASURED, lot, ()), stated)
    assert taken_json(taken)["lot_area_sqft"] == {"value": 9000, "origin": "reader", "instead_of": 6000}
    assert taken_json(taken)["lot_width_ft"] == {"value": 60, "origin": "source"}
    assert taken_json(taken)["water"] == {"value": None, "origin": "unknown"}
    assert taken_json(taken)["parking_space_sqft"] == {"value": 325, "origin": "assumed"}
    assert stated_words(taken) == (
        "lot area: 9,000 sqft as the reader states it; without that, 6,000 sqft",
        "use to ask about: two family as the reader states it; it was not known",
        "sewer: public as the reader states it; without that, none",
        "least floor area of a unit: 500 sqft as the reader states it; without that, 600 sqft",
    )
