"""Manners in which American codes state their standards, a few lines of each."""

import pytest
from unit.extraction.small_codes import DISTRICTS, read, stated, values


@pytest.mark.parametrize(
    ("listed", "codes"),
    [
        (
            "districts: Rural Residential (RR), Village Center\n(VC), Business (B), and Industrial (I).",
            {"RR", "VC", "B", "I"},
        ),
        (
            "zones: R-A Residential Zone; RM Multiple Residence Zone; and CBD Central Business Zone.",
            {"R-A", "RM", "CBD"},
        ),
        (
            "districts: R-1, Single Family Residential District; and S, Shoreland Overlay District.",
            {"R-1", "S"},
        ),
    ],
)
def test_districts_that_one_sentence_lists(listed: str, codes: set[str]) -> None:
    reading = read(f"# Code\n\n## 1. Zones\n\nThe Town is hereby divided into the following {listed}\n")
    assert {district.code for district in reading.districts} == codes


def test_a_sentence_lists_codes_with_hyphens_before_names() -> None:
    reading = read(
        "# Code\n\n## 1. Zones\n\nThe Borough is divided into the following classes of districts: R-1 Low Density"
        " Residential, R-2 Medium Density\nResidential, T-C Town Center and L-M Limited Manufacturing.\n"
    )
    assert [district.code for district in reading.districts] == ["R-1", "R-2", "T-C", "L-M"]


@pytest.mark.parametrize(
    "listed", ["Town Center, Lake Shore, Main Street", "TOWN CENTER, LAKE SHORE, MAIN STREET"]
)
def test_names_without_codes_have_no_code_in_their_first_word(listed: str) -> None:
    reading = read(f"# Code\n\n## 1. Zones\n\nThe Town is divided into the following districts: {listed}.\n")
    assert not {"Town", "TOWN", "Lake", "LAKE", "Main", "MAIN"} & {one.code for one in reading.districts}


def test_a_list_of_other_things_names_no_districts() -> None:
    reading = read(
        "# Code\n\n## 1. Uses\n\nThe following are allowed in all districts: a dwelling (DW), a farm (FM), a mill.\n"
    )
    assert not reading.districts


SQUARE_FEET_IN_CODES = """\
# Code

## 17.04 Zones

| Zone | Title |
|---|---|
| R-1-6000 | Single-family residential |
| R-1-10000 | Single-family residential, large lots |
| RM-1500 | Multiple residential |

## 17.12 R-1 zones

Front yard: 20 feet. The floor area ratio shall not exceed 0.45 to 1.

Lot coverage shall not exceed forty percent for two-story dwellings.

Side yard: ten percent of the lot width, but not less than five feet nor required to be more than ten feet.

## 17.22 RM-1500 zone

Minimum unit size: studio, 450 square feet; one-bedroom, 600 square feet.

Side setback: 5 feet; 10 feet for buildings over two stories.
"""


def test_a_code_may_end_in_square_feet_and_its_family_speaks_for_it() -> None:
    reading = read(SQUARE_FEET_IN_CODES)
    for code in ("R-1-6000", "R-1-10000"):
        assert values(reading, code, "front_setback") == [(20, {})]
        assert values(reading, code, "max_far") == [(0.45, {})]


def test_the_stories_that_a_house_has_are_no_limit() -> None:
    assert values(read(SQUARE_FEET_IN_CODES), "R-1-6000", "max_stories") == [(None, {})]


def test_both_bounds_of_a_share_of_the_width_are_its_own() -> None:
    [side] = stated(read(SQUARE_FEET_IN_CODES), "R-1-6000", "side_setback")
    assert side.formula is not None
    assert (side.formula.percent, side.formula.minimum, side.formula.maximum) == (10, 5, 10)


def test_a_number_keeps_the_rooms_or_the_height_that_it_is_for() -> None:
    reading = read(SQUARE_FEET_IN_CODES)
    sizes = values(reading, "RM-1500", "min_unit_area")
    assert sizes == [(450, {"case": "studio"}), (600, {"case": "one-bedroom"})]
    assert values(reading, "RM-1500", "side_setback") == [
        (5, {}),
        (10, {"case": "for buildings over two stories"}),
    ]


METRES = """\
## Sec. 2. R-1 Single-Family Residential District

2.1 Lot area: not less than 0.8 hectare (2 acres).

| Standard | Requirement |
|---|---|
| Lot width | 24.4 m (80 ft) |
| Front setback | 30 ft (9.1 m) |

## Sec. 3. R-2 Two-Family Residential District

| Standard | Feet | Meters |
|---|---|---|
| Front setback | 20 | 6.1 |
| Side setback | 6 | 1.8 |

## Sec. 4. R-3 Multiple-Family Residential District

| Standard | Meters |
|---|---|
| Front setback (m) | 6 |
| Side setback (m) | 3 |
"""


