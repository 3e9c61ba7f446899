"""The report of a run: the worst first, nothing from elsewhere, and tables that keep the page around them."""

from pathlib import Path

import pytest

from plotlot.evaluation.reports.report import choice_id, page
from plotlot.evaluation.reports.tables import MODELS, TABLES, lines, write_models, write_tables
from plotlot.evaluation.reports.worst import worst_first
from plotlot.evaluation.runs import Case, Run

CASES = (
    Case("ask/right", "Aford, OH", "prose", "answerable", {"ask.correct": 1.0, "ask.cited": 1.0}),
    Case("ask/unfound", "Aford, OH", "tables", "answerable", {"ask.correct": 0.0, "ask.cited": 1.0}),
    Case("ask/half", "Beford, OH", "tables", "answerable", {"ask.correct": 1.0, "ask.grounded": 0.5}),
    Case("ask/made-up", "Beford, OH", "notes", "answerable", {"ask.cited": 0.0}, detail={"answer": "<script>x</script>"}),
    Case("ask/lost", "Aford, OH", "prose", "answerable", {"ask.correct": None}, detail={"error": "503"}),
)  # fmt: skip
GROUPS = {"town": {"Aford, OH": {"cases": 3, "ask.correct": 0.33}, "Beford, OH": {"ask.correct": 1.0}}}
RUN = Run(
    "ask", "bundle-1", "reader/1", {"gold": "ab"}, {"ask.correct": 0.5, "missing": 1.0}, CASES, GROUPS
).named()


def test_missing_scores_come_first_then_what_is_made_up_then_what_is_not_found() -> None:
    assert [failure.case.id for failure in worst_first(CASES)] == [
        "ask/lost",
        "ask/made-up",
        "ask/half",
        "ask/unfound",
    ]
    assert worst_first(CASES)[2].failed == ["ask.grounded 0.5"]


def test_the_page_shows_failures_in_that_order_and_runs_nothing() -> None:
    html = page(RUN)
    places = [html.index(f'<span class="id">ask/{name}') for name in ("lost", "made-up", "half", "unfound")]
    assert places == sorted(places)
    assert "<script>" not in html
    assert "&lt;script&gt;x" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "4 of 5 cases are not wholly right; 1 score is missing" in html


def test_every_filter_has_a_rule_and_cases_have_its_class() -> None:
    html = page(RUN)
    for name, value in (("Town", "Aford, OH"), ("Slice", "tables")):
        choice = choice_id(name, value)
        assert f'id="{choice}"' in html
        assert f"body:has(#{choice}:checked) .case:not(.{choice})" in html
        assert html.count(f"{choice}") > 3


def test_towns_that_are_written_alike_are_told_apart() -> None:
    assert choice_id("Town", "St. Paul, MN") != choice_id("Town", "St Paul, MN")


def test_a_run_without_failures_says_so() -> None:
    html = page(Run("ask", "b", "e", {}, {}, CASES[:1]))
    assert "Every case is wholly right" in html


def test_tables_stand_beside_the_models_in_a_page(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text("# Benchmarks\n\nBefore.\n")
    figures = {"ndcg@10": 0.5, "query_p50_ms": 12.3456}
    models = {"minilm": figures, "words": figures}
    result = {"dataset": "d", "documents": 3000, "queries": 2, "models": models}
    write_tables(RUN, file)
    write_models(result, file)
    first = file.read_text()
    assert first.startswith("# Benchmarks\n\nBefore.\n\n" + TABLES.begin)
    assert "| Aford, OH | 0.330 |" in TABLES.text(first)
    assert "| minilm | 0.5 | 12.35 |" in MODELS.text(first)
    write_tables(RUN, file)
    assert file.read_text() == first


@pytest.mark.parametrize("metric", ["`ask.correct` | 0.5", "`missing` | 1"])
def test_tables_hold_every_metric(metric: str) -> None:
    assert metric in "\n".join(lines(RUN))
