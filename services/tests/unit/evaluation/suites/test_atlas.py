"""Rows of the Vermont atlas: whose columns are found by their words, whose acres are rounded."""

from pathlib import Path

import pytest

from plotlot.domain.standards import FIELD_UNITS
from plotlot.evaluation.suites.atlas import Row, case_of, field_of, rows_of, same
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document

EXAMPLE = Path(__file__).resolve().parents[5] / "examples" / "larkfield" / "ordinance.md"


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("1-Family Min. Lot", "min_lot_area"),
        ("1-Family Min. Lot Size", "min_lot_area"),
        ("1-Family Min. Lot Units", ""),
        ("1-Family Max Lot Coverage - Buildings", "max_lot_coverage"),
        ("1-Family Max. Lot Coverage - Buildings & Impervious Surface", "max_impervious"),
        ("1-Family Min. # Parking Spaces", "parking_per_unit"),
        ("1-Family Max Height", "max_height"),
        ("2-Family Max Height", ""),
        ("County", ""),
    ],
)
def test_a_column_is_known_by_its_words(column: str, field: str) -> None:
    assert field_of(column) == field
    assert not field or field in FIELD_UNITS


def test_rows_hold_the_numbers_for_one_family(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_text(
        "State,Jurisdiction,Abbreviated District Name,Full District Name,1-Family Min. Lot,1-Family Front Setback,"
        "1-Family Max Height\nVT,Aford,R-1,Residential,0.5,20 from roads,35\n"
    )
    assert list(rows_of(path)) == [
        Row("Aford, VT", "R-1", "Residential", "min_lot_area", 21_780),
        Row("Aford, VT", "R-1", "Residential", "max_height", 35),
    ]


def test_acres_are_rounded_and_nothing_else_is() -> None:
    area = Row("Aford, VT", "R-1", "", "min_lot_area", 0.46 * 43_560)
    assert same(area, 20_000)
    assert not same(area, 19_000)
    assert not same(Row("Aford, VT", "R-1", "", "max_height", 35), 36)


def test_a_value_agrees_or_not_and_one_that_is_not_read_is_not_compared() -> None:
    reading = read_code([parse_document(EXAMPLE.name, EXAMPLE.read_bytes())])
    height = case_of(Row("Aford, VT", "R-1", "", "max_height", 35), reading)
    assert height.scores == {"atlas.covered": 1, "atlas.agreement": 1}
    assert case_of(Row("Aford, VT", "R-1", "", "max_height", 40), reading).scores["atlas.agreement"] == 0
    assert case_of(Row("Aford, VT", "R-1", "", "max_far", 1), reading).scores == {"atlas.covered": 0}
    assert case_of(Row("Aford, VT", "Z", "", "max_height", 35), reading).scores == {"atlas.covered": 0}
