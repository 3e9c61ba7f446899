"""What a process says of itself by the gRPC health protocol: that it lives, and which services are ready.

The names are those that Kubernetes' probes ask for: ``liveness`` serves for as long as the event loop runs,
``""`` where every service is ready, and a full service name where that one is. Not ready is still alive.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from grpc_health.v1 import health, health_pb2

from plotlot.domain.errors import PlotLotError
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

LIVENESS = "liveness"
LOOK_SECONDS = 1.0
LONGEST_SECONDS = 4.0  # between looks at what has never been there
REPEAT_SECONDS = 60.0  # between log lines about what is still not there


class Need:
    """Something without which a service cannot answer; ``check`` raises what is wrong with it."""

    def __init__(self, name: str, check: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._check = check
        self._was_there = False
        self._told_at = 0.0
        self.lacking = f"{name} was not looked for yet"
        self.delay_seconds = 0.0

    def found(self) -> None:
        """It is there: look again in a second."""
        if self._told_at:
            log.warning("%s: ready", self.name)
        self.lacking, self._was_there, self._told_at = "", True, 0.0
        self.delay_seconds = LOOK_SECONDS

    async def look(self) -> None:
        """See whether it is there now."""
        try:
            await self._check()
        except Exception as error:
            self._missing(error)
        else:
            self.found()

    def _missing(self, error: Exception) -> None:
        """Log what is lacking when it begins, and once a minute while it lasts; look again ever later."""
        ours = isinstance(error, PlotLotError)
        self.lacking = (
            error.message if isinstance(error, PlotLotError) else f"{type(error).__name__}: {error}"
        )
        now = asyncio.get_running_loop().time()
        if not self._told_at or now - self._told_at >= REPEAT_SECONDS:
            log.warning("%s: not ready: %s", self.name, self.lacking, exc_info=None if ours else error)
            self._told_at = now
        patience = LOOK_SECONDS if self._was_there else LONGEST_SECONDS
        self.delay_seconds = min(max(2 * self.delay_seconds, 0.25), patience)


class Health:
    """Looks at what the services need for as long as they run, and publishes whether they have it."""

    def __init__(
        self, services: Mapping[str, Need | None], also: Sequence[Need] = (), metrics: Metrics | None = None
    ) -> None:
        """Each service with what it needs, None for nothing; ``also`` is kept, and no service waits for it."""
        self._metrics = metrics
        self.servicer = health.aio.HealthServicer()
        self._services = dict(services)
        self._needs = {*also, *(need for need in services.values() if need is not None)}
        self._watching: list[asyncio.Task[None]] = []
        self._draining = False

    @property
    def ready(self) -> bool:
        """Whether every service of the process is ready."""
        return not self._draining and not any(need and need.lacking for need in self._services.values())

    async def start(self) -> None:
        """Alive from now on, and ready as soon as nothing is lacking."""
        await self.servicer.set(LIVENESS, health_pb2.HealthCheckResponse.SERVING)
        await self._publish()
        self._watching = [asyncio.create_task(self._watch(need)) for need in self._needs]

    async def drain(self) -> None:
        """Not ready from now on, whatever there is."""
        self._draining = True
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self._watching = []
        await self._publish()

    async def _watch(self, need: Need) -> None:
        while not self._draining:  # what is looked at may swallow that it is cancelled
            await asyncio.sleep(need.delay_seconds)
            await need.look()
            await self._publish()

    async def _publish(self) -> None:
        statuses = health_pb2.HealthCheckResponse
        ready = {name: not (need and need.lacking) for name, need in self._services.items()}
        for name, serves in {**ready, "": self.ready}.items():
            serves = serves and not self._draining
            await self.servicer.set(name, statuses.SERVING if serves else statuses.NOT_SERVING)
        if self._metrics:
            for need in self._needs:
                self._metrics.need_lacking.labels(need.name.removeprefix("the ")).set(bool(need.lacking))
