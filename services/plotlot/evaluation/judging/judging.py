"""A judge at work: measured on what people labelled, then asked about the answers of two runs."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.judging.judge import Judge, agreement, tally
from plotlot.evaluation.judging.pairs import Pair, differing, labelled
from plotlot.evaluation.runs import Run
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

if TYPE_CHECKING:
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub

LEAST_KAPPA = 0.6
"""Below it a judge's opinions are shown with a warning: "substantial" agreement begins there (Landis and Koch 1977)."""


async def judge_runs(settings: Settings, labels: Path, run: Run | None, other: Run | None) -> dict[str, Any]:
    """The judge's agreement with people, and which of two runs it prefers, case by case.

    Raises InvalidRequest where the settings name no model to judge with.
    """
    if not (settings.generation_url and settings.generation_model):
        raise InvalidRequest("a judge needs a model: set PLOTLOT_GENERATION_URL and PLOTLOT_GENERATION_MODEL")
    people = labelled(labels)
    pairs: Sequence[Pair] = differing(run, other) if run and other else ()
    async with open_inference(settings) as inference:
        judge = Judge(inference)
        measured = agreement(people, await judge.opinions(people))
        opinions = await judge.opinions(pairs)
    trusted = measured["kappa"] is not None and measured["kappa"] >= LEAST_KAPPA
    return {
        "model": settings.generation_model,
        "agreement": measured,
        "trusted": trusted,
        "preferred": dict(tally(opinions)),
        "opinions": [asdict(opinion) for opinion in opinions],
    }


@asynccontextmanager
async def open_inference(settings: Settings) -> AsyncIterator["InferenceServiceAsyncStub"]:
    """The inference service in this process, on a socket in a folder that is removed afterwards."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub

    with tempfile.TemporaryDirectory(prefix="plotlot-eval-") as folder:
        own = settings.model_copy(update={"grpc_address": f"unix:{folder}/inference.sock"})
        async with Runtime(own, ("inference",)) as runtime:
            yield InferenceServiceStub(runtime.channel("inference"))
