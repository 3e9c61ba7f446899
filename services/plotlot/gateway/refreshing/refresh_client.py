"""Refreshes and the towns that they are of, as the gateway asks ingestion for them: as JSON."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plotlot.api.ingestion.v1 import refresh_pb2
from plotlot.domain.coverage import ENDS
from plotlot.gateway.ids import new_id
from plotlot.rpc.context import current_request
from plotlot.rpc.errors import calling

if TYPE_CHECKING:
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceAsyncStub

Json = dict[str, Any]
WATCHED_SECONDS = 300.0  # by one call; then another goes on


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which towns are to be refreshed: one of ``state``, ``towns`` and ``failed``."""

    state: str = ""
    county: str = ""
    towns: Sequence[str] = ()
    failed: bool = False
    accept: bool = False


class RefreshClient:
    """What ingestion knows of refreshes. Raises UnknownRefresh, UnknownMunicipality, InvalidRequest, UnavailableErrors."""

    def __init__(self, stub: "IngestionServiceAsyncStub") -> None:
        self._stub = stub

    async def discover(self, state: str, county: str, anew: bool) -> Json:
        """The towns of a state whose codes are published, and how lately publishers said so."""
        request = refresh_pb2.DiscoverTownsRequest(state=state, county=county, anew=anew)
        with calling("ingestion"):
            found = await self._stub.DiscoverTowns(request)
        return {
            "towns": [listed_json(town) for town in found.towns],
            "publishers": [
                {"publisher": one.publisher, "listed_at": one.listed_at or None, "problem": one.problem}
                for one in found.listings
            ],
            "unlisted": list(found.unlisted),
            "ambiguous": list(found.ambiguous),
        }

    async def start(self, wanted: Wanted) -> Json:
        """A new refresh, or the one of the same towns that goes on; ``new`` says which."""
        request = refresh_pb2.StartRefreshRequest(
            id=new_id("refresh"),
            state=wanted.state,
            county=wanted.county,
            towns=wanted.towns,
            failed=wanted.failed,
            accept=wanted.accept,
        )
        with calling("ingestion"):
            started = await self._stub.StartRefresh(request)
        return {**refresh_json(started.refresh), "new": started.new}

    async def page(self, limit: int, before: tuple[str, str] | None = None) -> list[Json]:
        """Refreshes, the newest first; ``before`` is when the last one seen began, and its id."""
        at, refresh = before or ("", "")
        request = refresh_pb2.ListRefreshesRequest(limit=limit, before_at=at, before_id=refresh)
        with calling("ingestion"):
            return [refresh_json(one) for one in (await self._stub.ListRefreshes(request)).refreshes]

    async def one(self, refresh: str) -> Json:
        """One refresh."""
        with calling("ingestion"):
            found = await self._stub.GetRefresh(refresh_pb2.GetRefreshRequest(refresh=refresh))
        return refresh_json(found.refresh)

    async def towns(
        self, refresh: str, after: str, limit: int, stages: Sequence[str] = (), state: str = ""
    ) -> list[Json]:
        """Towns by name: those of a refresh, or with none of it all that are known, as they were left."""
        request = refresh_pb2.ListTownStatesRequest(
            refresh=refresh, stages=stages, state=state, after=after, limit=limit
        )
        with calling("ingestion"):
            return [town_json(one) for one in (await self._stub.ListTownStates(request)).towns]

    async def cancel(self, refresh: str) -> Json:
        """A refresh after it was ended; ``left`` is the number of towns that it leaves as they were."""
        with calling("ingestion"):
            ended = await self._stub.CancelRefresh(refresh_pb2.CancelRefreshRequest(refresh=refresh))
        return {**refresh_json(ended.refresh), "left": ended.left}

    async def watch(self, refresh: str, after: int) -> AsyncIterator[tuple[str, Json]]:
        """``town`` for each that changes after a step, ``silent`` now and then, and at last ``refresh``."""
        request = current_request.get()
        if request is not None:  # its own time is that of an answer, not of a stream
            ends = asyncio.get_running_loop().time() + WATCHED_SECONDS
            current_request.set(replace(request, deadline=ends))
        with calling("ingestion"):
            asked = refresh_pb2.WatchRefreshRequest(refresh=refresh, after=after)
            async for event in self._stub.WatchRefresh(asked):
                if event.HasField("town"):
                    yield "town", town_json(event.town)
                elif event.HasField("refresh"):
                    yield "refresh", refresh_json(event.refresh)
                else:
                    yield "silent", {}


def refresh_json(refresh: refresh_pb2.Refresh) -> Json:
    """A refresh under the names of the REST API."""
    stages: Mapping[str, int] = {name: refresh.stages[name] for name in sorted(refresh.stages)}
    path = f"/v1/refreshes/{refresh.id}"
    return {
        "id": refresh.id,
        "scope": refresh.scope,
        "status": "cancelled" if refresh.cancelled else "ended" if refresh.ended_at else "running",
        "begun_at": refresh.begun_at,
        "ended_at": refresh.ended_at or None,
        "total": sum(stages.values()),
        "done": sum(number for stage, number in stages.items() if stage in ENDS),
        "stages": dict(stages),
        "steps": refresh.steps,
        "workers": refresh.workers,
        "towns": f"{path}/towns",
        "events": f"{path}/events",
    }


def town_json(state: refresh_pb2.TownState) -> Json:
    """A town as it was left, under the names of the REST API."""
    return {
        **listed_json(state.town),
        "stage": state.stage,
        "reason": state.reason,
        "counts": {name: state.counts[name] for name in sorted(state.counts)},
        "accepted": state.accepted,
        "changed_at": state.changed_at or None,
        "refresh": state.refresh or None,
        "step": state.step,
    }


def listed_json(town: refresh_pb2.ListedTown) -> Json:
    """A listed town under the names of the REST API."""
    return {
        "municipality": town.municipality,
        "county": town.county,
        "publisher": town.publisher,
        "reference": town.reference,
        "product": town.product,
        "supplement": town.supplement,
        "dated": town.dated,
    }
