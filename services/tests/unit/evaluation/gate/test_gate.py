"""Runs compared: what pairs, what is missing, what the table says."""

import json
from pathlib import Path

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.paired import GateVerdict
from plotlot.evaluation.gate.gate import MARGINS, gate, paired, read_margins
from plotlot.evaluation.gate.table import markdown
from plotlot.evaluation.runs import Case, Run


def run_of(*cases: Case, **data: str) -> Run:
    return Run("ask", "bundle-1", "extractive/1", data, {}, cases).named()


def cases_of(towns: int, score: float | None, each: int = 6, cost: float = 100.0) -> list[Case]:
    return [
        Case(f"ask/{town}-{number}", f"Town {town}", "prose", "answerable", {"ask.correct": score}, cost=cost)
        for town in range(towns)
        for number in range(each)
    ]


BEFORE = run_of(*cases_of(6, 1.0), gold="a")


def test_a_run_passes_against_itself() -> None:
    found = gate(BEFORE, BEFORE, MARGINS)
    assert found.verdict is GateVerdict.PASS
    assert [one.margin.metric for one in found.comparisons] == ["ask.correct", "tokens"]
    assert "none differs" in markdown(found)


def test_a_run_that_got_worse_fails_and_says_where() -> None:
    found = gate(run_of(*cases_of(6, 0.0)), BEFORE, MARGINS)
    assert found.verdict is GateVerdict.FAIL
    table = markdown(found)
    assert "### Evals: fail" in table
    assert "**fail**" in table
    assert "`ask/0-0`" in table


def test_cases_that_are_gone_are_missing_and_not_dropped() -> None:
    found = gate(run_of(*cases_of(3, 1.0)), BEFORE, MARGINS)
    correct = found.comparisons[0]
    assert (correct.cases, correct.missing, correct.worse) == (36, 18, 18)
    assert found.verdict is not GateVerdict.PASS
    assert "36 scores are missing" in markdown(found)


@pytest.mark.parametrize("scores", [{}, {"ask.correct": None}])
def test_a_score_that_is_gone_is_missing(scores: dict[str, None]) -> None:
    after = [Case(case.id, case.town, "", "", scores) for case in BEFORE.cases]
    assert {pair.after for pair in paired(after, BEFORE.cases)["ask.correct"]} == {None}


def test_a_dearer_run_fails_by_its_tokens() -> None:
    found = gate(run_of(*cases_of(6, 1.0, cost=150.0)), BEFORE, MARGINS)
    assert [one.verdict for one in found.comparisons] == [GateVerdict.PASS, GateVerdict.FAIL]


def test_few_cases_are_inconclusive_and_the_table_says_how_many_it_takes() -> None:
    before = run_of(*cases_of(3, 1.0))
    after = [
        Case(case.id, case.town, "", "", {"ask.correct": float(case.id != "ask/0-0")}, cost=100.0)
        for case in before.cases
    ]
    found = gate(run_of(*after), before, MARGINS)
    assert found.verdict is GateVerdict.INCONCLUSIVE
    needed = found.comparisons[0].needed
    assert needed is not None
    assert needed > 18
    assert f"about {needed:,} cases would tell" in markdown(found)


def test_new_cases_and_other_data_are_told() -> None:
    found = gate(run_of(*cases_of(7, 1.0), gold="b"), BEFORE, MARGINS)
    assert (found.added, found.changed_data) == (6, ["gold"])
    assert "6 cases are new" in markdown(found)


def test_a_baseline_without_a_metric_that_is_held_to_something_cannot_be_compared_with() -> None:
    with pytest.raises(InvalidRequest, match="nothing to compare with"):
        gate(BEFORE, run_of(), MARGINS)


def test_margins_of_a_file_come_over_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "margins.json"
    path.write_text(json.dumps({"ask.correct": 0.2, "tokens": None, "scifact.fused.ndcg@10": 0.01}))
    margins = read_margins(path)
    assert margins["ask.correct"] == 0.2
    assert "tokens" not in margins
    assert "scifact.fused.ndcg@10" in margins
    assert read_margins(None) == dict(MARGINS)


@pytest.mark.parametrize(
    "text", ['{"ask.correct": 0}', '{"ask.correct": "a"}', "[1]", "{", '{"ask.correct": true}']
)
def test_margins_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "margins.json"
    path.write_text(text)
    with pytest.raises(InvalidRequest, match="margin"):
        read_margins(path)
