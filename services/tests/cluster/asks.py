"""Asks inference to write, at a rate that is given on standard input, and prints what became of each request.

Runs inside a pod of the gateway, which may call inference: `python -c "$(cat asks.py)" ADDRESS`. A line is a rate in
requests a second; the end of the input is the end of the load, once every answer is in.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator

import grpc

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.rpc.channels import open_channel
from plotlot.rpc.errors import from_rpc_error

TOKENS = 20
PATIENCE_SECONDS = 60.0


async def ask(stub: InferenceServiceStub, number: int) -> None:
    """One request, and a line about it."""
    request = messages.GenerateRequest(
        messages=[messages.Message(role="user", content=f"{number}: how deep is a rear yard?")],
        sampling=messages.Sampling(max_tokens=TOKENS),
    )
    began, tokens, error, retry_after = time.time(), 0, "", 0.0
    try:
        stream = stub.GenerateStream(
            messages.GenerateStreamRequest(request=request), timeout=PATIENCE_SECONDS
        )
        async for part in stream:
            if part.HasField("result"):
                tokens = part.result.completion_tokens
    except grpc.aio.AioRpcError as failed:
        problem = from_rpc_error(failed, "inference")
        error, retry_after = f"{failed.code().name} {problem.id}", problem.retry_after_seconds
    line = {"at": began, "seconds": time.time() - began, "tokens": tokens, "error": error}
    print(json.dumps({**line, "retry_after": retry_after}), flush=True)


async def rates() -> AsyncIterator[float]:
    """The rate as it is now; ends with the input."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    rate = float(await lines.get())
    while True:
        while not lines.empty():
            if not (line := lines.get_nowait()):
                loop.remove_reader(sys.stdin)
                return
            rate = float(line)
        yield rate


async def main(address: str) -> None:
    """Ask, whatever became of those before."""
    drawn, due = random.Random(7), time.monotonic()
    asked: list[asyncio.Task[None]] = []
    channel = open_channel(address)
    stub = InferenceServiceStub(channel)
    async for rate in rates():
        asked.append(asyncio.create_task(ask(stub, len(asked))))
        due += drawn.expovariate(rate)
        await asyncio.sleep(max(due - time.monotonic(), 0))
    await asyncio.gather(*asked)
    await channel.close()


asyncio.run(main(sys.argv[1]))
