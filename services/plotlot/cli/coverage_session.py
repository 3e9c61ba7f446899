"""Refreshes as commands ask for them: of the gateway at PLOTLOT_URL, else of this process's own ingestion.

Both answer the same JSON, that of the REST API.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceStub
from plotlot.cli.session import Session, open_session
from plotlot.domain.errors import StoreUnavailable
from plotlot.gateway.refreshing.refresh_client import RefreshClient, Wanted
from plotlot.http.paging import cursor_at
from plotlot.ingestion.publishers.configuration import publishers_of
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

Json = dict[str, Any]
REFRESHES, COVERAGE = "/v1/refreshes", "/v1/coverage"
OPEN_SECONDS = 60.0


class Refreshes(Protocol):
    """Refreshes, wherever they are done. Every method raises what ``RefreshClient`` does, or ProblemError."""

    async def discover(self, state: str, county: str, anew: bool) -> Json:
        """The towns of a state whose codes are published."""

    async def start(self, wanted: Wanted) -> Json:
        """A new refresh, or the one of the same towns that goes on; ``new`` says which."""

    async def page(self, limit: int) -> list[Json]:
        """Refreshes, the newest first."""

    async def towns(self, refresh: str, after: str, limit: int) -> list[Json]:
        """Towns by name, at most so many after one: those of a refresh, or all that are known."""

    async def cancel(self, refresh: str) -> Json:
        """A refresh after it was ended."""

    def watch(self, refresh: str, after: int) -> AsyncIterator[tuple[str, Json]]:
        """``town`` for each that changes after a step, and at last ``refresh``."""


class RefreshesAtGateway:
    """Those of a gateway."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def discover(self, state: str, county: str, anew: bool) -> Json:
        """The towns of a state whose codes are published."""
        body = {"state": state, "county": county, "anew": anew}
        return await self._session.post(f"{COVERAGE}:discover", body)

    async def start(self, wanted: Wanted) -> Json:
        """A new refresh, or the one of the same towns that goes on; ``new`` says which."""
        body = {
            "state": wanted.state,
            "county": wanted.county,
            "towns": list(wanted.towns),
            "failed": wanted.failed,
            "accept": wanted.accept,
        }
        return await self._session.post(REFRESHES, body)

    async def page(self, limit: int) -> list[Json]:
        """Refreshes, the newest first."""
        found: list[Json] = (await self._session.get(f"{REFRESHES}?limit={limit}"))["refreshes"]
        return found

    async def towns(self, refresh: str, after: str, limit: int) -> list[Json]:
        """Towns by name, at most so many after one: those of a refresh, or all that are known."""
        asked: dict[str, int | str] = {"limit": limit}
        if after:
            asked["cursor"] = cursor_at(after)
        path = f"{REFRESHES}/{quote(refresh, safe='')}/towns" if refresh else COVERAGE
        found: list[Json] = (await self._session.get(f"{path}?{urlencode(asked)}"))["towns"]
        return found

    async def cancel(self, refresh: str) -> Json:
        """A refresh after it was ended."""
        return await self._session.delete(f"{REFRESHES}/{quote(refresh, safe='')}")

    async def watch(self, refresh: str, after: int) -> AsyncIterator[tuple[str, Json]]:
        """``town`` for each that changes after a step, and at last ``refresh``; ends early where the stream is cut."""
        path = f"{REFRESHES}/{quote(refresh, safe='')}/events"
        async for event in self._session.followed(path, after):
            yield event


@asynccontextmanager
async def open_refreshes(settings: Settings, works: bool = False) -> AsyncIterator[Refreshes]:
    """Refreshes; where no gateway is named, this process is a worker on them for as long, if it ``works``."""
    if settings.url:
        async with open_session(settings) as session:
            yield RefreshesAtGateway(session)
        return
    async with own_ingestion(settings, works) as runtime:
        yield RefreshClient(IngestionServiceStub(runtime.channel("ingestion")))


@asynccontextmanager
async def own_ingestion(settings: Settings, works: bool) -> AsyncIterator[Runtime]:
    """Ingestion in this process, a worker on refreshes if it ``works``; with what that asks and no other process has."""
    publishers_of(settings.publishers)  # says what is wrong with them
    elsewhere = {"inference": settings.inference_address, "extraction": settings.extraction_address}
    asked = [name for name, address in elsewhere.items() if works and not address]
    targets = ("ingestion", *asked)
    with tempfile.TemporaryDirectory(prefix="plotlot-") as folder:
        changes = {"grpc_address": f"unix:{Path(folder) / 'grpc.sock'}", "metrics_port": None}
        private = settings.model_copy(update={**changes, "refresh_worker": works})
        async with Runtime(private, targets) as runtime:
            await opened(runtime)
            yield runtime


async def opened(runtime: Runtime) -> None:
    """Wait until the store was reached, which a service of its own does after it has started. Raises StoreUnavailable."""
    ends = asyncio.get_running_loop().time() + OPEN_SECONDS
    while not runtime.database.opened:
        if asyncio.get_running_loop().time() > ends:
            raise StoreUnavailable("the database cannot be reached; check that it runs")
        await asyncio.sleep(0.05)
