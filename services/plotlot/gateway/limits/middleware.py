"""Holds callers to their quotas, and tells them what is left (draft-ietf-httpapi-ratelimit-headers-11)."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import RateLimited
from plotlot.gateway.callers import Caller, asks_for_many, caller_of
from plotlot.gateway.limits.buckets import WINDOW_SECONDS, Buckets, Taken
from plotlot.gateway.limits.costs import cost_of
from plotlot.http.problems import problem_response
from plotlot.rpc.context import is_shadow
from plotlot.telemetry import Metrics

SHADOW_SHARE = 10


class LimitMiddleware:
    """``quotas`` are cost units a minute by policy, ``client`` and ``tenant``; one that is 0 does not apply."""

    def __init__(self, app: ASGIApp, buckets: Buckets, quotas: Mapping[str, int], metrics: Metrics) -> None:
        self._app = app
        self._buckets = buckets
        self._quotas = {policy: quota for policy, quota in quotas.items() if quota}
        self._policies = ", ".join(
            f'"{policy}";q={quota};w={WINDOW_SECONDS}' for policy, quota in self._quotas.items()
        ).encode()
        self._refused = metrics.rate_limited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        cost = cost_of(scope["method"], scope["path"]) if scope["type"] == "http" else 0
        if not cost:
            await self._app(scope, receive, send)
            return
        left = await self._taken(caller_of(scope), cost, SHADOW_SHARE if asks_for_many(scope) else 1)
        told = [(b"ratelimit-policy", self._policies), (b"ratelimit", standing(left))]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        spent = next((policy for policy, each in left.items() if not each.allowed), "")
        if spent:
            self._refused.labels(spent).inc()
            await problem_response(refusal(spent, left[spent], self._quotas[spent], cost))(
                scope, receive, answer
            )
        else:
            await self._app(scope, receive, answer)

    async def _taken(self, caller: Caller, cost: int, share: int) -> dict[str, Taken]:
        """What each policy says, up to the one that refuses. A gateway asks its candidate what users asked: shadows
        have a bucket of their own, and ``share`` times as much of it where all come as one caller's."""
        shadow = f"shadow-{share}:" if is_shadow() else ""
        keys = {"client": f"{shadow}{caller.tenant}:{caller.client}", "tenant": f"{shadow}{caller.tenant}"}
        left: dict[str, Taken] = {}
        for policy, quota in self._quotas.items():
            most = share * quota if shadow else quota
            left[policy] = await self._buckets.take(f"{policy}:{keys[policy]}", most, cost)
            if not left[policy].allowed:
                break
        return left


def standing(left: Mapping[str, Taken]) -> bytes:
    """The field ``RateLimit``: units left by policy, and the seconds until the whole quota is there again."""
    return ", ".join(
        f'"{policy}";r={each.left};t={each.reset_seconds}' for policy, each in left.items()
    ).encode()


def refusal(policy: str, found: Taken, quota: int, cost: int) -> RateLimited:
    """The error that says how long to wait."""
    return RateLimited(
        f"this {policy} used its {quota:,} units a minute; this request costs {cost}:"
        f" try again in {found.wait_seconds} s",
        retry_after_seconds=found.wait_seconds,
    )
