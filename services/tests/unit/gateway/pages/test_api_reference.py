"""GET /docs: every operation, what it takes, and commands that can be run as they stand."""

import re
import shlex

import httpx
from fake_gateway import fake_app

from plotlot.gateway.pages.api_reference import kind_of, operations_by_tag

OPERATIONS = {
    f"{each.method} {each.path}": each
    for group in operations_by_tag(fake_app().openapi()).values()
    for each in group
}


async def test_the_page_has_every_operation_of_the_document() -> None:
    app = fake_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        page = await client.get("/docs")
    assert page.status_code == 200
    named = {
        f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods
    }
    assert named == set(OPERATIONS)
    shown = re.findall(r'<span class="method">(\w+)</span> <code>([^<]+)</code>', page.text)
    assert {f"{method} {path}" for method, path in shown} == named
    assert not re.search(r"<script|//cdn|style=", page.text)


def test_a_body_is_told_field_by_field_with_an_example() -> None:
    ask = OPERATIONS["POST /v1/ask"]
    question = next(field for field in ask.fields if field.name == "question")
    assert (question.where, question.kind, question.required) == ("body", "string", True)
    assert '"question": "How tall may a house' in ask.command
    assert ("404", "unknown-municipality") in ask.problems
    assert any(answer.example for answer in ask.answers)


def test_commands_are_words_of_a_shell() -> None:
    for operation in OPERATIONS.values():
        words = shlex.split(operation.command)
        assert words[0] == "curl"
        assert not re.search(r"\{\w+(:path)?\}", words[-1] if len(words) < 4 else words[1])


def test_types_are_said_in_words() -> None:
    assert kind_of({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string"
    assert kind_of({"type": "array", "items": {"type": "number"}}) == "list of number"
    assert kind_of({"enum": ["a", "b"]}) == "a, b"
    assert kind_of({"type": "string", "format": "binary"}) == "file"
