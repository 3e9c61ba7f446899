"""Client side of every call: request metadata, and the caller's remaining time as the deadline.

grpc.aio propagates neither, so a call made while serving another would outlive it.
"""

import asyncio
from typing import Any

import grpc

from plotlot.rpc.context import current_request

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OPTIONS = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
)


def with_request(details: grpc.aio.ClientCallDetails) -> grpc.aio.ClientCallDetails:
    """The call's details with the current request's metadata and deadline."""
    request = current_request.get()
    if request is None:
        return details
    timeout = details.timeout
    if request.deadline is not None:
        remaining = max(request.deadline - asyncio.get_running_loop().time(), 0.001)
        timeout = remaining if timeout is None else min(timeout, remaining)
    metadata = grpc.aio.Metadata(*(details.metadata or ()), *request.metadata())
    return grpc.aio.ClientCallDetails(
        details.method, timeout, metadata, details.credentials, details.wait_for_ready
    )


class _UnaryUnary(grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await continuation(with_request(client_call_details), request)


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await continuation(with_request(client_call_details), request)


class _StreamUnary(grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await continuation(with_request(client_call_details), request_iterator)


class _StreamStream(grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await continuation(with_request(client_call_details), request_iterator)


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel to a service; ``unix:/path`` or ``host:port``."""
    return grpc.aio.insecure_channel(
        address,
        options=OPTIONS,
        interceptors=[_UnaryUnary(), _UnaryStream(), _StreamUnary(), _StreamStream()],
    )
