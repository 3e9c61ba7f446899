"""A real Postgres for the judges of these tests, and two that share it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from integration.judges import Replica, replica

from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate


@pytest.fixture(scope="session")
def conninfo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("data"))
    url = server.start()
    migrate(url)
    yield url
    server.stop()


@pytest.fixture
async def judge(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one


@pytest.fixture
async def other(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one
