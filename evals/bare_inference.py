"""The least that gRPC does in Python: refuses each request at once, or streams it a text at a pace. Prints its address."""

import asyncio
from collections.abc import AsyncIterator

import grpc

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc

TOKEN_SECONDS = 0.02


class Bare(inference_pb2_grpc.InferenceServiceServicer):
    """Refuses what has a priority, and streams the rest."""

    async def GenerateStream(  # noqa: N802
        self, request: inference_pb2.GenerateStreamRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[inference_pb2.GenerateStreamResponse]:
        """As many texts as tokens are asked for."""
        if request.request.priority:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")
        for _ in range(request.request.sampling.max_tokens):
            yield inference_pb2.GenerateStreamResponse(text="lot ")
            await asyncio.sleep(TOKEN_SECONDS)
        result = inference_pb2.GenerateResponse(completion_tokens=request.request.sampling.max_tokens)
        yield inference_pb2.GenerateStreamResponse(result=result)


async def main() -> None:
    """Serve until killed."""
    server = grpc.aio.server()
    inference_pb2_grpc.add_InferenceServiceServicer_to_server(Bare(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print("listening", f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
