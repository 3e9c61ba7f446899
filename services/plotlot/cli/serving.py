"""A gateway over HTTP: on a port for everybody, or on a private socket for one command."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import AsyncIterator, Sequence

import click
import uvicorn
from fastapi import FastAPI

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


def server_for(app: FastAPI) -> uvicorn.Server:
    """A quiet HTTP server for the application."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
    return uvicorn.Server(config)


async def run_server(settings: Settings, targets: Sequence[str]) -> int:
    """Serve until a signal: HTTP where the gateway is among the targets, gRPC always."""
    opened = listen(settings.host, settings.port) if "gateway" in targets else None
    try:
        async with Runtime(settings, targets) as runtime:
            if opened is None or runtime.app is None:
                click.echo(f"plotlot {targets[0]} serves gRPC on {runtime.address}", err=True)
                await stopped()
                return 0
            host, port = opened.getsockname()[:2]
            name = f"[{host}]" if ":" in host else host
            click.echo(f"PlotLot serves http://{name}:{port} (API at /docs); stop it with Ctrl-C", err=True)
            await server_for(runtime.app).serve(sockets=[opened])
            return 0
    finally:
        if opened is not None:
            opened.close()


async def stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


@contextlib.asynccontextmanager
async def serving(app: FastAPI, path: str) -> AsyncIterator[None]:
    """Serve the application on a Unix socket for as long as the block runs."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened.bind(path)
    opened.listen(64)  # requests wait here until the server accepts them
    server = server_for(app)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # the command handles its own
    task = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        opened.close()
