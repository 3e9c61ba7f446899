"""Jobs and their rows in the store: who takes one holds it for a time, and writes only while they hold it."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
from psycopg.rows import class_row

from plotlot.domain.errors import UnknownJob
from plotlot.gateway.callers import Caller
from plotlot.store.pool import Database

Json = dict[str, Any]
HELD_SECONDS = 6.0  # renewed with each record: who is silent for so long is gone
OWN_BUNDLE_SECONDS = 60.0  # after which a job is continued by a gateway of another bundle too
KEPT_DAYS = 30
WRITTEN_AT_ONCE = 1000
OVER = ("succeeded", "failed", "cancelled")
_COLUMNS = (
    "id, tenant, client, kind, bundle, status, total, done, refused, problem, steps, progress,"
    " created_at, started_at, finished_at"
)
_CLAIM = f"""
UPDATE jobs SET status = 'running', holder = %(holder)s, attempts = attempts + 1,
       held_until = now() + make_interval(secs => %(seconds)s), started_at = coalesce(started_at, now())
WHERE id = (
    SELECT id FROM jobs
    WHERE status IN ('queued', 'running') AND held_until < now() AND kind = ANY(%(kinds)s)
      AND (bundle = %(bundle)s OR greatest(created_at, held_until) < now() - make_interval(secs => %(others)s))
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {_COLUMNS}
"""
_RECORD = f"""
UPDATE jobs SET done = done + %(done)s, refused = refused + %(refused)s,
       held_until = now() + make_interval(secs => %(seconds)s),
       status = CASE WHEN done + %(done)s < total THEN status
                     WHEN %(problem)s::jsonb IS NULL THEN 'succeeded' ELSE 'failed' END,
       problem = coalesce(%(problem)s::jsonb, problem),
       finished_at = CASE WHEN done + %(done)s >= total THEN now() END
WHERE id = %(id)s AND holder = %(holder)s AND status = 'running'
RETURNING {_COLUMNS}
"""
_FORGET_FILE = "DELETE FROM job_files WHERE job_id = %s"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands."""

    id: str
    tenant: str
    client: str
    kind: str
    bundle: str
    status: str
    total: int
    done: int
    refused: int
    problem: Json | None
    steps: int
    progress: Json | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in OVER


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a job; ``outcome`` is None until it is answered."""

    number: int
    question: Json
    outcome: Json | None


class Jobs:
    """Keeps jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        job: str,
        caller: Caller,
        kind: str,
        bundle: str,
        questions: Iterable[Json],
        content: bytes | None = None,
    ) -> Job:
        """Queue a job with its rows and its file, all or none; one of the same id is returned as it is."""
        async with self._database.connection() as connection:
            made = await connection.execute(
                "INSERT INTO jobs (id, tenant, client, kind, bundle, status, total)"
                " VALUES (%s, %s, %s, %s, %s, 'queued', 0) ON CONFLICT DO NOTHING",
                (job, caller.tenant, caller.client, kind, bundle),
            )
            if made.rowcount:
                total = 0
                for some in batched(questions, WRITTEN_AT_ONCE):
                    texts = [json.dumps(question) for question in some]
                    # COPY would be quicker, and is refused where rows are held to tenants.
                    await connection.execute(
                        "INSERT INTO job_rows (job_id, number, question)"
                        " SELECT %s, %s + place, question::jsonb"
                        " FROM unnest(%s::text[]) WITH ORDINALITY AS given (question, place)",
                        (job, total, texts),
                    )
                    total += len(texts)
                await connection.execute("UPDATE jobs SET total = %s WHERE id = %s", (total, job))
                if content is not None:
                    await connection.execute(
                        "INSERT INTO job_files (job_id, content) VALUES (%s, %s)", (job, content)
                    )
            return await found(connection, caller.tenant, job)

    async def get(self, tenant: str, job: str) -> Job:
        """A tenant's job. Raises UnknownJob."""
        async with self._database.connection() as connection:
            return await found(connection, tenant, job)

    async def page(self, tenant: str, after: tuple[datetime, str] | None, limit: int) -> list[Job]:
        """A tenant's jobs, the newest first; ``after`` is the time and id of the last one seen."""
        older = "AND (created_at, id) < (%(at)s, %(id)s)" if after else ""
        at, job = after or (None, "")
        async with self._database.connection() as connection, jobs_of(connection) as cursor:
            await cursor.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE tenant = %(tenant)s {older}"
                " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
                {"tenant": tenant, "at": at, "id": job, "limit": limit},
            )
            return await cursor.fetchall()

    async def cancel(self, tenant: str, job: str) -> Job:
        """Stop a job before its next row; one that is over stays as it is. Raises UnknownJob."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE jobs SET status = 'cancelled', finished_at = now()"
                " WHERE tenant = %s AND id = %s AND status IN ('queued', 'running')",
                (tenant, job),
            )
            await connection.execute(_FORGET_FILE, (job,))
            return await found(connection, tenant, job)

    async def content(self, job: str) -> bytes:
        """The file of a job. Raises UnknownJob where the job is over."""
        async with self._database.connection(reads=True) as connection:
            cursor = await connection.execute("SELECT content FROM job_files WHERE job_id = %s", (job,))
            row = await cursor.fetchone()
        if row is None:
            raise UnknownJob(f"the job {job!r} is over, and its file is gone", field="job")
        return bytes(row[0])

    async def tell(self, job: str, holder: str, progress: Json) -> None:
        """Say how far the work on a row is."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE jobs SET steps = steps + 1, progress = %s"
                " WHERE id = %s AND holder = %s AND status = 'running'",
                (json.dumps(progress), job, holder),
            )

    async def rows(self, job: str, after: int, limit: int, waiting: bool = False) -> list[Row]:
        """Rows after a number, in order; those that wait for an answer, or those up to the first that does."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT number, question, outcome FROM job_rows WHERE job_id = %s AND number > %s"
                f" {'AND outcome IS NULL' if waiting else ''} ORDER BY number LIMIT %s",
                (job, after, limit),
            )
            found = [Row(*row) for row in await cursor.fetchall()]
        if waiting:
            return found
        answered = next((index for index, row in enumerate(found) if row.outcome is None), len(found))
        return found[:answered]

    async def claim(self, bundle: str, holder: str, kinds: Collection[str]) -> Job | None:
        """Take the oldest job of some kinds that nobody holds; None where there is none."""
        values = {
            "kinds": list(kinds),
            "bundle": bundle,
            "holder": holder,
            "seconds": HELD_SECONDS,
            "others": OWN_BUNDLE_SECONDS,
        }
        async with self._database.connection() as connection, jobs_of(connection) as cursor:
            await cursor.execute(_CLAIM.encode(), values)
            return await cursor.fetchone()

    async def record(
        self, job: str, holder: str, outcomes: Sequence[tuple[int, Json]], problem: Json | None = None
    ) -> Job | None:
        """Keep the outcomes of rows, and hold on; None, and nothing is kept, where it is held no more.

        With the last of them, a ``problem`` is why the whole job failed.
        """
        refused = sum("problem" in outcome for _, outcome in outcomes)
        values = {
            "id": job,
            "holder": holder,
            "done": len(outcomes),
            "refused": refused,
            "problem": None if problem is None else json.dumps(problem),
            "seconds": HELD_SECONDS,
        }
        async with self._database.connection() as connection, jobs_of(connection) as cursor:
            await cursor.execute(_RECORD.encode(), values)
            held = await cursor.fetchone()
            if held is not None and outcomes:
                await cursor.executemany(
                    "UPDATE job_rows SET outcome = %s WHERE job_id = %s AND number = %s",
                    [(json.dumps(outcome), job, number) for number, outcome in outcomes],
                )
            if held is not None and held.over:
                await cursor.execute(_FORGET_FILE, (job,))
            return held

    async def release(self, job: str, holder: str) -> None:
        """Let another process take it at once."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE jobs SET held_until = '-infinity' WHERE id = %s AND holder = %s", (job, holder)
            )

    async def prune(self) -> None:
        """Forget jobs that ended long ago."""
        async with self._database.connection() as connection:
            await connection.execute(
                "DELETE FROM jobs WHERE finished_at < now() - make_interval(days => %s)", (KEPT_DAYS,)
            )


def batched(items: Iterable[Json], size: int) -> Iterator[list[Json]]:
    """Items in lists of at most so many."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


async def found(connection: psycopg.AsyncConnection, tenant: str, job: str) -> Job:
    """A tenant's job. Raises UnknownJob."""
    async with jobs_of(connection) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE tenant = %s AND id = %s", (tenant, job.replace("\0", ""))
        )
        row = await cursor.fetchone()
    if row is None:
        raise UnknownJob(f"there is no job {job!r} here", field="job")
    return row


def jobs_of(connection: psycopg.AsyncConnection) -> psycopg.AsyncCursor[Job]:
    """A cursor whose rows are jobs."""
    return connection.cursor(row_factory=class_row(Job))
