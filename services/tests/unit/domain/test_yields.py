import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.domain.lot_shapes import FLAG, SOUTH_STREET, lot, pie, rectangle, standard

from plotlot.domain.envelope import envelope_of
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Citation, Standard, Status
from plotlot.domain.yields import Constraint, LotFacts, Yield, lot_facts, yield_for, yield_to_dict

AREA, WIDTH, DENSITY = (
    standard("min_lot_area", 5000),
    standard("min_lot_width", 50),
    standard("max_density", 9),
)
FACTS = LotFacts(14_520, 100, 145.2)


def constraint(found: Yield, field: str) -> Constraint:
    return next(each for each in found.constraints if each.field == field)


def test_density_with_its_arithmetic() -> None:
    found = yield_for(FACTS, [AREA, WIDTH, DENSITY])
    assert (found.units_low, found.units_high, found.verdict) == (3, 3, "buildable")
    assert found.binding_constraint == "max_density"
    density = constraint(found, "max_density")
    assert density.binding
    assert density.arithmetic == "14,520 sqft / 43,560 x 9 = 3.00, so 3"
    assert density.one_more == "needs 4,840 sqft more lot area"


@pytest.mark.parametrize(
    ("facts", "binding", "more"),
    [
        (LotFacts(4_900, 60, 80), "min_lot_area", "needs 100 sqft more lot area"),
        (LotFacts(9_000, 45, 200), "min_lot_width", "needs 5 ft more lot width"),
    ],
)
def test_a_lot_below_a_minimum_is_not_buildable(facts: LotFacts, binding: str, more: str) -> None:
    found = yield_for(facts, [AREA, WIDTH, DENSITY], district_name="Single-Family Residential")
    assert (found.units_low, found.units_high, found.verdict) == (0, 0, "not_buildable")
    assert found.binding_constraint == binding
    assert found.summary.startswith("not buildable as of right")
    assert constraint(found, binding).one_more == more


@pytest.mark.parametrize(
    ("area", "rule", "value", "more"),
    [
        (32_999.9, "min_lot_area_per_unit", 3000, "needs 3,000 sqft more lot area"),
        (7_259.9, "max_density", 18, "needs 2,420 sqft more lot area"),
        (14_999.6, "min_lot_area_per_additional_unit", 2500, "needs 2,500 sqft more lot area"),
    ],
)
def test_what_is_missing_is_the_difference_of_the_measures_shown(
    area: float, rule: str, value: float, more: str
) -> None:
    found = yield_for(LotFacts(area, 100, 145), [AREA, standard(rule, value)])
    assert constraint(found, rule).one_more == more


def test_density_below_one_unit_is_none_not_one() -> None:
    found = yield_for(LotFacts(4_000, 60, 80), [DENSITY])
    assert (found.units_high, found.verdict) == (0, "not_buildable")


def test_measuring_tolerance_does_not_refuse_a_lot() -> None:
    found = yield_for(LotFacts(4_998, 49.95, 100), [AREA, WIDTH, DENSITY])
    assert found.verdict == "buildable"
    assert "measuring tolerance" in constraint(found, "min_lot_width").arithmetic


def test_area_for_the_first_unit_and_each_further() -> None:
    more = standard("min_lot_area_per_additional_unit", 3000)
    found = yield_for(FACTS, [AREA, more])
    assert (found.units_low, found.units_high) == (4, 4)
    assert "1 + (14,520 - 5,000) / 3,000" in constraint(found, more.field).arithmetic


def test_area_per_unit_and_limit_per_lot() -> None:
    each, most = standard("min_lot_area_per_unit", 2000), standard("max_units_per_lot", 4)
    found = yield_for(FACTS, [AREA, each, most])
    assert constraint(found, each.field).units_high == 7
    assert (found.units_high, found.binding_constraint) == (4, "max_units_per_lot")


def test_the_district_name_tells_the_families() -> None:
    found = yield_for(FACTS, [AREA, WIDTH], district_name="One-Family Dwelling District")
    assert (found.units_low, found.units_high, found.binding_constraint) == (1, 1, "uses")


def test_unread_uses_widen_to_an_interval() -> None:
    found = yield_for(FACTS, [AREA, WIDTH], district_name="Village Neighborhood")
    assert (found.units_low, found.units_high) == (1, None)
    assert "was not read" in constraint(found, "uses").arithmetic


def test_what_fits_decides_nothing_where_no_use_was_read() -> None:
    found = on(rectangle(200, 400), [AREA, WIDTH, *YARDS])
    assert (found.units_low, found.binding_constraint, found.verdict) == (1, "uses", "buildable")
    assert found.units_high == constraint(found, "floor_area").units_high
    assert "by floor area alone" in found.summary


