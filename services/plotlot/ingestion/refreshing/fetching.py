"""How a run asks publishers: once each address, with the validators of the time before, and again where it failed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from plotlot.domain.errors import EgressRefused, SourceUnavailable
from plotlot.egress.client import HostRests
from plotlot.egress.keeping import Answer
from plotlot.egress.retries import pause_seconds
from plotlot.ingestion.publishers.publisher import Fetch, PageGone, Question
from plotlot.ingestion.refreshing.answers import KeptAnswer, KeptAnswers

T = TypeVar("T")

ATTEMPTS = 5
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_REST_SECONDS = 120.0  # how long an address waits in all for a host that is left alone
GONE = frozenset({404, 410})


class Asks(Protocol):
    """What is asked of the egress client."""

    async def get(
        self, url: str, *, partition: str = "", keep: bool = True, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to GET. Raises EgressRefused or SourceUnavailable."""


class RunFetch(Fetch):
    """Fetches for one run. What it was answered, and could read, is kept before it is used."""

    def __init__(
        self,
        run: str,
        client: Asks,
        answers: KeptAnswers,
        *,
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._run, self._client, self._answers = run, client, answers
        self._draw, self._sleep = draw, sleep

    async def answer(self, asked: Question, check: Callable[[bytes], T]) -> T:
        """What ``check`` makes of an answer, as ``get`` has it."""
        url = asked.url
        before = await self._answers.last(self._run, url)
        if before is not None and before.of_run and not asked.anew:
            return check(before.content)
        attempt, rested = 0, 0.0
        while True:
            attempt += 1
            try:
                return await self._asked(url, check, asked.headers, before)
            except (PageGone, EgressRefused):
                raise
            except HostRests as error:  # nothing was asked: no attempt of this address failed
                pause = pause_seconds(1, error.retry_after_seconds, self._draw())
                attempt, rested = attempt - 1, rested + pause
                if rested > LONGEST_REST_SECONDS:
                    raise
                await self._sleep(pause)
            except SourceUnavailable as error:
                if attempt >= ATTEMPTS or error.retry_after_seconds > LONGEST_PAUSE_SECONDS:
                    raise
                await self._sleep(pause_seconds(attempt, error.retry_after_seconds or None, self._draw()))
                before = None  # should what is kept be at fault, all of it is asked for

    async def _asked(
        self, url: str, check: Callable[[bytes], T], headers: Mapping[str, str], before: KeptAnswer | None
    ) -> T:
        conditions = before.conditions() if before else {}
        answer = await self._client.get(url, keep=False, headers={**headers, **conditions})
        if answer.status in GONE:
            raise PageGone(f"{answer.url} is not there (status {answer.status})")
        unchanged = answer.status == 304 and before is not None
        if answer.status != 200 and not unchanged:
            raise SourceUnavailable(f"{answer.url} answers {answer.status}")
        content = before.content if unchanged and before else answer.content
        found = check(content)
        told = {**conditions_as_told(before), **answer.headers} if unchanged else answer.headers
        await self._answers.keep(self._run, url, content, told, _aware(answer.retrieved_at), known=unchanged)
        return found


def conditions_as_told(before: KeptAnswer | None) -> dict[str, str]:
    """The validators of an answer as its server told them."""
    told = {"etag": before.etag, "last-modified": before.last_modified} if before else {}
    return {name: value for name, value in told.items() if value}


def _aware(at: datetime) -> datetime:
    assert at.tzinfo is not None, "the client's clock tells its zone"
    return at
