"""Processes: the one place that knows which services share one.

Every service is handed what it needs: a database, stubs of the services that it calls, metrics. Whether
a stub's channel ends in this process or in another is decided here and known nowhere else.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIServer

import grpc
from prometheus_client import start_http_server

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.rpc.channels import open_channel
from plotlot.rpc.context import current_tenant
from plotlot.rpc.health import Need
from plotlot.rpc.server import Server, connection_age
from plotlot.rpc.waits import watch_waits
from plotlot.runtime.bundles import own_parameters
from plotlot.runtime.gateway import gateway
from plotlot.runtime.parts import Component, Part
from plotlot.runtime.services import extraction, inference, ingestion, judge, retrieval
from plotlot.settings import OpenTelemetry, Settings
from plotlot.store.pool import Database
from plotlot.store.server import PostgresServer, postgres_server
from plotlot.store.watch import StoreWatch
from plotlot.telemetry import Metrics
from plotlot.tracing.tracing import Tracing, begin_tracing

if TYPE_CHECKING:
    from fastapi import FastAPI

COMPONENTS: dict[str, Component] = {
    "gateway": gateway,
    "retrieval": retrieval,
    "extraction": extraction,
    "inference": inference,
    "ingestion": ingestion,
    "judge": judge,
}
SERVICES = tuple(COMPONENTS)
CANCELLED_AGAIN_SECONDS = 10.0
WITHOUT_STORE = frozenset({"inference"})
DEFAULT_ADDRESSES = {
    "retrieval": "127.0.0.1:50051",
    "extraction": "127.0.0.1:50052",
    "inference": "127.0.0.1:50053",
    "ingestion": "127.0.0.1:50054",
    "gateway": "127.0.0.1:50055",
    "judge": "127.0.0.1:50056",
}


class Runtime:
    """Runs some of the services in this process; ``targets`` all of them is ``plotlot up``."""

    def __init__(self, settings: Settings, targets: Sequence[str] = SERVICES) -> None:
        unknown = sorted(set(targets) - set(SERVICES))
        if unknown:
            raise InvalidRequest(f"there is no service {unknown[0]!r}; there are {', '.join(SERVICES)}")
        self.settings = settings
        self.targets = tuple(targets)
        self.alone = len(self.targets) == 1
        self.metrics = Metrics()
        self.address = ""
        self.conninfo = ""
        self.database = Database(settings.pool_size, current_tenant, self.metrics)
        self.store = Need("the database", self._check_store)
        self._postgres: PostgresServer | None = None
        self._opening: asyncio.Task[None] | None = None
        self._watch: StoreWatch | None = None
        self._server: Server | None = None
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._folder: Path | None = None
        self._exporter: WSGIServer | None = None
        self._tracing: Tracing | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._parts: list[Part] = []

    async def __aenter__(self) -> "Runtime":
        """Start everything. Raises an error that says what to do."""
        try:
            await self.start()
        except BaseException:
            await self.stop(0)
            raise
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Let calls in flight end, then stop everything."""
        await self.stop(self.settings.drain_grace_seconds)

    async def start(self) -> None:
        """Start everything; ``stop`` must follow, also where this raises or is cancelled."""
        address = self._own_address()
        name = self.targets[0] if self.alone else "plotlot"
        self._tracing = begin_tracing(OpenTelemetry(), name, self.settings.trace_slow_seconds)
        if self.settings.metrics_port is not None:
            self._exporter = metrics_server(self.settings.metrics_port, self.metrics)
        self._channels = {
            name: open_channel(self._address_of(name, address), local=name in self.targets)
            for name in SERVICES
        }
        uses_store = bool(set(self.targets) - WITHOUT_STORE)
        if uses_store:
            self._opening = asyncio.create_task(self._open_store())
        # Importing the services takes as long as starting the database: do both at once.
        parts = self._parts
        for name in self.targets:
            await asyncio.sleep(0)
            parts.append(COMPONENTS[name](self))
        if self._opening is not None:
            await asyncio.shield(self._opening)
        longest = max(self.settings.request_deadline_seconds, self.settings.ingest_deadline_seconds)
        self._server = Server(
            {part.name: part.register for part in parts},
            self.metrics,
            {part.name: part.need for part in parts},
            also=[self.store] if uses_store else [],
            options=connection_age(self.settings.rpc_connection_age_seconds, longest),
            own=own_parameters(self.settings),
        )
        self.address = await self._server.start(address)
        self.metrics.info.labels(
            version("plotlot"), next((part.bundle for part in parts if part.bundle), "")
        ).set(1)
        self._tasks = [asyncio.create_task(work()) for part in parts for work in part.tasks]
        self._tasks.append(asyncio.create_task(watch_waits(self.metrics)))

    @property
    def app(self) -> "FastAPI | None":
        """The HTTP of this process, where one of its services has any."""
        return next((part.app for part in self._parts if part.app is not None), None)

    def let_go(self) -> None:
        """Say by HTTP that this process is not ready, end connections with their answers, and go on serving."""
        if self.app is not None:
            self.app.state.draining = True

    async def drain(self) -> None:
        """Say by gRPC that this process is not ready, and go on serving."""
        if self._server is not None:
            await self._server.health.drain()

    async def stop(self, grace_seconds: float) -> None:
        """Let calls in flight end, for a time, then stop everything."""
        ends = time.monotonic() + grace_seconds
        for part in self._parts:
            if part.close is not None:
                await part.close(grace_seconds / 2)
        if self._server is not None:
            await self._server.stop(max(ends - time.monotonic(), 0.0))
        await ended(self._tasks)
        for channel in self._channels.values():
            await channel.close()
        for part in self._parts:
            if part.end is not None:
                await part.end()
        if self._opening is not None:
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._watch is not None:
            await self._watch.close()
        await self.database.close()
        if self._postgres is not None:
            await asyncio.to_thread(self._postgres.stop)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._exporter is not None:
            await asyncio.to_thread(self._exporter.shutdown)
            self._exporter.server_close()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)

    async def _open_store(self) -> None:
        """Start the database and bring its schema up to date.

        A service of its own, on a database that somebody else runs, waits for it: it may start later.
        """
        self._postgres = postgres_server(self.settings)
        if not self.settings.database_url:
            disk, folder = self.metrics.disk_bytes, self.settings.data_dir
            disk.labels("free").set_function(lambda: shutil.disk_usage(folder).free)
            disk.labels("size").set_function(lambda: shutil.disk_usage(folder).total)
        self.conninfo = await asyncio.to_thread(self._postgres.start)
        self._watch = StoreWatch(self.database, self.conninfo, self.settings.migrate_at_start)
        if not (self.alone and self.settings.database_url):
            await self._watch.open()
            self.store.found()

    async def _check_store(self) -> None:
        assert self._watch is not None, "looked for before it was started"
        await self._watch.check()

    def _own_address(self) -> str:
        """One service listens on its port; several share a socket in a folder that only we can enter."""
        if self.settings.grpc_address:
            return self.settings.grpc_address
        if self.alone:
            return DEFAULT_ADDRESSES[self.targets[0]]
        self._folder = Path(tempfile.mkdtemp(prefix="plotlot-"))
        return f"unix:{self._folder}/grpc.sock"

    def _address_of(self, name: str, own: str) -> str:
        if name in self.targets:
            return own
        configured: str | None = getattr(self.settings, f"{name}_address")
        return configured or DEFAULT_ADDRESSES[name]

    def channel(self, name: str) -> Any:
        """The channel to a service, wherever it runs."""
        return self._channels[name]


async def ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks, again after a while: ``asyncio.wait_for`` of Python 3.11, by which psycopg waits, may lose it."""
    going_on = set(tasks)
    while going_on:
        for task in going_on:
            task.cancel()
        _, going_on = await asyncio.wait(going_on, timeout=CANCELLED_AGAIN_SECONDS)


def metrics_server(port: int, metrics: Metrics) -> WSGIServer:
    """Serve the metrics from a thread of their own. Raises ServiceUnavailable where the port is taken."""
    try:
        server, _ = start_http_server(port, registry=metrics.registry)
    except OSError as error:
        raise ServiceUnavailable(f"cannot serve metrics on port {port}: {error.strerror}") from error
    return server
