"""The phrases that name fields, and the letters that are looked for before them."""

import pytest

from plotlot.extraction.reader.field_names import FIELD_NAMES, fields_named

PHRASES = {
    "min_lot_area_per_additional_unit": [
        "additional lot area per unit",
        "area per unit for each additional unit",
    ],
    "min_lot_area_per_unit": [
        "Lot area per dwelling unit",
        "lot size (sq. ft.) per family",
        "acres per dwelling",
        "3,000 square feet of land per apartment",
        "Area/DU",
        "Density (square feet)",
    ],
    "max_density": ["Maximum densities", "dwelling units per gross acre", "d.u./ac", "DUs / acre"],
    "max_units_per_lot": ["number of dwelling units", "units shall be allowed on any lot", "Units per lot"],
    "min_unit_area": [
        "habitable floor area",
        "Living space",
        "Minimum square footage",
        "dwelling unit size",
        "HOUSE SIZE",
    ],
    "max_far": ["Floor area ratio", "F.A.R.", "FAR", "floor lot ratio", "FLR", "building area to lot ratio"],
    "max_impervious": ["Impervious surface", "non-permeable surfaces", "maximum hardscape", "I.S.R.", "ISR"],
    "min_open_space": ["Green  space", "OPEN SPACE", "landscaping area", "pervious area", "open area"],
    "max_lot_coverage": [
        "Lot coverage",
        "occupied by buildings not more than",
        "Percent of lot occupied",
        "% of lot which may be",
        "building area (%)",
        "portion of the lot: percentage of lot covered",
    ],
    "street_side_setback": ["street side yard", "Secondary front", "exterior side", "side yard (corner)"],
    "side_setback_total": ["Sum of side yards", "combined widths of side yards", "both sides", "Total side"],
    "front_setback": [
        "Front yard",
        "street setback",
        "road right-of-way building line",
        "Set back from the front",
        "Front: 20",
    ],
    "rear_setback": ["Rear yard", "BACK YARD", "setback, rear"],
    "side_setback": ["Side yard", "each side", "from any side lot line"],
    "min_lot_depth": ["Lot depth", "depth of lots"],
    "min_lot_width": ["lot width", "have a minimum width", "Width at building line"],
    "min_lot_area": ["Lot area", "parcel sizes", "minimum lots", "size of lots", "Site requirements:"],
    "parking_per_unit": ["off-street parking spaces", "Parking ratio"],
    "max_stories": ["Stories", "height in stories", "number of stories"],
    "max_height": ["building height", "35 feet high", "feet tall"],
}


@pytest.mark.parametrize(("field", "phrase"), [(f, p) for f, phrases in PHRASES.items() for p in phrases])
def test_names_a_field_by_each_of_its_phrases(field: str, phrase: str) -> None:
    assert FIELD_NAMES[field].search(phrase), "the sample does not name the field"
    assert field in {mention.field for mention in fields_named(phrase)}


def test_has_a_sample_of_every_field() -> None:
    assert set(PHRASES) == set(FIELD_NAMES)
