"""Standards read from prose in the styles in which codes are written."""

import pytest

from plotlot.domain.quotes import verify
from plotlot.domain.standards import Status, least_conditioned
from plotlot.extraction.reader.assemble import CodeReading, read_code
from plotlot.ingestion.parsers import parse_document

DISTRICTS = """\
CHAPTER 34 - ZONING

ARTICLE II. - DISTRICTS

Sec. 34-200. - Districts established.

The city is divided into the following zoning districts:

R-1 Single-Family Residential District
R-2 Two-Family Residential District
R-3 Multiple-Family Residential District
A-1 Agricultural District
C-1 Neighborhood Commercial District

ARTICLE III. - DISTRICT REGULATIONS

"""
NUMBERED = """\
Sec. 34-221. - R-1 Single-Family Residential District.

(b) Dimensional requirements. The following shall apply:
(1) Minimum lot area: One-half acre.
(2) Minimum lot width: 75 feet.
(3) Minimum side yard: eight feet on each side.
(4) Maximum building height: 35 feet or two and one-half stories.
(5) Maximum lot coverage: 40 percent.
(6) Minimum heated floor area per dwelling unit: 1,200 square feet.
"""
STREETS = """\
Sec. 34-223. - R-1 single-family residential district.

C. Minimum front yard setback:
1. Arterial street: 50 feet.
2. Collector street: 40 feet.
3. Other streets: 30 feet.
"""
LETTERED = """\
§ 185-12. R-1 Residence District.

B. Area and bulk regulations.
(1) Lot area. Every lot shall have an area of not less than 20,000 square feet.
(3) Front yard. There shall be a front yard with a depth of not less than 40 feet.
(4) Side yards. There shall be two side yards, each of not less than 15 feet.
(6) Building coverage. Not more than 20% of the area of each lot may be occupied by buildings.
(7) Building height. No building shall exceed 2 1/2 stories or 35 feet in height.
"""
BOTH_SIDES = """\
Sec. 34-224. - R-2 Two-Family Residential District.

(3) Side yards. The aggregate width of both side yards shall be at least twenty-five (25) feet, neither less than \
ten (10) feet.
(4) Rear yard. The minimum rear yard shall be thirty-five (35) feet.
"""
LOT_LINES = """\
SECTION 4. RESIDENCE DISTRICT R-1

4.1 Each lot shall contain at least 40,000 sq. ft. and have a minimum frontage of 150 feet.

4.2 No building shall be placed nearer than thirty (30) feet to the street line, nor nearer than fifteen (15) \
feet to any side or rear lot line.

4.4 Buildings shall not cover more than twenty-five percent (25%) of the lot.
"""
NONE_REQUIRED = """\
Sec. 34-230. - C-1 Neighborhood Commercial District.

(1) Front yard. No front yard is required.
(2) Side yard. No side yard is required, except that where the lot abuts a residential district a side yard of \
ten feet shall be provided.
(3) Rear yard. None required.
(5) Floor area ratio. The maximum floor area ratio shall be .35.
"""
SAID_TWICE = """\
Sec. 34-231. "R-1" Single-Family Residential District Regulations

a. Size of Yards:
(1) Front Yard: There shall be a front yard having a depth of not less than twenty-five feet (25').
(2) Rear Yard: There shall be a rear yard, a depth of twenty feet (20').
b. Size of Lot:
(1) Lot Area: No building shall be constructed on any lot of less than nine thousand (9,000) square feet.
(2) Lot Width: The width of the lot shall not be less than seventy feet (70') at the front building line.
c. Lot Coverage: In no case shall more than forty percent (40%) of the total lot area be covered by the main \
buildings and accessory buildings.
"""
ZONE = """\
17.16.030 R-1 zone development standards.

In the R-1 zone the following standards shall apply:

B. Lot Width. Interior lots shall have a minimum width of sixty feet; corner lots shall have a minimum width of \
sixty-five feet.
D. Side Yards. Interior side yards shall be a minimum of five feet. Street side yards shall be a minimum of ten feet.
H. Parking. Two spaces per dwelling unit within a garage.
"""
TRANSECT = """\
5.2 R-3 MULTIPLE-FAMILY RESIDENTIAL DISTRICT

Building Placement
Build-to line, front: 0' min., 10' max.
Rear setback: 15' min.
Lot width: 18' min., 120' max.
Principal building: 3 stories max.
"""
DENSITY = """\
Sec. 34-240. - A-1 Agricultural District.

(a) Density. The maximum density shall be one dwelling unit per five acres.
(c) Setbacks. All principal structures shall be set back at least 50 feet from the front lot line, 25 feet from \
each side lot line and 40 feet from the rear lot line.
"""
FIRST_UNIT = """\
Sec. 34-241. - R-3 Multiple-Family Residential District.

(2) Area: 10,000 sq. ft. for the first dwelling unit and 2,500 sq. ft. for each additional unit.
(3) Off-street parking. One and one-half (1.5) parking spaces shall be provided for each dwelling unit.
(4) Open space. A minimum of thirty percent of the lot shall be maintained as open space.
"""
ONE_SENTENCE = """\
Sec. 34-245. - R-1 Single-Family Residential District.

In the R-1 District, no lot shall be less than 15,000 square feet in area nor less than 100 feet in width, and no \
building shall be erected within 30 feet of the front lot line, 12 feet of any side lot line, or 25 feet of the rear \
lot line.
"""
RUN_ON = """\
Sec. 34-262. - Site development regulations.
The following are general development standards for the R-1 Single-Family Residential District. For additional \
standards see article III. (A) Minimum lot requirements. 1. Area: 7,200 square feet. (B) Minimum setback \
requirements. 1. Principal structure: Front yard: 30 feet. Rear yard: 25 feet. 2. Accessory structures: Side yard: \
Five feet. Rear yard: Five feet.
"""
FOR_EACH_USE = """\
Sec. 34-270. - R-2 Two-Family Residential District.

(1) Minimum lot area: 5,000 square feet for one-family dwellings; 7,500 square feet for two-family dwellings.
(2) Side yard: one side, 6 feet; both sides, 16 feet.
(3) Maximum floor area ratio: 40%.
(4) Maximum height of structures, except church spires and water towers, which are exempt: Thirty-five (35) feet.
(5) Height. No dwelling shall be more than two and a half stories or thirty-five feet (35') in height.

ARTICLE IV. - USE AND DESIGN STANDARDS

Sec. 34-300. - Clubs.
In the R-2 district the minimum side yard shall be 40 feet and the minimum lot area two acres.
"""
TRAPS = """\
Sec. 34-251. - R-1 Single-Family Residential District.

(1) Churches on lots of at least two acres, with a front yard of 60 feet and a height not exceeding 50 feet.
(2) Swimming pools shall be set back at least 10 feet from side lot lines.
(3) Lots of record with less than 50 feet of width may be built upon.
(4) The planning commission may reduce the front yard to 15 feet.
(5) Home occupations shall not occupy more than 25 percent of the floor area of the dwelling.
(6) Driveways shall be at least 12 feet wide and five feet from the side lot line.
(7) Buildings may exceed the height limit by 10 feet where each yard is increased by one foot.
(8) Eaves may project not more than three feet into a required front yard.
"""


