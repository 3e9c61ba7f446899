"""Real codes with values that people checked: the right passages are shown, right claims pass, wrong ones do not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from unit.extraction.fake_models import claim

from plotlot.domain.quantities import find_quantities, normalise, same_value
from plotlot.domain.standards import FIELD_UNITS, Standard
from plotlot.evaluation.gold import load_gold
from plotlot.evaluation.prompting.cases import Case, cases_of
from plotlot.extraction.model.claims import StandardClaim, Use
from plotlot.extraction.model.verifying import checked, located

TOKENS = 3_000
TOWNS = ("darien_ga", "essex_junction_vt", "chagrin_falls_oh")  # small ones, in three formats
CLAIMED_UNITS = {"sqft_per_unit": "sqft", "spaces_per_unit": "spaces"}


@pytest.fixture(scope="module")
def cases(data: Path, ordinances: Path) -> list[Case]:
    """A question for each district and group of fields, with the values that are stated."""
    rows = load_gold(data / "gold" / "dev.jsonl")
    wanted = [row for row in rows if row["status"] == "stated" and row["file"].split("/")[0] in TOWNS]
    return cases_of(wanted, ordinances, TOKENS)


def claimed(row: Mapping[str, Any], factor: float = 1.0) -> StandardClaim:
    """What a model that reads rightly would claim for a row, its number times a factor."""
    value, unit = row["value"], CLAIMED_UNITS.get(row["unit"], row["unit"])
    for quantity in find_quantities(row["quote"]):
        read = normalise(quantity.value, quantity.unit or unit, row["field"])
        if read is not None and same_value(read, row["value"], 0.005):
            value, unit = quantity.value, quantity.unit or unit
            break
    use = row.get("conditions", {}).get("use")
    conditions = {"use": use} if use in get_args(Use) else {}
    return StandardClaim.model_validate(
        claim(row["quote"], row["field"], value * factor, unit, conditions=conditions)
    )


def is_shown(row: Mapping[str, Any], case: Case) -> bool:
    words = " ".join(row["quote"].split())
    return any(words in " ".join(passage.text.split()) for passage in case.question.passages)


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_what_states_a_value_is_among_what_is_shown(cases: list[Case]) -> None:
    found = [is_shown(row, case) for case in cases for row in case.rows]
    assert len(found) > 100
    assert share(found) >= 0.95
    assert all(sum(one.tokens for one in case.question.passages) <= TOKENS for case in cases)


def test_what_is_shown_of_drawn_tables_can_be_quoted(cases: list[Case]) -> None:
    """Padding is left out: a quote of what is shown stands in the code all the same."""
    passages = {id(one): one for case in cases for one in case.question.passages if one.shown != one.text}
    assert passages
    for passage in passages.values():
        found = located(passage.shown, 1, [passage])
        assert found is not None
        assert passage.document.slice(found[1]).strip() == passage.text.strip()


def test_right_claims_hold_and_wrong_numbers_never_do(cases: list[Case]) -> None:
    shown = [(row, case) for case in cases for row in case.rows if is_shown(row, case)]
    right = [checked(claimed(row), case.question, {}, "model/1") for row, case in shown]
    assert share([isinstance(one, Standard) for one in right]) >= 0.95
    for (row, _), standard in zip(shown, right, strict=True):
        if isinstance(standard, Standard):
            assert standard.unit == FIELD_UNITS[row["field"]]
            assert standard.value is not None
            assert same_value(standard.value, row["value"], 0.005)
    wrong = [checked(claimed(row, 1.37), case.question, {}, "model/1") for row, case in shown]
    assert not any(isinstance(one, Standard) for one in wrong)
