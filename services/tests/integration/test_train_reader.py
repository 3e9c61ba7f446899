"""A reader trained from towns of our own: reproducible, the same in ONNX, and its citations hold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from coded_towns import DISTRICTS, text_of, values_of, write_archive

from plotlot.domain.quotes import quote_stands, verify
from plotlot.extraction.engines import engines
from plotlot.extraction.learned.finding import FILE, model_of
from plotlot.extraction.learned.model import Model, joins
from plotlot.extraction.learned.reading import read_code
from plotlot.extraction.model.completing import Completer
from plotlot.ingestion.parsers import parse_document
from plotlot.training import fit
from plotlot.training.pipeline import FIGURES, Plan, metrics_of, train_reader
from plotlot.training.report import write_page

for extra in ("lightgbm", "onnxmltools", "optuna", "matplotlib"):
    pytest.importorskip(extra, reason="the extra `training` is not installed")

UNSEEN = 101


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("reader")
    archive = write_archive(folder / "towns.tar.xz", range(24))
    return Plan(archive, folder / "out", trials=1, seed=3, kept_in=folder / "kept")


@pytest.fixture(scope="module", autouse=True)
def few_rounds() -> None:
    """Few and small trees: what is tested is the path, not the figures."""
    patch = pytest.MonkeyPatch()
    patch.setattr(fit, "DEFAULTS", {**fit.DEFAULTS, "rounds": 60, "num_leaves": 8, "min_data_in_leaf": 5})
    yield
    patch.undo()


@pytest.fixture(scope="module")
def found(plan: Plan) -> dict:
    return train_reader(plan)


def test_the_model_reads_a_town_that_it_has_not_seen(plan: Plan, found: dict) -> None:
    model = model_of(str(plan.out / FILE))
    document = parse_document("code.txt", text_of(UNSEEN).encode())
    reading = read_code(model)([document], {"code.txt": "42"})
    stated = {
        (code, one.field): one
        for code, of in reading.standards.items()
        for one in of
        if one.value is not None
    }
    wanted = {
        (code, field): value
        for place, (code, _) in enumerate(DISTRICTS)
        for field, value in values_of(UNSEEN, place).items()
    }
    right = [key for key, one in stated.items() if wanted.get(key) == one.value]
    assert len(right) >= 0.7 * len(wanted)
    for one in stated.values():
        assert one.engine == found["engine"] == model.engine
        assert one.citation is not None
        assert one.citation.document == "42"
        assert quote_stands(one.citation, document.text)
        assert verify(one, document.text).holds


def test_the_export_says_what_the_trees_say(found: dict) -> None:
    assert found["apart"] < 1e-3


def test_the_same_seed_gives_the_same_model_and_the_same_figures(plan: Plan, found: dict) -> None:
    again = train_reader(replace(plan, out=plan.out.parent / "again"))
    assert again == found
    assert (plan.out.parent / "again" / FILE).read_bytes() == (plan.out / FILE).read_bytes()


def test_figures_are_kept_beside_the_model(plan: Plan, found: dict) -> None:
    kept = json.loads((plan.out / FIGURES).read_text())
    assert kept["model_sha256"] == found["model_sha256"]
    assert set(kept["unseen"]) >= {"commonest value", "deterministic", "learned", "both"}
    assert len(kept["towns"]["unseen"]) == 6


def test_joins_are_the_models_own(plan: Plan, found: dict) -> None:
    model = Model((plan.out / FILE).read_bytes(), FILE)
    assert dict(joins(model)) == found["joins"]
    assert set(found["joins"]) <= set(found["thresholds"])


def test_the_page_is_the_same_for_the_same_figures(found: dict, tmp_path: Path) -> None:
    pages = []
    for name in ("first", "second"):
        page = tmp_path / name / "reader-results.md"
        page.parent.mkdir()
        write_page(found, page)
        pages.append({path.name: path.read_bytes() for path in page.parent.rglob("*.*") if path.is_file()})
    assert pages[0] == pages[1]
    assert set(pages[0]) == {
        "reader-results.md",
        "fields.svg",
        "calibration.svg",
        "curve.svg",
        "importance.svg",
    }
    for line in pages[0]["reader-results.md"].decode().splitlines():
        assert "nan" not in line.split()


@pytest.mark.filterwarnings("ignore")  # of MLflow's own libraries
def test_a_run_is_on_record_and_its_model_is_found_by_its_alias(
    plan: Plan, tmp_path: Path, found: dict
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the extra `evals` is not installed")
    from plotlot.training.tracking import MODEL, record

    uri = f"sqlite:///{tmp_path / 'runs.db'}"
    tags = {key: found[key] for key in ("data_sha256", "model_sha256", "code_version", "engine")}
    run = record(uri, {"seed": 3}, metrics_of(found), tags, plan.out, "champion")
    kept = mlflow.get_run(run).data.metrics
    assert kept["learned.micro.f1"] == found["unseen"]["learned"]["micro"]["f1"]
    assert len(kept) == len(metrics_of(found))
    assert mlflow.get_run(run).data.params["seed"] == "3"
    assert mlflow.get_run(run).data.tags["data_sha256"] == found["data_sha256"]
    named = f"models:/{MODEL}@champion"
    assert model_of(named, uri).digest == found["model_sha256"]
    served = engines(cast(Completer, None), Path(named))
    assert served.named("learned/1@champion") is served.named(found["engine"])
