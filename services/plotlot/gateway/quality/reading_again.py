"""Reads the citations of answers that were shown again in their documents: each must equal the text at its place.

Extraction checked them when it read the code, and an answer is put together from what it kept. This looks at what the
reader was given, by another way, and at one answer at a time, so that users hardly notice.
"""

import asyncio
import logging
from collections.abc import Sequence

from plotlot.domain.errors import StoreUnavailable
from plotlot.gateway.quality.shown import Shown
from plotlot.rpc.context import current_tenant
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

EACH_SECONDS = 5.0
MOST_CITATIONS = 40  # of one answer
_TEXTS = """
SELECT substr(text, start + 1, stop - start)
FROM unnest(%s::text[], %s::int[], %s::int[]) WITH ORDINALITY AS cited (document, start, stop, place)
     LEFT JOIN documents ON id = document
ORDER BY place
"""


class ReadingAgain:
    """Takes one answer each few seconds, and leaves the others be."""

    def __init__(self, database: Database, metrics: Metrics, each_seconds: float = EACH_SECONDS) -> None:
        self._database = database
        self._metrics = metrics
        self._each_seconds = each_seconds
        self._next: asyncio.Queue[tuple[str, Sequence[Shown]]] = asyncio.Queue(1)

    def offer(self, shown: Sequence[Shown]) -> None:
        """Take what an answer to the current request showed, where none waits."""
        if not self._next.full():
            self._next.put_nowait((current_tenant(), shown[:MOST_CITATIONS]))

    async def run(self) -> None:
        """For ever."""
        while True:
            tenant, shown = await self._next.get()
            try:
                await self.read(tenant, shown)
            except StoreUnavailable:
                pass  # readiness says so
            except Exception:
                log.exception("citations could not be read again")
            await asyncio.sleep(self._each_seconds)

    async def read(self, tenant: str, shown: Sequence[Shown]) -> None:
        """Count which citations stand. Raises StoreUnavailable."""
        places = ([one.document for one in shown], [one.start for one in shown], [one.end for one in shown])
        async with self._database.connection(tenant, reads=True) as connection:
            cursor = await connection.execute(_TEXTS, places)
            texts = [text for (text,) in await cursor.fetchall()]
        for one, text in zip(shown, texts, strict=True):
            self._metrics.citations_served.labels("valid" if text == one.quote else "broken").inc()
            if text != one.quote:
                log.error(
                    "a citation was shown that does not stand: %s [%d:%d]", one.document, one.start, one.end
                )
