"""The extractive engine as one that writes: what it writes are quotes of the messages before the last.

So whoever speaks to a model can be tried without one.
"""

import asyncio
from collections.abc import AsyncGenerator

from plotlot.domain.bundles import Generation
from plotlot.domain.errors import NoGenerator
from plotlot.inference.completion import EngineState, Piece, Prompt, Usage
from plotlot.inference.generation import Generator, Passage


class ExtractiveWriter:
    """Answers the last message by sentences of those before it. For what must follow a schema it takes a model."""

    name = "extractive"
    endpoint = ""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def heard_at(self) -> float:
        """It is in this process, and always heard."""
        return asyncio.get_running_loop().time()

    async def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The quotes, a line a piece. Raises NoGenerator where a schema is to be followed."""
        if prompt.schema is not None:
            raise NoGenerator(
                "no model that writes is set up here, and quotes follow no schema; "
                "set PLOTLOT_GENERATION_URL and PLOTLOT_GENERATION_MODEL"
            )
        *before, question = prompt.messages
        passages = [Passage(str(number), each.content) for number, each in enumerate(before)]
        answer = await asyncio.to_thread(self._generator.answer, question.content, passages, Generation())
        written, reason = 0, "stop"
        for number, line in enumerate(answer.text.splitlines()):
            words = line.split()[: prompt.sampling.max_tokens - written]
            if words:
                written += len(words)
                yield Piece("\n" * bool(number) + " ".join(words), len(words))
            if len(words) < len(line.split()):
                reason = "length"
                break
        yield Piece("", 0, reason, Usage(answer.prompt_tokens, written))

    async def state(self) -> EngineState:
        """Always ready."""
        return EngineState(True, models=(self._generator.model,))

    async def alive(self) -> bool:
        """Always."""
        return True

    def abort(self, why: str, silent_since: float) -> None:
        """Nothing: its work is short, and computes."""

    async def close(self) -> None:
        """Nothing to let go of."""
