"""InferenceService: translates, and calls the engines; what computes does so on a thread."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing

import grpc

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc
from plotlot.domain.bundles import Generation
from plotlot.domain.errors import InvalidRequest, NoGenerator, ServiceUnavailable
from plotlot.inference.answering import Answerer, Threaded
from plotlot.inference.completion import Prompt
from plotlot.inference.completions import Completions, Written
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Generator, Passage
from plotlot.inference.replicas import Replica
from plotlot.inference.requests import caller_of, prompt_of
from plotlot.rpc.context import current_parameters, current_request
from plotlot.telemetry import SpanNames
from plotlot.tracing.notes import note

MOST_TEXTS = 256
MOST_PASSAGES = 100
LONGEST_PROMPT = 400_000  # characters


class InferenceServicer(inference_pb2_grpc.InferenceServiceServicer):
    """Serves plotlot.api.inference.v1.InferenceService."""

    def __init__(
        self,
        embedder: Embedder,
        generator: Generator,
        completions: Completions | None = None,
        answerers: Sequence[Answerer] = (),
        longest_prompt: int = LONGEST_PROMPT,
    ) -> None:
        """``completions`` is None where no model is set up; ``answerers`` stand before ``generator``."""
        self._embedder = embedder
        self._answerers: Mapping[str, Answerer] = {
            each.model: each for each in (*answerers, Threaded(generator))
        }
        self._completions = completions
        self._longest_prompt = longest_prompt

    async def Embed(
        self, request: inference_pb2.EmbedRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.EmbedResponse:
        """Unit-length vectors of texts."""
        check_model(request.model, [self._embedder.model])
        if not 1 <= len(request.texts) <= MOST_TEXTS:
            raise InvalidRequest(f"send 1 to {MOST_TEXTS} texts, not {len(request.texts)}", field="texts")
        embeddings = await asyncio.to_thread(self._embedder.embed, list(request.texts))
        note(SpanNames.ENGINE, self._embedder.engine)
        note(SpanNames.INPUT_TOKENS, embeddings.tokens)
        return inference_pb2.EmbedResponse(
            vectors=[row.astype("<f4").tobytes() for row in embeddings.vectors],
            dimensions=self._embedder.dimensions,
            model=self._embedder.model,
            tokens=embeddings.tokens,
        )

    async def Generate(
        self, request: inference_pb2.GenerateRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.GenerateResponse:
        """An answer from passages, by the parameters of the request's bundle; or what a model writes."""
        if request.messages:
            completions, prompt = self._prompt(request)
            return written_response(
                await completions.complete(prompt, caller_of(request.account, request.affinity_key)),
                prompt.model,
            )
        parameters = current_parameters().generation
        answerer = self._answerer(request.model, parameters)
        if not request.question.strip():
            raise InvalidRequest("ask a question", field="question")
        if len(request.passages) > MOST_PASSAGES:
            raise InvalidRequest(
                f"send at most {MOST_PASSAGES} passages, not {len(request.passages)}", field="passages"
            )
        passages = [Passage(passage.id, passage.text, passage.section) for passage in request.passages]
        answer = await answerer.answer(request.question, passages, parameters)
        note(SpanNames.ENGINE, answerer.engine)
        note(SpanNames.PROMPT, parameters.prompt)
        note(SpanNames.CHUNKS_USED, len(passages))
        note(SpanNames.INPUT_TOKENS, answer.prompt_tokens)
        note(SpanNames.OUTPUT_TOKENS, answer.completion_tokens)
        return inference_pb2.GenerateResponse(
            answer=answer.text,
            quotes=[
                inference_pb2.Quote(
                    passage=quote.passage, start=quote.start, end=quote.end, score=quote.score
                )
                for quote in answer.quotes
            ],
            engine=answerer.engine,
            model=answerer.model,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            bundle=current_bundle(),
        )

    async def GenerateStream(
        self, request: inference_pb2.GenerateStreamRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[inference_pb2.GenerateStreamResponse]:
        """What a model writes, as it is written."""
        if not request.request.messages:
            raise InvalidRequest("send messages; answers from passages are not streamed", field="messages")
        completions, prompt = self._prompt(request.request)
        caller = caller_of(request.request.account, request.request.affinity_key)
        async with aclosing(completions.stream(prompt, caller)) as parts:
            async for part in parts:
                if isinstance(part, str):
                    yield inference_pb2.GenerateStreamResponse(text=part)
                else:
                    yield inference_pb2.GenerateStreamResponse(result=written_response(part, prompt.model))

    async def ListModels(
        self, request: inference_pb2.ListModelsRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.ListModelsResponse:
        """The models served."""
        embedder = self._embedder
        embeds = inference_pb2.Model(
            name=embedder.model, task="embed", engine=embedder.engine, dimensions=embedder.dimensions
        )
        generates = [
            inference_pb2.Model(name=each.model, task="generate", engine=each.engine)
            for each in self._answerers.values()
        ]
        return inference_pb2.ListModelsResponse(models=[embeds, *generates])

    async def GetEngineState(
        self, request: inference_pb2.GetEngineStateRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.GetEngineStateResponse:
        """What is known of the engines and of the queue before them."""
        if self._completions is None:
            return inference_pb2.GetEngineStateResponse()
        await self._completions.replicas.state()
        queue, now = self._completions.gate.queue, asyncio.get_running_loop().time()
        return inference_pb2.GetEngineStateResponse(
            engines=[replica_message(each, now) for each in self._completions.replicas],
            queue=inference_pb2.QueueState(
                requests=queue.waiting,
                tokens=queue.waiting_tokens,
                oldest_seconds=queue.oldest_seconds(now),
                in_flight=queue.in_flight,
            ),
        )

    def _prompt(self, request: inference_pb2.GenerateRequest) -> tuple[Completions, Prompt]:
        """Who writes, and after what."""
        if self._completions is None:
            raise NoGenerator(
                "no model that writes is set up here; set PLOTLOT_GENERATION_URL and PLOTLOT_GENERATION_MODEL"
            )
        model = self._completions.model
        check_model(request.model, [model])
        called = current_request.get()
        return self._completions, prompt_of(
            request, model, self._longest_prompt, called.request_id if called else ""
        )

    def _answerer(self, asked: str, wanted: Generation) -> Answerer:
        """Who answers from passages. Raises InvalidRequest, or ServiceUnavailable for what a bundle names."""
        check_model(asked, list(self._answerers))
        name = asked or wanted.model or next(iter(self._answerers))
        if name not in self._answerers:
            raise ServiceUnavailable(
                f"the request's bundle names model {name!r}, but {', '.join(self._answerers)} is served here: "
                "its lane runs another image"
            )
        answerer = self._answerers[name]
        if wanted.prompt not in answerer.prompts:
            raise ServiceUnavailable(
                f"the request's bundle names prompt {wanted.prompt!r}, which {answerer.model} does not have; "
                f"it has {', '.join(answerer.prompts)}"
            )
        return answerer


def check_model(asked: str, served: Sequence[str]) -> None:
    """Raise InvalidRequest where a model is asked for by a name that is not served."""
    if asked and asked not in served:
        raise InvalidRequest(
            f"model {asked[:200]!r} is not served here; {', '.join(served)} is",
            field="model",
            suggestions=served,
        )


def current_bundle() -> str:
    """The bundle of the request being served."""
    called = current_request.get()
    return called.bundle if called else ""


def written_response(written: Written, model: str) -> inference_pb2.GenerateResponse:
    """What was written as a message."""
    return inference_pb2.GenerateResponse(
        answer=written.text,
        engine=written.engine,
        model=model,
        prompt_tokens=written.usage.prompt_tokens,
        completion_tokens=written.usage.completion_tokens,
        finish_reason=written.finish_reason,
        time_to_first_token_seconds=written.first_token_seconds,
        queue_seconds=written.queue_seconds,
        engine_version=written.version,
        cached_tokens=written.usage.cached_tokens,
        attempts=written.attempts,
        bundle=current_bundle(),
    )


def replica_message(replica: Replica, now: float) -> inference_pb2.EngineState:
    """What is known of a replica as a message."""
    said = replica.said
    return inference_pb2.EngineState(
        engine=replica.engine.name,
        version=said.version,
        endpoint=replica.engine.endpoint,
        models=said.models,
        ready=said.ready,
        reason=said.reason,
        breaker=replica.circuit.state(now).value,
        in_flight=replica.in_flight,
        running=said.running,
        waiting=said.waiting,
        kv_cache_use=said.kv_cache_use,
        prefix_hit_rate=said.prefix_hit_rate,
    )
