"""Messages that no service should take: too large, or none at all."""

import grpc
import pytest

from plotlot.api.inference.v1 import inference_pb2_grpc
from plotlot.api.inference.v1.inference_pb2 import EmbedRequest
from plotlot.rpc import channels
from plotlot.rpc.channels import MAX_MESSAGE_BYTES
from plotlot.rpc.server import Server
from plotlot.telemetry import Metrics

NAME = "plotlot.api.inference.v1.InferenceService"
METHOD = f"/{NAME}/Embed"


class Counting(inference_pb2_grpc.InferenceServiceServicer):
    """Counts what reaches it."""

    def __init__(self) -> None:
        self.calls = 0

    async def Embed(self, request: EmbedRequest, context: grpc.aio.ServicerContext) -> EmbedRequest:  # type: ignore[override]
        """One call."""
        self.calls += 1
        return EmbedRequest()


async def test_a_message_beyond_the_limit_is_refused_and_the_service_goes_on() -> None:
    servicer = Counting()
    register = {
        NAME: lambda server: inference_pb2_grpc.add_InferenceServiceServicer_to_server(servicer, server)
    }
    server = Server(register, Metrics())
    address = await server.start("127.0.0.1:0")
    options = (("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0))
    try:
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            call = channel.unary_unary(METHOD)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(b"\x0a" + b"\x00" * (MAX_MESSAGE_BYTES + 1), timeout=30)
            assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            with pytest.raises(grpc.aio.AioRpcError) as unread:
                await call(b"\xff\xff\xff", timeout=30)
            assert unread.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert servicer.calls == 0
            await call(EmbedRequest(texts=["a"]).SerializeToString(), timeout=30)
            assert servicer.calls == 1
    finally:
        await server.stop(0)


def test_both_ends_of_every_channel_hold_messages_to_the_same_size() -> None:
    assert dict(channels.OPTIONS)["grpc.max_receive_message_length"] == MAX_MESSAGE_BYTES
    assert dict(channels.OPTIONS)["grpc.max_send_message_length"] == MAX_MESSAGE_BYTES
