"""Finds the model of a setting: a file, or a registered version in MLflow."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.learned.model import Model, load

FILE = "reader.onnx"
_REGISTERED = ("models:/", "runs:/")


def model_of(named: str | None, tracking: str | None = None) -> Model:
    """The model that a setting names: a path, or ``models:/plotlot-reader@champion``.

    Raises ServiceUnavailable where nothing is named, or what is named cannot be had.
    """
    if not named:
        raise ServiceUnavailable(
            "no model of the learned reader is named: train one with `plotlot train reader`, "
            "and name its file in PLOTLOT_READER_MODEL"
        )
    return _registered(named, tracking) if named.startswith(_REGISTERED) else load(Path(named))


def alias_of(named: str) -> str:
    """The alias under which a registered model is named, or nothing."""
    found = re.fullmatch(r"models:/[^@]+@([\w.-]+)", named)
    return found[1] if found else ""


def _registered(named: str, tracking: str | None) -> Model:
    try:
        import mlflow
    except ImportError as error:
        raise ServiceUnavailable(
            f"{named} stands in MLflow, which needs the extra `evals`: pip install 'plotlot[evals]'"
        ) from error
    with TemporaryDirectory() as folder:
        try:
            found = mlflow.artifacts.download_artifacts(
                artifact_uri=named, dst_path=folder, tracking_uri=tracking
            )
        except Exception as error:
            raise ServiceUnavailable(f"MLflow does not give {named}: {error}") from error
        path = Path(found)
        return load(path / FILE if path.is_dir() else path)
