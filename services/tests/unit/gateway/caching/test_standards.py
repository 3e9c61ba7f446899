"""Standards are asked for once in a state of what is stored, by tenant."""

from typing import Any

import pytest

from plotlot.gateway.caching.content import current_state
from plotlot.gateway.caching.standards import RememberingClients
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.rpc.context import RequestContext, current_request


async def test_a_district_is_asked_for_once_in_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def standards(self: Clients, municipality: str, district: str) -> DistrictStandards:
        asked.append((municipality, district))
        return DistrictStandards(district, "", ())

    monkeypatch.setattr(Clients, "standards", standards)
    nobody: Any = None
    clients = RememberingClients(nobody, nobody, nobody, nobody)

    async def times(state: str, tenant: str = "local") -> int:
        kept, request = current_state.set(state), current_request.set(RequestContext("r", "b", tenant=tenant))
        before = len(asked)
        assert (await clients.standards("T", "R-1")).code == "R-1"
        current_state.reset(kept)
        current_request.reset(request)
        return len(asked) - before

    assert [await times(state) for state in ("1", "1", "2", "", "", "2")] == [1, 0, 1, 1, 1, 0]
    assert await times("2", "acme") == 1