def test_parking_is_no_rule_of_the_count() -> None:
    standards = [AREA, standard("max_height", 35), standard("max_lot_coverage", 100)]
    found = on(rectangle(60, 100), [*standards, standard("parking_per_unit", 1)])
    assert found.binding_constraint == "uses"
    assert "yards that are not known" in constraint(found, "floor_area").arithmetic


def test_the_use_says_what_it_was_decided_from() -> None:
    named = yield_for(FACTS, [AREA, WIDTH], district_name="Single-Family Residential")
    assert "no list of permitted uses was read" in constraint(named, "uses").arithmetic
    quote = Citation("d", "", "Sec. 2", None, 0, 30, "7,000 sq. ft. for a two-family dwelling")
    stated = replace(standard("min_lot_area", 7000, use="two_family"), citation=quote)
    told = constraint(yield_for(FACTS, [AREA, stated], district_name="Two-Family Residential"), "uses")
    assert (told.units_high, told.standards) == (2, (stated,))
    assert "was read" not in told.arithmetic


def test_no_floor_area_is_asked_for_where_a_setback_is_missing() -> None:
    found = on(rectangle(60, 100), [*YARDS[:1], *YARDS[2:], DENSITY])
    assert constraint(found, "floor_area").one_more == ""


def test_unread_uses_of_an_industrial_district_may_be_none() -> None:
    unstated = standard("max_density", None, status=Status.NOT_STATED)
    for name in ("Light Industrial", "Highway Arterial", "General Business"):
        found = yield_for(FACTS, [AREA, unstated], district_name=name)
        assert (found.units_low, found.verdict) == (0, "unknown")


@pytest.mark.parametrize(("area", "units"), [(7_000, 0), (9_000, 1), (12_500, 2)])
def test_two_families_need_their_own_area(area: float, units: int) -> None:
    standards = [standard("min_lot_area", 7500), standard("min_lot_area", 12_000, use="two_family")]
    name = "One- and Two-Family Residential"
    for facts in (LotFacts(area, 80, 120), LotFacts(area, 80, 120, {"lot": "corner"})):
        assert yield_for(facts, standards).units_high == units
        assert yield_for(facts, standards, district_name=name).units_high == units


def test_standards_by_use_alone_have_no_plain_use() -> None:
    standards = [
        standard("min_lot_area", 7500, use="one_family"),
        standard("min_lot_area", 12_000, use="two_family"),
    ]
    assert yield_for(LotFacts(5_000, 80, 60), standards).verdict == "not_buildable"
    assert yield_for(LotFacts(8_000, 80, 100), standards).units_high == 1


def test_parking_by_use_does_not_permit_a_use() -> None:
    parking = standard("parking_per_unit", 1.5, use="multi_family")
    found = yield_for(FACTS, [AREA, parking], district_name="Single-Family Residential")
    assert found.units_high == 1


@pytest.mark.parametrize(("sewer", "verdict"), [("none", "not_buildable"), ("public", "buildable")])
def test_sewer_decides_which_area_applies(sewer: str, verdict: str) -> None:
    standards = [AREA, standard("min_lot_area", 40_000, sewer="none"), DENSITY]
    assert yield_for(LotFacts(14_520, 100, 145, {"sewer": sewer}), standards).verdict == verdict


def test_condition_that_the_parcel_does_not_tell_widens() -> None:
    standards = [
        standard("min_lot_area", 40_000, sewer="none"),
        standard("min_lot_area", 10_000, sewer="public"),
        DENSITY,
    ]
    found = yield_for(FACTS, standards)
    assert (found.units_low, found.units_high, found.verdict) == (0, 3, "unknown")
    assert found.binding_constraint == "min_lot_area"


def test_conflicting_densities_widen() -> None:
    other = standard("max_density", 6, status=Status.CONFLICTING)
    found = yield_for(FACTS, [AREA, DENSITY, other])
    assert (found.units_low, found.units_high) == (2, 3)
    assert any("6 and 9" in each for each in found.assumptions)


def test_delegated_minimum_leaves_the_verdict_open() -> None:
    found = yield_for(FACTS, [standard("min_lot_area", None, status=Status.DELEGATED), DENSITY])
    assert (found.units_low, found.units_high, found.verdict) == (0, 3, "unknown")


