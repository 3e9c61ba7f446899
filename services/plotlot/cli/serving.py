"""A gateway over HTTP: on a port for everybody, or on a private socket for one command."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI

from plotlot.domain.errors import ServiceUnavailable


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
