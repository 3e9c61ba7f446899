"""Work that is one job: a document that is ingested, and a generation of the index that is built."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from plotlot.gateway.clients import PIECE_BYTES, Clients
from plotlot.gateway.jobs.building_events import build_events, ingested
from plotlot.gateway.jobs.store import Jobs
from plotlot.gateway.jobs.worker import Tell
from plotlot.gateway.web.events import Event

Json = dict[str, Any]
DOCUMENT, GENERATION = "document", "generation"
TELL_SECONDS = 0.5  # between two that say how far the work is


class Building:
    """Answers jobs of both kinds by the services, and tells how far it is."""

    def __init__(self, clients: Clients, jobs: Jobs, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients = clients
        self._jobs = jobs
        self._clock = clock

    async def ingest(self, asked: Json, tell: Tell) -> Json:
        """Ingest a job's document. Raises what ingestion does."""
        content = await self._jobs.content(asked["job"])
        return await self._outcome(
            ingested(
                self._clients,
                asked["municipality"],
                asked["name"],
                asked["media_type"],
                pieces_of(content),
                asked["ocr"],
            ),
            tell,
        )

    async def build(self, asked: Json, tell: Tell) -> Json:
        """Build a generation. Raises what the build does."""
        return await self._outcome(build_events(self._clients, asked["municipalities"]), tell)

    async def _outcome(self, events: AsyncIterator[Event], tell: Tell) -> Json:
        """The last event's data; of those before it, a few a second are told, and each new stage."""
        told, stage, outcome = float("-inf"), None, {}
        async for name, data in events:
            if name == "result":
                outcome = data
            elif data.get("stage") != stage or self._clock() - told >= TELL_SECONDS:
                told, stage = self._clock(), data.get("stage")
                await tell(data)
        return outcome


async def pieces_of(content: bytes) -> AsyncIterator[bytes]:
    """A file in pieces that fit a message."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]
