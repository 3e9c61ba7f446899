"""The one place that maps errors to gRPC statuses and back.

A status travels with a ``Problem`` in its trailing metadata, so the caller raises what the callee raised.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from plotlot.api.common.v1.problem_pb2 import Problem
from plotlot.domain import errors

PROBLEM = "plotlot-problem-bin"
# "Do not repeat this call" (gRFC A6). Who answers with a problem has waited for what is missing already:
# five attempts, five seconds each, would bring the caller the same answer after twenty-five.
NO_RETRY = ("grpc-retry-pushback-ms", "-1")

_STATUS: tuple[tuple[type[errors.PlotLotError], grpc.StatusCode], ...] = (
    (errors.InputError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.NotFoundError, grpc.StatusCode.NOT_FOUND),
    (errors.NotAuthenticated, grpc.StatusCode.UNAUTHENTICATED),
    (errors.NotAllowed, grpc.StatusCode.PERMISSION_DENIED),
    (errors.TooManyAttempts, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.AmbiguousAddress, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.RequestInProgress, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.RateLimited, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.Overloaded, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.InvalidOutput, grpc.StatusCode.INTERNAL),
    (errors.DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.UnavailableError, grpc.StatusCode.UNAVAILABLE),
)


def status_of(error: errors.PlotLotError) -> grpc.StatusCode:
    """The gRPC status of an error; INTERNAL for a fault that is nobody's input."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def problem_metadata(error: errors.PlotLotError) -> tuple[tuple[str, str | bytes], ...]:
    """Trailing metadata that carries an error to the caller."""
    problem = Problem(
        id=error.id,
        message=error.message,
        field=error.field or "",
        suggestions=error.suggestions,
        retry_after_seconds=error.retry_after_seconds,
    )
    return ((PROBLEM, problem.SerializeToString()), NO_RETRY)


def error_classes() -> dict[str, type[errors.PlotLotError]]:
    """Every error class by its id; one without an id of its own is told as what it is a kind of."""
    found = {errors.PlotLotError.id: errors.PlotLotError}
    pending = [errors.PlotLotError]
    while pending:
        for kind in pending.pop().__subclasses__():
            if "id" in vars(kind):
                found[kind.id] = kind
            pending.append(kind)
    return found


def from_rpc_error(error: grpc.aio.AioRpcError, service: str) -> errors.PlotLotError:
    """The error that a failed call to ``service`` stands for."""
    for name, value in error.trailing_metadata() or ():
        if name == PROBLEM and isinstance(value, bytes):
            problem = Problem.FromString(value)
            kind = error_classes().get(problem.id, errors.PlotLotError)
            return kind(
                problem.message,
                field=problem.field or None,
                suggestions=tuple(problem.suggestions),
                retry_after_seconds=problem.retry_after_seconds,
            )
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceeded(f"{service} did not answer in time; try again")
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return errors.ServiceUnavailable(f"{service} cannot be reached or is not ready; try again")
    return errors.PlotLotError(f"{service} failed: {error.details()}")


@contextmanager
def calling(service: str) -> Iterator[None]:
    """Raise what the called service raised, instead of gRPC's own error."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, service) from error
