"""``plotlot bundle``: files written, compared and refused; what is stored is another test's."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plotlot.cli.bundles import generation_check
from plotlot.cli.main import main


def plotlot(*arguments: str, folder: Path) -> Result:
    environment = {"PLOTLOT_DATA_DIR": str(folder / "data"), "PLOTLOT_URL": ""}
    return CliRunner().invoke(main, ["bundle", *arguments], env=environment)


@pytest.fixture
def stable(tmp_path: Path) -> Path:
    """The file of a bundle."""
    path = tmp_path / "stable.json"
    result = plotlot("build", "--image", "default=plotlot:1", "-o", str(path), folder=tmp_path)
    assert result.exit_code == 0, result.output
    return path


def test_a_bundle_is_one_line_of_json_and_the_same_twice(stable: Path, tmp_path: Path) -> None:
    printed = plotlot("build", "--image", "default=plotlot:1", folder=tmp_path)
    assert printed.output == stable.read_text()
    document = json.loads(printed.output)
    assert set(document) == {"id", "manifest"}
    assert document["manifest"]["images"] == {"default": "plotlot:1"}
    assert document["manifest"]["parameters"]["extraction"]["engine"].startswith("reader/")


def test_a_candidate_is_the_stable_bundle_with_changes(stable: Path, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate.json"
    given = ("--set", "retrieval.k1=1.2", "--set", "guardrails.citations.margin=0.03")
    built = plotlot("build", "--from", str(stable), *given, "-o", str(candidate), folder=tmp_path)
    assert json.loads(candidate.read_text())["id"] in built.output
    compared = plotlot("diff", str(stable), str(candidate), folder=tmp_path)
    assert compared.output.splitlines() == [
        "guardrails.citations.margin: 0.02 -> 0.03",
        "retrieval.k1: 1.5 -> 1.2",
    ]
    as_json = json.loads(plotlot("diff", str(stable), str(candidate), "--json", folder=tmp_path).output)
    assert (as_json["after"], len(as_json["changes"])) == (json.loads(candidate.read_text())["id"], 2)


def test_the_same_bundle_has_no_difference(stable: Path, tmp_path: Path) -> None:
    compared = plotlot("diff", str(stable), str(stable), folder=tmp_path)
    assert (compared.exit_code, compared.output) == (0, "no difference\n")


def test_every_value_is_shown(stable: Path, tmp_path: Path) -> None:
    said = plotlot("show", str(stable), folder=tmp_path).output
    assert said.splitlines()[0] == json.loads(stable.read_text())["id"]
    assert "retrieval.k1" in said
    shown = plotlot("show", str(stable), "--json", folder=tmp_path).output
    assert json.loads(shown) == json.loads(stable.read_text())


def test_guardrails_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "guardrails.json"
    path.write_text('{"alpha": 0.01, "each": [{"name": "failure", "measure": "failure", "margin": 0.01}]}')
    manifest = json.loads(plotlot("build", "--guardrails", str(path), folder=tmp_path).output)["manifest"]
    assert manifest["guardrails"]["alpha"] == 0.01
    assert [one["name"] for one in manifest["guardrails"]["each"]] == ["failure"]
    path.write_text("[]")
    refused = plotlot("build", "--guardrails", str(path), folder=tmp_path)
    assert (refused.exit_code, str(path) in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--set", "retrieval.k2=1"], 1, "retrieval.k1"),
        (["--set", "retrieval.k1=many"], 1, "number"),
        (["--set", "retrieval.k1"], 2, "NAME=VALUE"),
        (["--image", "postgres=x"], 1, "extraction"),
    ],
)
def test_what_cannot_be_built_is_told(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    result = plotlot("build", *arguments, "-o", str(tmp_path / "new.json"), folder=tmp_path)
    assert result.exit_code == code
    assert said in result.output
    assert not (tmp_path / "new.json").exists()


def test_a_whole_bundle_of_this_code_verifies(stable: Path, tmp_path: Path) -> None:
    verified = plotlot("verify", str(stable), "--json", folder=tmp_path)
    document = json.loads(verified.output)
    assert (verified.exit_code, document["holds"]) == (0, True)
    assert not (tmp_path / "data").exists()


def test_an_altered_bundle_does_not_verify_and_is_not_used(stable: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.json"
    altered.write_text(stable.read_text().replace('"k1":1.5', '"k1":1.2'))
    verified = plotlot("verify", str(altered), "--json", folder=tmp_path)
    assert (verified.exit_code, json.loads(verified.output)["holds"]) == (1, False)
    for arguments in (["show", str(altered)], ["build", "--from", str(altered)]):
        refused = plotlot(*arguments, folder=tmp_path)
        assert refused.exit_code == 1
        assert "altered" in refused.output


def test_an_engine_that_only_other_code_has_needs_an_image(tmp_path: Path) -> None:
    for images, code in (((), 1), (("--image", "extraction=plotlot:9"), 0)):
        path = tmp_path / "other.json"
        plotlot("build", "--set", "extraction.engine=reader/99", *images, "-o", str(path), folder=tmp_path)
        verified = plotlot("verify", str(path), folder=tmp_path)
        assert verified.exit_code == code, verified.output
        assert "reader/99" in verified.output


STORED: dict[str, Any] = {
    "generation": 2, "status": "ready", "embedding_model": "mini", "documents": 3, "documents_in_all": 3,
    "municipalities": 2, "municipalities_in_all": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "holds", "said"),
    [
        ({}, True, "all 3 documents"),
        ({"status": "building"}, False, "cannot be searched"),
        ({"status": "retired"}, False, "cannot be searched"),
        ({"status": "failed"}, False, "cannot be searched"),
        ({"generation": 3}, False, "3 (ready)"),
        ({"embedding_model": "large"}, False, "large"),
        ({"documents": 1, "municipalities": 1}, False, "1 of 2 municipalities"),
    ],
)
def test_a_generation_is_there_whole_and_of_the_bundles_model(
    changes: dict[str, Any], holds: bool, said: str
) -> None:
    check = generation_check(2, "mini", [{**STORED, **changes}])
    assert check.holds is holds
    assert said in check.found


def test_the_live_generation_is_looked_at_where_none_is_named() -> None:
    live = {**STORED, "generation": 1, "status": "live", "embedding_model": "large"}
    assert generation_check(None, "mini", [live, STORED]).holds is False
    assert generation_check(None, "large", [live, STORED]).holds is True
    assert generation_check(None, "mini", []).holds is None
