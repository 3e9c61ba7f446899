"""What models write, whichever replica of an engine does: streamed, or whole and checked against a schema."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from opentelemetry.trace import Tracer, get_tracer

from plotlot.domain.errors import (
    EngineFault,
    EngineUnavailable,
    InvalidOutput,
    Overloaded,
    PlotLotError,
)
from plotlot.domain.messages import Message, characters
from plotlot.domain.prices import FREE, Prices
from plotlot.inference.completion import Piece, Prompt, Usage
from plotlot.inference.engine_calls import EngineCall
from plotlot.inference.gate import Gate
from plotlot.inference.replicas import Replica, Replicas
from plotlot.inference.structured import BrokenAnswer, check_answer
from plotlot.telemetry import Metrics

MOST_ATTEMPTS = 3  # at one answer, on as many replicas
CHARACTERS_PER_TOKEN = 4  # about, of English; good enough for the queue's limits
REPAIR = (
    "Your answer could not be used: {complaint}. Answer again with one JSON value that follows the schema, "
    "and with nothing else."
)
SHOWN_CHARACTERS = 2000  # of a broken answer, when a model is told what was wrong with it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: until when on the event loop's clock, for whom it counts, which replica it prefers."""

    deadline: float | None = None
    account: str = ""
    affinity_key: str = ""
    bundle: str = ""


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
    """What was written so far, by whom, and when it began."""

    started: float
    queue_seconds: float = 0.0
    parts: list[str] = field(default_factory=list)
    first_token_at: float | None = None
    ended: float = 0.0
    last: Piece = field(default_factory=Piece)
    replica: Replica | None = None
    attempts: int = 0

    def add(self, piece: Piece, now: float) -> None:
        """Take a piece in."""
        if piece.text:
            self.parts.append(piece.text)
            self.first_token_at = self.first_token_at or now
        self.last, self.ended = piece, now

    def written(self) -> Written:
        """The whole answer."""
        replica = self.replica
        assert replica is not None, "somebody wrote it"
        return Written(
            "".join(self.parts),
            self.last.finish_reason,
            self.last.usage or Usage(),
            replica.engine.name,
            replica.said.version,
            (self.first_token_at or self.ended) - self.started,
            self.queue_seconds,
            self.attempts,
        )


