"""Errors as RFC 9457 problem documents; the one place that maps errors to HTTP statuses."""

import logging
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from plotlot.domain import errors
from plotlot.http.requests import told_path
from plotlot.http.security import HEADERS
from plotlot.rpc.context import BUNDLE, current_request

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"
TRY_LATER = (429, 503, 504)

# What a field should hold, by the validator's name of the complaint.
EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no such field",
    "json_invalid": "a JSON document",
    "string_type": "text",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "model_attributes_type": "a JSON object",
    "too_long": "at most {max_length} items",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "date_from_datetime_parsing": "a date, e.g. 2026-05-01",
    "date_parsing": "a date, e.g. 2026-05-01",
    "date_type": "a date, e.g. 2026-05-01",
}

_STATUS: tuple[tuple[type[errors.PlotLotError], int], ...] = (
    (errors.DocumentTooLarge, 413),
    (errors.UnsupportedMedia, 415),
    (errors.MethodNotAllowed, 405),
    (errors.InputError, 422),
    (errors.NotFoundError, 404),
    (errors.NotAuthenticated, 401),
    (errors.NotAllowed, 403),
    (errors.TooManyAttempts, 429),
    (errors.AmbiguousAddress, 409),
    (errors.RequestInProgress, 409),
    (errors.RateLimited, 429),
    (errors.InvalidOutput, 502),
    (errors.DeadlineExceeded, 504),
    (errors.UnavailableError, 503),
)


def status_of(error: errors.PlotLotError) -> int:
    """The HTTP status of an error; 500 for a fault that is nobody's input."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_document(error: errors.PlotLotError) -> dict[str, Any]:
    """The problem document of an error (RFC 9457); its type is a heading of docs/errors.md.

    ``field`` names the part of the request at fault, ``expected`` what it should hold, ``remedy`` what to do.
    """
    document: dict[str, Any] = {
        "type": f"/errors#{error.id}",
        "title": error.id.replace("-", " ").capitalize(),
        "status": status_of(error),
        "detail": error.message,
    }
    if error.field:
        document["field"] = error.field
    if error.expected:
        document["expected"] = error.expected
    document["remedy"] = error.remedy
    if error.suggestions:
        document["suggestions"] = list(error.suggestions)
    request = current_request.get()
    if request is not None:
        document["request_id"] = request.request_id
    return document


def problem_response(error: errors.PlotLotError) -> JSONResponse:
    """The response for an error."""
    headers = problem_headers(error)
    return JSONResponse(problem_document(error), status_of(error), headers, media_type=MEDIA_TYPE)


def problem_headers(error: errors.PlotLotError) -> dict[str, str]:
    """When to come back and with what, where an error says so, whatever tells it."""
    waits = str(math.ceil(error.retry_after_seconds) or RETRY_AFTER_SECONDS)
    headers = {"Retry-After": waits} if status_of(error) in TRY_LATER or error.retry_after_seconds else {}
    if (challenge := challenge_of(error)) is not None:
        headers["WWW-Authenticate"] = challenge
    return headers


def challenge_of(error: errors.PlotLotError) -> str | None:
    """What the caller has to send to be let in (RFC 6750, section 3); None for other errors."""
    if isinstance(error, errors.InvalidCredentials):
        return 'Bearer realm="plotlot", error="invalid_token"'
    if isinstance(error, errors.NotAllowed):
        return 'Bearer realm="plotlot", error="insufficient_scope"'
    return 'Bearer realm="plotlot"' if isinstance(error, errors.NotAuthenticated) else None


def install_problems(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""

    async def ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.PlotLotError)
        return problem_response(error)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return problem_response(invalid_request(error))

    async def plain(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:
            reason = f"the body cannot be read ({error.detail}); /docs shows what this operation takes"
            return problem_response(errors.InvalidRequest(reason, field="body"))
        response = problem_response(refusal(error, request))
        response.headers.update(error.headers or {})
        return response

    async def fault(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, told_path(request.url.path), exc_info=error)
        response = problem_response(unforeseen(error))
        # It is answered outside the middleware, which names these on every other answer.
        response.headers.update(HEADERS)
        if (context := current_request.get()) is not None:
            response.headers["x-request-id"] = context.request_id
            if context.bundle:
                response.headers[BUNDLE] = context.bundle
        return response

    app.add_exception_handler(errors.PlotLotError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, fault)


def refusal(error: HTTPException, request: Request) -> errors.PlotLotError:
    """What the router refused, as an error of ours."""
    asked = f"{request.method} {request.url.path}"
    if error.status_code == 404:
        return errors.UnknownOperation(f"nothing is at {asked}")
    if error.status_code == 405:
        takes = (error.headers or {}).get("Allow", "")
        return errors.MethodNotAllowed(f"{asked}: this path takes {takes or 'other methods'}", expected=takes)
    if error.status_code == 413:
        return errors.DocumentTooLarge(str(error.detail))
    return errors.InvalidRequest(f"{asked}: {error.detail}")


def unforeseen(error: Exception) -> errors.PlotLotError:
    """A fault of ours in words that give nothing away."""
    return errors.PlotLotError(f"{type(error).__name__}: a fault of PlotLot's own; the log has more")


def invalid_request(error: RequestValidationError) -> errors.InvalidRequest:
    """The first complaint of a validation as an error of ours."""
    complaint = error.errors()[0]
    path = [str(part) for part in complaint["loc"][1:]]
    name = "body" if complaint["type"] == "json_invalid" else ".".join(path) or "body"
    expected = EXPECTED.get(complaint["type"], "").format(**complaint.get("ctx", {}))
    return errors.InvalidRequest(f"{name}: {complaint_words(complaint)}", field=name, expected=expected)


def complaint_words(complaint: dict[str, Any]) -> str:
    """What is wrong and what to do; the validator's own words where they say so already."""
    if complaint["type"] == "json_invalid":
        return f"it is not JSON ({complaint['ctx']['error']} after character {complaint['loc'][-1]})"
    if complaint["type"] == "extra_forbidden":
        return "this operation has no such field; /docs lists those that it has"
    if "UploadFile" in complaint["msg"]:
        return "send a file here, not text"
    return str(complaint["msg"]).removeprefix("Value error, ")
