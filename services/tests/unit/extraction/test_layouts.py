"""Ways in which printed codes lay out their districts and dimensions, each read from a page of text."""

import re

import pytest

from plotlot.domain.standards import District
from plotlot.extraction.reader.assemble import CodeReading, read_code
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.district_words import standing_alone
from plotlot.extraction.reader.districts import discover
from plotlot.ingestion.parsers import parse_document


def read(text: str) -> CodeReading:
    """The reading of a code that came as one text."""
    return read_code([parse_document("code.txt", text.encode())])


def districts(text: str) -> dict[str, str]:
    """The districts that a text defines, by code."""
    return {one.code: one.name for one in discover([parse_document("code.txt", text.encode())]).districts}


def value(reading: CodeReading, district: str, field: str) -> float | None:
    """What a district states of a field without any condition of use; None where nothing is shown."""
    found = [one.value for one in reading.standards[district] if one.field == field]
    return found[0] if found else None


def stated(text: str, district: str) -> dict[str, float]:
    """The values of a district by field."""
    return {one.field: one.value for one in read(text).standards[district] if one.value is not None}


NUMBERED = """\
ARTICLE II - DISTRICT REGULATIONS

SECTION 240 DISTRICTS

241. Orchard Residential District (ORC)

241.1 Purpose. The orchards are to be kept, and houses stand far apart.

241.2 Permitted Uses.

a. Farm
b. House

241.3 Dimensional Requirements.

a. Lot Area: 3 acres
b. Front Yard Setback: 55 feet measured from centerline of right-of-way
c. Side & Rear Yard Setback: 25 feet

242. Mill Village District (MV)

242.1 Purpose. The village is to grow where its mill stood.

242.3 Dimensional Requirements.

a. Lot Area: 1 acre
b. Front Yard Setback: 20 feet
c. Side & Rear Yard Setback: 10 feet
"""


def test_a_section_whose_number_goes_on_from_a_district_is_a_part_of_it() -> None:
    orchard = {"min_lot_area": 130_680.0, "front_setback": 55.0, "side_setback": 25.0, "rear_setback": 25.0}
    village = {"min_lot_area": 43_560.0, "front_setback": 20.0, "side_setback": 10.0, "rear_setback": 10.0}
    assert stated(NUMBERED, "ORC") == orchard
    assert stated(NUMBERED, "MV") == village


TITLED = """\
ARTICLE II DISTRICTS

The Town is divided into the following districts:

1. Rural Residential 1 (RR-1)
2. Rural Residential 5 (RR-5)
3. Commerce Park (CP)

SECTION 2410 COMMERCE PARK DISTRICT (CP)

The Commerce Park District is for workshops.

Lot Area Minimum: 40,000 sq. ft.
Front Yard Minimum: 60 feet

2411 RURAL RESIDENTIAL (RR-1)

Lot Area Minimum: 1 acre
Front Yard Minimum: 40 feet

2412 RURAL RESIDENTIAL (RR-5)

Lot Area Minimum: 5 acres
Front Yard Minimum: 75 feet
"""


def test_a_number_and_a_district_make_a_title_without_the_word() -> None:
    reading = read(TITLED)
    areas = {code: value(reading, code, "min_lot_area") for code in ("CP", "RR-1", "RR-5")}
    assert areas == {"CP": 40_000.0, "RR-1": 43_560.0, "RR-5": 217_800.0}
    assert value(reading, "RR-1", "front_setback") == 40.0
    assert value(reading, "RR-5", "front_setback") == 75.0


TABLES_OF_DISTRICTS = """\
Sec 201: Zoning Map

The zoning map shows a division of the town into the following districts:

Quarry Land (QL)
Low Density (LD)
High Density (HD)

Sec 205: Regulations

Table 205.01: Low Density

Purpose:

Homes and farms stand here on lots of many kinds.

Lot area, acres:                     2
Front yard, feet:                    50
Side yard, feet:                     20

Table 205.02: High Density

Purpose:

Homes stand here close to one another.

Lot area, sq. ft.:                   9,000
Front yard, feet:                    15
Side yard, feet:                     5
"""


