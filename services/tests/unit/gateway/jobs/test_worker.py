"""A job's rows are answered as whoever sent it would be."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from plotlot.domain.bundles import Bundle
from plotlot.gateway.jobs.store import Job, Row
from plotlot.gateway.jobs.worker import Worker
from plotlot.rpc.context import RequestContext, current_request

BEGUN = datetime(2026, 5, 1, tzinfo=UTC)
JOB = Job("job-1", "acme", "key:key-1", "rows", "b", "running", 1, 0, 0, None, BEGUN, BEGUN, None)


class OneJob:
    """Gives out a job of one row, and keeps its outcome."""

    def __init__(self) -> None:
        self.given: list[Job] = [JOB]
        self.outcomes: list[Any] = []

    async def claim(self, bundle: str, holder: str) -> Job | None:
        return self.given.pop() if self.given else None

    async def rows(self, job: str, after: int, most: int, waiting: bool) -> list[Row]:
        return [Row(1, {"parcel_id": "LK-001"}, None)]

    async def record(self, job: str, holder: str, outcomes: list[Any]) -> Job:
        self.outcomes += outcomes
        return replace(JOB, status="succeeded")


class NoContent:
    async def now(self) -> Any:
        return None


async def test_a_row_is_of_the_tenant_and_in_the_share_of_who_sent_the_job() -> None:
    jobs, seen = OneJob(), []

    async def answer(question: dict[str, Any]) -> dict[str, Any]:
        seen.append(current_request.get())
        return {}

    bundle = Bundle("0", "parsers/0", "sections/0")
    worker = Worker(cast(Any, jobs), cast(Any, NoContent()), bundle, {"rows": answer}, "here", 30.0)
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not jobs.outcomes:
            await asyncio.sleep(0)
    working.cancel()
    (request,) = seen
    assert isinstance(request, RequestContext)
    assert (request.tenant, request.account, request.bundle) == ("acme", "key:key-1", bundle.id)
