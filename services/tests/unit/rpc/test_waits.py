"""How long work waits in a process."""

import asyncio
import time

from plotlot.rpc.waits import watch_waits
from plotlot.telemetry import Metrics


def seen(metrics: Metrics, what: str, name: str) -> float:
    return metrics.registry.get_sample_value(f"plotlot_wait_seconds_{name}", {"what": what}) or 0.0


def hold_up() -> None:
    time.sleep(0.3)


async def test_a_loop_that_is_held_up_is_seen() -> None:
    metrics = Metrics()
    watching = asyncio.create_task(watch_waits(metrics, 0.0))
    await asyncio.sleep(0)
    hold_up()
    while not seen(metrics, "thread", "count"):
        await asyncio.sleep(0.01)
    watching.cancel()
    assert seen(metrics, "loop", "sum") >= 0.2
