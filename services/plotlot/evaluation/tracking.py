"""Runs on record in MLflow: parameters, metrics in all and by group, digests of the data, and the files."""

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotlot.domain.errors import ServiceUnavailable
from plotlot.evaluation.reports.report import page
from plotlot.evaluation.runs import Run, write_run

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "plotlot-evals"
EMBEDDINGS = "plotlot-embeddings"
BATCH = 900  # metrics that one call may bring, with room


def log_run(run: Run, uri: str, html: Path | None = None) -> str:
    """Log a run with its report; the id that MLflow gives it. Raises ServiceUnavailable."""
    client = tracking_client(uri)
    with recorded(uri):
        logged = client.create_run(experiment(client, EXPERIMENT, uri), run_name=f"{run.suite} {run.id}")
        found = logged.info.run_id
        for name, value in parameters(run).items():
            client.log_param(found, name, value)
        log_metrics(client, found, dict(metrics_of(run)))
        with tempfile.TemporaryDirectory(prefix="plotlot-eval-") as scratch:
            write_run(run, Path(scratch) / "run.json")
            client.log_artifact(found, str(Path(scratch) / "run.json"))
            report = html or Path(scratch) / "report.html"
            if html is None:
                report.write_text(page(run), encoding="utf-8")
            client.log_artifact(found, str(report))
        client.set_terminated(found)
    return str(found)


def log_models(result: Mapping[str, Any], uri: str) -> list[str]:
    """Log a comparison of embedding models, a run for each; the ids that MLflow gives them."""
    client = tracking_client(uri)
    ids = []
    with recorded(uri):
        place = experiment(client, EMBEDDINGS, uri)
        for model, figures in result["models"].items():
            logged = client.create_run(place, run_name=model).info.run_id
            for name in ("dataset", "digest", "documents", "queries"):
                client.log_param(logged, name, result[name])
            client.log_param(logged, "model", model)
            log_metrics(client, logged, {metric_name(name): float(value) for name, value in figures.items()})
            client.set_terminated(logged)
            ids.append(str(logged))
    return ids


def tracking_client(uri: str) -> "MlflowClient":
    """MLflow's client. Raises ServiceUnavailable where MLflow is not installed."""
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise ServiceUnavailable("MLflow is not installed here: install plotlot[evals]") from error
    with recorded(uri):
        return MlflowClient(tracking_uri=uri)


@contextmanager
def recorded(uri: str) -> Iterator[None]:
    """Turn what MLflow raises into ServiceUnavailable, which names its place without a password."""
    try:
        with redirect_stdout(sys.stderr):  # MLflow tells where runs are, which is no part of our answers
            yield
    except ServiceUnavailable:
        raise
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        place = re.sub(r"//[^/@]*@", "//", uri)
        raise ServiceUnavailable(f"MLflow at {place}: {first}") from error


def experiment(client: "MlflowClient", name: str, uri: str) -> str:
    """The id of an experiment, made where there is none. Artifacts of a SQLite file lie beside it."""
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    location = None
    if uri.startswith("sqlite:///"):
        folder = Path(uri.removeprefix("sqlite:///")).resolve().parent / "artifacts" / name
        location = folder.as_uri()
    return str(client.create_experiment(name, artifact_location=location))


def parameters(run: Run) -> dict[str, str]:
    """What a run was made with: bundle, engines, and the digest of each piece of data."""
    found = {"suite": run.suite, "bundle": run.bundle, "engine": run.engine, "run": run.id}
    found["data_version"] = run.data_version
    if run.unfinished:
        found["unfinished"] = ", ".join(run.unfinished)
    return {**found, **{metric_name(f"data.{name}"): digest for name, digest in run.data.items()}}


def metrics_of(run: Run) -> Iterator[tuple[str, float]]:
    """Every metric, and those of each group under ``metric/town/Larkfield OH``."""
    for name, value in run.metrics.items():
        yield metric_name(name), value
    for kind, groups in run.groups.items():
        for group, values in groups.items():
            for name, value in values.items():
                yield metric_name(f"{name}/{kind}/{group.replace('/', ' ')}"), value


def metric_name(name: str) -> str:
    """A name of letters that MLflow takes."""
    return re.sub(r"[^\w./ -]", "", name.replace("@", "_at_"))


def log_metrics(client: "MlflowClient", run: str, values: Mapping[str, float]) -> None:
    """Log metrics, many at once."""
    from mlflow.entities import Metric

    every = [Metric(name, value, timestamp=0, step=0) for name, value in values.items()]
    for first in range(0, len(every), BATCH):
        client.log_batch(run, metrics=every[first : first + BATCH])
