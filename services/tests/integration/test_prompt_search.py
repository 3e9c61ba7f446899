"""``plotlot prompt optimise`` with an engine: a candidate that can be served, or nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scripted_engine import MODEL, ScriptedEngine, scripted_engine
from unit.evaluation.prompting.test_search import CODE, FRONTS, right, row
from unit.extraction.fake_models import NONE

from plotlot.cli.main import main
from plotlot.domain.bundles import bundle_of_file
from plotlot.domain.messages import Message


@pytest.fixture(scope="module")
def engine() -> Iterator[ScriptedEngine]:
    """An engine of the OpenAI API."""
    with scripted_engine() as running:
        yield running


def deployed(engine: ScriptedEngine) -> dict[str, str]:
    return {"PLOTLOT_GENERATION_URL": engine.url, "PLOTLOT_GENERATION_MODEL": MODEL}


def optimise(engine: ScriptedEngine, folder: Path, *arguments: str) -> Result:
    """The command on two towns with checked values."""
    for town, front in FRONTS.items():
        (folder / "towns" / town).mkdir(parents=True)
        (folder / "towns" / town / "code.md").write_text(CODE.format(front=front))
    gold = folder / "gold.jsonl"
    gold.write_text("\n".join(json.dumps(row(town, front)) for town, front in FRONTS.items()))
    given = ["--gold", str(gold), "--documents", str(folder / "towns"), "-o", str(folder / "out")]
    return CliRunner().invoke(
        main,
        ["prompt", "optimise", *given, "--data", str(folder), "--json", *arguments],
        env=deployed(engine),
    )


def messages_of(body: dict[str, Any]) -> list[Message]:
    return [Message(one["role"], one["content"]) for one in body["messages"]]


def test_a_better_prompt_is_written_with_a_bundle_that_names_it(
    engine: ScriptedEngine, tmp_path: Path
) -> None:
    def says(body: dict[str, Any]) -> str:
        sent = messages_of(body)
        taught = len(sent) > 2 or "least 25 feet" in sent[-1].content
        return right(sent) if taught else NONE

    engine.answers = says
    done = optimise(engine, tmp_path, "--tries", "2")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    bundle = bundle_of_file((tmp_path / "out" / "bundle.json").read_bytes())
    assert (found["base"]["f1"], found["best"]["f1"], found["bundle"]) == (0.0, 1.0, bundle.id)
    assert (bundle.parameters.extraction.engine, bundle.parameters.extraction.prompt) == (
        "model/1",
        "standards/2",
    )
    checked = CliRunner().invoke(
        main,
        ["bundle", "verify", str(tmp_path / "out" / "bundle.json"), "--data", str(tmp_path)],
        env={**deployed(engine), "PLOTLOT_PROMPT_DIR": str(tmp_path / "out")},
    )
    assert checked.exit_code == 0, checked.output


def test_nothing_is_written_where_nothing_is_better(engine: ScriptedEngine, tmp_path: Path) -> None:
    engine.answers = lambda body: right(messages_of(body))
    done = optimise(engine, tmp_path)
    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["best"] is None
    assert not (tmp_path / "out").exists()


def test_without_an_engine_it_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text("{}")
    done = CliRunner().invoke(
        main,
        [
            "prompt",
            "optimise",
            "--gold",
            str(tmp_path / "gold.jsonl"),
            "--documents",
            str(tmp_path),
            "-o",
            "out",
        ],
        env={"PLOTLOT_GENERATION_URL": ""},
    )
    assert done.exit_code == 1
    assert "PLOTLOT_GENERATION_URL" in done.output
