"""Looks at what is stored now and then: how old the towns' documents are, and whether searches find all of them."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

import psycopg

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.coverage import KINDS
from plotlot.domain.errors import StoreUnavailable
from plotlot.domain.freshness import by_age, oldest
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

EACH_SECONDS = 30.0
MOST_TOWNS = 10  # that are told by name; towns of tenants never are
_AGES = """
SELECT municipality_id > 0, municipalities.name, extract(epoch FROM now() - min(retrieved_at))::float8
FROM documents JOIN municipalities ON municipalities.id = municipality_id
WHERE superseded_at IS NULL GROUP BY municipality_id, municipalities.name
"""
_UNINDEXED = """
SELECT generations.id, count(documents.id)
FROM generations LEFT JOIN documents ON superseded_at IS NULL AND NOT EXISTS (
    SELECT FROM chunks WHERE document_id = documents.id AND generation = generations.id
)
WHERE status IN ('live', 'ready') GROUP BY generations.id
"""
_SIZES = "SELECT count(*), pg_database_size(current_database()) FROM documents WHERE superseded_at IS NULL"


_REFRESHED = """
SELECT extract(epoch FROM now() - checked_at)::float8, stage, kinds,
       CASE WHEN unwell_since IS NOT NULL THEN municipality END, extract(epoch FROM now() - unwell_since)::float8
FROM covered_towns
"""
NEVER = "never"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What the last refreshes came to: how long ago towns were checked, in seconds, and how many never were; how many are
    held back by kind, and failed; and for how many seconds towns have been unwell, by name."""

    checked: tuple[float, ...]
    never: int
    held_back: dict[str, int]
    failed: int
    unwell: dict[str, float]


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored: ages in seconds, of the shared towns by name; documents without chunks by generation."""

    ages: tuple[float, ...]
    shared: dict[str, float]
    unindexed: dict[int, int]
    documents: int
    size_bytes: int


async def stored(connection: psycopg.AsyncConnection) -> Stored:
    """What is stored now, of every tenant that the connection sees."""
    ages = await (await connection.execute(_AGES)).fetchall()
    unindexed = await (await connection.execute(_UNINDEXED)).fetchall()
    sizes = await (await connection.execute(_SIZES)).fetchone()
    documents, size = sizes or (0, 0)
    return Stored(
        tuple(age for _, _, age in ages),
        {name: age for shared, name, age in ages if shared},
        dict(unindexed),
        documents,
        size,
    )


async def refreshed(connection: psycopg.AsyncConnection) -> Refreshed:
    """What the refreshes of all towns came to. A check that lies ahead, by a clock that jumped, is none."""
    rows = await (await connection.execute(_REFRESHED)).fetchall()
    checked = [age for age, *_ in rows if age is not None and age >= 0]
    kinds = Counter(kind for _, stage, found, *_ in rows if stage == "quarantined" for kind in found)
    return Refreshed(
        tuple(checked),
        len(rows) - len(checked),
        {kind: kinds[kind] for kind in KINDS},
        sum(1 for _, stage, *_ in rows if stage == "failed"),
        {town: seconds for *_, town, seconds in rows if town is not None},
    )


class ContentWatch:
    """Keeps the figures up to date."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
                self._metrics.content_looks.labels("done").inc()
            except StoreUnavailable:
                self._metrics.content_looks.labels("failed").inc()
            except Exception:
                self._metrics.content_looks.labels("failed").inc()
                log.exception("what is stored could not be looked at")
            await asyncio.sleep(EACH_SECONDS)

    async def look(self) -> None:
        """Look once. Raises StoreUnavailable."""
        async with self._database.connection(EVERY_TENANT, reads=True) as connection:
            found, towns_refreshed = await stored(connection), await refreshed(connection)
        metrics = self._metrics
        for age, towns in by_age(found.ages).items():
            metrics.towns.labels(age).set(towns)
        metrics.town_age_seconds.clear()
        for town, seconds in oldest(found.shared, MOST_TOWNS).items():
            metrics.town_age_seconds.labels(town).set(seconds)
        metrics.documents_unindexed.clear()
        for generation, documents in found.unindexed.items():
            metrics.documents_unindexed.labels(str(generation)).set(documents)
        self._tell(towns_refreshed)
        metrics.documents.set(found.documents)
        metrics.store_bytes.set(found.size_bytes)

    def _tell(self, found: Refreshed) -> None:
        """Tell what refreshes came to."""
        metrics = self._metrics
        for age, towns in {**by_age(found.checked), NEVER: found.never}.items():
            metrics.towns_checked.labels(age).set(towns)
        for kind, towns in found.held_back.items():
            metrics.towns_held_back.labels(kind).set(towns)
        metrics.towns_failed.set(found.failed)
        metrics.town_unwell_seconds.clear()
        for town, seconds in oldest(found.unwell, MOST_TOWNS).items():
            metrics.town_unwell_seconds.labels(town).set(seconds)
