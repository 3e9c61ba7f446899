"""How many jobs are not over, how old they are, and whether any of them stands still."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import StoreUnavailable
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
MOST = 1000  # jobs that are looked at, the oldest
STATUSES = ("queued", "running")
_OPEN = """
SELECT id, kind, status, steps + done AS steps, extract(epoch FROM now() - created_at)::float8 AS age_seconds
FROM jobs WHERE status IN ('queued', 'running') ORDER BY created_at LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that is not over."""

    id: str
    kind: str
    status: str
    steps: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """The last step that was seen of a job, and when: seconds of a clock."""

    steps: int
    seen_at: float


class JobWatch:
    """Looks each few seconds; every gateway tells the same of the queue."""

    def __init__(
        self, database: Database, kinds: Collection[str], metrics: Metrics, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._kinds = tuple(kinds)
        self._metrics = metrics
        self._clock = clock
        self._seen: dict[str, Step] = {}

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except StoreUnavailable:
                pass  # readiness says so
            except Exception:
                log.exception("the jobs could not be looked at")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Bring the gauges up to date. Raises StoreUnavailable."""
        async with (
            self._database.connection(EVERY_TENANT, reads=True) as connection,
            connection.cursor(row_factory=class_row(OpenJob)) as cursor,
        ):
            await cursor.execute(_OPEN, (MOST,))
            jobs = await cursor.fetchall()
        now = self._clock()
        self._seen = seen_now(jobs, self._seen, now)
        for kind in self._kinds:
            self._measure(kind, [job for job in jobs if job.kind == kind], now)

    def _measure(self, kind: str, jobs: Sequence[OpenJob], now: float) -> None:
        metrics = self._metrics
        for status in STATUSES:
            metrics.jobs.labels(kind, status).set(sum(job.status == status for job in jobs))
        metrics.job_oldest_seconds.labels(kind).set(max((job.age_seconds for job in jobs), default=0.0))
        metrics.job_quiet_seconds.labels(kind).set(quiet_seconds(jobs, self._seen, now))


def seen_now(jobs: Sequence[OpenJob], seen: Mapping[str, Step], now: float) -> dict[str, Step]:
    """The last step of each job, as of now; those that are over are forgotten."""
    return {
        job.id: seen[job.id]
        if job.id in seen and seen[job.id].steps == job.steps
        else Step(job.steps, now if job.id in seen or job.steps else now - job.age_seconds)
        for job in jobs
    }


def quiet_seconds(jobs: Sequence[OpenJob], seen: Mapping[str, Step], now: float) -> float:
    """How long the job that stands still longest has: one that is worked on, or any where none is."""
    running = [job for job in jobs if job.status == "running"]
    return max((now - seen[job.id].seen_at for job in running or jobs), default=0.0)
