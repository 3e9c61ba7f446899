"""Client side of every call: request metadata, and the caller's remaining time as the deadline.

grpc.aio propagates neither, so a call made while serving another would outlive it.
"""

import asyncio
import json
from dataclasses import replace
from typing import Any

import grpc
from opentelemetry.trace import Span, get_tracer

from plotlot.rpc.context import current_request
from plotlot.rpc.tracing import begin_call, end_call
from plotlot.tracing.spans import trace_of

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OPTIONS = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
)

# Calls that may be made twice, for a second one changes nothing: those that read. Extraction keeps a reading
# under the digest of its code, once. Writes are not here: what UNAVAILABLE leaves of them is not known.
IDEMPOTENT = {
    "plotlot.api.retrieval.v1.RetrievalService": (
        "Search",
        "FindParcel",
        "ListMunicipalities",
        "SuggestAddresses",
    ),
    "plotlot.api.extraction.v1.ExtractionService": (
        "ListDistricts",
        "GetStandards",
        "CountStandards",
        "ReadCode",
    ),
    # A parcel that is looked up twice is kept once, and mostly not asked for again.
    "plotlot.api.ingestion.v1.IngestionService": (
        "ListGenerations",
        "LookUpParcel",
        "ListRefreshes",
        "GetRefresh",
        "ListTownStates",
        "WatchRefresh",
    ),
    "plotlot.api.inference.v1.InferenceService": (
        "Embed",
        "Generate",
        "GenerateStream",
        "ListModels",
        "GetEngineState",
    ),
    "plotlot.api.gateway.v1.GatewayService": ("GetStandards",),
    # Recording is among them: a pair, and a report of exposures, count once however often they are sent.
    "plotlot.api.judge.v1.JudgeService": (
        "RegisterBundle",
        "GetBundle",
        "GetPlan",
        "RecordPairs",
        "RecordExposures",
        "Decide",
        "ListReleases",
        "GetRelease",
        "ListPairs",
        "ListHarmed",
    ),
}
# Four more attempts over about two seconds, as long as a new connection may take to be found: names are looked up
# once a second. A server that stops cancels the calls that reached it last.
RETRIES = {
    "maxAttempts": 5,  # gRPC makes no more
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 3,
    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
}
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # A replica that drains, or lost its database, gets no calls: it says so sooner than the name server.
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{"service": name, "method": method} for method in methods],
            "retryPolicy": RETRIES,
        }
        for name, methods in IDEMPOTENT.items()
    ],
    # After 50 failures that no success made up for, calls are no longer repeated.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.5},
}
# For services on other machines, which come and go: look their names up again as soon as one is lost,
# notice those that vanish without a word, and do not wait two minutes before trying again.
REMOTE_OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),  # what one attempt to connect may take
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)


def with_request(details: grpc.aio.ClientCallDetails, span: Span | None = None) -> grpc.aio.ClientCallDetails:
    """The call's details with the current request's metadata and deadline, as a step of the span's."""
    request = current_request.get()
    if request is None:
        return details
    if span is not None:
        request = replace(request, trace=trace_of(span))
    timeout = details.timeout
    if request.deadline is not None:
        remaining = max(request.deadline - asyncio.get_running_loop().time(), 0.001)
        timeout = remaining if timeout is None else min(timeout, remaining)
    metadata = grpc.aio.Metadata(*(details.metadata or ()), *request.metadata())
    return grpc.aio.ClientCallDetails(
        details.method, timeout, metadata, details.credentials, details.wait_for_ready
    )


class _Caller:
    """Makes calls as the current request's, each a step of it."""

    def __init__(self) -> None:
        self._tracer = get_tracer(__name__)
        self._ending: set[asyncio.Task[None]] = set()

    async def call(self, continuation: Any, details: grpc.aio.ClientCallDetails, sent: Any) -> Any:
        """The call as it goes on; its span ends with its last answer."""
        span = begin_call(self._tracer, method_of(details))
        call = await continuation(with_request(details, span), sent)
        if span is not None:
            task = asyncio.create_task(ended(span, call))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        return call


async def ended(span: Span, call: Any) -> None:
    """End a span once its call has."""
    end_call(span, await call.code())


def method_of(details: grpc.aio.ClientCallDetails) -> str:
    """The full name of the method that is called, without its first slash."""
    method = details.method
    return (method.decode() if isinstance(method, bytes) else method).removeprefix("/")


class _UnaryUnary(_Caller, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self.call(continuation, client_call_details, request)


class _UnaryStream(_Caller, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self.call(continuation, client_call_details, request)


class _StreamUnary(_Caller, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self.call(continuation, client_call_details, request_iterator)


class _StreamStream(_Caller, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self.call(continuation, client_call_details, request_iterator)


def open_channel(address: str, local: bool = False) -> grpc.aio.Channel:
    """A channel to a service: ``host:port`` for every replica of that name, or this process alone if ``local``.

    What shares a process drains together: its services go on calling one another, whatever their health says.
    """
    local = local or address.startswith("unix:")
    return grpc.aio.insecure_channel(
        address if local else target_of(address),
        options=OPTIONS if local else (*OPTIONS, *REMOTE_OPTIONS),
        interceptors=[_UnaryUnary(), _UnaryStream(), _StreamUnary(), _StreamStream()],
    )


def target_of(address: str) -> str:
    """The address as a name to look up, where it does not say how it is to be read."""
    return (
        address if "://" in address or address.startswith(("dns:", "ipv4:", "ipv6:")) else f"dns:///{address}"
    )
