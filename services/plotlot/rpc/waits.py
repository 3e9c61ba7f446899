"""How long work waits in this process: for the event loop that everything runs on, and for a thread."""

import asyncio

from plotlot.telemetry import Metrics

EACH_SECONDS = 1.0
PAUSE_SECONDS = 0.05


async def watch_waits(metrics: Metrics, each_seconds: float = EACH_SECONDS) -> None:
    """Measure both, for ever: how late a pause ends, and how long a thread takes that has nothing to do."""
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        await asyncio.sleep(PAUSE_SECONDS)
        metrics.wait_seconds.labels("loop").observe(max(clock() - began - PAUSE_SECONDS, 0.0))
        began = clock()
        await asyncio.to_thread(nothing)
        metrics.wait_seconds.labels("thread").observe(clock() - began)
        await asyncio.sleep(each_seconds)


def nothing() -> None:
    """What costs no time."""
