"""Numbers in their places: what stands over them, beside them, and what names their field and district."""

from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.learned.candidates import candidates, find
from plotlot.extraction.learned.decode import case_of
from plotlot.extraction.learned.features import FEATURES, describe
from plotlot.extraction.learned.layout import DistrictTitles, Layout
from plotlot.extraction.learned.places import places
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.ingestion.parsers import parse_document

COLUMNS = """\
Dimensional Requirements

                    R-1 District      V-2 District
Front                 40 feet           15 feet
Side                  20 feet           10 feet

An apiary needs no permit where it is kept by the household that lives on the lot and by nobody else.
"""
LINES = """\
Section 3.1 Rural District (R-1)
   Minimum lot area: 2 acres
   Minimum front yard: 40 feet
   Maximum building height: 35 feet
"""
PARKING = """\
Section 4.2 Parking
   Each dwelling unit shall have two off-street parking spaces.
"""
INDEX = DistrictIndex([District("R-1", "Rural"), District("V-2", "Village")])


def parsed(text: str) -> Document:
    return parse_document("code.txt", text.encode())


def test_words_over_a_number_are_those_of_its_columns() -> None:
    document = parsed(COLUMNS)
    start = document.text.index("15 feet")
    over = Layout(document).over(start, start + 2)
    assert over[:1] == ("V-2 District",)
    assert "R-1 District" not in over


def test_what_stands_over_a_number_ends_at_running_text() -> None:
    text = COLUMNS + "\n                      50 feet\n"
    document = parsed(text)
    start = document.text.index("50 feet")
    assert Layout(document).over(start, start + 2) == ()


def test_a_document_without_columns_has_nothing_over_its_numbers() -> None:
    page = "<html><body><h1>Code</h1><p>Lots</p><p>of 20 acres are large.</p></body></html>"
    document = parse_document("code.html", page.encode())
    start = document.text.index("20 acres")
    assert Layout(document).over(start, start + 2) == ()


def test_the_last_titles_that_name_one_district_are_found_nearest_first() -> None:
    document = parsed(LINES + "\nVillage District (V-2)\nNothing is built here.\n")
    titles = DistrictTitles(document, INDEX).before(len(document.text))
    assert [code for code, _ in titles] == ["V-2", "R-1"]
    assert titles[0][1] < titles[1][1]


def test_every_quote_holds_its_number() -> None:
    for text in (COLUMNS, LINES):
        document = parsed(text)
        for place in places(document):
            assert place.quantity.number_text in document.slice(place.quote)


def test_candidates_tie_numbers_to_the_fields_and_districts_around_them() -> None:
    document = parsed(LINES)
    found = {(one.district, one.field, one.value) for one in candidates(find([document], INDEX))}
    assert ("R-1", "min_lot_area", 87_120.0) in found
    assert ("R-1", "front_setback", 40.0) in found
    assert ("R-1", "max_height", 35.0) in found
    assert not any(field == "max_height" and value == 87_120.0 for _, field, value in found)


def test_parking_that_names_no_district_is_for_every_dwelling() -> None:
    document = parsed(PARKING)
    found = [one for one in candidates(find([document], INDEX)) if one.field == "parking_per_unit"]
    assert {(one.district, one.value) for one in found} == {("R-1", 2.0), ("V-2", 2.0)}


def test_a_house_for_one_family_is_the_plain_case() -> None:
    document = parsed(LINES.replace("front yard", "front yard, single-family dwellings"))
    fronts = [one for one in candidates(find([document], INDEX)) if one.field == "front_setback"]
    assert fronts[0].use == "one_family"
    assert all(case_of(one) == () for one in fronts)


def test_a_candidate_is_a_row_of_every_feature() -> None:
    document = parsed(LINES)
    found = find([document], INDEX)
    every = list(candidates(found))
    rows = describe(found, every, [document], INDEX)
    assert rows.shape == (len(every), len(FEATURES))
    named = [FEATURES.index(f"field_{one.field}") for one in every]
    assert all(row[place] == 1 for row, place in zip(rows.tolist(), named, strict=True))
    fronts = [i for i, one in enumerate(every) if one.field == "front_setback" and one.value == 40]
    assert rows[fronts[0], FEATURES.index("field_in_own")] == 1
