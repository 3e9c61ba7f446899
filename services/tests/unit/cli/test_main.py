"""Exit codes and messages of the command line, without a stack."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plotlot.cli import main
from plotlot.cli.command import exit_code
from plotlot.cli.commands import naming
from plotlot.cli.problems import ProblemError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["analyze"],
        ["analyze", "1 Main", "--parcel", "7"],
        ["standards", "--municipality", "X, OH"],
        ["search", "x", "-k", "0"],
        ["eval", "extraction", "--gold", "absent.jsonl", "--documents", "."],
        ["serve", "nothing"],
        ["up", "--port", "99999"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, *(["--data", str(tmp_path)] if arguments[0] in ("serve", "up") else []))
    assert result.exit_code == 2, result.output
    assert result.output.strip()


def test_an_unreachable_gateway_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTLOT_URL", "http://127.0.0.1:9")
    result = run("search", "x")
    assert result.exit_code == 1
    assert "plotlot up" in result.output


def test_a_gold_file_is_refused_by_its_line(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"district": "R-1"}\n')
    result = run("eval", "extraction", "--gold", str(gold), "--documents", str(tmp_path))
    assert result.exit_code == 2
    assert "gold.jsonl, line 1" in result.output


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    result = run("ingest", str(tmp_path / "absent.pdf"), "-m", "X, OH", "--data", str(tmp_path / "data"))
    assert result.exit_code == 1
    assert "absent.pdf" in result.output


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("/errors#invalid-request", 422, 2),
        ("/errors#unreadable-document", 422, 1),
        ("/errors#unknown-address", 404, 3),
        ("/errors#ambiguous-address", 409, 3),
        ("/errors#store-unavailable", 503, 1),
        ("about:blank", 404, 1),
    ],
)
def test_a_problem_has_the_exit_code_of_its_error(kind: str, status: int, code: int) -> None:
    assert exit_code(ProblemError({"type": kind, "status": status, "detail": "no"})) == code


def test_an_argument_that_is_no_text_is_refused(tmp_path: Path) -> None:
    result = run("search", "yards \udcff", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert "not text in UTF-8" in result.output


def test_a_message_names_its_file_once() -> None:
    assert naming("a.pdf", "a.pdf: it is corrupt") == "a.pdf: it is corrupt"
    assert naming("a.pdf", "the database went away") == "a.pdf: the database went away"
