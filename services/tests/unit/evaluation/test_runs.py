"""Runs as files: what is written is read again, and what is none is named."""

from pathlib import Path

import pytest

from plotlot.domain.errors import UnreadableDocument
from plotlot.evaluation.measures import grouped, means, missing
from plotlot.evaluation.runs import Case, Run, read_run, write_run

CASES = (
    Case(
        "ask/a",
        "Aford, OH",
        "prose",
        "answerable",
        {"ask.correct": 1.0},
        12.5,
        300.0,
        {"answer": "§ 1 – yes"},
    ),
    Case("ask/b", "Beford, OH", "", "unanswerable", {"ask.correct": None, "ask.refused": 1.0}),
)
RUN = Run(
    "ask", "bundle-1", "reader/1", {"gold": "ab"}, {"ask.correct": 0.5, "ask.latency_p50_ms": 1.0}, CASES
).named()


@pytest.mark.parametrize("whole", [True, False])
def test_a_run_is_read_as_it_was_written(tmp_path: Path, whole: bool) -> None:
    path = tmp_path / "new" / "run.json"
    write_run(RUN, path, whole)
    assert read_run(path) == Run(**{**vars_of(RUN), "cases": list(CASES)})


def vars_of(run: Run) -> dict[str, object]:
    return {name: getattr(run, name) for name in Run.__slots__}


def test_a_compact_run_keeps_what_is_compared_a_case_a_line(tmp_path: Path) -> None:
    compact = RUN.compact()
    path = tmp_path / "run.json"
    write_run(compact, path, whole=False)
    assert [case.scores for case in read_run(path).cases] == [case.scores for case in CASES]
    assert compact.metrics == {"ask.correct": 0.5}
    assert compact.id != RUN.id
    assert sum('"id": "ask/' in line for line in path.read_text().splitlines()) == 2
    assert "yes" not in path.read_text()


def test_the_id_is_that_of_what_a_run_holds() -> None:
    assert RUN.named().id == RUN.id
    assert Run("ask", "bundle-2", "reader/1", {}, {}, CASES).named().id != RUN.id


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"cases": [{}]}', '{"cases": [{"id": "a", "town": "", "scores": {"x": "much"}}]}'],
)
def test_a_file_that_is_no_run_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(UnreadableDocument, match=r"run\.json"):
        read_run(path)


def test_a_missing_score_counts_as_nothing_and_is_counted() -> None:
    assert means(CASES) == {"ask.correct": 0.5, "ask.refused": 1.0}
    assert missing(CASES) == 1


def test_groups_hold_the_cases_that_share_something() -> None:
    groups = grouped(CASES)
    assert groups["town"]["Aford, OH"] == {"cases": 1, "ask.correct": 1.0}
    assert list(groups["slice"]) == ["prose"]
