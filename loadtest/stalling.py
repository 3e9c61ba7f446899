"""A server whose latency is known: it answers after 5 ms, and stands still for one second in four.

A tool that waits for answers before it asks again sends little meanwhile, and finds it quick (coordinated omission).
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PERIOD_SECONDS, STILL_SECONDS, ANSWER_SECONDS = 4.0, 1.0, 0.005
BODY = b'{"verdict": "none"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


def true_percentile_seconds(share: float) -> float:
    """What so large a share of requests that come evenly wait at most."""
    still = STILL_SECONDS - (1 - share) * PERIOD_SECONDS
    return max(still, 0.0) + ANSWER_SECONDS


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer whatever is asked on one connection."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            await reader.readexactly(int(length or 0))
            await asyncio.sleep(max(STILL_SECONDS - time.time() % PERIOD_SECONDS, 0.0) + ANSWER_SECONDS)
            writer.write(HEAD + BODY)
    writer.close()


async def serve() -> None:
    """Serve on a free port, which is printed, until ended."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def stalling() -> Iterator[str]:
    """The server in a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__))], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


if __name__ == "__main__":
    asyncio.run(serve())