def test_of_metres_and_feet_the_feet_count() -> None:
    reading = read(DISTRICTS + METRES)
    assert values(reading, "R-1", "min_lot_area") == [(87_120, {})]
    assert values(reading, "R-1", "min_lot_width") == [(80, {})]
    assert values(reading, "R-1", "front_setback") == [(30, {})]
    assert values(reading, "R-2", "side_setback") == [(6, {})]
    assert stated(reading, "R-3", "side_setback")[0].value == pytest.approx(9.84, abs=0.01)


def test_a_group_heading_within_a_table_ends_no_header() -> None:
    form = """\
<h1>Code</h1><h2>1 Zones</h2><p>The Town is divided into the following zones: T3 Sub-Urban Zone; T4 Urban Zone.</p>
<h2>2 T3 Sub-Urban Zone</h2><table>
<tr><th colspan="2">A. Lot</th></tr><tr><td>Lot Width</td><td>72 ft. min., 120 ft. max.</td></tr>
<tr><th colspan="2">B. Setbacks: Principal Building</th></tr>
<tr><td>Front Setback, Principal</td><td>24 ft. min.</td></tr>
<tr><td>Front Setback, Secondary</td><td>12 ft. min.</td></tr>
<tr><th colspan="2">C. Setbacks: Outbuilding</th></tr><tr><td>Rear Setback</td><td>3 ft. min.</td></tr>
<tr><th colspan="2">D. Height</th></tr><tr><td>Principal Building</td><td>2 stories max.</td></tr></table>
<p>Buildings taller than 5 stories shall step back 10 feet above the fifth story.</p>"""
    reading = read(form, name="code{}.html")
    found = {(one.field, one.value) for one in reading.standards["T3"] if one.value is not None}
    assert found == {
        ("min_lot_width", 72),
        ("front_setback", 24),
        ("street_side_setback", 12),
        ("max_stories", 2),
    }


def test_a_title_below_the_header_is_no_end_of_it() -> None:
    schedule = """\
<h1>Code</h1><table>
<tr><td rowspan="2">Requirement</td><td colspan="2">Zone</td></tr><tr><td>R-A</td><td>R-B</td></tr>
<tr><td colspan="3">PRINCIPAL BUILDING</td></tr>
<tr><td>Min. Lot Area (s.f.)</td><td>15,000</td><td>7,500</td></tr>
<tr><td>Max. Height (stories/ft.)</td><td>2½/35</td><td>3/40</td></tr>
<tr><td colspan="3">ACCESSORY BUILDING</td></tr><tr><td>Max. Height (ft.)</td><td>15</td><td>15</td></tr></table>
<h2>1 R-A Residential Zone</h2><h2>2 R-B Residential Zone</h2>"""
    reading = read(schedule, name="code{}.html")
    assert values(reading, "R-B", "min_lot_area") == [(7500, {})]
    assert values(reading, "R-A", "max_height") == [(35, {})]
    assert values(reading, "R-A", "max_stories") == [(2.5, {})]


def test_the_lowest_row_of_a_header_says_which_measure_a_column_holds() -> None:
    regulations = """\
<h1>Code</h1><table><thead>
<tr><th rowspan="2">Zoning District</th><th colspan="3">Minimum Lot Requirements</th><th colspan="2">Height</th></tr>
<tr><th>Area (sq. ft.)</th><th>Width (ft.)</th><th>Depth (ft.)</th><th>Feet</th><th>Stories</th></tr></thead>
<tr><td>R-1</td><td>15,000</td><td>100</td><td>125</td><td>35</td><td>2</td></tr>
<tr><td>R-2</td><td>7,500</td><td>75</td><td>100</td><td>30</td><td>3</td></tr></table>
<table><tr><td></td><td>R-1</td><td colspan="2">R-2</td></tr><tr><td></td><td></td><td>1 BR</td><td>Efficiency</td></tr>
<tr><td>Minimum floor area per unit (sq. ft.)</td><td>2,000</td><td>800</td><td>450</td></tr></table>
<h2>1 R-1 Residential District</h2><h2>2 R-2 Residential District</h2>"""
    reading = read(regulations, name="code{}.html")
    assert values(reading, "R-1", "min_lot_width") == [(100, {})]
    assert values(reading, "R-2", "min_lot_depth") == [(100, {})]
    assert values(reading, "R-2", "max_stories") == [(3, {})]
    sizes = values(reading, "R-2", "min_unit_area")
    assert sorted(sizes, key=str) == [(450, {"case": "efficiency"}), (800, {"case": "1_br"})]


TYPED = """\
                     TOWNSHIP OF OAK HOLLOW
                  ZONING ORDINANCE NO. 14 OF 1974

                           ARTICLE I
     The Township is hereby divided into the following districts:

          A     AGRICULTURAL DISTRICT
          R-R   RURAL RESIDENCE DISTRICT
          V-C   VILLAGE COMMERCIAL DISTRICT

                           ARTICLE II
                      A AGRICULTURAL DISTRICT

                                                             FEET
     Minimum lot width ...................................   200
     Minimum front yard ..................................    75
     Minimum rear yard ...................................    60
     Minimum lot area .............................  3 acres

                           ARTICLE III
                   R-R RURAL RESIDENCE DISTRICT

                                                             FEET
     Minimum lot width ...................................   150
     Minimum side yards
          One ............................................    20
          Total of both ..................................    45
          Abutting a street ..............................    35

                                                      SQUARE FEET
     Minimum habitable floor area, one story .............  1,100
     Minimum habitable floor area, two stories ...........  1,400
"""


