"""The OpenAPI 3.1 document: every operation with an example, and every problem that it may answer with."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from plotlot.domain import errors
from plotlot.gateway.openapi.examples import BODIES, PARAMETERS, answers
from plotlot.http.problems import MEDIA_TYPE, problem_document
from plotlot.rpc.errors import error_classes

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457. `type` never changes; its fragment is a heading of docs/errors.md.",
    "required": ["type", "title", "status", "detail", "remedy"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "field": {"type": "string", "description": "The part of the request at fault."},
        "expected": {"type": "string", "description": "What that part should hold."},
        "remedy": {"type": "string", "description": "What to do."},
        "suggestions": {"type": "array", "items": {"type": "string"}, "description": "What was near."},
        "request_id": {"type": "string"},
    },
}
# Problems that any operation may answer with.
EVERYWHERE: tuple[errors.PlotLotError, ...] = (
    errors.InvalidRequest(
        "k: Input should be less than or equal to 100", field="k", expected="a number of at most 100"
    ),
    errors.NotAuthenticated("this PlotLot wants to know who asks"),
    errors.NotAllowed("this needs the role operator or above, and the caller is reader"),
    errors.MethodNotAllowed("PUT /v1/ask: this path takes POST", expected="POST"),
    errors.RateLimited("this client used its 600 units a minute; this request costs 5: try again in 3 s"),
    errors.PlotLotError("KeyError: a fault of PlotLot's own; the log has more"),
    errors.StoreUnavailable("the database went away; nothing was changed, try again"),
    errors.DeadlineExceeded("retrieval did not answer in time; try again"),
)
# Those of single operations, by the words of a path or by the method and path.
NO_TOWN = errors.UnknownMunicipality(
    "no code of 'Larkfeild, OH' is here; did you mean 'Larkfield, OH'?",
    field="municipality",
    suggestions=["Larkfield, OH"],
)
NOT_FOUND: dict[str, errors.PlotLotError] = {
    "{analysis}": errors.UnknownAnalysis("there is no analysis 'an-1' here", field="id"),
    "/v1/addresses": NO_TOWN,
    "/v1/comparisons": errors.UnknownAnalysis("there is no analysis 'an-1' here", field="id"),
    "{refresh}": errors.UnknownRefresh("there is no refresh 'refresh-1'", field="refresh"),
    "/v1/refreshes": errors.UnknownMunicipality(
        "no publisher lists 'Larkfeild, OH'", field="towns", suggestions=["Larkfield, OH"]
    ),
    "{job}": errors.UnknownJob("there is no job 'job-1' here", field="job"),
    "{feedback}": errors.UnknownFeedback("there is no remark 'fb-1' here", field="feedback"),
    "{document}": errors.UnknownDocument("there is no document 'd-1' here", field="document"),
    "{municipality}": NO_TOWN,
    "/v1/ask": NO_TOWN,
    "/v1/search": NO_TOWN,
    "/v1/index/generations": NO_TOWN,
    "{watch}": errors.UnknownWatch("there is no watch 'wt-1' here", field="watch"),
    "/v1/watches": NO_TOWN,
    "{share}": errors.UnknownShare("there is no link 'shr-1' to this analysis", field="share"),
    "{key}": errors.UnknownKey("there is no key 'k1' here", field="key"),
    "{generation}": errors.UnknownGeneration("there is no generation 7", field="generation"),
    "{release}": errors.UnknownRelease("there is no release 're-1'", field="release"),
    "{bundle}": errors.UnknownBundle("no bundle 'b-1' was registered", field="bundle"),
    "/v1/feedback": errors.UnknownAnalysis("there is no analysis 'an-1' here", field="id"),
    "/v1/analyses": errors.UnknownAddress(
        "no parcel is at '100 S Mian Street'; did you mean '100 S Main Street, Larkfield, OH'?",
        field="address",
        suggestions=["100 S Main Street, Larkfield, OH"],
    ),
}
CONFLICTS: dict[str, errors.PlotLotError] = {
    "/v1/analyses": errors.AmbiguousAddress(
        "2 parcels match '12 Elm Street'; name the municipality, the unit or the parcel's id",
        field="address",
        suggestions=["12 Elm Street, Larkfield, OH (parcel LF-0012)"],
    ),
}
IN_PROGRESS = errors.RequestInProgress(
    "the request with the key 'a1' is being answered", field="Idempotency-Key"
)
UPLOADS = ("/v1/documents", "/v1/parcels", "/v1/gold", "/v1/analyses:batch")
TOO_LARGE = errors.DocumentTooLarge("more than the 20 MB allowed: send the batch in parts", field="body")
NO_BATCH = errors.UnsupportedMedia(
    "a batch is one of text/csv, application/x-ndjson, application/json, not 'text/plain'",
    field="body",
    expected="text/csv, application/x-ndjson, application/json",
)
KEY_PARAMETER: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request with the same key is carried out once, and gets the same answer for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def install_document(app: FastAPI) -> None:
    """Serve the document; it is made when it is first asked for."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = completed(
                get_openapi(
                    title=app.title, version=app.version, description=app.description, routes=app.routes
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def completed(document: Json) -> Json:
    """The framework's document with problems and examples."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    shown = answers()
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                complete(operations[method], method, path, shown.get(f"{method.upper()} {path}", {}))
    document["x-problems"] = {
        f"/errors#{identifier}": kind.__doc__ for identifier, kind in sorted(error_classes().items())
    }
    return document


def complete(operation: Json, method: str, path: str, shown: Json) -> None:
    """Give an operation its problems, its parameters' examples and the example of its answer."""
    problems: dict[str, list[errors.PlotLotError]] = {}
    for error in problems_of(method, path):
        problems.setdefault(str(problem_document(error)["status"]), []).append(error)
    responses: Json = {
        status: answer for status, answer in operation["responses"].items() if status.startswith("2")
    }
    operation["responses"] = responses | {
        status: problem_answer(found) for status, found in sorted(problems.items())
    }
    for parameter in operation.get("parameters", ()):
        if (example := PARAMETERS.get(parameter["name"])) is not None:
            parameter.setdefault("example", example)
    if method == "post":
        operation.setdefault("parameters", []).append(KEY_PARAMETER)
    for media_type, example in shown.items():
        success = next(answer for answer in responses.values() if fits(answer, media_type, responses))
        success.setdefault("content", {}).setdefault(media_type, {})["example"] = example
    for media_type, example in BODIES.get(f"{method.upper()} {path}", {}).items():
        operation["requestBody"]["content"][media_type].setdefault("example", example)


def fits(answer: Json, media_type: str, answers: Json) -> bool:
    """Whether an answer is the one of a media type: of several, the one that has it."""
    return len(answers) == 1 or media_type in answer.get("content", {})


def problems_of(method: str, path: str) -> list[errors.PlotLotError]:
    """Every problem that an operation is documented to answer with."""
    found = list(EVERYWHERE)
    found += [error for part, error in NOT_FOUND.items() if part == path or (part in path and part[0] == "{")]
    if path in CONFLICTS:
        found.append(CONFLICTS[path])
    if method == "post":
        found += [IN_PROGRESS, errors.IdempotencyKeyReused("the key 'a1' came before with another request")]
    if method == "post" and path in UPLOADS:
        found.append(TOO_LARGE)
    if path == "/v1/analyses:batch":
        found.append(NO_BATCH)
    return found


def problem_answer(found: list[errors.PlotLotError]) -> Json:
    """The answer of one status, with an example of each problem."""
    examples = {error.id: {"value": {**problem_document(error), "request_id": "req-1"}} for error in found}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "; ".join(str(type(error).__doc__) for error in found),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
