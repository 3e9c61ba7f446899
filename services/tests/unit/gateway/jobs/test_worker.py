"""A job's rows are answered as whoever sent it would be."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import ServiceUnavailable, UnreadableDocument
from plotlot.gateway.jobs.store import Job, Row
from plotlot.gateway.jobs.worker import LONGEST_WAIT_SECONDS, TRIES, Tell, Work, Worker
from plotlot.rpc.context import RequestContext, current_request

BEGUN = datetime(2026, 5, 1, tzinfo=UTC)
BUNDLE = Bundle("0", "parsers/0", "sections/0")
JOB = Job("job-1", "acme", "key:key-1", "rows", "b", "running", 1, 0, 0, None, 0, None, BEGUN, BEGUN, None)


class OneJob:
    """Gives out a job of one row, and keeps its outcome."""

    def __init__(self) -> None:
        self.given: list[Job] = [JOB]
        self.outcomes: list[Any] = []
        self.told: list[Any] = []
        self.problem: Any = None

    async def claim(self, bundle: str, holder: str, kinds: Any) -> Job | None:
        return self.given.pop() if self.given and self.given[0].kind in kinds else None

    async def rows(self, job: str, after: int, most: int, waiting: bool) -> list[Row]:
        return [Row(1, {"parcel_id": "LK-001"}, None)]

    async def tell(self, job: str, holder: str, progress: Any) -> None:
        self.told.append(progress)

    async def record(self, job: str, holder: str, outcomes: list[Any], problem: Any) -> Job:
        self.outcomes += outcomes
        self.problem = problem
        return replace(JOB, status="succeeded")


class NoContent:
    async def now(self) -> Any:
        return None


async def test_a_row_is_of_the_tenant_and_in_the_share_of_who_sent_the_job() -> None:
    jobs, seen = OneJob(), []

    async def answer(question: dict[str, Any], tell: Tell) -> dict[str, Any]:
        seen.append(current_request.get())
        return {}

    await done(jobs, Work(answer, 30.0))
    (request,) = seen
    assert isinstance(request, RequestContext)
    assert (request.tenant, request.account, request.bundle) == ("acme", "key:key-1", BUNDLE.id)


async def test_a_job_of_one_work_tells_how_far_it_is_and_fails_with_it() -> None:
    async def answer(question: dict[str, Any], tell: Tell) -> dict[str, Any]:
        await tell({"stage": "parse"})
        raise UnreadableDocument("it is a picture of a cat", field="file")

    jobs = OneJob()
    await done(jobs, Work(answer, 30.0, whole=True))
    assert (jobs.told, jobs.problem["detail"]) == ([{"stage": "parse"}], "it is a picture of a cat")
    jobs = OneJob()
    await done(jobs, Work(answer, 30.0))
    assert (jobs.problem, list(jobs.outcomes[0][1])) == (None, ["problem"])


@pytest.mark.parametrize(("waits", "fails"), [(0.0, True), (3600.0, False)])
async def test_a_service_that_is_away_is_waited_for(waits: float, fails: bool) -> None:
    asked, pauses = 0, []

    async def answer(question: dict[str, Any], tell: Tell) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        if asked <= 2 * TRIES:
            raise ServiceUnavailable("ingestion cannot be reached")
        return {"built": True}

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    jobs = OneJob()
    await done(jobs, Work(answer, 30.0, whole=True, waits_seconds=waits), pause)
    assert (jobs.problem is not None, asked) == (fails, TRIES if fails else 2 * TRIES + 1)
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert max(pauses) <= LONGEST_WAIT_SECONDS


async def done(jobs: OneJob, work: Work, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Work until the job's row has an outcome."""
    worker = Worker(cast(Any, jobs), cast(Any, NoContent()), BUNDLE, {"rows": work}, "here", sleep)
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not jobs.outcomes:
            await asyncio.sleep(0)
    working.cancel()
