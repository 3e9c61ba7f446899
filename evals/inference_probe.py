"""Asks two servers in turn, in a process that does nothing else, and prints as JSON how long each took to refuse.

`python evals/inference_probe.py SECONDS ADDRESS...`; a load generator that is busy with streams would measure itself.
"""

import asyncio
import json
import sys
import time

from plotlot.evaluation.serving.load import ask_of
from plotlot.evaluation.serving.targets import Ask, Outcome, ServiceTarget

PAUSE_SECONDS = 0.02


async def probe(seconds: float, addresses: list[str]) -> dict[str, list[float]]:
    """Milliseconds to each refusal, by address."""
    targets = {address: ServiceTarget(address) for address in addresses}
    found: dict[str, list[float]] = {address: [] for address in addresses}
    ends, number = time.perf_counter() + seconds, 0
    answered: set[asyncio.Task[None]] = set()

    async def ask(address: str, asked: Ask) -> None:
        outcome = Outcome(time.perf_counter())
        await targets[address].send(asked, outcome)
        if outcome.error not in ("", "displaced") and not outcome.arrivals:
            found[address].append((outcome.ended - outcome.due) * 1000)

    while time.perf_counter() < ends:
        for address in addresses:
            drawn = ask_of(number, 2, 200, 16)
            task = asyncio.create_task(ask(address, Ask(drawn.text, 16, "normal", "probe")))
            answered.add(task)
            task.add_done_callback(answered.discard)
            number += 1
            await asyncio.sleep(PAUSE_SECONDS)
    for task in tuple(answered):
        task.cancel()
    await asyncio.gather(*answered, return_exceptions=True)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(probe(float(sys.argv[1]), sys.argv[2:]))))