def test_a_list_of_names_with_their_codes_defines_districts_and_tables_are_titled_by_them() -> None:
    assert {"LD", "HD"} <= districts(TABLES_OF_DISTRICTS).keys()
    low = {"min_lot_area": 87_120.0, "front_setback": 50.0, "side_setback": 20.0}
    high = {"min_lot_area": 9_000.0, "front_setback": 15.0, "side_setback": 5.0}
    assert stated(TABLES_OF_DISTRICTS, "LD") == low
    assert stated(TABLES_OF_DISTRICTS, "HD") == high


def test_lines_of_a_list_are_no_titles_of_what_follows() -> None:
    text = "8   1. Village District\n9   2. Forest District\n\n30 acres are needed.\n\nMill District\n\nOne acre.\n"
    titles = [
        (match.start(), match.end(), (match["name"],))
        for match in re.finditer(r"(?:\d\. )?(?P<name>[A-Z]\w+) District", text)
    ]
    assert [named for _, _, named in standing_alone(text, titles)] == [("Mill",)]
    assert standing_alone("Mill District\n\n\fMill District\n", [(0, 13, ("M",)), (16, 29, ("M",))]) != []


def test_a_list_that_calls_its_districts_areas_names_them_and_those_of_no_known_kind() -> None:
    text = """\
Section 2.1 The following Zoning Districts are hereby established within the Town:

       A. Village Area
       B. Interchange Area
       C. Lakeshore Resort Area

Section 3.1 Village Area

The Village Area is for shops.

Section 3.2 Interchange Area

The Interchange Area lies at the highway. In the Interchange Area signs are small, and no
house stands in the Interchange Area.
"""
    assert {"Village", "Interchange"} <= districts(text).keys()


def test_a_row_of_titles_may_name_waters_and_mountains() -> None:
    titles = ("Mill Village District", "Soil and Water Conservation District", "Mt. Anvil Forest District")
    text = "\n\n".join(f"Table 2.{at} {title}\n\nA. Purpose: as it is." for at, title in enumerate(titles, 1))
    assert list(districts(f"Article II. Zoning Districts\n\n{text}\n")) == [
        re.sub(" District", "", title) for title in titles
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("SECTION 460 Town R-C 1 District", ("R-C1",)),
        ("R-C 1 and R-C 2 Districts", ("R-C1", "R-C2")),
        ("the R-C district within 20 feet", ("R-C",)),
        ("DIMENSIONS IN LAKESHORE AND MILL POND SHORE DISTRICTS", ("LS", "MP")),
        ("2412 RURAL RESIDENTIAL (RR-5)", ("RR-5",)),
    ],
)
def test_districts_are_found_as_they_are_spelled_here_and_there(
    words: str, expected: tuple[str, ...]
) -> None:
    known = (
        *(District("R-C", "Town Commerce"), District("R-C1", "Town One"), District("R-C2", "Town Two")),
        *(District("LS", "Lake Shore"), District("MP", "Mill Pond Shore")),
        *(District("RR-1", "Rural Residential"), District("RR-5", "Rural Residential 5")),
    )
    assert DistrictIndex(known).find(words) == expected


