"""The vectors of queries, which inference computes and a cache keeps."""

from hashlib import sha256
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from plotlot.api.inference.v1 import inference_pb2
from plotlot.rpc.context import is_shadow
from plotlot.rpc.errors import calling
from plotlot.store.cache import Cache

if TYPE_CHECKING:
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub

TTL_SECONDS = 24 * 3600
FLOAT_BYTES = 4


class QueryVectors:
    """Embeds queries; the same words under the same model are computed once.

    A shadow request finds what is kept, and keeps nothing.
    """

    def __init__(self, inference: "InferenceServiceAsyncStub", cache: Cache) -> None:
        self._inference = inference
        self._cache = cache
        self._model = ""  # that inference serves; not known before its first answer

    async def embed(self, text: str) -> inference_pb2.EmbedResponse:
        """The vector, kept or new. Inference may serve another model since: see ``computed``."""
        if self._model:
            kept = decoded(await self._cache.get(cache_key(self._model, text)))
            if kept is not None and kept.model == self._model:
                return kept
        return await self.computed(text)

    async def computed(self, text: str) -> inference_pb2.EmbedResponse:
        """The vector by the model that inference serves now."""
        with calling("inference"):
            response = await self._inference.Embed(inference_pb2.EmbedRequest(texts=[text]))
        self._model = response.model
        if not is_shadow():
            key = cache_key(response.model, text)
            await self._cache.set(key, response.SerializeToString(), TTL_SECONDS)
        return response


def cache_key(model: str, text: str) -> str:
    """Where a text's vector is kept: the text itself may be private, and long."""
    return f"plotlot:vector:{model}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def decoded(kept: bytes | None) -> inference_pb2.EmbedResponse | None:
    """What was kept; None where it is not one whole vector."""
    if kept is None:
        return None
    try:
        response = inference_pb2.EmbedResponse.FromString(kept)
    except DecodeError:
        return None
    whole = [response.dimensions * FLOAT_BYTES] == [len(vector) for vector in response.vectors]
    return response if whole and response.dimensions else None
