"""A real Postgres for the judges of these tests, and two that share it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from integration.conftest import migrated
from integration.judges import Replica, replica


@pytest.fixture(scope="session")
def conninfo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with migrated(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture
async def judge(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one


@pytest.fixture
async def other(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one
