import json

from plotlot.domain.standards import (
    FIELD_UNITS,
    Citation,
    Formula,
    Standard,
    Status,
    least_conditioned,
    standard_json,
)
from plotlot.rpc.standards import (
    standard_from_message,
    standard_message_from_json,
    standard_to_message,
)


def standard(**values: object) -> Standard:
    base: dict[str, object] = {
        "field": "rear_setback",
        "status": Status.STATED,
        "value": 20.0,
        "unit": "ft",
        "citation": Citation("doc-1", "ab" * 32, "Art. 2 > Sec. 4", 3, 10, 30, "rear yard of 20 feet"),
        "engine": "reader/1",
        "confidence": 0.9,
    }
    return Standard(**{**base, **values})  # type: ignore[arg-type]


SAMPLES = [
    standard(),
    standard(conditions={"lot": "corner"}, quoted_value="twenty", quoted_unit="feet", note="a note"),
    standard(value=None, formula=Formula(20.0, "lot_depth", None, 50.0)),
    standard(value=None, status=Status.NOT_STATED, citation=None),
    standard(value=0.0),
    standard(
        citation=Citation(
            "doc-1",
            "ab" * 32,
            "Sec. 4",
            None,
            10,
            12,
            "20",
            "Zoning",
            "2024-03-01",
            "2026-01-05T10:00:00+00:00",
        )
    ),
]


def test_a_standard_survives_its_message_and_its_json() -> None:
    for sample in SAMPLES:
        assert standard_from_message(standard_to_message(sample)) == sample
        document = json.loads(json.dumps(standard_json(sample)))
        assert standard_from_message(standard_message_from_json(document)) == sample


def test_the_least_conditioned_and_most_confident_comes_first() -> None:
    corner = standard(conditions={"lot": "corner"}, confidence=0.99)
    doubtful = standard(confidence=0.5, value=1.0)
    sure = standard(confidence=0.8, value=2.0)
    assert least_conditioned([corner, doubtful, sure], "rear_setback") == sure
    assert least_conditioned([corner], "front_setback") is None


def test_a_formula_is_bounded_and_unknown_without_its_measure() -> None:
    formula = Formula(20.0, "lot_depth", minimum=10.0, maximum=50.0)
    assert [formula.evaluate({"lot_depth": depth}) for depth in (20, 100, 400)] == [10, 20, 50]
    assert formula.evaluate({}) is None


def test_every_unit_is_one_of_the_design() -> None:
    measures = {"sqft", "ft", "percent", "ratio", "stories", "units"}
    rates = {"units_per_acre", "sqft_per_unit", "spaces_per_unit"}
    assert set(FIELD_UNITS.values()) == measures | rates
