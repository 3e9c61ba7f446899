"""Districts that only a dimensional table tells of."""

from plotlot.domain.standards import District
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.table_districts import tabled_districts
from plotlot.ingestion.parsers import parse_document

ROWS = """\
# Lot size and setbacks

| District        | Lot size      | Front | Rear |
|-----------------|---------------|------:|-----:|
| FOREST/ FARM    | 5 acres       |    75 |   75 |
| Lake            | 20,000 sq.ft. |    15 |   25 |
| Harbour (HB)*   | 8,000 sq.ft.  |    10 |   20 |
| Two family dwelling | 9,000 sq.ft. | 10 |   20 |
| R-9             | 9,000 sq.ft.  |    20 |   20 |
"""


def found(text: str, known: tuple[District, ...] = ()) -> dict[str, str]:
    document = parse_document("code.md", text.encode())
    return {d.code: d.name for d in tabled_districts([document], DistrictIndex(known))}


def test_rows_under_the_word_district_are_districts() -> None:
    assert found(ROWS) == {"Forest/Farm": "Forest/Farm", "Lake": "Lake", "HB": "Harbour", "R-9": ""}


def test_known_districts_are_not_found_again() -> None:
    assert "HB" not in found(ROWS, (District("H-B", "Harbour"),))
    assert "Lake" not in found(ROWS, (District("L", "Lake"),))


def test_columns_under_the_word_zone_are_districts() -> None:
    text = "| Zone | Upper | Lower |\n|---|---|---|\n| Lot area | 1 acre | 2 acres |\n| Front yard | 20 ft | 30 ft |\n"
    assert found(text) == {"Upper": "Upper", "Lower": "Lower"}


def test_a_table_that_does_not_speak_of_districts_names_none() -> None:
    assert found(ROWS.replace("District", "Kind").replace("# Lot", "# Use and lot")) == {}


def test_the_whole_name_of_a_district_is_found_before_its_parts() -> None:
    index = DistrictIndex(
        (District("F", "Forest"), District("R", "Rural"), District("Forest/Rural", "Forest/Rural"))
    )
    assert index.find("FOREST / RURAL") == ("Forest/Rural",)
    assert index.find("Forest") == ("F",)


SECTION = "## {heading}\n\nMinimum lot area: {area} acres\nFront setback: 20 ft\nSide setback: 10 ft\nHeight: 35 ft\n\n"


def test_sections_beside_one_another_with_their_own_dimensions_are_districts() -> None:
    headings = ("FOREST RESERVE - 28 Acres", "VB VILLAGE BUSINESS", "LOW DENSITY LIVING")
    body = "".join(SECTION.format(heading=heading, area=n) for n, heading in enumerate(headings, 1))
    expected = {
        "Forest Reserve": "Forest Reserve",
        "VB": "Village Business",
        "Low Density Living": "Low Density Living",
    }
    assert found("# Zoning district regulations\n\n" + body) == expected
    assert found("# Recipes\n\n" + body) == {}
