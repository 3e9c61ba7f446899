"""Retrieval on a real Postgres that holds two towns."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from integration.two_towns import (
    SECTIONS,
    Inference,
    Retrieval,
    load,
    servicer_of,
)

from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate
from plotlot.store.pool import Database


@pytest.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg"))
    conninfo = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, conninfo)
    database = Database(4)
    await database.open(conninfo)
    try:
        for town in SECTIONS:
            async with database.connection() as connection:
                await load(connection, town)
        yield database
    finally:
        await database.close()
        await asyncio.to_thread(server.stop)


@pytest.fixture
def retrieval(database: Database) -> Retrieval:
    return Retrieval(servicer_of(database, Inference()), database)
