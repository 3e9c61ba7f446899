"""Runs and models on record in MLflow, where a place for them is given."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotlot.domain.errors import ServiceUnavailable

MODEL = "plotlot-reader"
"""The name under which models are registered."""
_EXPERIMENT = "plotlot-reader"
_FILE = "sqlite:///"
_UNNAMED = re.compile(r"[^\w .:/-]+")
"""What names of metrics cannot hold."""


def record(
    uri: str,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    folder: Path,
    alias: str,
) -> str:
    """Log one training with the files of its folder, register its model under an alias; returns the run's id."""
    mlflow = _mlflow()
    mlflow.set_tracking_uri(uri)
    _open_experiment(mlflow, uri)
    with mlflow.start_run(tags=dict(tags)) as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics({_UNNAMED.sub("_", name): value for name, value in metrics.items()})
        mlflow.log_artifacts(str(folder), artifact_path="reader")
    client = mlflow.MlflowClient(tracking_uri=uri)
    if not any(one.name == MODEL for one in client.search_registered_models()):
        client.create_registered_model(MODEL)
    version = client.create_model_version(
        MODEL,
        source=f"{run.info.artifact_uri}/reader",
        run_id=run.info.run_id,
        tags={"sha256": tags["model_sha256"]},
    )
    client.set_registered_model_alias(MODEL, alias, version.version)
    return str(run.info.run_id)


def _open_experiment(mlflow: Any, uri: str) -> None:
    """Of a database that is a file the files lie beside it; a server knows where its own lie."""
    if mlflow.get_experiment_by_name(_EXPERIMENT) is None and uri.startswith(_FILE):
        beside = Path(uri.removeprefix(_FILE)).resolve().with_suffix(".files")
        mlflow.create_experiment(_EXPERIMENT, artifact_location=beside.as_uri())
    mlflow.set_experiment(_EXPERIMENT)


def _mlflow() -> Any:
    try:
        import mlflow
    except ImportError as error:
        raise ServiceUnavailable("tracking needs the extra `evals`: pip install 'plotlot[evals]'") from error
    return mlflow
