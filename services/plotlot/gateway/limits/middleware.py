"""Holds callers to their quotas, and tells them what is left (draft-ietf-httpapi-ratelimit-headers-11)."""

from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import PlotLotError, RateLimited
from plotlot.gateway.callers import IDENTITY, Caller, asks_for_many, caller_of
from plotlot.gateway.limits.buckets import WINDOW_SECONDS, Buckets, Taken
from plotlot.gateway.limits.costs import cost_of
from plotlot.http.problems import problem_response
from plotlot.rpc.context import is_shadow
from plotlot.telemetry import Metrics

SHADOW_SHARE = 10


class Quotas:
    """``quotas`` are cost units a minute by policy, ``client`` and ``tenant``; one that is 0 does not apply."""

    def __init__(self, buckets: Buckets, quotas: Mapping[str, int], metrics: Metrics) -> None:
        self._buckets = buckets
        self.quotas = {policy: quota for policy, quota in quotas.items() if quota}
        self._refused = metrics.rate_limited

    async def take(self, caller: Caller, cost: int, many: bool) -> dict[str, Taken]:
        """What each policy says, up to the one that refuses. A gateway asks its candidate what users asked: shadows
        have a bucket of their own, and more of it where ``many`` users' come as one caller's. A stranger takes of what
        their network has, and of no tenant's."""
        share = SHADOW_SHARE if many else 1
        shadow = f"shadow-{share}:" if is_shadow() else ""
        client = f"{shadow}{caller.tenant}:{caller.client}"
        keys = {"client": client, "tenant": f"{shadow}{caller.tenant}" if caller.tenant else client}
        left: dict[str, Taken] = {}
        for policy, quota in self.quotas.items():
            most = share * quota if shadow else quota
            left[policy] = await self._buckets.take(f"{policy}:{keys[policy]}", most, cost)
            if not left[policy].allowed:
                break
        return left

    def refusal(self, left: Mapping[str, Taken], cost: int) -> RateLimited | None:
        """The error that says how long to wait, where a quota is used up."""
        spent = next((policy for policy, each in left.items() if not each.allowed), "")
        if not spent:
            return None
        self._refused.labels(spent).inc()
        wait = left[spent].wait_seconds
        return RateLimited(
            f"this {spent} used its {self.quotas[spent]:,} units a minute; this request costs {cost}:"
            f" try again in {wait} s",
            retry_after_seconds=wait,
        )


class QuotaMiddleware:
    """Takes what a request costs of its caller's quotas, and tells what is left."""

    def __init__(
        self,
        app: ASGIApp,
        quotas: Quotas,
        refuse: Callable[[Scope, PlotLotError], ASGIApp] = lambda scope, error: problem_response(error),
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._quotas = quotas
        self._policies = ", ".join(
            f'"{policy}";q={quota};w={WINDOW_SECONDS}' for policy, quota in quotas.quotas.items()
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        cost = cost_of(scope["method"], scope["path"]) if scope["type"] == "http" else 0
        if not cost:
            await self._app(scope, receive, send)
            return
        left = await self._quotas.take(caller_of(scope), cost, asks_for_many(scope.get(IDENTITY)))
        told = [(b"ratelimit-policy", self._policies), (b"ratelimit", standing(left))]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        refusal = self._quotas.refusal(left, cost)
        app = self._app if refusal is None else self._refuse(scope, refusal)
        await app(scope, receive, answer)


def standing(left: Mapping[str, Taken]) -> bytes:
    """The field ``RateLimit``: units left by policy, and the seconds until the whole quota is there again."""
    return ", ".join(
        f'"{policy}";r={each.left};t={each.reset_seconds}' for policy, each in left.items()
    ).encode()
