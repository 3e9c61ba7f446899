"""The real gateway over a judge on real gRPC, on a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import uvicorn
from fake_gateway import fake_app
from fake_judge import FakeJudge

from plotlot.api.judge.v1 import judge_pb2_grpc
from plotlot.cli.serving import listen, server_for
from plotlot.gateway.releases.judge_client import JudgeClient
from plotlot.rpc.channels import open_channel

START_SECONDS = 30.0


@contextmanager
def gateway_over(judge: FakeJudge | None) -> Iterator[str]:
    """The address of a gateway that asks this judge, or one that is away."""
    listening = listen("127.0.0.1", 0)
    started, servers = threading.Event(), []

    async def run() -> None:
        server = grpc.aio.server()
        port = server.add_insecure_port("127.0.0.1:0")
        if judge is not None:
            judge_pb2_grpc.add_JudgeServiceServicer_to_server(judge, server)
            await server.start()
        async with open_channel(f"127.0.0.1:{port}") as channel:
            client = JudgeClient(judge_pb2_grpc.JudgeServiceStub(channel))
            servers.append(server_for(fake_app(judge=client)))
            started.set()
            await servers[0].serve(sockets=[listening])
        await server.stop(0)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert started.wait(START_SECONDS)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        for server in servers:
            stop(server)
        thread.join(START_SECONDS)
        listening.close()


def stop(server: uvicorn.Server) -> None:
    """Ask a server to end."""
    server.should_exit = True
