"""Requests count in their sender's share, and no address stands in what is kept of it."""

from typing import Any

import pytest

from plotlot.domain.access import OWNER, Identity
from plotlot.gateway.callers import IDENTITY, Caller, caller_of, sent_by
from plotlot.rpc.context import ACCOUNT, RequestContext
from plotlot.telemetry import Metrics


def account_of(client: Any, known: Identity | None = OWNER) -> str:
    return caller_of({"type": "http", "client": client, IDENTITY: known}).account


def test_each_address_has_a_share_of_its_own() -> None:
    one, same, other = (
        account_of((host, port))
        for host, port in (("192.0.2.1", 5000), ("192.0.2.1", 5001), ("192.0.2.2", 5000))
    )
    assert one == same != other
    assert "192.0.2.1" not in one


@pytest.mark.parametrize("client", [None, ("", 0)])
def test_who_has_no_address_is_one_of_many(client: Any) -> None:
    assert account_of(client) == "anonymous"


def test_an_account_travels_and_strangers_are_one_in_metrics() -> None:
    account = account_of(("192.0.2.1", 5000))
    assert (ACCOUNT, account) in RequestContext("r", "b", account=account).metadata()
    metrics = Metrics()
    assert metrics.account_label(account) == "anonymous"
    assert metrics.account_label("key-1") == "key-1"


def test_who_logged_in_has_one_share_wherever_they_are() -> None:
    key = Identity("key:key-1", "acme")
    assert account_of(("192.0.2.1", 5000), key) == account_of(("192.0.2.2", 5000), key) == "key:key-1"
    ann, same = (Caller(tenant, "token:ann@acme.example").account for tenant in ("acme", "beta"))
    assert ann.startswith("token-")
    assert ann != same
    assert "ann" not in ann


def test_a_request_is_of_its_senders_tenant_and_share_whatever_it_said() -> None:
    sent = RequestContext("r", "b", tenant="beta", account="somebody else")
    request = sent_by(sent, Identity("key:key-1", "acme"), "192.0.2.1")
    assert (request.tenant, request.account) == ("acme", "key:key-1")
    assert (ACCOUNT, "key:key-1") in request.metadata()
