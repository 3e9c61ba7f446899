"""What the candidate's answers, and its silence, are taken for."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import pytest

from plotlot.gateway.delivery.candidate import MOST_BYTES, Candidate
from plotlot.gateway.inquiries import Inquiry, asking, standards
from plotlot.gateway.outcomes import Answered

ASKING = asking("How deep?", "T")
OWN = {"plotlot-bundle": "bundle-2"}
OTHER = {"plotlot-bundle": "bundle-1"}
Handler = Callable[[httpx.Request], Coroutine[Any, Any, httpx.Response]]


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    """A body as it comes over a network."""
    yield content


async def asked(handler: Handler, inquiry: Inquiry = ASKING, within: float = 60) -> Any:
    async def streamed(request: httpx.Request) -> httpx.Response:
        made = await handler(request)
        return httpx.Response(made.status_code, headers=made.headers, content=pieces(made.content))

    candidate = Candidate("http://candidate.test", httpx.MockTransport(streamed))
    try:
        return await candidate.ask(inquiry, "q-1", "bundle-2", within)
    finally:
        await candidate.close()


def answering(status: int, headers: dict[str, str], **content: Any) -> Handler:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, **content)

    return answer


async def test_it_is_asked_as_a_shadow_what_the_user_asked() -> None:
    seen: list[httpx.Request] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers=OWN, json={"answer": "25 feet"})

    answered = await asked(answer)
    await asked(answer, standards("Testford, OH", "R-2/A"))
    assert (answered.status, answered.failed, answered.answer) == ("200", False, {"answer": "25 feet"})
    first, second = seen
    assert (first.method, first.url.path) == ("POST", "/v1/ask")
    assert first.read() == b'{"question":"How deep?","municipality":"T"}'
    assert (first.headers["plotlot-shadow"], first.headers["x-request-id"]) == ("1", "q-1")
    assert "cookie" not in first.headers
    assert second.method == "GET"
    assert second.url.raw_path == b"/v1/municipalities/Testford%2C%20OH/districts/R-2%2FA/standards"


@pytest.mark.parametrize(
    ("handler", "status", "failed"),
    [
        (answering(201, OWN, json={"id": "x"}), "200", False),
        (answering(404, OWN, json={"type": "/errors#unknown-address"}), "unknown-address", False),
        (answering(409, OWN, text="no"), "409", False),
        (answering(503, OWN, json={"type": "/errors#store-unavailable"}), "store-unavailable", True),
        (answering(503, {}, text="no healthy upstream"), "503", True),
        (answering(200, OWN, text="<html>"), "200 without an answer", True),
        (answering(200, OWN, json=["x"]), "200 without an answer", True),
        (answering(500, OWN, json="x"), "500", True),
        (answering(200, OWN, content=b"[" * 200_000), "unreadable", True),
        (answering(404, OWN, content=b'{"type":' + b"[" * 200_000), "unreadable", True),
        (answering(200, OWN, content=b'{"n": ' + b"9" * 5000 + b"}"), "200 without an answer", True),
    ],
)
async def test_problems_of_the_question_are_answers_and_the_rest_are_failures(
    handler: Handler, status: str, failed: bool
) -> None:
    answered = await asked(handler)
    assert (answered.status, answered.failed) == (status, failed)


@pytest.mark.parametrize(
    "handler",
    [
        answering(200, OTHER, json={"answer": "x"}),
        answering(503, OTHER, json={}),
        answering(200, {}, json={"answer": "x"}),
        answering(404, {}, text="no route"),
    ],
)
async def test_what_another_bundle_answers_says_nothing_of_the_candidate(handler: Handler) -> None:
    assert await asked(handler) is None


async def test_no_answer_in_time_is_a_failure_by_its_name() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    answered: Answered = await asked(never, within=0.01)
    assert (answered.status, answered.failed, answered.answer) == ("deadline", True, None)


async def test_a_broken_connection_is_a_failure() -> None:
    async def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    answered: Answered = await asked(broken)
    assert (answered.status, answered.failed) == ("unreachable", True)


async def test_an_answer_without_end_is_read_no_further_than_any_answer_goes() -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 65_536
            yield b" " * 65_536

    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=OWN, content=endless())

    transport = httpx.MockTransport(answer)
    candidate = Candidate("http://candidate.test", transport)
    answered = await candidate.ask(ASKING, "q-1", "bundle-2", 60)
    await candidate.close()
    assert answered is not None
    assert (answered.status, answered.failed) == ("too-large", True)
    assert given <= MOST_BYTES + 65_536


async def test_what_nobody_asked_to_be_compressed_is_not_decompressed() -> None:
    seen: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["accept-encoding"])
        return httpx.Response(200, headers=OWN, content=gzip.compress(b'{"answer": "x"}'))

    answered: Answered = await asked(answer)
    assert (answered.status, answered.failed) == ("200 without an answer", True)
    assert seen == ["identity"]


async def test_any_other_error_is_a_failure() -> None:
    async def odd(request: httpx.Request) -> httpx.Response:
        raise RecursionError

    answered: Answered = await asked(odd)
    assert (answered.status, answered.failed) == ("unreadable", True)
