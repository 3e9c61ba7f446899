"""Requests count in their sender's share, and no address stands in what is kept of it."""

from typing import Any

import pytest

from plotlot.gateway.accounts import account_of
from plotlot.rpc.context import ACCOUNT, RequestContext
from plotlot.telemetry import Metrics


def scope(client: Any) -> dict[str, Any]:
    return {"type": "http", "client": client}


def test_each_address_has_a_share_of_its_own() -> None:
    one, same, other = (
        account_of(scope((host, port)))
        for host, port in (("192.0.2.1", 5000), ("192.0.2.1", 5001), ("192.0.2.2", 5000))
    )
    assert one == same != other
    assert "192.0.2.1" not in one


@pytest.mark.parametrize("client", [None, ("", 0)])
def test_who_has_no_address_is_one_of_many(client: Any) -> None:
    assert account_of(scope(client)) == "anonymous"


def test_an_account_travels_and_strangers_are_one_in_metrics() -> None:
    account = account_of(scope(("192.0.2.1", 5000)))
    assert (ACCOUNT, account) in RequestContext("r", "b", account=account).metadata()
    metrics = Metrics()
    assert metrics.account_label(account) == "anonymous"
    assert metrics.account_label("key-1") == "key-1"
