"""GET /docs: every operation of the API on one page, made from the OpenAPI document."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plotlot.gateway.openapi.document import METHODS
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.problems import MEDIA_TYPE

Json = dict[str, Any]
LONGEST_EXAMPLE = 4000


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    where: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with one status, and an example of it as text."""

    status: str
    words: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    words: str
    fields: tuple[Field, ...]
    command: str
    answers: tuple[Answer, ...]
    problems: tuple[tuple[str, str], ...]  # the status and the id of each


def router(document: Callable[[], Json], renderer: Renderer) -> APIRouter:
    """The route of the page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    kept: dict[str, list[Operation]] = {}

    @routes.get("/docs")
    async def reference() -> HTMLResponse:
        if not kept:
            kept.update(operations_by_tag(document()))
        return renderer.page("api.html", groups=kept)

    return routes


def operations_by_tag(document: Json) -> dict[str, list[Operation]]:
    """Every operation of a document under its first tag, in the document's order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                tag = (methods[method].get("tags") or ["other"])[0]
                found.setdefault(tag, []).append(operation_of(method, path, methods[method], document))
    return found


def operation_of(method: str, path: str, told: Json, document: Json) -> Operation:
    """An operation as the page shows it."""
    answers, problems = [], []
    for status, answer in told["responses"].items():
        content = answer.get("content", {})
        if MEDIA_TYPE in content:
            problems += [(status, name) for name in content[MEDIA_TYPE].get("examples", {})]
        else:
            example = next((each["example"] for each in content.values() if "example" in each), None)
            answers.append(Answer(status, answer_words(content), example_text(example)))
    fields = (*parameters_of(told), *body_fields(told, document))
    words = told.get("description") or told["summary"]
    return Operation(
        told["operationId"], method.upper(), path, words, fields, command_of(method, path, told, document),
        tuple(answers), tuple(problems),
    )  # fmt: skip


def parameters_of(told: Json) -> Iterator[Field]:
    """What stands in the path, the query and the headers."""
    for each in told.get("parameters", ()):
        kind = kind_of(each.get("schema", {}))
        yield Field(each["name"], each["in"], kind, each.get("required", False), each.get("description", ""))


def body_fields(told: Json, document: Json) -> Iterator[Field]:
    """What stands in the body."""
    for content in told.get("requestBody", {}).get("content", {}).values():
        schema = resolved(content.get("schema", {}), document)
        for name, each in schema.get("properties", {}).items():
            required = name in schema.get("required", ())
            words = each.get("description", "")
            yield Field(name, "body", kind_of(each), required, words)
        return  # those of one media type: others hold the same


def command_of(method: str, path: str, told: Json, document: Json) -> str:
    """The operation as a command of curl, with the document's examples."""
    for each in told.get("parameters", ()):
        if each["in"] == "path" and "example" in each:
            path = path.replace(f"{{{each['name']}}}", str(each["example"]).replace(" ", "%20"))
    head = " ".join(("curl", *(["-X", method.upper()] if method != "get" else []), f'"$PLOTLOT_URL{path}"'))
    return " \\\n  ".join((head, *body_arguments(told, document)))


def body_arguments(told: Json, document: Json) -> list[str]:
    """What curl is told of a body, in its first media type."""
    for media_type, content in told.get("requestBody", {}).get("content", {}).items():
        schema = resolved(content.get("schema", {}), document)
        if media_type == "multipart/form-data":
            fields = schema.get("properties", {}).items()
            return [f"-F {name}=@FILE" if is_file(each) else f"-F {name}=..." for name, each in fields]
        example = content.get("example", (schema.get("examples") or [{}])[0])
        body = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        return [f"-H 'Content-Type: {media_type}'", f"-d {quote(body)}"]
    return []


def is_file(schema: Json) -> bool:
    """Whether a field of a form is a file."""
    return schema.get("format") == "binary" or "contentMediaType" in schema


def kind_of(schema: Json) -> str:
    """The type of a value in words."""
    if "anyOf" in schema:
        kinds = [kind_of(each) for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        return "object"
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    return "file" if is_file(schema) else str(schema.get("type", "any"))


def resolved(schema: Json, document: Json) -> Json:
    """A schema, or the one that it refers to."""
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def answer_words(content: Json) -> str:
    """In which media types an answer comes."""
    return ", ".join(content) or "no body"


def example_text(example: Any) -> str:
    """An example as text, cut where it is long."""
    if example is None:
        return ""
    text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST_EXAMPLE else text[:LONGEST_EXAMPLE].rsplit("\n", 1)[0] + "\n…"
