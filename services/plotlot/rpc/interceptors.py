"""Server side of every call: request context, deadline, error mapping and metrics."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from opentelemetry.trace import get_tracer

from plotlot.domain.access import LOCAL, checked_tenant
from plotlot.domain.bundles import Parameters, parameters_from
from plotlot.domain.errors import (
    DeadlineExceeded,
    InvalidBundle,
    InvalidRequest,
    PlotLotError,
    ServiceUnavailable,
)
from plotlot.rpc.context import (
    ACCOUNT,
    BUNDLE,
    PARAMETERS,
    REQUEST_ID,
    SHADOW,
    TENANT,
    RequestContext,
    current_request,
)
from plotlot.rpc.errors import problem_metadata, status_of
from plotlot.rpc.tracing import begin_served_call, end_served_call, is_door, trace_in
from plotlot.telemetry import Metrics
from plotlot.tracing.access_log import tell_of
from plotlot.tracing.notes import begin_notes
from plotlot.tracing.spans import exemplar, trace_of

log = logging.getLogger(__name__)

LONGEST_ACCOUNT = 200  # characters


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Runs each handler inside its request's context and turns errors into statuses."""

    def __init__(self, metrics: Metrics, own: Parameters) -> None:
        """``own`` are the parameters of requests that bring none."""
        self._metrics = metrics
        self._own = own
        self._tracer = get_tracer(__name__)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler, whichever of the four kinds it is."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith("/grpc."):
            return handler
        kind = ("unary" if not handler.request_streaming else "stream") + (
            "_unary" if not handler.response_streaming else "_stream"
        )
        wrap = self._streaming if handler.response_streaming else self._single
        make: Any = getattr(grpc, f"{kind}_rpc_method_handler")
        deserializer = handler.request_deserializer
        return make(
            wrap(getattr(handler, kind), method),
            request_deserializer=deserializer if handler.request_streaming else readable(deserializer),
            response_serializer=handler.response_serializer,
        )

    def _single(self, behaviour: Any, method: str) -> Any:
        async def handle(request: Any, context: grpc.aio.ServicerContext) -> Any:
            async with self._call(method, context):
                check_readable(request)
                return await behaviour(request, context)

        return handle

    def _streaming(self, behaviour: Any, method: str) -> Any:
        async def handle(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
            async with self._call(method, context):
                check_readable(request)
                async for response in behaviour(request, context):
                    yield response

        return handle

    @asynccontextmanager
    async def _call(self, method: str, context: grpc.aio.ServicerContext) -> AsyncIterator[None]:
        _, service, name = method.rsplit("/", 2)
        started = time.perf_counter()
        code = grpc.StatusCode.OK
        in_flight = self._metrics.requests_in_flight.labels(service)
        in_flight.inc()
        span, message, notes = None, "", begin_notes()
        try:
            request = request_context(context, self._own)
            span = begin_served_call(self._tracer, f"{service}/{name}", request)
            current_request.set(request if span is None else replace(request, trace=trace_of(span)))
            async with asyncio.timeout_at(deadline_of(context)):
                yield
        except Exception as error:
            problem = problem_of(error, method)
            code, message = status_of(problem), problem.message
            await context.abort(code, message, problem_metadata(problem))
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        finally:
            in_flight.dec()
            seconds = time.perf_counter() - started
            self._metrics.rpc_requests.labels(service, name, code.name).inc()
            self._metrics.rpc_seconds.labels(service, name).observe(seconds, exemplar())
            called = {"method": f"{service}/{name}", "status": code.name}
            tell_of("grpc", called, seconds, notes, is_door(called["method"]))
            if span is not None:
                span.set_attributes(notes)
                end_served_call(span, code, current_request.get(), message)


class Unreadable:
    """A request that is not the message it should be."""


def readable(deserializer: Any) -> Any:
    """The deserializer, but what it cannot read is told to the handler: gRPC calls that a fault of ours."""

    def read(content: bytes) -> Any:
        try:
            return deserializer(content)
        except DecodeError:
            return Unreadable()

    return read


def check_readable(request: Any) -> None:
    """Raise InvalidRequest for a request that could not be read."""
    if isinstance(request, Unreadable):
        raise InvalidRequest(
            "the request is not the message that this call takes, or a text in it is not UTF-8"
        )


def problem_of(error: Exception, method: str) -> PlotLotError:
    """An error as one of ours; what we did not foresee is logged and reported as our fault."""
    if isinstance(error, PlotLotError):
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceeded("the answer did not come in the time allowed; try again")
    log.error("%s failed", method, exc_info=error)
    return PlotLotError(f"{type(error).__name__} in {method.rpartition('/')[2]}; the log has more")


def deadline_of(context: grpc.aio.ServicerContext) -> float | None:
    """When the call must be answered, on the event loop's clock."""
    remaining = context.time_remaining()
    return None if remaining is None else asyncio.get_running_loop().time() + remaining


def request_context(context: grpc.aio.ServicerContext, own: Parameters) -> RequestContext:
    """The context that the caller sent, or a new one. Raises ServiceUnavailable, InvalidRequest."""
    sent = dict(context.invocation_metadata() or ())
    encoded = sent.get(PARAMETERS)
    return RequestContext(
        request_id=str(sent.get(REQUEST_ID) or uuid.uuid4()),
        bundle=str(sent.get(BUNDLE) or ""),
        deadline=deadline_of(context),
        parameters=sent_parameters(encoded) if isinstance(encoded, bytes) else own,
        shadow=sent.get(SHADOW) == "1",
        travels=isinstance(encoded, bytes),
        tenant=checked_tenant(str(sent.get(TENANT) or LOCAL)),
        account=str(sent.get(ACCOUNT) or "")[:LONGEST_ACCOUNT],
        trace=trace_in(sent),
    )


def sent_parameters(encoded: bytes) -> Parameters:
    """The parameters of the request's bundle. Raises ServiceUnavailable for one that this code cannot serve.

    It is not the caller's fault, and must not look so: what judges a release counts our faults.
    """
    try:
        return parameters_from(encoded)
    except InvalidBundle as error:
        raise ServiceUnavailable(
            f"this service cannot serve the request's bundle: {error.message}; it needs a lane of its own image"
        ) from None