class Completions:
    """Queues requests, gives each to a replica, to another where that fails, and checks what must follow a schema."""

    def __init__(
        self,
        model: str,
        engine: str,
        replicas: Replicas,
        gate: Gate,
        metrics: Metrics,
        hedge_seconds: float | None = None,
        tracer: Tracer | None = None,
        prices: Prices = FREE,
    ) -> None:
        """``tracer`` is that of whatever traces this process, unless another is given."""
        self._prices = prices
        self.model = model
        self.engine = engine
        self.replicas = replicas
        self.gate = gate
        self._metrics = metrics
        self._hedge_seconds = hedge_seconds
        self._tracer = tracer or get_tracer(__name__)

    async def watch(self) -> None:
        """Look after the replicas and the queue until cancelled, which is once nothing is in flight; then let go."""
        measuring = asyncio.create_task(self.gate.watch())
        try:
            await self.replicas.watch()
        finally:
            measuring.cancel()
            await self.close()

    async def close(self) -> None:
        """Let go of the replicas."""
        await self.replicas.close()

    async def stream(self, prompt: Prompt, caller: Caller) -> AsyncGenerator[str | Written, None]:
        """Text as it is written, then the whole. Raises InvalidOutput at the end of what broke the schema."""
        with self._counted():
            passage = self.gate.passage(tokens_of(prompt), caller.deadline, caller.account, prompt.urgency)
            async with passage as waited:
                progress = Progress(now(), waited)
                async with aclosing(self._pieces(prompt, caller, progress)) as pieces:
                    async for piece in pieces:
                        if piece.text:
                            yield piece.text
            written = progress.written()
            self._account(written, progress, caller)
            if prompt.schema is not None:
                complaint = complaint_about(written, prompt)
                self._metrics.inference_output_checks.labels("invalid" if complaint else "valid").inc()
                if complaint:
                    raise InvalidOutput(f"the answer broke its schema: {complaint}")
        yield written

    async def complete(self, prompt: Prompt, caller: Caller) -> Written:
        """The whole answer. One that breaks its schema is told so once; then InvalidOutput is raised."""
        with self._counted():
            first = await self._written(prompt, caller)
            complaint = complaint_about(first, prompt)
            if prompt.schema is None or not complaint:
                if prompt.schema is not None:
                    self._metrics.inference_output_checks.labels("valid").inc()
                return first
            second = await self._written(told(prompt, first.text, complaint), caller)
            again = complaint_about(second, prompt)
            self._metrics.inference_output_checks.labels("invalid" if again else "repaired").inc()
            if again:
                raise InvalidOutput(
                    f"the model's answer broke the schema twice: first {complaint}; then {again}"
                )
            return replace(
                second,
                usage=added(first.usage, second.usage),
                first_token_seconds=first.first_token_seconds,
                queue_seconds=first.queue_seconds + second.queue_seconds,
                attempts=first.attempts + second.attempts,
            )

    async def _written(self, prompt: Prompt, caller: Caller) -> Written:
        """One whole answer, of whichever replica gives it."""
        passage = self.gate.passage(tokens_of(prompt), caller.deadline, caller.account, prompt.urgency)
        async with passage as waited:
            progress = await self._hedged(prompt, caller, waited)
        written = progress.written()
        self._account(written, progress, caller)
        return written

    async def _hedged(self, prompt: Prompt, caller: Caller, waited: float) -> Progress:
        """The first answer of one replica, or of a second that is asked where the first has not begun in time."""
        first = Progress(now(), waited)
        if self._hedge_seconds is None or len(self.replicas) < 2:
            return await self._whole(prompt, caller, first)
        tasks = {asyncio.create_task(self._whole(prompt, caller, first))}
        try:
            await asyncio.wait(tasks, timeout=self._hedge_seconds)
            begun = first.first_token_at is not None or not any(not task.done() for task in tasks)
            if not begun and self._repeats("hedge"):
                other = Progress(first.started, waited, replica=first.replica)
                tasks.add(asyncio.create_task(self._whole(prompt, replace(caller, affinity_key=""), other)))
            return await first_success(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _whole(self, prompt: Prompt, caller: Caller, progress: Progress) -> Progress:
        async with aclosing(self._pieces(prompt, caller, progress)) as pieces:
            async for _ in pieces:
                pass
        return progress

    async def _pieces(
        self, prompt: Prompt, caller: Caller, progress: Progress
    ) -> AsyncGenerator[Piece, None]:
        """What a replica writes; of another one where that fails before the first token.

        A replica that ``progress`` names already is another request's, and is not chosen.
        """
        tried = [progress.replica] if progress.replica else []
        clock = asyncio.get_running_loop().time
        self.replicas.sent()
        while True:
            progress.replica = replica = await self.replicas.pick(
                caller.affinity_key, tried, spread=f"{prompt.request_id}{progress.started}"
            )
            progress.attempts += 1
            tried.append(replica)
            try:
                with EngineCall(self._tracer, prompt, replica.engine) as call:
                    call.about(progress.queue_seconds, progress.attempts, caller.bundle)
                    async with aclosing(replica.write(call.prompt)) as pieces:
                        async for piece in pieces:
                            progress.add(piece, clock())
                            call.wrote(piece)
                            yield piece
                return
            except (EngineUnavailable, EngineFault, Overloaded):
                if progress.parts or not self._may_try_another(progress, tried):
                    raise

    def _may_try_another(self, progress: Progress, tried: list[Replica]) -> bool:
        """Whether another replica is left, and the budget allows to ask it."""
        left = any(each not in tried and each.circuit.admits(now()) for each in self.replicas)
        return left and progress.attempts < MOST_ATTEMPTS and self._repeats("failover")

    def _repeats(self, reason: str) -> bool:
        allowed = self.replicas.may_repeat()
        self._metrics.inference_repeats.labels(reason if allowed else "denied").inc()
        return allowed

    def _counted(self) -> "Counted":
        return Counted(self._metrics, self.model)

    def _account(self, written: Written, progress: Progress, caller: Caller) -> None:
        """Count an answer's tokens and times."""
        metrics, usage = self._metrics, written.usage
        account = metrics.account_label(caller.account)
        for kind, tokens in (
            ("prompt", usage.prompt_tokens),
            ("cached", usage.cached_tokens),
            ("completion", usage.completion_tokens),
        ):
            metrics.inference_tokens.labels(self.model, kind, account, caller.bundle).inc(tokens)
        cost = self._prices.cost(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
        metrics.inference_cost.labels(self.model, caller.bundle).inc(cost)
        metrics.inference_first_token_seconds.labels(self.model).observe(written.first_token_seconds)
        if progress.first_token_at is not None and usage.completion_tokens > 1:
            each = (progress.ended - progress.first_token_at) / (usage.completion_tokens - 1)
            metrics.inference_output_token_seconds.labels(self.model).observe(each)


class Counted:
    """Counts what became of a request."""

    def __init__(self, metrics: Metrics, model: str) -> None:
        self._requests = metrics.inference_requests
        self._model = model

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """Count what it ended with."""
        if isinstance(error, PlotLotError):
            result = error.id
        elif isinstance(error, TimeoutError):
            result = "deadline-exceeded"
        else:
            result = (
                "ok" if error is None else "cancelled" if not isinstance(error, Exception) else "internal"
            )
        self._requests.labels(self._model, result).inc()


async def first_success(tasks: set[asyncio.Task[Progress]]) -> Progress:
    """The result of the first task that succeeds; the error of the last where none does."""
    pending: set[asyncio.Task[Progress]] = tasks
    while True:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.exception() is None or not pending:
                return task.result()


def now() -> float:
    """The event loop's clock."""
    return asyncio.get_running_loop().time()


def tokens_of(prompt: Prompt) -> int:
    """About how many tokens a request may take."""
    return characters(prompt.messages) // CHARACTERS_PER_TOKEN + 1 + prompt.sampling.max_tokens


def complaint_about(written: Written, prompt: Prompt) -> str:
    """What in an answer breaks the schema; empty where nothing does, or there is none."""
    if prompt.schema is None:
        return ""
    try:
        check_answer(written.text, prompt.schema, written.finish_reason)
    except BrokenAnswer as broken:
        return str(broken)
    return ""


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
