"""Evaluations through a whole PlotLot: a run of a small checkout, its page, its gate, its record."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from integration.conftest import EXAMPLE, TOWN

from plotlot.cli import main
from plotlot.cli.evaluations import real_codes
from plotlot.extraction.reader import ENGINE

COMMAND = [sys.executable, "-c", "from plotlot.cli import main; main()", "eval"]
EVIDENCE = "A fence in a front yard shall not exceed four (4) feet in height"
QUESTIONS = (
    {
        "id": "small-1", "municipality": TOWN, "question": "What is the minimum lot area in the R-1 district?",
        "kind": "answerable", "answer": {"field": "min_lot_area", "district": "R-1", "value": 9000, "unit": "sqft"},
        "evidence": [{"document": "ordinance.md", "quote": "9,000 [^1]"}], "slice": "tables", "split": "dev", "note": "",
    },
    {
        "id": "small-2", "municipality": TOWN, "question": "How high may a fence in a front yard be?",
        "kind": "answerable", "answer": {"words": ["four (4) feet"]},
        "evidence": [{"document": "ordinance.md", "quote": EVIDENCE}], "slice": "prose", "split": "dev", "note": "",
    },
    {
        "id": "small-3", "municipality": TOWN, "question": "What is the boiling point of tungsten?",
        "kind": "unanswerable", "answer": None, "evidence": [], "slice": "off_topic", "split": "dev", "note": "",
    },
    {
        "id": "small-4", "municipality": TOWN, "question": "What of this stands nowhere?", "kind": "answerable",
        "answer": {"words": ["nowhere"]}, "evidence": [{"document": "ordinance.md", "quote": "which no code says"}],
        "slice": "prose", "split": "test", "note": "",
    },
)  # fmt: skip


def evaluate(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=600, check=False)


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["eval", "gate", *arguments])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the example town and a few questions."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "evals" / "golden").mkdir(parents=True)
    lines = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    (root / "evals" / "golden" / "small.jsonl").write_text(lines, encoding="utf-8")
    shutil.copytree(EXAMPLE, root / "examples" / "larkfield")
    (root / "evals" / "standards").mkdir()
    rows = (
        (EXAMPLE.parents[1] / "evals" / "standards" / "larkfield.jsonl")
        .read_text(encoding="utf-8")
        .splitlines(True)
    )
    (root / "evals" / "standards" / "larkfield.jsonl").write_text("".join(rows[:6]), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def run(checkout: Path) -> Path:
    """A run of it, as a file."""
    made = evaluate(
        "all", "--root", str(checkout), "-o", str(checkout / "run.json"), "--html", str(checkout / "report.html"),
        "--write-baseline", str(checkout / "baseline.json"), "--page", str(checkout / "page.md"), "--json",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout) == json.loads((checkout / "run.json").read_text())
    return checkout / "run.json"


def scores_of(run: Path) -> dict[str, dict[str, float | None]]:
    return {case["id"]: case["scores"] for case in json.loads(run.read_text())["cases"]}


def test_questions_go_through_the_whole_stack(run: Path) -> None:
    scores = scores_of(run)
    assert scores["ask/small-1"]["ask.correct"] == 1
    assert scores["ask/small-1"]["ask.cited"] == 1
    assert scores["ask/small-2"]["ask.correct"] == 1
    assert scores["ask/small-3"]["ask.refused"] == 1
    assert scores["retrieval/small-2"]["retrieval.section@5"] == 1
    assert scores["extraction/larkfield-oh/r-1/min_lot_area"]["extraction.right"] == 1
    document = json.loads(run.read_text())
    assert document["bundle"].startswith("bundle-")
    assert {TOWN, "evals/golden/small.jsonl", "evals/standards/larkfield.jsonl"} <= set(document["data"])
    assert document["metrics"]["extraction.f1"] == 1
    assert all(
        case["latency_ms"] > 0 for case in document["cases"] if case["id"] in ("ask/small-1", "ask/small-2")
    )


def test_an_engine_is_measured_as_it_is_served(run: Path, tmp_path: Path) -> None:
    arguments = (
        "extraction",
        "--root",
        str(run.parent),
        "--engine",
        ENGINE,
        "-o",
        str(tmp_path / "served.json"),
    )
    made = evaluate(*arguments)
    assert made.returncode == 0, made.stderr
    served = scores_of(tmp_path / "served.json")
    assert served == {name: scores for name, scores in scores_of(run).items() if name in served}
    assert len(served) == 6


def test_a_case_that_cannot_be_measured_is_missing_and_counted(run: Path) -> None:
    scores = scores_of(run)
    assert set(scores["ask/small-4"].values()) == {None}
    assert set(scores["retrieval/small-4"].values()) == {None}
    lacking = len(scores["ask/small-4"]) + len(scores["retrieval/small-4"])
    assert json.loads(run.read_text())["metrics"]["missing"] == lacking
    assert "does not hold" in (run.parent / "report.html").read_text()


def test_the_page_of_figures_has_tables_by_field_and_town(run: Path) -> None:
    page = (run.parent / "page.md").read_text()
    assert "### Standards read, by field" in page
    assert f"| {TOWN} | 1.000 | 1.000 | 1.000 |" in page


def test_a_run_passes_its_own_baseline_and_a_worse_one_does_not(run: Path, tmp_path: Path) -> None:
    baseline = str(run.parent / "baseline.json")
    same = gate(str(run), "--baseline", baseline, "-o", str(tmp_path / "table.md"))
    assert (same.exit_code, same.stdout) == (0, (tmp_path / "table.md").read_text())
    worse = json.loads(run.read_text())
    for case in worse["cases"]:
        case["scores"] = {name: 0.0 for name in case["scores"] if name != "ask.cited"}
    (tmp_path / "worse.json").write_text(json.dumps(worse))
    failed = gate(str(tmp_path / "worse.json"), "--baseline", baseline, "--json")
    assert failed.exit_code == 1, failed.stderr
    assert json.loads(failed.stdout)["verdict"] == "fail"
    worse["cases"] = [case for case in worse["cases"] if case["id"] == "ask/small-1"]
    (tmp_path / "worse.json").write_text(json.dumps(worse))
    margins = tmp_path / "margins.json"
    margins.write_text(json.dumps({name: None for name in read_margins() if name != "ask.correct"}))
    few = gate(str(tmp_path / "worse.json"), "--baseline", baseline, "--margins", str(margins))
    assert few.exit_code == 2
    assert "inconclusive" in few.stdout


def read_margins() -> dict[str, float]:
    from plotlot.evaluation.gate.gate import MARGINS

    return dict(MARGINS)


def test_a_file_that_is_no_run_is_a_failure_and_not_a_verdict(run: Path, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("{}")
    found = gate(str(tmp_path / "none.json"), "--baseline", str(run))
    assert found.exit_code == 1
    assert "is not a run" in found.stderr
    assert found.stdout == ""
    (tmp_path / "empty.json").write_text('{"id": "run-0", "suite": "ask", "bundle": "", "engine": "", "data": {},'
                                         ' "metrics": {}, "groups": {}, "cases": []}')  # fmt: skip
    nothing = gate(str(run), "--baseline", str(tmp_path / "empty.json"))
    assert nothing.exit_code == 1
    assert "nothing to compare with" in nothing.stderr


@pytest.mark.filterwarnings("ignore")  # MLflow's libraries warn of one another
def test_a_run_is_on_record_with_its_groups_and_files(run: Path, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    from plotlot.evaluation.runs import read_run
    from plotlot.evaluation.tracking import log_models, log_run

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    logged = log_run(read_run(run), uri)
    compared = {"words": {"ndcg@10": 0.5, "query_p50_ms": 1.0}}
    ids = log_models({"dataset": "d", "digest": "ab", "documents": 3, "queries": 2, "models": compared}, uri)
    client = mlflow.MlflowClient(tracking_uri=uri)
    found = client.get_run(logged).data
    assert found.metrics["extraction.f1"] == 1
    assert found.metrics["ask.refused/town/Larkfield OH"] == 1
    assert found.metrics["retrieval.ndcg_at_10/slice/prose"] == pytest.approx(0.5)
    assert found.params["bundle"] == json.loads(run.read_text())["bundle"]
    assert {each.path for each in client.list_artifacts(logged)} == {"run.json", "report.html"}
    assert client.get_run(ids[0]).data.metrics["ndcg_at_10"] == 0.5


def test_a_folder_of_state_is_not_taken_for_real_codes(tmp_path: Path) -> None:
    assert real_codes(tmp_path) is None
    (tmp_path / "ordinances").mkdir()
    (tmp_path / "ordinances" / "manifest.json").write_text("[]")
    assert real_codes(tmp_path) == tmp_path
