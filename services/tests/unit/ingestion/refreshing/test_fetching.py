"""How a run asks publishers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plotlot.domain.errors import EgressRefused, SourceUnavailable
from plotlot.egress.client import HostRests
from plotlot.egress.keeping import Answer
from plotlot.ingestion.publishers.publisher import PageGone
from plotlot.ingestion.refreshing.answers import KeptAnswer
from plotlot.ingestion.refreshing.fetching import ATTEMPTS, LONGEST_REST_SECONDS, RunFetch

URL = "https://codes.example/a"
NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Kept:
    """Answers in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], KeptAnswer] = {}

    async def last(self, run: str, url: str) -> KeptAnswer | None:
        if (of_run := self.rows.get((run, url))) is not None:
            return replace(of_run, of_run=True)
        return next((kept for (_, at), kept in reversed(self.rows.items()) if at == url), None)

    async def keep(
        self, run: str, url: str, content: bytes, headers: Mapping[str, str], at: datetime, known: bool
    ) -> None:
        assert not known or content in {kept.content for kept in self.rows.values()}
        self.rows[run, url] = KeptAnswer(content, headers.get("etag"), headers.get("last-modified"))


class Client:
    """Answers by turns; the last one for ever."""

    def __init__(self, *turns: Answer | Exception) -> None:
        self.turns, self.headers = list(turns), list[dict[str, str]]()

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, **also: Any) -> Answer:
        self.headers.append(dict(headers or {}))
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        if isinstance(turn, Exception):
            raise turn
        return turn


def answer(status: int = 200, content: bytes = b"1", **headers: str) -> Answer:
    return Answer(URL, status, headers, content, NOW)


def run(client: Client, kept: Kept, name: str = "run-1", slept: list[float] | None = None) -> RunFetch:
    async def sleep(seconds: float) -> None:
        (slept if slept is not None else []).append(seconds)

    return RunFetch(name, client, kept, draw=lambda: 0.5, sleep=sleep)  # type: ignore[arg-type]


def number(content: bytes) -> int:
    if not content.isdigit():
        raise SourceUnavailable("no number")
    return int(content)


async def test_an_address_is_asked_once_in_a_run_and_by_its_validator_in_the_next() -> None:
    kept, client = Kept(), Client(answer(etag='"x"'), answer(304, b""), answer(304, b""))
    first = run(client, kept)
    assert await first.get(URL, number, {"x-csrf": "1"}) == 1
    assert await first.get(URL, number) == 1
    assert client.headers == [{"x-csrf": "1"}]
    assert await run(client, kept, "run-2").get(URL, number) == 1
    assert client.headers[1] == {"if-none-match": '"x"'}
    assert await run(client, kept, "run-3").get(URL, number) == 1, (
        "the validator outlives an answer that has none"
    )
    assert client.headers[2] == {"if-none-match": '"x"'}


async def test_an_answer_that_cannot_be_read_is_not_kept_and_asked_for_again() -> None:
    kept, slept = Kept(), list[float]()
    client = Client(
        answer(content=b'{"err'), SourceUnavailable("away", retry_after_seconds=3), answer(content=b"7")
    )
    assert await run(client, kept, slept=slept).get(URL, number) == 7
    assert len(client.headers) == 3
    assert slept[1] > 3
    assert kept.rows["run-1", URL].content == b"7"


async def test_what_stays_broken_is_given_up() -> None:
    kept, client = Kept(), Client(answer(401, b""))
    with pytest.raises(SourceUnavailable, match="answers 401"):
        await run(client, kept).get(URL, number)
    assert len(client.headers) == ATTEMPTS
    assert not kept.rows


@pytest.mark.parametrize(
    ("turn", "kind"), [(answer(404), PageGone), (EgressRefused("at 10.0.0.1"), EgressRefused)]
)
async def test_what_is_gone_or_forbidden_is_asked_once(
    turn: Answer | Exception, kind: type[Exception]
) -> None:
    client = Client(turn)
    with pytest.raises(kind):
        await run(client, Kept()).get(URL, number)
    assert len(client.headers) == 1


async def test_anew_asks_although_the_run_knows() -> None:
    kept, client = Kept(), Client(answer(content=b"1"), answer(content=b"2"))
    fetch = run(client, kept)
    assert await fetch.get(URL, number) == 1
    assert await fetch.get(URL, number, anew=True) == 2
    assert await fetch.get(URL, number) == 2


async def test_a_host_that_rests_is_waited_for_and_no_attempt_counts() -> None:
    rests = HostRests("left alone", retry_after_seconds=0.1)
    slept: list[float] = []
    fetch = run(Client(*[rests] * (3 * ATTEMPTS), answer()), Kept(), slept=slept)
    assert await fetch.get(URL, int) == 1
    assert len(slept) == 3 * ATTEMPTS


async def test_a_host_that_rests_for_ever_is_given_up() -> None:
    slept: list[float] = []
    fetch = run(Client(HostRests("left alone", retry_after_seconds=30.0)), Kept(), slept=slept)
    with pytest.raises(HostRests):
        await fetch.get(URL, int)
    assert 0 < sum(slept) <= LONGEST_REST_SECONDS
