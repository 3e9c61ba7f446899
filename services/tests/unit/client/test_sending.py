"""What the client tries again, with which key, and what it raises."""

from collections.abc import Callable

import httpx
import pytest

from plotlot.client import Client, Problem, Unreachable
from plotlot.client.client import events_in
from plotlot.client.sending import TRIES, Sender

BUSY = {"type": "/errors#rate-limited", "detail": "wait", "status": 429}


def sender_of(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[Sender, list[float]]:
    waited: list[float] = []
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    return Sender(http, 3, waited.append), waited


def test_what_is_busy_is_asked_again_when_it_says_with_the_same_key() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            return httpx.Response(429, json=BUSY, headers={"Retry-After": "7"})
        return httpx.Response(201, json={"id": "an-1"})

    sender, waited = sender_of(answer)
    assert sender.send("POST", "/v1/analyses", json={}).json() == {"id": "an-1"}
    assert (len(set(keys)), waited) == (1, [7.0, 7.0])


def test_a_refusal_is_raised_at_once_with_what_was_near() -> None:
    document = {
        "type": "/errors#unknown-address",
        "detail": "no",
        "field": "address",
        "suggestions": ["7 Elm"],
    }
    sender, waited = sender_of(lambda request: httpx.Response(404, json=document))
    with pytest.raises(Problem) as raised:
        sender.send("GET", "/v1/analyses/an-1")
    assert (raised.value.id, raised.value.field, raised.value.suggestions) == (
        "unknown-address",
        "address",
        ["7 Elm"],
    )
    assert waited == []


def test_nobody_there_is_told_after_the_last_try() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    sender, waited = sender_of(answer)
    with pytest.raises(Unreachable, match="refused"):
        sender.send("GET", "/v1/jobs")
    assert waited == [0.5, 1.0]


def test_an_answer_of_somebody_else_is_a_problem_too() -> None:
    sender, _ = sender_of(lambda request: httpx.Response(404, text="<html>nginx</html>"))
    with pytest.raises(Problem, match="is that a PlotLot gateway"):
        sender.send("GET", "/v1/jobs")


def test_results_go_on_after_the_last_row_that_came() -> None:
    asked: list[str] = []

    class Breaking(httpx.SyncByteStream):
        def __iter__(self):
            yield b'{"row": 1, "status": "answered"}\n'
            raise httpx.ReadError("cut off")

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["after"])
        if len(asked) == 1:
            return httpx.Response(200, stream=Breaking())
        return httpx.Response(200, content=b'{"row": 2, "status": "answered"}\n')

    with Client("http://gateway", transport=httpx.MockTransport(answer)) as client:
        assert [outcome["row"] for outcome in client.results("job-1")] == [1, 2]
    assert asked == ["0", "1"]


def test_events_are_read_with_their_names_and_without_comments() -> None:
    lines = [
        "id: 0",
        "event: text",
        'data: {"a":',
        'data: "b"}',
        "",
        ": still working",
        "",
        'data: {"c": 1}',
        "",
    ]
    assert list(events_in(iter(lines))) == [("text", {"a": "b"}), ("message", {"c": 1})]


def told(step: int, name: str = "town") -> bytes:
    return f'event: {name}\ndata: {{"step": {step}}}\n\n'.encode()


def test_a_refresh_is_followed_on_where_a_proxy_ends_the_stream() -> None:
    streams = [told(1), b"", b"", told(2), b"", told(3) + told(3, "refresh")]
    asked: list[str] = []
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["last-event-id"])
        return httpx.Response(200, content=streams[len(asked) - 1])

    with Client("http://gateway", transport=httpx.MockTransport(answer), sleep=waited.append) as client:
        assert [name for name, _ in client.refresh_events("refresh-1")] == ["town", "town", "town", "refresh"]
    assert asked == ["0", "1", "1", "1", "2", "2"]
    assert waited == [0.5, 1.0, 2.0, 0.5, 1.0]


def test_a_proxy_that_ends_every_stream_at_once_is_not_asked_for_ever() -> None:
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert len(waited) < TRIES
        return httpx.Response(200, content=b": still working\n\n")

    transport = httpx.MockTransport(answer)
    with (
        Client("http://gateway", transport=transport, sleep=waited.append) as client,
        pytest.raises(Unreachable, match="ended before the refresh"),
    ):
        next(client.refresh_events("refresh-1"))
    assert len(waited) == TRIES - 1
