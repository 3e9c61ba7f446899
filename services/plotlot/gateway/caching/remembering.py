"""What services answered in the same state of what is stored: lots of one district share its standards, and a question
that is streamed, or asked again with other facts, finds its parcel and its sections without asking for them again."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.parcels import Parcel
from plotlot.gateway.caching.answers import compact, normal
from plotlot.gateway.caching.content import current_state
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.gateway.searching.refinements import Refinements
from plotlot.rpc.context import current_tenant
from plotlot.telemetry import Metrics

MOST = {"standards": 256, "parcel": 256, "sections": 64}  # values of each kind, those used last

Value = TypeVar("Value")


class RememberingClients(Clients):
    """The services, asked once for the same as long as nothing changes that the answer rests on.

    Only where the state was read for the request: what is answered anew, as shadows and while a release is judged,
    asks anew. Values stay in this process, as they are: to read a copy from Redis would take as long as to ask.
    """

    def __init__(self, *stubs: object, metrics: Metrics, **named: object) -> None:
        super().__init__(*stubs, **named)  # type: ignore[arg-type]
        self._lookups = metrics.answer_cache
        self._kept: dict[str, OrderedDict[tuple[str, ...], object]] = {kind: OrderedDict() for kind in MOST}

    async def _imported(self, address: str, parcel_id: str, municipality: str) -> Parcel:
        asked = (normal(address).casefold(), normal(parcel_id), normal(municipality).casefold())
        ask = super()._imported
        return await self._remembered("parcel", asked, lambda: ask(address, parcel_id, municipality))

    async def standards(self, municipality: str, district: str) -> DistrictStandards:
        """The standards of one district."""
        ask = super().standards
        return await self._remembered(
            "standards", (municipality, district), lambda: ask(municipality, district)
        )

    async def refined_search(
        self,
        query: str,
        municipality: str,
        limit: int,
        method: retrieval_pb2.Method.ValueType,
        refinements: Refinements,
    ) -> retrieval_pb2.SearchResponse:
        """The best chunks for a query, and what retrieval had to leave out."""
        asked = (query, municipality, str(limit), str(method), compact(refinements.asked()))
        ask = super().refined_search
        return await self._remembered(
            "sections", asked, lambda: ask(query, municipality, limit, method, refinements)
        )

    async def _remembered(
        self, kind: str, asked: tuple[str, ...], ask: Callable[[], Awaitable[Value]]
    ) -> Value:
        """What was answered before under the tenant and the state of the request, else what is answered now."""
        state = current_state.get()
        if not state:
            return await ask()
        kept, key = self._kept[kind], (current_tenant(), state, *asked)
        if key in kept:
            kept.move_to_end(key)
            self._lookups.labels(kind, "hit").inc()
            found: Value = kept[key]  # type: ignore[assignment]
            return found
        self._lookups.labels(kind, "miss").inc()
        found = kept[key] = await ask()
        if len(kept) > MOST[kind]:
            kept.popitem(last=False)
        return found
