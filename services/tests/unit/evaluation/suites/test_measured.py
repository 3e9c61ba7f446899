"""A suite that fails loses neither what others measured nor what it measured itself, and is told everywhere."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plotlot.cli import main
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.evaluation.gate.gate import MARGINS, gate
from plotlot.evaluation.reports.report import page
from plotlot.evaluation.runs import Case, Run, read_run
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.suites import suite
from plotlot.evaluation.suites.measured import NOT_YET, reason_of
from plotlot.evaluation.tracking import parameters
from plotlot.settings import Settings


def case(suite: str) -> Case:
    detail = {"outcome": "right"} if suite == "extraction" else {}
    return Case(f"{suite}/a", "Aford, OH", "prose", "stated", {f"{suite}.right": 1.0}, detail=detail)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """Suites of one case each; one whose name is put here raises."""
    errors: dict[str, Exception] = {}

    def cases_of(name: str) -> list[Case]:
        if name in errors:
            raise errors[name]
        return [case(name)]

    def later(name: str) -> Any:
        async def measure(*given: Any) -> list[Case]:
            return cases_of(name)

        return measure

    @asynccontextmanager
    async def open_stack(settings: Settings) -> AsyncIterator[Any]:
        if "stack" in errors:
            raise errors["stack"]
        yield SimpleNamespace(bundle="b-1")

    monkeypatch.setattr(Sources, "asked", [])
    monkeypatch.setattr(Sources, "towns", {})
    monkeypatch.setattr(Sources, "left_out", [])
    monkeypatch.setattr(Sources, "collections", lambda self: cases_of("collections") and [])
    for name, stand_in in (
        ("open_stack", open_stack), ("read", lambda sources: []), ("load_cases", lambda root: []),
        ("standards", lambda results, metrics: cases_of("extraction")), ("search_all", later("retrieval")),
        ("ask_all", later("ask")), ("injection_cases", later("injection")),
    ):  # fmt: skip
        monkeypatch.setattr(suite, name, stand_in)
    return errors


async def run_of(name: str) -> tuple[Run, list[Run]]:
    kept: list[Run] = []
    run = await suite.run_suite(
        name, Sources(Path("none")), Settings(), lambda event, data: None, keep=kept.append
    )
    return run, kept


async def test_each_suite_is_kept_as_it_comes(failing: dict[str, Exception]) -> None:
    run, kept = await run_of("all")
    assert kept[-1] == run
    assert kept[0].unfinished == dict.fromkeys(suite.SUITES, NOT_YET)
    assert {case.id for case in kept[3].cases} == {"extraction/a", "retrieval/a", "ask/a"}
    assert [*kept[-2].unfinished.values()] == [NOT_YET]
    assert (len(run.cases), run.unfinished) == (4, {})


@pytest.mark.parametrize("name", ["extraction", "ask", "injection"])
async def test_one_that_fails_takes_no_other_with_it(failing: dict[str, Exception], name: str) -> None:
    failing[name] = TypeError("a bad\ncase")
    run, kept = await run_of("all")
    assert {each.id for each in run.cases} == {f"{each}/a" for each in suite.SUITES if each != name}
    assert run.unfinished == {name: "TypeError: a bad case"}
    assert kept[-1] == run


async def test_what_a_suite_measured_before_it_failed_stays(failing: dict[str, Exception]) -> None:
    failing["collections"] = ServiceUnavailable("no embedder")
    run, _ = await run_of("all")
    assert len(run.cases) == 4
    assert run.unfinished == {"retrieval": "no embedder"}


async def test_without_a_stack_both_suites_that_need_it_fail(failing: dict[str, Exception]) -> None:
    failing["stack"] = ExceptionGroup("two", [ServiceUnavailable("no database"), OSError("no folder")])
    run, _ = await run_of("all")
    assert run.unfinished == dict.fromkeys(("retrieval", "ask"), "no database")


async def test_where_nothing_was_measured_the_first_error_is_raised(failing: dict[str, Exception]) -> None:
    failing["ask"] = ServiceUnavailable("no database")
    with pytest.raises(ServiceUnavailable, match="no database"):
        await run_of("ask")


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert reason_of(TimeoutError()) == "TimeoutError"


def eval_all(tmp_path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["eval", "all", "--data", str(tmp_path / "data"), *options])


def test_the_files_tell_which_suite_failed_and_the_command_ends_with_1(
    tmp_path: Path, failing: dict[str, Exception]
) -> None:
    failing["injection"] = TypeError("a <bad> case")
    written, tables, baseline = tmp_path / "run.json", tmp_path / "page.md", tmp_path / "baseline.json"
    result = eval_all(tmp_path, "-o", str(written), "--page", str(tables), "--write-baseline", str(baseline))
    assert result.exit_code == 1, result.output
    assert "injection did not measure all of its cases: TypeError: a <bad> case" in result.stderr
    run = read_run(written)
    assert (len(run.cases), run.unfinished) == (3, {"injection": "TypeError: a <bad> case"})
    assert r"- `injection`: TypeError: a \<bad\> case" in tables.read_text()
    assert "| `ask.right` | 1 |" in tables.read_text()
    assert "<code>injection</code>: TypeError: a &lt;bad&gt; case" in page(run)
    assert parameters(run)["unfinished"] == "injection"
    assert not baseline.exists()
    with pytest.raises(InvalidRequest, match="did not measure all of injection"):
        gate(run, run, MARGINS)


def test_where_all_are_through_nothing_is_told(tmp_path: Path, failing: dict[str, Exception]) -> None:
    written, tables, baseline = tmp_path / "run.json", tmp_path / "page.md", tmp_path / "baseline.json"
    result = eval_all(tmp_path, "-o", str(written), "--page", str(tables), "--write-baseline", str(baseline))
    assert result.exit_code == 0, result.output
    assert "did not measure" not in result.stderr + tables.read_text()
    assert "unfinished" not in json.loads(written.read_text())
    assert len(read_run(baseline).cases) == 4