def read(section: str) -> CodeReading:
    """A code of five districts and one section."""
    return read_code([parse_document("code.txt", (DISTRICTS + section).encode())])


def stated(section: str, district: str) -> dict[str, float | None]:
    """What the code states of a district, the least conditioned standard of each field."""
    reading = read(section)
    standards = reading.standards[district]
    fields = dict.fromkeys(s.field for s in standards if s.status is not Status.NOT_STATED)
    shown = {name: least_conditioned(standards, name) for name in fields}
    return {name: standard.value for name, standard in shown.items() if standard is not None}


@pytest.mark.parametrize(
    ("section", "district", "expected"),
    [
        pytest.param(
            NUMBERED,
            "R-1",
            {
                "min_lot_area": 21_780,
                "min_lot_width": 75,
                "side_setback": 8,
                "max_height": 35,
                "max_stories": 2.5,
                "max_lot_coverage": 40,
                "min_unit_area": 1_200,
            },
            id="numbered labels",
        ),
        pytest.param(STREETS, "R-1", {"front_setback": 30}, id="a setback for each kind of street"),
        pytest.param(
            LETTERED,
            "R-1",
            {
                "min_lot_area": 20_000,
                "front_setback": 40,
                "side_setback": 15,
                "max_lot_coverage": 20,
                "max_stories": 2.5,
                "max_height": 35,
            },
            id="lettered sentences",
        ),
        pytest.param(
            BOTH_SIDES,
            "R-2",
            {"side_setback": 10, "side_setback_total": 25, "rear_setback": 35},
            id="both side yards together",
        ),
        pytest.param(
            LOT_LINES,
            "R-1",
            {
                "min_lot_area": 40_000,
                "front_setback": 30,
                "side_setback": 15,
                "rear_setback": 15,
                "max_lot_coverage": 25,
            },
            id="distances from lot lines",
        ),
        pytest.param(
            NONE_REQUIRED,
            "C-1",
            {"front_setback": 0, "side_setback": 0, "rear_setback": 0, "max_far": 0.35},
            id="no yard required",
        ),
        pytest.param(
            SAID_TWICE,
            "R-1",
            {
                "front_setback": 25,
                "rear_setback": 20,
                "min_lot_area": 9_000,
                "min_lot_width": 70,
                "max_lot_coverage": 40,
            },
            id="numbers said twice",
        ),
        pytest.param(
            ZONE,
            "R-1",
            {"min_lot_width": 60, "side_setback": 5, "street_side_setback": 10, "parking_per_unit": 2},
            id="a zone named by the sentence before",
        ),
        pytest.param(
            TRANSECT,
            "R-3",
            {"front_setback": 0, "rear_setback": 15, "min_lot_width": 18, "max_stories": 3},
            id="labels with min and max after the number",
        ),
        pytest.param(
            DENSITY,
            "A-1",
            {"max_density": 0.2, "front_setback": 50, "side_setback": 25, "rear_setback": 40},
            id="one dwelling per acres",
        ),
        pytest.param(
            FIRST_UNIT,
            "R-3",
            {
                "min_lot_area": 10_000,
                "min_lot_area_per_additional_unit": 2_500,
                "parking_per_unit": 1.5,
                "min_open_space": 30,
            },
            id="area for the first dwelling and for each more",
        ),
        pytest.param(
            ONE_SENTENCE,
            "R-1",
            {
                "min_lot_area": 15_000,
                "min_lot_width": 100,
                "front_setback": 30,
                "side_setback": 12,
                "rear_setback": 25,
            },
            id="everything in one sentence",
        ),
        pytest.param(
            RUN_ON,
            "R-1",
            {"min_lot_area": 7_200, "front_setback": 30, "rear_setback": 25},
            id="a paragraph that runs on, with an opening for its district",
        ),
        pytest.param(
            FOR_EACH_USE,
            "R-2",
            {
                "min_lot_area": 5_000,
                "side_setback": 6,
                "side_setback_total": 16,
                "max_far": 0.4,
                "max_stories": 2.5,
                "max_height": 35,
            },
            id="values for each use, and none of a use's own standards",
        ),
        pytest.param(TRAPS, "R-1", {}, id="numbers that are no standards of the district"),
    ],
)
def test_each_style_gives_what_it_states(section: str, district: str, expected: dict[str, float]) -> None:
    assert stated(section, district) == pytest.approx(expected)


