"""Token buckets: how they fill, what is told of them, and what a caller gets whose bucket is empty."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from plotlot.domain.access import Identity, Role
from plotlot.gateway.callers import IDENTITY, caller_of
from plotlot.gateway.limits.buckets import MemoryBuckets
from plotlot.gateway.limits.costs import cost_of
from plotlot.gateway.limits.middleware import QuotaMiddleware, Quotas
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_bucket_fills_steadily_to_its_quota_and_no_further() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    assert (await buckets.take("a", 60, 50)).left == 10
    refused = await buckets.take("a", 60, 20)
    assert (refused.allowed, refused.left, refused.wait_seconds, refused.reset_seconds) == (False, 10, 10, 50)
    clock.now += 10
    assert (await buckets.take("a", 60, 20)).allowed
    clock.now += 3600
    assert (await buckets.take("a", 60, 1)).left == 59
    assert (await buckets.take("b", 60, 1)).left == 59


async def test_what_costs_more_than_a_quota_takes_all_of_it() -> None:
    buckets = MemoryBuckets(Clock())
    assert (await buckets.take("a", 10, 50)).allowed
    assert not (await buckets.take("a", 10, 50)).allowed


class AsTenant:
    """Sets whose request it is, as authentication does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = dict(scope["headers"])
        shadow = sent.get(b"plotlot-shadow") == b"1"
        current_request.set(
            RequestContext("r", "b", tenant=sent.get(b"x-tenant", b"local").decode(), shadow=shadow)
        )
        if scope["path"] != "/sign-in":
            key, role = sent.get(b"x-key", b"k"), sent.get(b"x-role", b"admin")
            scope[IDENTITY] = Identity(f"key:{key.decode()}", role=Role(role.decode()))
        await self._app(scope, receive, send)


def limited(clock: Clock, address: str = "192.0.2.1") -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/v1/jobs")
    @app.get("/healthz")
    @app.get("/sign-in")
    async def answer() -> dict[str, str]:
        return {}

    quotas = Quotas(MemoryBuckets(clock), {"client": 2, "tenant": 3}, Metrics())
    app.add_middleware(QuotaMiddleware, quotas=quotas)
    app.add_middleware(AsTenant)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://gateway"
    )


async def test_a_caller_is_told_what_is_left_and_when_to_come_back() -> None:
    clock = Clock()
    async with limited(clock) as client:
        first = await client.get("/v1/jobs")
        assert first.headers["ratelimit-policy"] == '"client";q=2;w=60, "tenant";q=3;w=60'
        assert first.headers["ratelimit"] == '"client";r=1;t=30, "tenant";r=2;t=20'
        await client.get("/v1/jobs")
        refused = await client.get("/v1/jobs")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        assert refused.headers["ratelimit"] == '"client";r=0;t=60'
        assert refused.json()["type"] == "/errors#rate-limited"
        assert (await client.get("/v1/jobs", headers={"x-tenant": "acme"})).status_code == 200
        assert (await client.get("/healthz")).status_code == 200
        clock.now += 30
        assert (await client.get("/v1/jobs")).status_code == 200


async def test_a_stranger_takes_of_their_network_and_of_no_tenant() -> None:
    async with limited(Clock(), "2001:db8::7") as client:
        for shadow in ({}, {"plotlot-shadow": "1"}):
            answers = [await client.get("/sign-in", headers=shadow) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
        told = (await client.get("/v1/jobs")).headers["ratelimit"]
        assert told == '"client";r=1;t=30, "tenant";r=2;t=20'


def test_strangers_of_one_network_are_one() -> None:
    one, same, other = (
        caller_of({"type": "http", "client": (address, 1)})
        for address in ("2001:db8::1", "2001:db8::2:1", "2001:db9::1")
    )
    assert one == same != other
    assert one.tenant == ""


async def test_shadows_take_nothing_of_what_users_have() -> None:
    async with limited(Clock()) as client:
        for _ in range(10):
            assert (await client.get("/v1/jobs", headers={"plotlot-shadow": "1"})).status_code == 200
        assert (await client.get("/v1/jobs")).headers["ratelimit"].startswith('"client";r=1')


async def test_who_only_says_to_be_a_shadow_gets_no_more_than_users_have() -> None:
    async with limited(Clock()) as client:
        for role, allowed in (("analyst", 2), ("operator", 20)):
            shadow = {"plotlot-shadow": "1", "x-key": role, "x-role": role, "x-tenant": role}
            answers = [await client.get("/v1/jobs", headers=shadow) for _ in range(allowed + 1)]
            assert [answer.status_code for answer in answers] == [200] * allowed + [429], role


@pytest.mark.parametrize(
    ("method", "path", "cost"),
    [
        ("GET", "/v1/jobs/job-1", 1),
        ("POST", "/v1/analyses", 5),
        ("POST", "/v1/feedback", 2),
        ("GET", "/analyze", 5),
        ("GET", "/", 1),
        ("GET", "/towns/Larkfield/R-1", 1),
        ("GET", "/static/plotlot.css", 0),
        ("GET", "/metrics", 0),
        ("OPTIONS", "/v1/ask", 0),
    ],
)
def test_what_takes_more_costs_more(method: str, path: str, cost: int) -> None:
    assert cost_of(method, path) == cost
