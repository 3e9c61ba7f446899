"""Services are asked once in a state of what is stored, by tenant."""

import contextlib
from typing import Any

import pytest

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.errors import UnknownAddress
from plotlot.domain.parcels import Parcel
from plotlot.gateway.caching.content import current_state
from plotlot.gateway.caching.remembering import RememberingClients
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics


async def test_a_district_is_asked_for_once_in_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def standards(self: Clients, municipality: str, district: str) -> DistrictStandards:
        asked.append((municipality, district))
        return DistrictStandards(district, "", ())

    monkeypatch.setattr(Clients, "standards", standards)
    nobody: Any = None
    clients = RememberingClients(nobody, nobody, nobody, nobody, metrics=Metrics())

    async def times(state: str, tenant: str = "local") -> int:
        kept, request = current_state.set(state), current_request.set(RequestContext("r", "b", tenant=tenant))
        before = len(asked)
        assert (await clients.standards("T", "R-1")).code == "R-1"
        current_state.reset(kept)
        current_request.reset(request)
        return len(asked) - before

    assert [await times(state) for state in ("1", "1", "2", "", "", "2")] == [1, 0, 1, 1, 1, 0]
    assert await times("2", "acme") == 1


async def test_parcels_and_sections_are_remembered_as_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def imported(self: Clients, address: str, parcel_id: str, municipality: str) -> Parcel:
        asked.append(address)
        if address == "nowhere":
            raise UnknownAddress("no parcel is there")
        return Parcel(id="p", municipality=municipality)

    async def search(self: Clients, *options: Any) -> retrieval_pb2.SearchResponse:
        asked.append(options[0])
        return retrieval_pb2.SearchResponse(results=[retrieval_pb2.SearchResult(text=options[0])])

    monkeypatch.setattr(Clients, "_imported", imported)
    monkeypatch.setattr(Clients, "refined_search", search)
    nobody: Any = None
    metrics = Metrics()
    clients = RememberingClients(nobody, nobody, nobody, nobody, metrics=metrics)
    kept = current_state.set("1")
    for address in ("12 Elm St", " 12  elm st ", "14 Elm St", "nowhere", "nowhere"):
        with contextlib.suppress(UnknownAddress):
            assert (await clients.find_parcel(address, "", "T")).id == "p"
    for query, limit in (("rear yard", 3), ("rear yard", 3), ("rear yard", 4)):
        assert [found.text for found in (await clients.search(query, "T", limit)).results] == [query]
    current_state.reset(kept)
    assert asked == ["12 Elm St", "14 Elm St", "nowhere", "nowhere", "rear yard", "rear yard"]
    assert metrics.answer_cache.labels("parcel", "hit")._value.get() == 1
    assert metrics.answer_cache.labels("sections", "hit")._value.get() == 1
