"""A worker on refreshes, as a process that tests may kill: what ``plotlot refresh`` runs, with an embedder that hashes.

    python refreshing_worker.py CONNINFO PUBLISHERS HOST STATE

It ends with one line of JSON: what became of each town.
"""

import asyncio
import hashlib
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta

import numpy as np

from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.publishers.configuration import publishers_of
from plotlot.ingestion.refreshing.looking import Looking
from plotlot.ingestion.refreshing.parts import Believed, refresh_parts
from plotlot.ingestion.refreshing.progress import Progress
from plotlot.ingestion.refreshing.refreshes import Refreshes, Scope
from plotlot.ingestion.refreshing.towns import Towns, TownState
from plotlot.ingestion.refreshing.worker import RefreshWorker
from plotlot.ingestion.refreshing.workflows import Concurrency, Workflows
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

DIMENSIONS = 8
MOST_BYTES = 2_000_000


class HashingEmbedder:
    """Vectors that depend on nothing but the text."""

    async def model(self) -> tuple[str, int]:
        """Its name and dimensions."""
        return "hashing", DIMENSIONS

    async def embed(self, texts: list[str], model: str = "") -> list[bytes]:
        """A unit vector for each text."""
        vectors = []
        for text in texts:
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
            vector = np.random.default_rng(seed).standard_normal(DIMENSIONS)
            vectors.append((vector / np.linalg.norm(vector)).astype("<f4").tobytes())
        return vectors


BELIEVED = Believed(towns=timedelta(0), editions=timedelta(days=1))


@asynccontextmanager
async def working(
    conninfo: str, publishers: str, host: str, works: bool = True
) -> AsyncIterator[tuple[Refreshes, Towns, RefreshWorker]]:
    """What a refresh needs, over a database that is migrated, and a worker: at work on it, if it ``works``."""
    made = publishers_of(publishers).made(MOST_BYTES)
    limits = Limits(per_second=2_000, most_bytes=MOST_BYTES)
    rules = EgressRules(own=frozenset(host.split(",")))
    database = Database(6)
    await database.open(conninfo)
    async with EgressClient(rules, Metrics(), limits) as client:
        parts = refresh_parts(database, made, client, HashingEmbedder(), Looking(database), Ocr(), BELIEVED)
        towns = Towns(database)
        worker = RefreshWorker(lambda: Workflows(conninfo, parts.stages, towns, Concurrency()), towns)
        try:
            async with at_work(worker) if works else nullcontext():
                yield Refreshes(towns, Progress(database), parts.sources), towns, worker
        finally:
            await database.close()


@asynccontextmanager
async def at_work(worker: RefreshWorker) -> AsyncIterator[None]:
    """The worker at work."""
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def refreshed(conninfo: str, publishers: str, host: str, state: str) -> list[TownState]:
    """The towns of a state, refreshed to their end; a run that goes on is gone on with."""
    async with working(conninfo, publishers, host) as (refreshes, towns, _):
        run, _ = await refreshes.start(str(uuid.uuid4()), Scope(state=state))
        return await ended(refreshes, towns, run.id)


async def ended(refreshes: Refreshes, towns: Towns, run: str) -> list[TownState]:
    """The towns of a run once it has ended."""
    while (await refreshes.progress.run(run)).ended_at is None:
        await asyncio.sleep(0.05)
    return await towns.of_run(run)


if __name__ == "__main__":
    found = asyncio.run(refreshed(*sys.argv[1:]))
    print(json.dumps([[each.municipality, each.stage, each.reason, dict(each.counts)] for each in found]))
