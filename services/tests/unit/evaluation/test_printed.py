"""What people coded elsewhere, printed as a code and read back."""

from pathlib import Path

import pytest

from plotlot.evaluation.coded_tables import Coded, coded_values, number_of
from plotlot.evaluation.printed import SHAPES
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document

ATLAS = """I.,I.,I.,I.,I.,IV
State,Jurisdiction,Abbreviated District Name,Full District Name,Overlay,1-Family Min. Lot (ACRES),1-Family Front Setback (# of feet)
HI,Maui,RU-1,RU-1 Rural,No,1,25
HI,Maui,R-2,Residential,No,0.25,15 or 20
HI,Maui,AO,Airport,Yes,1,25
HI,Maui,A-2,Agricultural,No,2,25
HI,Maui,A-2,Agricultural,No,5,25
"""
SPECIFIED = """"// a comment",,,,
jurisdiction,"Fenwick, CA",# here,,
zone,overlay,singleFamily,maxHeightFeet,setbackFrontFeet
R-1,,1,30,20
R-1,PC,1,50,20
C-2,,0,24-inf,0
"""
CODED = [
    Coded("Fenwick, CA", "R-1", "Residential", "min_lot_area", 7_500),
    Coded("Fenwick, CA", "R-1", "Residential", "max_stories", 2),
    Coded("Fenwick, CA", "RM-20", "Multiple Residential", "min_lot_area", 12_000),
    Coded("Fenwick, CA", "RM-20", "Multiple Residential", "rear_setback", 10),
]


def test_plain_values_of_districts_are_taken_and_what_is_unclear_is_left(tmp_path: Path) -> None:
    for name, text in (("hawaii", ATLAS), ("zoning_space", SPECIFIED)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "values.csv").write_text(text, encoding="utf-8")
    assert {(one.district, one.field, one.value) for one in coded_values(tmp_path)} == {
        ("RU-1", "min_lot_area", 43_560),
        ("RU-1", "front_setback", 25),
        ("R-2", "min_lot_area", 10_890),
        ("R-1", "max_height", 30),
        ("R-1", "front_setback", 20),
    }


@pytest.mark.parametrize(
    ("text", "number"), [("25", 25), (" 0.5 ", 0.5), ("0", None), ("24-inf", None), ("", None)]
)
def test_a_cell_is_one_number_or_none(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_printed_comes_back(shape: str) -> None:
    reading = read_code([parse_document("code.html", SHAPES[shape](CODED).encode())])
    shown = {
        (code, standard.field, standard.value)
        for code, standards in reading.standards.items()
        for standard in standards
        if standard.value is not None
    }
    assert shown == {(one.district, one.field, one.value) for one in CODED}
