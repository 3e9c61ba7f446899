"""Runs and models on record in MLflow, where a place for them is given."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotlot.domain.errors import ServiceUnavailable

MODEL = "plotlot-reader"
"""The name under which models are registered."""
_EXPERIMENT = "plotlot-reader"


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
    mlflow.set_experiment(_EXPERIMENT)
    with mlflow.start_run(tags=dict(tags)) as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
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


def _mlflow() -> Any:
    try:
        import mlflow
    except ImportError as error:
        raise ServiceUnavailable("tracking needs the extra `evals`: pip install 'plotlot[evals]'") from error
    return mlflow