def test_a_typed_code_heads_its_numbers_by_their_unit() -> None:
    reading = read(TYPED, name="code{}.txt")
    assert values(reading, "A", "front_setback") == [(75, {})]
    assert values(reading, "A", "min_lot_area") == [(130_680, {})]
    assert values(reading, "R-R", "street_side_setback") == [(35, {})]
    assert [value for value, _ in values(reading, "R-R", "min_unit_area")] == [1100, 1400]
    assert values(reading, "R-R", "max_stories") == [(None, {})]


def test_each_number_of_a_sentence_is_for_the_districts_after_it() -> None:
    parking = """\
## Sec. 2. Off-street parking

There shall be two (2) parking spaces for each dwelling unit in the "R-1" and "R-2" districts, and one and one-half
(1 1/2) spaces for each dwelling unit in the "R-3" district.
"""
    reading = read(DISTRICTS + parking)
    found = {code: values(reading, code, "parking_per_unit") for code in ("R-1", "R-2", "R-3")}
    assert found == {"R-1": [(2, {})], "R-2": [(2, {})], "R-3": [(1.5, {})]}


def test_a_least_density_is_no_limit_and_an_area_per_unit_is_none_of_the_lot() -> None:
    table = """\
## Sec. 2. Standards

|  | R-1 | R-3 |
|---|---|---|
| Base density (dwelling units/acre) | 6 | 18 |
| Minimum density (dwelling units/acre) | 4 | 10 |
| Lot area | 8,000 sf | 3,500 sf per unit |
"""
    reading = read(DISTRICTS + table)
    assert values(reading, "R-3", "max_density") == [(18, {})]
    assert values(reading, "R-3", "min_lot_area") == [(None, {})]
    assert values(reading, "R-3", "min_lot_area_per_unit") == [(3500, {})]


def test_an_aggregate_of_yards_is_no_yard() -> None:
    yards = """\
## Sec. 2. R-1 Single-Family Residential District

There shall be two side yards, neither of which shall be less than ten (10) feet, and the aggregate of which shall be
not less than twenty-five (25) feet.

Minimum floor area for two-story dwellings: 1,400 square feet.
"""
    reading = read(DISTRICTS + yards)
    assert values(reading, "R-1", "side_setback") == [(10, {})]
    assert values(reading, "R-1", "side_setback_total") == [(25, {})]
    assert values(reading, "R-1", "min_unit_area") == [(1400, {"case": "two-story dwellings"})]


def test_the_name_of_a_town_is_no_lake() -> None:
    table = """\
## Sec. 2. R-1 Single-Family Residential District

|  | Sewered lots | Unsewered lots |
|---|---|---|
| Lot area | 12,000 sq. ft. | 1 acre |
| Front yard | 30 ft. | 40 ft. |

Structures, except churches, shall not exceed 35 feet in height.
"""
    town = DISTRICTS.replace("Millbrook Zoning Code", "City of Mud Lake: Zoning Code")
    reading = read(town + table)
    assert values(reading, "R-1", "front_setback") == [(30, {"sewer": "public"}), (40, {"sewer": "none"})]
    assert values(reading, "R-1", "max_height") == [(35, {})]


TRACTS = """\
# Ordinance 47: Willow Creek

## Section 1. District

The land is zoned PUD-17, Willow Creek Planned Unit Development.

## Section 2. PUD-17 Tract A

Minimum front setback: 20 feet. Maximum building height in Tract C is 50 feet.

## Section 3. PUD-17 Summary

| Tract | Density | Max. height |
|---|---|---|
| A | 4.0 du/ac | 35 ft |
| B | 10.0 du/ac | 40 ft |
| Total | 6.0 du/ac | |
"""


def test_what_a_plan_sets_for_a_tract_is_for_that_tract() -> None:
    reading = read(TRACTS)
    assert values(reading, "PUD-17", "front_setback") == [(20, {"tract": "tract_a"})]
    densities = values(reading, "PUD-17", "max_density")
    assert densities == [(4, {"tract": "tract_a"}), (10, {"tract": "tract_b"})]
    heights = {(value, conditions["tract"]) for value, conditions in values(reading, "PUD-17", "max_height")}
    assert heights == {(50, "tract_c"), (35, "tract_a"), (40, "tract_b")}


def test_lots_of_a_cluster_set_no_standard_for_every_lot() -> None:
    cluster = """\
## Sec. 2. R-1 Single-Family Residential District

Minimum open space: 30 percent.

### 2.1 Open space residential development

At least 50% of the tract shall be preserved as open space.
"""
    found = values(read(DISTRICTS + cluster), "R-1", "min_open_space")
    assert found == [(30, {})]
