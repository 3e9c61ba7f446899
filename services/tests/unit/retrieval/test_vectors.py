from typing import Any

import pytest

from plotlot.api.inference.v1 import inference_pb2
from plotlot.retrieval.vectors import QueryVectors, cache_key, decoded
from plotlot.rpc.context import RequestContext, current_request

VECTOR = b"\0" * 8


class Inference:
    """Answers with an empty vector of two dimensions, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    async def Embed(self, request: inference_pb2.EmbedRequest) -> inference_pb2.EmbedResponse:
        self.calls += 1
        return inference_pb2.EmbedResponse(vectors=[VECTOR], dimensions=2, model="m")


class Kept(dict):
    """A cache as a dictionary."""

    async def get(self, key: str) -> Any:
        return super().get(key)

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None:
        self[key] = value


async def test_a_vector_that_is_kept_is_not_computed() -> None:
    inference, kept = Inference(), Kept()
    vectors = QueryVectors(inference, kept)
    assert await vectors.embed("lot") == await vectors.embed("lot")
    assert inference.calls == 1
    assert "lot" not in next(iter(kept)).removeprefix("plotlot:")


async def test_another_replica_uses_it_after_its_own_first_answer() -> None:
    kept = Kept()
    await QueryVectors(Inference(), kept).embed("lot")
    second = Inference()
    vectors = QueryVectors(second, kept)
    await vectors.embed("yard")
    await vectors.embed("lot")
    assert second.calls == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xff",
        b"",
        inference_pb2.EmbedResponse(vectors=[VECTOR[:-1]], dimensions=2, model="m").SerializeToString(),
        inference_pb2.EmbedResponse(vectors=[VECTOR, VECTOR], dimensions=2, model="m").SerializeToString(),
    ],
)
async def test_what_is_no_vector_is_computed_again(garbage: bytes) -> None:
    inference = Inference()
    vectors = QueryVectors(inference, kept := Kept())
    await vectors.embed("yard")
    kept[cache_key("m", "lot")] = garbage
    assert decoded(garbage) is None
    assert (await vectors.embed("lot")).vectors == [VECTOR]
    assert inference.calls == 2


async def test_a_shadow_request_finds_what_is_kept_and_keeps_nothing() -> None:
    inference, kept = Inference(), Kept()
    vectors = QueryVectors(inference, kept)
    await vectors.embed("lot")
    token = current_request.set(RequestContext("r", "bundle-x", shadow=True))
    try:
        await vectors.embed("lot")
        assert inference.calls == 1
        await vectors.embed("yard")
    finally:
        current_request.reset(token)
    assert list(kept) == [cache_key("m", "lot")]
