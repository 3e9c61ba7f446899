"""Prompts in a real MLflow registry on SQLite: each version once."""

from pathlib import Path

import pytest

from plotlot.domain.prompts import Prompt
from plotlot.evaluation.prompt_registry import DIGEST, register

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what MLflow is built on


def test_prompts_are_registered_once_and_in_order(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    first, second = Prompt("standards/1", "Read {passages}."), Prompt("standards/2", "Read {{x}} well.")
    made = register([second, first], uri)
    assert [(one.name, one.place, one.new) for one in made] == [
        ("standards/1", "prompts:/plotlot-standards/1", True),
        ("standards/2", "prompts:/plotlot-standards/2", True),
    ]
    (again,) = register([first], uri)
    assert (again.place, again.new) == ("prompts:/plotlot-standards/1", False)
    kept = MlflowClient(tracking_uri=uri, registry_uri=uri).get_prompt_version("plotlot-standards", 2)
    assert (kept.template, kept.tags[DIGEST]) == (second.text, second.digest)
