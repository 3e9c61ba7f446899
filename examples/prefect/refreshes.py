"""Refreshes of towns' codes as a flow of Prefect, for teams that have it: its schedules, page and retries over PlotLot's stages.

    pip install plotlot prefect-client              # the server of Prefect runs elsewhere: PREFECT_API_URL
    export PLOTLOT_DATABASE_URL=... PLOTLOT_PUBLISHERS=... PLOTLOT_INFERENCE_ADDRESS=... \
        PLOTLOT_EXTRACTION_ADDRESS=...
    python refreshes.py FL                        # once
    python refreshes.py FL --cron '0 3 * * *'     # as a deployment, for as long as it runs

What a step did lies in PlotLot's tables, so a flow that was cut short is run again and does what is left. It takes the place of
PlotLot's own workers: let none run beside it (PLOTLOT_REFRESH_WORKER=false).
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceStub
from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.domain.errors import UnavailableError
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.publishers.configuration import publishers_of
from plotlot.ingestion.refreshing.looking import Looking
from plotlot.ingestion.refreshing.outside import egress_client
from plotlot.ingestion.refreshing.own_expectations import own_expectations
from plotlot.ingestion.refreshing.parts import Believed, refresh_parts
from plotlot.ingestion.refreshing.progress import Progress
from plotlot.ingestion.refreshing.refreshes import Refreshes, Scope
from plotlot.ingestion.refreshing.stages import Stages
from plotlot.ingestion.refreshing.standards import ExtractedStandards
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.ingestion.refreshing.workflows import ATTEMPTS, attempts_after, reason_of
from plotlot.ingestion.servicer import InferenceEmbeddings
from plotlot.rpc.channels import open_channel
from plotlot.settings import Settings
from plotlot.store.pool import Database
from plotlot.store.server import postgres_server
from plotlot.telemetry import Metrics


@dataclass(frozen=True)
class Opened:
    """What a flow works with."""

    refreshes: Refreshes
    stages: Stages
    towns: Towns


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """The parts of refreshes over the database, publishers and inference that the settings name."""
    configured = publishers_of(settings.publishers)
    async with AsyncExitStack() as stack:
        database = Database(settings.pool_size)
        stack.push_async_callback(database.close)
        await database.open(await asyncio.to_thread(postgres_server(settings).start))
        client = await stack.enter_async_context(egress_client(configured, settings, Metrics()))
        inference = open_channel(settings.inference_address, local=False)
        stack.push_async_callback(inference.close)
        extraction = open_channel(settings.extraction_address, local=False)
        stack.push_async_callback(extraction.close)
        standards = ExtractedStandards(ExtractionServiceStub(extraction))
        parts = refresh_parts(
            database,
            configured.made(settings.max_document_bytes),
            client,
            InferenceEmbeddings(InferenceServiceStub(inference)),
            Looking(database, standards, own_expectations(settings.expectations)),
            Ocr("auto" if settings.ocr else "off", settings.ocr_seconds),
            Believed(
                timedelta(days=settings.listing_fresh_days), timedelta(days=settings.edition_trusted_days)
            ),
        )
        towns = Towns(database)
        yield Opened(Refreshes(towns, Progress(database), parts.sources), parts.stages, towns)


def passes(_task: Any, run: Any, state: Any) -> bool:
    """Whether what failed may succeed a little later, and was not tried often enough: a page that is gone will not."""
    return isinstance(state.data, UnavailableError) and run.run_count < attempts_after(state.data)


@task(
    task_run_name="{name} {municipality}",
    retries=ATTEMPTS,
    retry_delay_seconds=exponential_backoff(2),
    retry_condition_fn=passes,
    cache_policy=NO_CACHE,
)
async def step(name: str, municipality: str, stage: Callable[[], Awaitable[Any]]) -> Any:
    """One stage of a town."""
    return await stage()


@flow(name="plotlot-refresh", flow_run_name="refresh {state}", validate_parameters=False)
async def refresh(state: str) -> dict[str, str]:
    """Bring the codes of a state's towns up to date; the stage that each came to. One that was cut short goes on."""
    settings = Settings()
    async with opened(settings) as parts:
        run, _ = await parts.refreshes.start(str(uuid4()), Scope(state=state))
        rooms = defaultdict(lambda: asyncio.Semaphore(settings.publisher_towns_at_once))
        towns = [town for town in await parts.towns.of_run(run.id) if not town.has_ended]
        await asyncio.gather(*(of_town(parts, rooms[town.host], run.id, town.municipality) for town in towns))
        await parts.stages.finish(run.id)
        return {town.municipality: town.stage for town in await parts.towns.of_run(run.id)}


async def of_town(parts: Opened, room: asyncio.Semaphore, run: str, municipality: str) -> None:
    """The stages of a town; ``room`` has as many places as its host may be asked at once."""
    stages = parts.stages
    try:
        async with room:
            changed = await step("fetch", municipality, partial(stages.fetch, run, municipality))
        if not changed:
            return
        documents = await step("parse", municipality, partial(stages.parse, run, municipality))
        if await step("verify", municipality, partial(stages.verify, run, municipality, documents)):
            await step("embed", municipality, partial(stages.embed, run, municipality, documents))
            await step("swap", municipality, partial(stages.swap, run, municipality, documents))
    except Exception as error:
        await parts.towns.reach(run, municipality, "failed", reason=reason_of(error))


def main() -> None:
    """Run the flow once, or serve it as a deployment."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("state", help="by its two letters")
    options.add_argument("--cron", help="when to run it, for as long as this process lives")
    given = options.parse_args()
    if given.cron:
        refresh.serve(
            name=f"refresh-{given.state.lower()}", cron=given.cron, parameters={"state": given.state}, limit=1
        )
        return
    for municipality, stage in asyncio.run(refresh(given.state)).items():
        print(f"{municipality}: {stage}")


if __name__ == "__main__":
    main()
