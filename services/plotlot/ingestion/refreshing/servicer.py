"""The part of IngestionService that refreshes codes: translates, and calls ``Refreshes``."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime

import grpc

from plotlot.api.ingestion.v1 import refresh_pb2
from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.refreshing.listing import Listing
from plotlot.ingestion.refreshing.progress import RunProgress, TownFilter
from plotlot.ingestion.refreshing.refreshes import Refreshes, Scope
from plotlot.ingestion.refreshing.towns import TownState

MOST_LISTED = 1001  # a page of the REST API, and one more
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 1.0
LONGEST_WATCH_SECONDS = 240.0  # ends before its deadline: whoever watches asks again
SILENT_SECONDS = 15.0  # after which an empty message keeps proxies from closing the connection


class RefreshServicer:
    """Serves the calls about refreshes, for the servicer of the whole service to inherit."""

    _refreshes: Refreshes

    async def DiscoverTowns(
        self, request: refresh_pb2.DiscoverTownsRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.DiscoverTownsResponse:
        """The towns of a state whose codes are published."""
        found = await self._refreshes.discover(request.state, request.county, request.anew)
        return refresh_pb2.DiscoverTownsResponse(
            towns=map(listed_to_message, found.towns),
            listings=map(listing_to_message, found.listings),
            unlisted=found.unlisted,
            ambiguous=found.ambiguous,
        )

    async def StartRefresh(
        self, request: refresh_pb2.StartRefreshRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.StartRefreshResponse:
        """Begin a refresh, which workers then do."""
        scope = Scope(request.state, request.county, tuple(request.towns), request.failed, request.accept)
        run, new = await self._refreshes.start(request.id, scope)
        return refresh_pb2.StartRefreshResponse(refresh=await self._message(run), new=new)

    async def ListRefreshes(
        self, request: refresh_pb2.ListRefreshesRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.ListRefreshesResponse:
        """Refreshes, the newest first."""
        before = (moment(request.before_at), request.before_id) if request.before_at else None
        runs = await self._refreshes.progress.runs(before, most(request.limit))
        workers = await self._refreshes.progress.workers()
        return refresh_pb2.ListRefreshesResponse(refreshes=[run_to_message(run, workers) for run in runs])

    async def GetRefresh(
        self, request: refresh_pb2.GetRefreshRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.GetRefreshResponse:
        """How far a refresh is."""
        run = await self._refreshes.progress.run(request.refresh)
        return refresh_pb2.GetRefreshResponse(refresh=await self._message(run))

    async def ListTownStates(
        self, request: refresh_pb2.ListTownStatesRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.ListTownStatesResponse:
        """Towns of a refresh, or all that are known."""
        if request.refresh:
            await self._refreshes.progress.run(request.refresh)
        wanted = TownFilter(
            request.refresh, tuple(request.stages), request.state, request.after, most(request.limit)
        )
        found = await self._refreshes.progress.towns(wanted)
        return refresh_pb2.ListTownStatesResponse(towns=map(town_to_message, found))

    async def WatchRefresh(
        self, request: refresh_pb2.WatchRefreshRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[refresh_pb2.WatchRefreshResponse]:
        """Each town that changes, and the refresh once it has ended; ends before that where it takes long."""
        progress, after = self._refreshes.progress, request.after
        wait, silent = FIRST_WAIT_SECONDS, 0.0
        loop = asyncio.get_running_loop()
        ends = loop.time() + LONGEST_WATCH_SECONDS
        while loop.time() < ends:
            run = await progress.run(request.refresh)
            towns = await progress.changed(run.id, after, MOST_LISTED) if run.steps > after else []
            for town in towns:
                after = town.step
                yield refresh_pb2.WatchRefreshResponse(town=town_to_message(town))
            if run.ended_at is not None and not towns:
                yield refresh_pb2.WatchRefreshResponse(refresh=await self._message(run))
                return
            if towns:
                wait, silent = FIRST_WAIT_SECONDS, 0.0
            elif silent >= SILENT_SECONDS:
                yield refresh_pb2.WatchRefreshResponse()
                silent = 0.0
            await asyncio.sleep(wait)
            silent, wait = silent + wait, min(2 * wait, LONGEST_WAIT_SECONDS)

    async def CancelRefresh(
        self, request: refresh_pb2.CancelRefreshRequest, context: grpc.aio.ServicerContext
    ) -> refresh_pb2.CancelRefreshResponse:
        """End a refresh."""
        run, left = await self._refreshes.cancel(request.refresh)
        return refresh_pb2.CancelRefreshResponse(refresh=await self._message(run), left=left)

    async def _message(self, run: RunProgress) -> refresh_pb2.Refresh:
        return run_to_message(run, await self._refreshes.progress.workers())


def most(limit: int) -> int:
    """How many are listed where so many are asked for."""
    return min(limit, MOST_LISTED) if limit > 0 else MOST_LISTED


def moment(text: str) -> datetime:
    """A time with its zone. Raises InvalidRequest."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidRequest(f"{text!r} is no time of ISO 8601 with a zone", field="before_at")
    return found


def run_to_message(run: RunProgress, workers: int) -> refresh_pb2.Refresh:
    """A run as its message."""
    return refresh_pb2.Refresh(
        id=run.id,
        scope=run.scope,
        begun_at=run.begun_at.isoformat(),
        ended_at=run.ended_at.isoformat() if run.ended_at else "",
        cancelled=run.cancelled,
        stages=run.stages,
        steps=run.steps,
        workers=workers,
    )


def town_to_message(state: TownState) -> refresh_pb2.TownState:
    """A town as it was left, as its message."""
    return refresh_pb2.TownState(
        town=listed_to_message(state.town),
        refresh=state.run,
        stage=state.stage,
        reason=state.reason,
        counts=state.counts,
        accepted=state.accepted,
        changed_at=state.changed_at.isoformat() if state.changed_at else "",
        step=state.step,
    )


def listed_to_message(town: ListedTown) -> refresh_pb2.ListedTown:
    """A listed town as its message."""
    return refresh_pb2.ListedTown(**asdict(town))


def listing_to_message(listing: Listing) -> refresh_pb2.Listing:
    """A publisher's list as its message."""
    return refresh_pb2.Listing(
        publisher=listing.publisher,
        listed_at=listing.listed_at.isoformat() if listing.listed_at else "",
        problem=listing.problem,
    )
