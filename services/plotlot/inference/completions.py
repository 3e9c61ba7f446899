"""What models write, whichever replica of an engine does: streamed, or whole and checked against a schema."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from plotlot.domain.errors import InvalidOutput
from plotlot.inference.completion import Engine, EngineState, Message, Piece, Prompt, Usage
from plotlot.inference.structured import BrokenAnswer, check_answer

REPAIR = (
    "Your answer could not be used: {complaint}. Answer again with one JSON value that follows the schema, "
    "and with nothing else."
)
SHOWN_CHARACTERS = 2000  # of a broken answer, when a model is told what was wrong with it


@dataclass(frozen=True, slots=True)
class Written:
    """An answer and how it came to be; times in seconds."""

    text: str
    finish_reason: str
    usage: Usage
    engine: str
    version: str
    first_token_seconds: float
    queue_seconds: float
    attempts: int


@dataclass(slots=True)
class Progress:
    """What was written so far."""

    started: float
    parts: list[str] = field(default_factory=list)
    first_token_at: float | None = None
    last: Piece = field(default_factory=Piece)

    def add(self, piece: Piece, now: float) -> None:
        """Take a piece in."""
        if piece.text:
            self.parts.append(piece.text)
            self.first_token_at = self.first_token_at or now
        self.last = piece


class Completions:
    """Asks an engine, and asks it once more where an answer breaks its schema."""

    def __init__(self, model: str, engine: Engine, now: Callable[[], float] = monotonic) -> None:
        self.model = model
        self._engine = engine
        self._now = now

    @property
    def engine(self) -> str:
        """The kind of engine."""
        return self._engine.name

    async def watch(self) -> None:
        """Look at the engine for as long as the service runs."""

    async def close(self) -> None:
        """Let go of the engine."""
        await self._engine.close()

    async def states(self) -> list[tuple[str, str, EngineState]]:
        """The name, the endpoint and the state of each replica."""
        return [(self._engine.name, self._engine.endpoint, await self._engine.state())]

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Written, None]:
        """Text as it is written, then the whole. Raises InvalidOutput at the end of what broke the schema."""
        started = self._now()
        progress = Progress(started)
        async with aclosing(self._engine.write(prompt)) as pieces:
            async for piece in pieces:
                progress.add(piece, self._now())
                if piece.text:
                    yield piece.text
        written = self._whole(progress, 1)
        if prompt.schema is not None:
            try:
                check_answer(written.text, prompt.schema, written.finish_reason)
            except BrokenAnswer as broken:
                raise InvalidOutput(f"the answer broke its schema: {broken}") from None
        yield written

    async def complete(self, prompt: Prompt) -> Written:
        """The whole answer. One that breaks its schema is told so once; then InvalidOutput is raised."""
        written = await self._written(prompt, 1)
        if prompt.schema is None:
            return written
        try:
            check_answer(written.text, prompt.schema, written.finish_reason)
            return written
        except BrokenAnswer as broken:
            complaint = str(broken)
        second = await self._written(told(prompt, written.text, complaint), 2)
        second = replace(second, usage=added(written.usage, second.usage))
        try:
            check_answer(second.text, prompt.schema, second.finish_reason)
        except BrokenAnswer as broken:
            raise InvalidOutput(
                f"the model's answer broke the schema twice: first {complaint}; then {broken}"
            ) from None
        return second

    async def _written(self, prompt: Prompt, attempts: int) -> Written:
        progress = Progress(self._now())
        async with aclosing(self._engine.write(prompt)) as pieces:
            async for piece in pieces:
                progress.add(piece, self._now())
        return self._whole(progress, attempts)

    def _whole(self, progress: Progress, attempts: int) -> Written:
        ended = progress.first_token_at or self._now()
        return Written(
            "".join(progress.parts),
            progress.last.finish_reason,
            progress.last.usage or Usage(),
            self._engine.name,
            "",
            ended - progress.started,
            0.0,
            attempts,
        )


def told(prompt: Prompt, answer: str, complaint: str) -> Prompt:
    """The prompt with a broken answer and what was wrong with it."""
    told_so = (
        Message("assistant", answer[:SHOWN_CHARACTERS]),
        Message("user", REPAIR.format(complaint=complaint)),
    )
    return replace(prompt, messages=prompt.messages + told_so)


def added(first: Usage, second: Usage) -> Usage:
    """The tokens of two answers."""
    return Usage(
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
        first.cached_tokens + second.cached_tokens,
    )
