"""``plotlot prompt``: what models are asked, listed, shown and compared."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from plotlot.cli.main import main


def plotlot(*arguments: str, folder: Path | None = None) -> tuple[int, str]:
    """The exit code and the output of a command, with a folder of further prompts."""
    env = {"PLOTLOT_PROMPT_DIR": str(folder) if folder else ""}
    result = CliRunner().invoke(main, ["prompt", *arguments], env=env)
    return result.exit_code, result.output


def test_every_prompt_is_listed_with_the_parameter_that_names_it() -> None:
    code, output = plotlot("list", "--json")
    found = {one["name"]: one["parameter"] for one in json.loads(output)["prompts"]}
    assert code == 0
    assert found["standards/1"] == "extraction.prompt"
    assert found["quotes/1"] == "generation.prompt"


def test_a_prompt_is_shown_and_compared_with_a_further_one(tmp_path: Path) -> None:
    code, text = plotlot("show", "standards/1")
    assert (code, "# question" in text) == (0, True)
    (tmp_path / "standards-2.md").write_text(
        text.replace("You read municipal", "You read carefully municipal")
    )
    code, output = plotlot("diff", "standards/1", "standards/2", folder=tmp_path)
    changed = [line for line in output.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert code == 0
    assert [line[:10] for line in changed] == ["-You read ", "+You read "]
    assert plotlot("diff", "standards/1", "standards/1") == (0, "no difference\n")


@pytest.mark.parametrize("arguments", [("show", "standards/7"), ("diff", "standards/1", "standards/7")])
def test_one_that_is_not_there_is_named_with_those_that_are(arguments: tuple[str, ...]) -> None:
    code, output = plotlot(*arguments)
    assert code == 2
    assert "there is no prompt 'standards/7'; there are standards/1" in output
