"""What the client tries again, with which key, and what it raises."""

import json
from collections.abc import Callable, Iterator
from typing import Any

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


@pytest.mark.parametrize(
    ("status", "text"), [(200, "<html>welcome</html>"), (200, "[]"), (301, "moved"), (204, "")]
)
def test_an_answer_that_no_gateway_gives_is_a_problem_too(status: int, text: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, text=text))
    with Client("http://gateway", transport=transport) as client:
        for ask in (lambda: client.job("job-1"), lambda: client.search("rear yard")):
            with pytest.raises(Problem, match=f"answered {status}: is that a PlotLot gateway"):
                ask()


def test_an_answer_in_parts_that_ends_before_its_result_is_none() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=told("text", text="no")))
    parts = Client("http://gateway", transport=transport).ask_events("how tall?")
    assert next(parts) == ("text", {"text": "no"})
    with pytest.raises(Unreachable, match="before its result"):
        next(parts)


def told(name: str, **data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Breaking(httpx.SyncByteStream):
    """A stream that is cut off."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        raise httpx.ReadError("cut off")


def test_results_go_on_after_the_last_row_that_came_however_the_stream_ended() -> None:
    asked: list[str] = []
    waited: list[float] = []
    streams = [
        Breaking(told("row", row=1)),
        httpx.ByteStream(told("row", row=2)),  # a proxy ended it in good order
        httpx.ByteStream(told("row", row=3) + told("job", id="job-1", status="succeeded")),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["last-event-id"])
        return httpx.Response(200, stream=streams[len(asked) - 1])

    with Client("http://gateway", transport=httpx.MockTransport(answer), sleep=waited.append) as client:
        assert [outcome["row"] for outcome in client.results("job-1")] == [1, 2, 3]
    assert (asked, waited) == (["0", "1", "2"], [0.5, 0.5])


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


def town(step: int) -> bytes:
    return told("town", step=step)


def test_a_refresh_is_followed_on_where_a_proxy_ends_the_stream() -> None:
    streams = [town(1), b"", b"", town(2), b"", town(3) + told("refresh", steps=3)]
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
        return httpx.Response(200, content=b"")

    transport = httpx.MockTransport(answer)
    with (
        Client("http://gateway", transport=transport, sleep=waited.append) as client,
        pytest.raises(Unreachable, match="ended before the refresh"),
    ):
        next(client.refresh_events("refresh-1"))
    assert len(waited) == TRIES - 1


def test_a_server_that_says_that_it_still_works_is_followed_on() -> None:
    streams = [b": still working\n\n"] * (2 * TRIES) + [town(1) + told("refresh", steps=1)]
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=streams[len(waited)])

    with Client("http://gateway", transport=httpx.MockTransport(answer), sleep=waited.append) as client:
        assert [name for name, _ in client.refresh_events("refresh-1")] == ["town", "refresh"]
    assert set(waited) == {0.5}


def test_an_id_is_one_part_of_a_path_whatever_stands_in_it() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"towns": [], "next": ""})

    odd, part = "a/b?c=d#e f%2e", "a%2Fb%3Fc%3Dd%23e%20f%252e"
    with Client("http://gateway", transport=httpx.MockTransport(answer)) as client:
        client.analysis(odd)
        client.unshare(odd, odd)
        client.cancel(odd)
        client.settle(odd, "open")
        assert list(client.refresh_towns(odd)) == []
    assert asked == [
        f"/v1/analyses/{part}",
        f"/v1/analyses/{part}/shares/{part}",
        f"/v1/jobs/{part}",
        f"/v1/feedback/{part}/settle",
        f"/v1/refreshes/{part}/towns",
    ]