HEADED = """\
ARTICLE IV DISTRICTS

530 RESIDENTIAL ZONING DISTRICT (R-1)

The Residential District (R-1) is for homes. The R-1 district is served by wells.

540 COMMERCIAL ZONING DISTRICT (C-1)

The Commercial District (C-1) is for shops.

{words}
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "Setback: 65 feet from center of traveled way or road right-of-way, 25 feet from property line",
            {"front_setback": 65.0, "side_setback": 25.0, "rear_setback": 25.0},
        ),
        ("Building Setback Minimum: 50 feet from the edge of the highway.", {"front_setback": 50.0}),
        ("Side Setback: 12 feet from the property line.", {"side_setback": 12.0}),
        ("Minimum yard dimensions:\nFront yard in feet ......30", {"front_setback": 30.0}),
        ("Side & Rear Yard Setback: 30 feet", {"side_setback": 30.0, "rear_setback": 30.0}),
        ("A lot smaller in area than 9,000 square feet needs no variance.", {}),
    ],
)
def test_what_a_line_says_of_its_yards(words: str, expected: dict[str, float]) -> None:
    assert stated(HEADED.format(words=words), "C-1") == expected


def test_columns_without_headers_speak_where_the_others_are_silent() -> None:
    text = HEADED.format(
        words="""\
    (D) Dimensional Standards

    (1)   Lot Size                1 acre min       n/a
    (2)   Lot Width               100 ft min       n/a
    (3)   Lot Coverage            n/a              10% max
    (4)   Front Setback           50 ft min        n/a
    (5)   Rear Setback            40 ft min        n/a
"""
    )
    found = stated(text, "C-1")
    assert found["max_lot_coverage"] == 10.0
    assert (found["min_lot_area"], found["front_setback"], found["rear_setback"]) == (43_560.0, 50.0, 40.0)


def test_a_sign_in_a_district_is_no_house_in_it() -> None:
    text = HEADED.format(
        words="ARTICLE VIII SIGNS\n\n1. Not exceed fifteen feet in height above grade in the R-1 district."
    )
    assert value(read(text), "R-1", "max_height") is None


def test_an_item_that_says_what_a_district_is_called_is_no_title() -> None:
    reading = read(
        TITLED.replace("Lot Area Minimum: 1 acre", "14. Commerce Park\n\nLot Area Minimum: 1 acre")
    )
    areas = {code: value(reading, code, "min_lot_area") for code in ("CP", "RR-1")}
    assert areas == {"CP": 40_000.0, "RR-1": 43_560.0}


SECTIONS = """
## Article 3 Dimensional Standards

### Sec. 3.1 R-4 District

The minimum lot area shall be 5,000 square feet.

### Sec. 3.2 R-2A District

The minimum lot area shall be 8,000 square feet.

### Sec. 3.3 Airport noise

Nothing here is a district.
"""


@pytest.mark.parametrize(
    "listed", ["", "## Districts\n\nThe following zoning districts are established:\n\nR-4, R-2A and RS\n"]
)
def test_districts_of_no_name_are_known_by_their_headings_and_by_their_list(listed: str) -> None:
    reading = marked_down(f"# Code\n\n{listed}{SECTIONS}")
    assert set(reading.standards) == ({"R-4", "R-2A", "RS"} if listed else {"R-4", "R-2A"})
    assert value(reading, "R-2A", "min_lot_area") == 8_000


def test_codes_that_head_the_columns_of_a_short_table_are_districts() -> None:
    reading = marked_down(
        "# Code\n\n| Standard | R-4 | R-2A | M-1 |\n|---|---|---|---|\n"
        "| Lot area (square feet) | 5,000 | 6,000 | 7,000 |\n| Maximum height (stories) | 2 | 3 | 3 |\n"
    )
    assert set(reading.standards) == {"R-4", "R-2A", "M-1"}
    assert value(reading, "R-2A", "min_lot_area") == 6_000
    assert value(reading, "R-2A", "max_stories") == 3


def test_a_table_of_yards_with_a_column_for_parking_is_no_parking_schedule() -> None:
    reading = marked_down(
        "# Code\n\n| District | Front yard (feet) | Rear yard (feet) | Parking (spaces per dwelling unit) |\n"
        "|---|---|---|---|\n| R-1 | 35 | 25 | 2 |\n| R-2 | 30 | 20 | 1 |\n| M-1 | 10 | 10 | 1 |\n"
    )
    fields = ("front_setback", "rear_setback", "parking_per_unit")
    assert [value(reading, "R-2", field) for field in fields] == [30, 20, 1]


def marked_down(text: str) -> CodeReading:
    """The reading of a code in Markdown."""
    return read_code([parse_document("code.md", text.encode())])