def test_not_stated_minimum_does_not() -> None:
    found = yield_for(FACTS, [standard("min_lot_area", None, status=Status.NOT_STATED), DENSITY])
    assert (found.units_low, found.verdict) == (3, "buildable")


def test_unknown_width_widens_and_is_named() -> None:
    found = yield_for(LotFacts(14_520), [AREA, WIDTH, DENSITY])
    assert (found.units_low, found.units_high, found.verdict) == (0, 3, "unknown")
    assert "lot width is not known" in found.summary


def test_no_standards_say_nothing() -> None:
    found = yield_for(FACTS, [standard("max_density", None, status=Status.NOT_STATED)])
    assert (found.units_low, found.units_high, found.verdict) == (None, None, "unknown")


YARDS = [
    standard("front_setback", 25),
    standard("side_setback", 10),
    standard("rear_setback", 25),
    standard("max_stories", 2),
]


def on(points: list[tuple[float, float]], standards: list[Standard]) -> Yield:
    found = lot(points, SOUTH_STREET)
    facts = lot_facts(Parcel("1", "X"), found, standards)
    return yield_for(facts, standards, envelope=envelope_of(found, standards))


def test_floor_area_over_the_least_unit_binds() -> None:
    standards = [*YARDS, standard("min_unit_area", 1000), standard("max_density", 40)]
    found = on(rectangle(60, 100), standards)
    assert found.binding_constraint == "floor_area"
    assert (found.units_low, found.units_high) == (4, 4)


def test_assumed_unit_area_is_an_interval_and_said() -> None:
    found = on(rectangle(60, 100), [*YARDS, standard("max_density", 40)])
    assert (found.units_low, found.units_high) == (2, 5)
    assert any("assumed to take 600 to 1,500 sqft" in each for each in found.assumptions)


def test_yards_that_leave_nothing_are_not_buildable() -> None:
    found = on(rectangle(60, 48), [*YARDS, standard("max_density", 40)])
    assert (found.verdict, found.binding_constraint) == ("not_buildable", "envelope")


def test_parking_informs_and_does_not_decide() -> None:
    found = on(rectangle(60, 100), [*YARDS, DENSITY, standard("parking_per_unit", 40)])
    parking = constraint(found, "parking_per_unit")
    assert (parking.informative, parking.units_high) == (True, 0)
    assert found.units_high == 1


def test_width_is_measured_at_the_front_setback() -> None:
    standards = [standard("min_lot_width", 55), standard("front_setback", 40), DENSITY]
    found = lot(pie(), (((0.0, -200.0), (0.0, 0.0)), "Heron Ct"))
    facts = lot_facts(Parcel("1", "X"), found, standards)
    assert facts.width_ft == pytest.approx(found.width_at(40))
    assert facts.width_ft > 55 > found.frontage_ft


def test_flag_width_is_not_that_of_its_pole() -> None:
    found = on(FLAG, [AREA, WIDTH, DENSITY, *YARDS])
    assert (found.verdict, found.units_high) == ("buildable", 2)


def test_json_form_is_plain() -> None:
    found = yield_to_dict(on(rectangle(60, 100), [AREA, WIDTH, DENSITY, *YARDS]))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {"units_low", "units_high", "binding_constraint", "constraints"} <= found.keys()
    assert sum(each["binding"] for each in found["constraints"]) == 1


_STANDARDS = st.fixed_dictionaries(
    {},
    optional={
        "min_lot_area": st.integers(1000, 40_000),
        "min_lot_area_per_unit": st.integers(500, 20_000),
        "min_lot_area_per_additional_unit": st.integers(500, 20_000),
        "max_density": st.floats(0.5, 60),
        "max_units_per_lot": st.integers(1, 20),
    },
)


@given(_STANDARDS, st.floats(500, 200_000), st.floats(0, 100_000), st.booleans())
def test_more_area_never_allows_fewer_units(
    values: dict[str, float], area: float, more: float, doubled: bool
) -> None:
    standards = [standard(field, value) for field, value in values.items()]
    if doubled:
        standards += [standard(field, value * 1.5) for field, value in values.items()]
    smaller, larger = (yield_for(LotFacts(size, 80, 100), standards) for size in (area, area + more))
    if not values:
        return
    top = float("inf")
    assert (larger.units_low or 0) >= (smaller.units_low or 0)
    assert (top if larger.units_high is None else larger.units_high) >= (
        top if smaller.units_high is None else smaller.units_high
    )
    for found in (smaller, larger):
        assert found.units_high is None or (found.units_low or 0) <= found.units_high
        assert (found.verdict == "not_buildable") == (found.units_high == 0)
