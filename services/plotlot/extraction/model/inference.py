"""A model behind the inference service."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.domain.errors import InputError, NoGenerator, PromptTooLong, ServiceUnavailable
from plotlot.domain.messages import Message
from plotlot.extraction.model.completing import Written
from plotlot.rpc.errors import calling

if TYPE_CHECKING:
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub

MOST_TOKENS = 2_048  # written in one answer
CALL_SECONDS = 600.0  # on a processor without a GPU a question takes minutes; nobody waits for it that long


class InferenceCompleter:
    """Asks inference, over gRPC."""

    def __init__(self, inference: "InferenceServiceAsyncStub", most_tokens: int = MOST_TOKENS) -> None:
        self._inference = inference
        self._most_tokens = most_tokens

    async def default_model(self) -> str:
        """The first model that writes. Raises NoGenerator where none is served."""
        with calling("inference"):
            served = await self._inference.ListModels(inference_pb2.ListModelsRequest())
        for model in served.models:
            if model.task == "generate" and model.engine != "extractive":
                return model.name
        raise NoGenerator("inference serves no model that writes; set PLOTLOT_GENERATION_URL where it runs")

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any], model: str, affinity: str
    ) -> Written:
        """What the model writes, the likeliest each time."""
        request = inference_pb2.GenerateRequest(
            model=model,
            messages=[inference_pb2.Message(role=one.role, content=one.content) for one in messages],
            json_schema=json.dumps(schema),
            sampling=inference_pb2.Sampling(temperature=0.0, max_tokens=self._most_tokens),
            affinity_key=affinity,
        )
        try:
            with calling("inference"):
                answer = await self._inference.Generate(request, timeout=CALL_SECONDS)
        except PromptTooLong:
            raise
        except InputError as error:  # what we asked was wrong, and nothing that our caller did
            raise ServiceUnavailable(f"inference refused to read a code: {error.message}") from error
        return Written(answer.answer, answer.prompt_tokens, answer.completion_tokens)