def test_every_quote_stands_and_shows_its_value() -> None:
    for section in (NUMBERED, LOT_LINES, NONE_REQUIRED, DENSITY, ONE_SENTENCE):
        document = parse_document("code.txt", (DISTRICTS + section).encode())
        reading = read_code([document])
        assert reading.dropped == 0
        for standards in reading.standards.values():
            assert all(verify(standard, document.text).holds for standard in standards)


def test_a_number_is_tied_to_the_case_that_its_label_names() -> None:
    standards = read(STREETS).standards["R-1"]
    found = {s.value: dict(s.conditions) for s in standards if s.field == "front_setback"}
    assert found[50] == {"street": "arterial"}
    assert found[40] == {"street": "collector"}


def test_an_exception_does_not_condition_the_rule_before_it() -> None:
    standards = read(NONE_REQUIRED).standards["C-1"]
    found = {s.value: dict(s.conditions) for s in standards if s.field == "side_setback"}
    assert found[0] == {}
    assert found[10]


def test_districts_are_named_as_a_person_writes_them() -> None:
    names = {district.code: district.name for district in read(NUMBERED).districts}
    assert names == {
        "R-1": "Single-Family Residential",
        "R-2": "Two-Family Residential",
        "R-3": "Multiple-Family Residential",
        "A-1": "Agricultural",
        "C-1": "Neighborhood Commercial",
    }


def test_districts_are_found_in_running_lists_and_in_headings_that_run_on() -> None:
    text = """\
ARTICLE II - DISTRICTS

Sec. 2-1. - Establishment of zoning districts.
The zoning districts are AG Agricultural District RSF Residential Single Family District HBD Highway Business \
District. The AG Agricultural District is for farms. The RSF Residential Single Family District is for homes. The HBD \
Highway Business District is for trade along the highway.

Sec. 2-2. - Residential districts.
A. RS-8 Single-Family Limited. This district is to accommodate single-family homes on lots of a moderate size, with \
public water and sewer, near schools and parks, and to protect them from the noise of the uses around them.
"""
    reading = read_code([parse_document("code.txt", text.encode())])
    assert {district.code: district.name for district in reading.districts} == {
        "AG": "Agricultural",
        "RSF": "Residential Single Family",
        "HBD": "Highway Business",
        "RS-8": "Single-Family Limited",
    }


def test_a_label_that_names_another_use_is_a_case_of_its_own() -> None:
    section = """\
Sec. 34-271. - R-3 Multiple-Family Residential District.

(a) Minimum lot area.
Care home: One acre.
Multi-family: 10,000 square feet.
"""
    found = {s.value: dict(s.conditions) for s in read(section).standards["R-3"] if s.field == "min_lot_area"}
    assert found == {43_560: {"case": "Care home"}, 10_000: {"use": "multi_family"}}
