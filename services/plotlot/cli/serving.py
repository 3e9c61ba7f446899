"""A gateway over HTTP: on a port for everybody, or on a private socket for one command."""

import asyncio
import contextlib
import errno
import gc
import logging
import math
import socket
import time
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import click
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.cli.stopping import done_before
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.gateway.identity.authentication import is_loopback
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

log = logging.getLogger(__name__)


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


# Objects more than before, until rings among them are looked for; Python's 700 are a few answers, and it took 7 % of the time.
GARBAGE_AFTER = 50_000
TURN_SECONDS = 1.0  # in which callers that were told go to others
IDLE_SECONDS = 75  # longer than proxies keep an idle connection: who closes first may cut a request off


def server_for(
    app: ASGIApp, grace_seconds: float | None = None, trusted_proxies: str = "127.0.0.1"
) -> uvicorn.Server:
    """A quiet HTTP server for the application, which leaves signals to us."""
    config = uvicorn.Config(
        app,
        log_config=None,  # its messages go where all others do
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_keep_alive=IDLE_SECONDS,
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
    """Serve until ``asked`` to stop: gRPC always, HTTP where the gateway is among the targets or the judge alone.

    Then drain: go on for the delay of the settings, in which name servers forget this process, and finish what is in
    flight. HTTP is told at once not to come again; callers by gRPC only at the delay's end, for they look names up
    again when they are told, and would find those that a name server still remembers.
    """
    http = http_address(settings, targets)
    check_reach(settings, targets)
    opened = listen(*http) if http else None
    runtime = Runtime(settings, targets)
    ends = time.monotonic()
    try:
        if not await done_before(asked, runtime.start()):
            return 0
        gc.freeze()  # what was imported stays: looking for garbage in it takes 40 ms, in the middle of answers
        gc.set_threshold(GARBAGE_AFTER)
        click.echo(announcement(runtime, opened), err=True)
        async with serving_http(runtime, opened):
            await asked.wait()
            runtime.let_go()
            if settings.drain_delay_seconds:
                log.warning("asked to stop: serves on for %g s", settings.drain_delay_seconds)
            await asyncio.sleep(settings.drain_delay_seconds)
            await runtime.drain()
            await asyncio.sleep(min(settings.drain_delay_seconds, TURN_SECONDS))
            ends = time.monotonic() + settings.drain_grace_seconds
        return 0
    finally:
        await runtime.stop(max(ends - time.monotonic(), 0.0))
        if opened is not None:
            opened.close()


def check_reach(settings: Settings, targets: Sequence[str]) -> None:
    """Raise InvalidRequest where others could reach a gateway that asks nobody who they are."""
    heard = [settings.host]
    if settings.grpc_address and not settings.grpc_address.startswith("unix:"):
        heard.append(urlsplit(f"//{settings.grpc_address}").hostname or "")
    others = [host for host in heard if not is_loopback(host)]
    if "gateway" in targets and settings.auth == "local" and others:
        raise InvalidRequest(
            f"will not listen on {others[0]}: with PLOTLOT_AUTH=local there is no login, and whoever reached it"
            " could do everything. Set PLOTLOT_AUTH=required and make a key with 'plotlot key create'; or, only where"
            " a proxy or a network lets nobody else in, PLOTLOT_AUTH=insecure-everyone-is-owner"
        )
    beside = "gateway" in targets and len(targets) > 1
    if beside and settings.auth == "required" and settings.grpc_address and len(heard) > 1:
        raise InvalidRequest(
            f"will not listen on {settings.grpc_address} for gRPC: the services beside the gateway ask nobody who they"
            " are, and believe whoever reaches them. Unset PLOTLOT_GRPC_ADDRESS, or run each service by itself with"
            " 'plotlot serve', where only the others reach it"
        )


def http_address(settings: Settings, targets: Sequence[str]) -> tuple[str, int] | None:
    """Where the process serves HTTP: the gateway's, or that of a judge alone; None where it has neither."""
    if "gateway" in targets:
        return settings.host, settings.port
    return (settings.judge_host, settings.judge_port) if tuple(targets) == ("judge",) else None


def announcement(runtime: Runtime, opened: socket.socket | None) -> str:
    """Where it serves."""
    if opened is None:
        return f"plotlot {runtime.targets[0]} serves gRPC on {runtime.address}"
    host, port = opened.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{port} (API at /docs)"
    if "gateway" not in runtime.targets:
        return f"plotlot {runtime.targets[0]} serves gRPC on {runtime.address} and {url}"
    return f"PlotLot serves {url}; stop it with Ctrl-C"


@contextlib.asynccontextmanager
async def serving_http(runtime: Runtime, opened: socket.socket | None) -> AsyncIterator[None]:
    """Serve this process's HTTP, where it has one, for as long as the block runs and its grace."""
    if opened is None or runtime.app is None:
        yield
    else:
        server = server_for(
            letting_go(runtime.app), runtime.settings.drain_grace_seconds, runtime.settings.trusted_proxies
        )
        async with running(server, opened):
            yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, path: str) -> AsyncIterator[None]:
    """Serve the application on a Unix socket for as long as the block runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as opened:
        opened.bind(path)
        opened.listen(64)  # requests wait here until the server accepts them
        async with running(server_for(app), opened):
            yield


@contextlib.asynccontextmanager
async def running(server: uvicorn.Server, opened: socket.socket) -> AsyncIterator[None]:
    """Run a server on a listening socket; at the end, answer what is in flight."""
    task = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
