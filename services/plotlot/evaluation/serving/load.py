"""Load in closed loop, where so many users each wait for their answer, and in open loop, where they do not.

In open loop a request's time counts from when it was due: a client that falls behind must not flatter the server
(coordinated omission, Tene 2013).
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

from plotlot.evaluation.serving.targets import Ask, Outcome, Target

WORDS = [
    "lot",
    "yard",
    "setback",
    "district",
    "height",
    "parcel",
    "frontage",
    "coverage",
    "dwelling",
    "street",
    "rear",
    "front",
    "side",
    "corner",
]


def ask_of(number: int, seed: int, prompt_words: int, max_tokens: int) -> Ask:
    """A request of its own, the same for the same number and seed."""
    drawn = random.Random(f"{seed}-{number}")
    text = f"{number}: " + " ".join(drawn.choices(WORDS, k=prompt_words))
    return Ask(text, max_tokens)


async def closed_loop(
    target: Target, asks: Sequence[Ask], concurrency: int, ramp_seconds: float = 0.0
) -> list[Outcome]:
    """Send the requests, so many at a time.

    Users begin one after the other over ``ramp_seconds``: those who begin together go on in step for ever.
    """
    waiting = iter(asks)
    outcomes: list[Outcome] = []

    async def user(number: int) -> None:
        await asyncio.sleep(ramp_seconds * number / concurrency)
        for ask in waiting:
            outcome = Outcome(time.perf_counter(), priority=ask.priority)
            outcomes.append(outcome)
            await target.send(ask, outcome)

    await asyncio.gather(*(user(number) for number in range(min(concurrency, len(asks)))))
    return outcomes


async def open_loop(
    target: Target, asks: Sequence[Ask], per_second: float, draw: Callable[[], float]
) -> list[Outcome]:
    """Send the requests as they come: times between them are exponential, ``draw`` gives 0 to 1."""
    loop = asyncio.get_running_loop()
    outcomes: list[Outcome] = []
    sending: list[asyncio.Task[None]] = []
    generator = random.Random(draw())
    begin, due = time.perf_counter(), 0.0
    for ask in asks:
        due += generator.expovariate(per_second)
        await asyncio.sleep(max(begin + due - time.perf_counter(), 0))
        outcome = Outcome(begin + due, priority=ask.priority)
        outcomes.append(outcome)
        sending.append(loop.create_task(target.send(ask, outcome)))
    await asyncio.gather(*sending)
    return outcomes
