"""InferenceService: translates, and calls the engines on a thread, for their work is computing."""

import asyncio

import grpc

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc
from plotlot.domain.bundles import Generation
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Generator, Passage
from plotlot.rpc.context import current_parameters

MOST_TEXTS = 256
MOST_PASSAGES = 100


class InferenceServicer(inference_pb2_grpc.InferenceServiceServicer):
    """Serves plotlot.api.inference.v1.InferenceService."""

    def __init__(self, embedder: Embedder, generator: Generator) -> None:
        self._embedder = embedder
        self._generator = generator

    async def Embed(
        self, request: inference_pb2.EmbedRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.EmbedResponse:
        """Unit-length vectors of texts."""
        check_model(request.model, self._embedder.model)
        if not 1 <= len(request.texts) <= MOST_TEXTS:
            raise InvalidRequest(f"send 1 to {MOST_TEXTS} texts, not {len(request.texts)}", field="texts")
        embeddings = await asyncio.to_thread(self._embedder.embed, list(request.texts))
        return inference_pb2.EmbedResponse(
            vectors=[row.astype("<f4").tobytes() for row in embeddings.vectors],
            dimensions=self._embedder.dimensions,
            model=self._embedder.model,
            tokens=embeddings.tokens,
        )

    async def Generate(
        self, request: inference_pb2.GenerateRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.GenerateResponse:
        """An answer to a question from passages, by the parameters of the request's bundle."""
        check_model(request.model, self._generator.model)
        parameters = current_parameters().generation
        check_generation(parameters, self._generator)
        if not request.question.strip():
            raise InvalidRequest("ask a question", field="question")
        if len(request.passages) > MOST_PASSAGES:
            raise InvalidRequest(
                f"send at most {MOST_PASSAGES} passages, not {len(request.passages)}", field="passages"
            )
        passages = [Passage(passage.id, passage.text) for passage in request.passages]
        answer = await asyncio.to_thread(self._generator.answer, request.question, passages, parameters)
        return inference_pb2.GenerateResponse(
            answer=answer.text,
            quotes=[
                inference_pb2.Quote(
                    passage=quote.passage, start=quote.start, end=quote.end, score=quote.score
                )
                for quote in answer.quotes
            ],
            engine=self._generator.engine,
            model=self._generator.model,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
        )

    async def ListModels(
        self, request: inference_pb2.ListModelsRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.ListModelsResponse:
        """The models served."""
        embedder, generator = self._embedder, self._generator
        return inference_pb2.ListModelsResponse(
            models=[
                inference_pb2.Model(
                    name=embedder.model,
                    task="embed",
                    engine=embedder.engine,
                    dimensions=embedder.dimensions,
                ),
                inference_pb2.Model(name=generator.model, task="generate", engine=generator.engine),
            ]
        )


def check_model(asked: str, served: str) -> None:
    """Raise InvalidRequest where a model is asked for by a name that is not served."""
    if asked not in ("", served):
        raise InvalidRequest(
            f"model {asked!r} is not served here; {served} is", field="model", suggestions=[served]
        )


def check_generation(asked: Generation, generator: Generator) -> None:
    """Raise ServiceUnavailable where a bundle names a model or a prompt that is not served: a fault of ours."""
    if asked.model not in ("", generator.model):
        raise ServiceUnavailable(
            f"the request's bundle names model {asked.model!r}, but {generator.model} is served here: "
            "its lane runs another image"
        )
    if asked.prompt not in generator.prompts:
        raise ServiceUnavailable(
            f"the request's bundle names prompt {asked.prompt!r}, which {generator.model} does not have; "
            f"it has {', '.join(generator.prompts)}"
        )
