"""A gateway over HTTP: on a port for everybody, or on a private socket for one command."""

import asyncio
import contextlib
import errno
import math
import socket
import time
from collections.abc import AsyncIterator, Sequence

import click
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.cli.stopping import done_before
from plotlot.domain.errors import ServiceUnavailable
from plotlot.runtime import Runtime
from plotlot.settings import Settings


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ServiceUnavailable where the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio turns Nagle off on what it accepts: 40 ms an answer.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(256)
    except OSError as error:
        opened.close()
        reason = {
            errno.EADDRINUSE: "it is in use; choose another with --port",
            errno.EACCES: "that needs rights you do not have; choose a port over 1023 with --port",
            errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host",
        }.get(error.errno or 0, str(error))
        raise ServiceUnavailable(f"cannot listen on {host} port {port}: {reason}") from error
    except (OverflowError, socket.gaierror) as error:
        opened.close()
        raise ServiceUnavailable(f"cannot listen on {host} port {port}: {error}") from error
    return opened


def server_for(app: ASGIApp, grace_seconds: float | None = None) -> uvicorn.Server:
    """A quiet HTTP server for the application, which leaves signals to us."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=None if grace_seconds is None else math.ceil(grace_seconds),
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    return server


def letting_go(app: FastAPI) -> ASGIApp:
    """The application, whose answers end their connections while it drains: the next may go elsewhere."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and getattr(app.state, "draining", False):
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await app(scope, receive, answer)

    return serve


async def run_server(settings: Settings, targets: Sequence[str], asked: asyncio.Event) -> int:
    """Serve until ``asked`` to stop: HTTP where the gateway is among the targets, gRPC always."""
    opened = listen(settings.host, settings.port) if "gateway" in targets else None
    grace_seconds = settings.drain_grace_seconds
    runtime = Runtime(settings, targets)
    try:
        if not await done_before(asked, runtime.start()):
            return 0
        if opened is None or runtime.app is None:
            click.echo(f"plotlot {targets[0]} serves gRPC on {runtime.address}", err=True)
            await serve_until(asked, runtime, None)
        else:
            click.echo(f"PlotLot serves {url_of(opened)} (API at /docs); stop it with Ctrl-C", err=True)
            server = server_for(letting_go(runtime.app), grace_seconds)
            spent = await serve_until(asked, runtime, (server, opened))
            grace_seconds = max(grace_seconds - spent, 0.0)
        return 0
    finally:
        await runtime.stop(grace_seconds)
        if opened is not None:
            opened.close()


async def serve_until(
    asked: asyncio.Event, runtime: Runtime, http: tuple[uvicorn.Server, socket.socket] | None
) -> float:
    """Serve, then drain: say not ready, go on for a while, and finish HTTP. Seconds that finishing took."""
    server, opened = http or (None, None)
    serving = asyncio.create_task(server.serve(sockets=[opened])) if server and opened else None
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait({waiting, serving} if serving else {waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await runtime.drain()
    await asyncio.sleep(runtime.settings.drain_delay_seconds)
    started = time.monotonic()
    if server is not None and serving is not None:
        server.should_exit = True
        await serving
    return time.monotonic() - started


def url_of(opened: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def serving(app: FastAPI, path: str) -> AsyncIterator[None]:
    """Serve the application on a Unix socket for as long as the block runs."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened.bind(path)
    opened.listen(64)  # requests wait here until the server accepts them
    server = server_for(app)
    task = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        opened.close()
