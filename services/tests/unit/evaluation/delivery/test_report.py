"""What the command prints and writes: the promised shape, and a page whose other half stays."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from plotlot.cli.judge import print_simulation
from plotlot.cli.main import main
from plotlot.evaluation.delivery import effects, simulation
from plotlot.evaluation.delivery.figures import pictures
from plotlot.evaluation.delivery.report import PART, held_to, page
from plotlot.evaluation.delivery.simulation import run

RUNS, SEED = 10, 4


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """The command's JSON, and the folder of the page that it wrote into a page that was there."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "page.md").write_text(f"# Title\n{PART.begin}\nold\n{PART.end}\n## In the cluster\nstays\n")
    options = ["judge", "simulate", "--runs", str(RUNS), "--seed", str(SEED), "--json"]
    options += ["--page", str(folder / "page.md")]
    with pytest.MonkeyPatch.context() as patch:  # short streams: the shape is the same
        patch.setattr(simulation, "PAIRS", 300)
        patch.setattr(effects, "WITHIN", 100)
        result = CliRunner().invoke(main, options, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), folder


def test_the_document_has_the_promised_shape(printed: tuple[dict, Path]) -> None:
    document, _ = printed
    promised = {
        "healthy": {"false_rollback"},
        "margin": {"promoted"},
        "drop5": {"rolled_back", "median_pairs"},
        "no_change": {"promoted", "median_pairs"},
        "errors": {"rolled_back", "median_requests"},
        "sessions": {"false_rollback"},
        "bound_ratio": {"drop5", "no_change", "errors"},
        "others": {"kayenta", "flagger", "argo", "peeked_z"},
    }
    for name, keys in promised.items():
        assert keys <= set(document[name]), name
    for rule in document["others"].values():
        assert {"false_rollback", "missed", "harmed"} <= set(rule)
    assert document["no_traffic"]["other_than_continue"] == 0


def test_the_page_is_written_between_its_marks(printed: tuple[dict, Path]) -> None:
    _, folder = printed
    text = (folder / "page.md").read_text()
    assert text.startswith(f"# Title\n{PART.begin}\n")
    assert text.endswith(f"{PART.end}\n## In the cluster\nstays\n")
    assert "old" not in text.split("## In the cluster")[0].splitlines()
    assert f"--runs {RUNS} --seed {SEED}" in text
    assert str(folder) not in text


def test_a_page_that_is_not_there_is_begun(printed: tuple[dict, Path]) -> None:
    document, _ = printed
    fresh = page(document)
    assert fresh.startswith("# ")
    assert page(document, fresh) == fresh


def test_tables_have_as_many_cells_in_each_row(printed: tuple[dict, Path]) -> None:
    document, _ = printed
    tables = [block for block in page(document).split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    for table in tables:
        assert len({line.count(" | ") for line in table.strip().splitlines()}) == 1


def test_what_is_missed_is_told(printed: tuple[dict, Path]) -> None:
    document, _ = printed
    worse = {**document, "healthy": {"false_rollback": 0.2, "false_rollback_interval": [0.1, 0.3]}}
    assert not next(held_to(worse)).kept
    assert "**20.0 % [10.0, 30.0]**" in page(worse)


def test_pictures_are_images_that_stand_beside_the_page(printed: tuple[dict, Path]) -> None:
    document, folder = printed
    for name, picture in pictures(document).items():
        assert (folder / "images" / name).read_text() == picture
        root = ElementTree.fromstring(picture)
        assert root.tag.endswith("svg")
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert f"images/{name}" in page(document)


def test_people_get_tables_of_the_same(
    printed: tuple[dict, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    print_simulation(printed[0])
    shown = capsys.readouterr().out
    assert "held to" in shown
    assert "this judge, shadow first" in shown


def test_chances_depend_on_the_seed_and_the_name_only() -> None:
    assert run("errors", 50, 1) == run("errors", 50, 1)
    assert run("errors", 50, 1) != run("errors", 50, 2)
