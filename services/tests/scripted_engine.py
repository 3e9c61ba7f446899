"""An engine that answers by what it is asked, on a thread of its own: for what runs event loops of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from plotlot.evaluation.serving.fake_engine import FakeEngine

MODEL = "fake-model"
PIECE = 40  # characters an event
START_SECONDS = 10.0


class ScriptedEngine(FakeEngine):
    """``answers`` may be changed between requests; ``asked`` holds their bodies."""

    def __init__(self) -> None:
        super().__init__(model=MODEL)
        self.asked: list[dict[str, Any]] = []
        self.answers: Callable[[dict[str, Any]], str] = lambda body: "{}"

    def says(self, asked: dict[str, Any]) -> tuple[Sequence[str], str]:
        """The answer in pieces."""
        self.asked.append(asked)
        text = self.answers(asked)
        return ["", *(text[at : at + PIECE] for at in range(0, len(text), PIECE))], "stop"


@contextmanager
def scripted_engine() -> Iterator[ScriptedEngine]:
    """A running engine."""
    engine, listening = ScriptedEngine(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await engine.start()
        listening.set()
        await ended.wait()
        await engine.stop()

    ended = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        assert listening.wait(START_SECONDS)
        yield engine
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()
