"""A span for each time that an engine is asked, by the GenAI semantic conventions of OpenTelemetry.

Prompts and answers are not on it: they may hold what users typed.
"""

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from opentelemetry.propagate import inject
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context

from plotlot.domain.errors import PlotLotError
from plotlot.domain.redaction import redacted
from plotlot.inference.completion import Engine, Piece, Prompt
from plotlot.telemetry import FIRST_TOKEN_EVENT, GenAi, SpanNames


class EngineCall:
    """One request to one engine, from when it is sent to the end of its answer."""

    def __init__(self, tracer: Tracer, prompt: Prompt, engine: Engine) -> None:
        self._span = tracer.start_span(f"{GenAi.CHAT} {prompt.model}", kind=SpanKind.CLIENT)
        self._recording = self._span.is_recording()
        if self._recording:
            self._span.set_attributes(asked(prompt, engine))
        self._begun = asyncio.get_running_loop().time()
        self._has_begun_to_answer = False
        self.prompt = self._traced(prompt)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        """End, and say why."""
        if isinstance(error, PlotLotError):
            self._failed(error.id, error.message)
        elif isinstance(error, Exception):
            self._failed(type(error).__name__, str(error))
        elif error is not None:
            self._span.set_attribute(
                GenAi.ERROR_TYPE, "cancelled"
            )  # by its caller, which is no error of the engine
        self._span.end()

    def about(self, queue_seconds: float, attempt: int, bundle: str) -> None:
        """Note what came before it, and for which bundle it is."""
        if self._recording:
            self._span.set_attributes(
                {SpanNames.QUEUE_SECONDS: queue_seconds, SpanNames.ATTEMPT: attempt, SpanNames.BUNDLE: bundle}
            )

    def wrote(self, piece: Piece) -> None:
        """Note what a piece of the answer tells."""
        if not self._recording:
            return
        if piece.text and not self._has_begun_to_answer:
            self._has_begun_to_answer = True
            seconds = asyncio.get_running_loop().time() - self._begun
            self._span.set_attribute(GenAi.TIME_TO_FIRST_CHUNK, seconds)
            self._span.add_event(FIRST_TOKEN_EVENT)
        if piece.finish_reason:
            self._span.set_attribute(GenAi.FINISH_REASONS, [piece.finish_reason])
        if piece.usage is not None:
            self._span.set_attributes(
                {
                    GenAi.INPUT_TOKENS: piece.usage.prompt_tokens,
                    GenAi.CACHED_TOKENS: piece.usage.cached_tokens,
                    GenAi.OUTPUT_TOKENS: piece.usage.completion_tokens,
                }
            )

    def _failed(self, kind: str, message: str) -> None:
        self._span.set_attribute(GenAi.ERROR_TYPE, kind)
        self._span.set_status(Status(StatusCode.ERROR, redacted(message)[:300]))

    def _traced(self, prompt: Prompt) -> Prompt:
        """The prompt with the headers by which an engine that traces goes on with this span."""
        if not self._recording:
            return prompt
        headers: dict[str, str] = {}
        inject(headers, context=set_span_in_context(self._span))
        return replace(prompt, trace=headers)


def asked(prompt: Prompt, engine: Engine) -> dict[str, str | int | float | bool | list[str]]:
    """What is known of a call before it is made."""
    sampling, where = prompt.sampling, urlsplit(engine.endpoint)
    found: dict[str, str | int | float | bool | list[str]] = {
        GenAi.OPERATION: GenAi.CHAT,
        GenAi.PROVIDER: engine.name,
        GenAi.REQUEST_MODEL: prompt.model,
        GenAi.MAX_TOKENS: sampling.max_tokens,
        GenAi.TEMPERATURE: sampling.temperature,
        GenAi.TOP_P: sampling.top_p,
        GenAi.STREAM: True,
        GenAi.OUTPUT_TYPE: "text" if prompt.schema is None else "json",
        SpanNames.REQUEST_ID: prompt.request_id,
    }
    if sampling.seed is not None:
        found[GenAi.SEED] = sampling.seed
    if sampling.stop:
        found[GenAi.STOP_SEQUENCES] = list(sampling.stop)
    if prompt.adapter:
        found[SpanNames.ADAPTER] = prompt.adapter
    if where.hostname:
        found[GenAi.SERVER_ADDRESS] = where.hostname
    if where.port:
        found[GenAi.SERVER_PORT] = where.port
    return found
