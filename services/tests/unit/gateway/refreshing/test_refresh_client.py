"""Refreshes as the gateway asks ingestion for them."""

import pytest

from plotlot.api.ingestion.v1 import refresh_pb2
from plotlot.gateway.refreshing.refresh_client import RefreshClient, Wanted


class Starting:
    """An ingestion that begins a refresh, or says that one goes on."""

    def __init__(self, new: bool) -> None:
        self.new, self.asked = new, list[refresh_pb2.StartRefreshRequest]()

    async def StartRefresh(
        self, request: refresh_pb2.StartRefreshRequest
    ) -> refresh_pb2.StartRefreshResponse:
        self.asked.append(request)
        return refresh_pb2.StartRefreshResponse(refresh=refresh_pb2.Refresh(id="refresh-1"), new=self.new)


@pytest.mark.parametrize("new", [True, False])
async def test_what_is_begun_says_whether_it_is_new(new: bool) -> None:
    ingestion = Starting(new)
    client = RefreshClient(ingestion)  # type: ignore[arg-type]
    begun = [await client.start(Wanted(state="FL")) for _ in range(2)]
    assert [(each["id"], each["new"]) for each in begun] == [("refresh-1", new)] * 2
    first, second = ingestion.asked
    assert (first.state, first.id != second.id, first.id.startswith("refresh")) == ("FL", True, True)
