"""Figures of quality, read from a real database: citations that stand, jobs that stand still, towns that grow old."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.access import EVERY_TENANT
from plotlot.gateway.jobs.watch import JobWatch
from plotlot.gateway.quality.reading_again import ReadingAgain
from plotlot.gateway.quality.shown import Shown
from plotlot.ingestion.pipeline import PARSER, Ingested, Pipeline, document_identity
from plotlot.ingestion.watching import ContentWatch
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

TOWNS = "INSERT INTO municipalities (key, name, tenant) VALUES ('old, oh', 'Old, OH', 'local'), ('new, oh', 'New, OH', 'local')"
DOCUMENT = """
INSERT INTO documents (id, municipality_id, name, title, media_type, source_sha256, text_sha256, text, tables,
                       page_starts, warnings, parser, retrieved_at)
SELECT %(id)s, id, %(id)s, '', 'text/plain', '', '', %(text)s, '[]', '{}', '{}', 'test',
       now() - make_interval(days => %(days)s)
FROM municipalities WHERE name = %(town)s
"""


class Figures:
    """A database with its metrics."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self.database = database
        self.metrics = metrics

    async def run(self, statement: str, **values: object) -> None:
        async with self.database.connection(EVERY_TENANT) as connection:
            await connection.execute(statement.encode(), values)

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"plotlot_{name}", labels)


@pytest.fixture(scope="module", name="figures")
async def figures_of(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Figures]:
    server = EmbeddedPostgres(Path(tmp_path_factory.mktemp("quality")))
    conninfo = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, conninfo)
    metrics = Metrics()
    figures = Figures(Database(2, metrics=metrics), metrics)
    try:
        await figures.database.open(conninfo)
        await figures.run(TOWNS)
        await figures.run(
            DOCUMENT, id="doc-old", town="Old, OH", days=100, text="Yards are 25 feet – à deep."
        )
        await figures.run(DOCUMENT, id="doc-new", town="New, OH", days=0, text="None.")
        yield figures
    finally:
        await figures.database.close()
        await asyncio.to_thread(server.stop)


async def test_citations_are_read_again_as_code_points_of_their_documents(figures: Figures) -> None:
    reading = ReadingAgain(figures.database, figures.metrics, each_seconds=0.0)
    reading.offer([Shown("doc-old", 10, 17, "25 feet"), Shown("doc-old", 18, 26, "– à deep")])
    reading.offer([Shown("doc-old", 0, 1, "never looked at: one waits already")])
    running = asyncio.create_task(reading.run())
    while figures.value("citations_served_total", result="valid") != 2:
        await asyncio.sleep(0.01)
    reading.offer([Shown("doc-old", 10, 17, "30 feet"), Shown("doc-gone", 0, 1, "N")])
    while figures.value("citations_served_total", result="broken") != 2:
        await asyncio.sleep(0.01)
    running.cancel()
    assert figures.value("citations_served_total", result="valid") == 2


async def test_towns_are_told_by_the_age_of_their_oldest_document(figures: Figures) -> None:
    await figures.run(
        "INSERT INTO generations (embedding_model, dimensions, chunker, status) VALUES ('m', 3, 'c', 'live')"
    )
    await ContentWatch(figures.database, figures.metrics).look()
    assert figures.value("towns", age="365d") == 1
    assert figures.value("towns", age="1d") == 1
    assert figures.value("towns", age="older") == 0
    assert figures.value("documents") == 2
    assert figures.value("documents_unindexed", generation="1") == 2
    age = figures.value("town_age_seconds", town="Old, OH")
    assert age is not None
    assert age // 86_400 == 100
    assert (figures.value("store_bytes") or 0) > 1_000_000


async def test_a_job_that_makes_no_step_is_quiet_until_it_makes_one(figures: Figures) -> None:
    now = 1000.0
    watch = JobWatch(figures.database, ("document", "analyses"), figures.metrics, lambda: now)
    await figures.run(
        "INSERT INTO jobs (id, tenant, client, kind, bundle, status, total, steps)"
        " VALUES ('job-1', 'another', 'c', 'document', 'b', 'running', 1, 3)"
    )
    await watch.look()
    now = 1070.0
    await watch.look()
    assert figures.value("job_quiet_seconds", kind="document") == 70.0
    assert figures.value("jobs", kind="document", status="running") == 1
    assert figures.value("jobs", kind="analyses", status="running") == 0
    await figures.run("UPDATE jobs SET steps = 4")
    await watch.look()
    assert figures.value("job_quiet_seconds", kind="document") == 0.0


async def test_the_pool_tells_what_is_used_of_it(figures: Figures) -> None:
    async with figures.database.connection(reads=True):
        assert figures.value("database_connections", state="used") == 1
    assert figures.value("database_connections_most") == 2
    assert figures.value("database_waiting") == 0


async def test_a_document_that_comes_again_unchanged_is_new_again(figures: Figures) -> None:
    content, name = b"Yards are 20 feet deep.", "again.txt"
    document = document_identity("Old, OH", name, content)
    await figures.run(DOCUMENT, id=document, town="Old, OH", days=50, text=content.decode())
    await figures.run(
        "UPDATE documents SET parser = %(parser)s WHERE id = %(id)s", parser=PARSER, id=document
    )
    nothing: Any = None
    pipeline = Pipeline(figures.database, nothing)
    outcomes = [event async for event in pipeline.ingest("Old, OH", name, "text/plain", content)]
    assert [type(outcome) for outcome in outcomes] == [Ingested]
    async with figures.database.connection(reads=True) as connection:
        cursor = await connection.execute(
            "SELECT now() - retrieved_at < interval '1 hour' FROM documents WHERE id = %s", (document,)
        )
        assert await cursor.fetchone() == (True,)
