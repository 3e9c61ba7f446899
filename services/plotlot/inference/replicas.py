"""The replicas of an engine: where they are, which of them answer, and which one a request goes to."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Callable, Collection, Iterator
from contextlib import aclosing
from urllib.parse import urlsplit

from plotlot.domain.circuits import Circuit, CircuitState
from plotlot.domain.errors import EngineFault, EngineUnavailable
from plotlot.domain.replica_choice import choose
from plotlot.domain.retry_budgets import RetryBudget
from plotlot.inference.completion import Engine, EngineState, Piece, Prompt
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between looks at replicas that work, or that are left alone
MISSED = 2  # looks in a row without an answer, after which a silent replica is taken to hang
STATE_SECONDS = 10.0  # between questions about version, models and figures
RESOLVE_SECONDS = 5.0  # between looks at the name, where each of its addresses is a replica
CIRCUIT_VALUE = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}


class Replica:
    """One engine, what became of its last requests, and what it last said of itself."""

    def __init__(self, engine: Engine, now: Callable[[], float]) -> None:
        self.engine = engine
        self.in_flight = 0
        self.circuit = Circuit()
        self.said = EngineState(False, "it was not asked yet")
        self.retired = False
        self._missed = 0
        self._now = now

    async def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """What the engine writes; its faults count against it."""
        self.circuit = self.circuit.tried(self._now())
        self.in_flight += 1
        try:
            async with aclosing(self.engine.write(prompt)) as pieces:
                async for piece in pieces:
                    yield piece
            self.circuit = self.circuit.succeeded()
        except (EngineUnavailable, EngineFault):
            self.circuit = self.circuit.failed(self._now())
            raise
        except BaseException:
            self.circuit = self.circuit.left()
            raise
        finally:
            self.in_flight -= 1

    async def look(self) -> None:
        """Whether it answers. One that does not, and from which nothing else came either, is left alone."""
        began = self._now()
        if await self.engine.alive():
            self._missed = 0
            if self.circuit.state(self._now()) is CircuitState.OPEN:
                self.circuit = self.circuit.rested(self._now())
            return
        self._missed += 1
        silent_since = began - (self._missed - 1) * LOOK_SECONDS
        if self._missed >= MISSED and self.engine.heard_at < silent_since:
            if self.circuit.state(self._now()) is not CircuitState.OPEN:
                log.warning("the engine at %s does not answer and is left alone", self.engine.endpoint)
                self.circuit = self.circuit.opened(self._now())
            self.engine.abort("it does not answer", silent_since)


class Replicas:
    """Every replica behind one URL: the URL itself, or with ``dns+http`` each address of its name.

    ``counted`` is told how many there are, whenever they were looked up.
    """

    def __init__(
        self,
        url: str,
        engine_at: Callable[[str], Engine],
        metrics: Metrics,
        now: Callable[[], float],
        counted: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._url = url
        self._counted = counted
        self._engine_at = engine_at
        self._metrics = metrics
        self._now = now
        self._budget = RetryBudget(at=now())
        self._by_endpoint: dict[str, Replica] = {}
        self._resolved_at = float("-inf")
        self._stated_at = float("-inf")
        self._resolving = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        if not url.startswith("dns+"):
            self._use({url})

    def __iter__(self) -> Iterator[Replica]:
        return iter(tuple(self._by_endpoint.values()))

    def __len__(self) -> int:
        return len(self._by_endpoint)

    @property
    def context_tokens(self) -> int | None:
        """The tokens that each replica reads and writes at least, where one has said it."""
        return min((each.said.max_tokens for each in self if each.said.max_tokens), default=None)

    async def pick(self, key: str, tried: Collection[Replica] = (), spread: str = "") -> Replica:
        """The replica for a request, of those not tried. Raises EngineUnavailable."""
        if not self._by_endpoint:
            await self._resolve()
        now = self._now()
        free = {
            endpoint: replica
            for endpoint, replica in self._by_endpoint.items()
            if replica not in tried and not replica.retired and replica.circuit.admits(now)
        }
        if not free:
            raise EngineUnavailable(self._why_none(), retry_after_seconds=1.0)
        return free[choose({endpoint: each.in_flight for endpoint, each in free.items()}, key, spread)]

    def sent(self) -> None:
        """A request is sent for the first time."""
        self._budget = self._budget.sent(self._now())

    def may_repeat(self) -> bool:
        """Whether a request may be sent again; it is counted as if it were."""
        spent = self._budget.spent(self._now())
        self._budget = spent or self._budget
        return spent is not None

    async def watch(self) -> None:
        """Look after the replicas until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("could not look after the engines")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """See where replicas are, which of them answer, and now and then what they say of themselves."""
        now = self._now()
        if self._url.startswith("dns+") and now - self._resolved_at >= RESOLVE_SECONDS:
            await self._resolve()
        concerned = [each for each in self if each.in_flight or each.circuit.open_until is not None]
        looks = [each.look() for each in concerned]
        if now - self._stated_at >= STATE_SECONDS:
            self._stated_at = now
            looks.append(self.state())
        await asyncio.gather(*looks)
        self._measure()

    async def state(self) -> None:
        """Ask each replica how it is."""

        async def ask(replica: Replica) -> None:
            replica.said = await replica.engine.state()

        await asyncio.gather(*(ask(each) for each in self))

    async def close(self) -> None:
        """Let go of every replica."""
        await asyncio.gather(*(each.engine.close() for each in self))

    async def _resolve(self) -> None:
        """The addresses of the name. What fails keeps those known; replicas that are gone end their work."""
        parts = urlsplit(self._url.removeprefix("dns+"))
        async with self._resolving:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            try:
                found = await asyncio.get_running_loop().getaddrinfo(
                    parts.hostname, port, type=socket.SOCK_STREAM
                )
            except OSError as error:
                log.warning("the name %s has no addresses: %s", parts.hostname, error)
                return
            self._resolved_at = self._now()
            hosts = sorted({str(each[4][0]) for each in found})
            named = [f"[{host}]" if ":" in host else host for host in hosts]
            self._use({f"{parts.scheme}://{host}:{port}" for host in named})

    def _use(self, endpoints: set[str]) -> None:
        """Have these replicas. One that is gone ends its work first, and gets no more."""
        for endpoint in endpoints - self._by_endpoint.keys():
            self._by_endpoint[endpoint] = Replica(self._engine_at(endpoint), self._now)
        for endpoint, replica in tuple(self._by_endpoint.items()):
            replica.retired = endpoint not in endpoints
            if replica.retired and not replica.in_flight:
                del self._by_endpoint[endpoint]
                self._metrics.forget_engine(endpoint)
                closing = asyncio.get_running_loop().create_task(replica.engine.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
        self._counted(len(endpoints))

    def _why_none(self) -> str:
        if not self._by_endpoint:
            return f"there is no engine at {self._url}: its name has no address"
        told = "; ".join(each.said.reason for each in self if each.said.reason) or "they failed a moment ago"
        return f"none of {len(self)} engines takes requests: {told}"

    def _measure(self) -> None:
        now, metrics = self._now(), self._metrics
        ready = sum(each.said.ready for each in self)
        metrics.engine_replicas.labels("ready").set(ready)
        metrics.engine_replicas.labels("not_ready").set(len(self) - ready)
        for endpoint, each in self._by_endpoint.items():
            metrics.engine_circuit.labels(endpoint).set(CIRCUIT_VALUE[each.circuit.state(now)])
            metrics.engine_ready.labels(endpoint).set(each.said.ready)
            for gauge, value in (
                (metrics.engine_running, each.said.running),
                (metrics.engine_waiting, each.said.waiting),
                (metrics.engine_kv_cache_use, each.said.kv_cache_use),
                (metrics.engine_prefix_hit_rate, each.said.prefix_hit_rate),
            ):
                if value is not None:
                    gauge.labels(endpoint).set(value)
