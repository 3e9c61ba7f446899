"""Does the jobs that nobody else does: a few rows at a time, so that users of this process hardly notice."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import SpanKind, get_tracer

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import PlotLotError, StoreUnavailable, UnavailableError
from plotlot.gateway.caching.content import ContentState, current_state
from plotlot.gateway.callers import Caller
from plotlot.gateway.ids import current_seed
from plotlot.gateway.jobs.store import HELD_SECONDS, Job, Jobs, Row
from plotlot.http.problems import problem_document, unforeseen
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import SpanNames
from plotlot.tracing.access_log import tell_of
from plotlot.tracing.notes import begin_notes
from plotlot.tracing.spans import Trace, Value, begin_request, fail, trace_of

log = logging.getLogger(__name__)

Json = dict[str, Any]
Tell = Callable[[Json], Awaitable[None]]
Answer = Callable[[Json, Tell], Awaitable[Json]]
LOOK_SECONDS = 1.0
AT_ONCE = 2
ROWS = 16  # whose outcomes are recorded together
TRIES = 5  # of a row at least, while a service is away
WAIT_SECONDS = 0.5  # before the second try, and twice as long before each later one
LONGEST_WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Work:
    """How the rows of a kind of job are answered, and in what time each; ``whole`` where there is but one, with which
    the job fails. A service that is away is waited for at least so long. Whoever answers a row may tell how far that is."""

    answer: Answer
    seconds: float
    whole: bool = False
    waits_seconds: float = 0.0


class Worker:
    """Takes jobs of the kinds that it has ``work`` for, the oldest first."""

    def __init__(
        self,
        jobs: Jobs,
        content: ContentState,
        bundle: Bundle,
        work: Mapping[str, Work],
        holder: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._jobs = jobs
        self._sleep = sleep
        self._content = content
        self._bundle = bundle
        self._work = work
        self._holder = holder
        self._places = asyncio.Semaphore(AT_ONCE)
        self._wanted = asyncio.Event()
        self._tracer = get_tracer(__name__)

    def wake(self) -> None:
        """There is a new job."""
        self._wanted.set()

    async def run(self) -> None:
        """For ever; a job that this process lets go of, stopped or killed, is taken by another."""
        current_request.set(RequestContext("jobs", self._bundle.id, tenant=EVERY_TENANT))
        while True:
            try:
                job = await self._jobs.claim(self._bundle.id, self._holder, self._work)
                if job is not None:
                    await self._do(job)
                    continue
            except StoreUnavailable:
                pass  # it is looked for again, and said by readiness
            except Exception:
                log.exception("a job could not be done; it is tried again")
                await asyncio.sleep(HELD_SECONDS)
            self._wanted.clear()
            try:
                await asyncio.wait_for(self._wanted.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    async def _do(self, job: Job) -> None:
        """Answer its rows until it is over, or somebody else's."""
        try:
            held: Job | None = job
            while held is not None and not held.over:
                rows = await self._jobs.rows(job.id, 0, ROWS, waiting=True)
                current_state.set(await self._content.now())
                outcomes = await self._answered(job, rows)
                whole = self._work[job.kind].whole
                problem = next((outcome.get("problem") for _, outcome in outcomes if whole), None)
                held = await self._jobs.record(job.id, self._holder, outcomes, problem)
        except asyncio.CancelledError:
            await asyncio.shield(self._jobs.release(job.id, self._holder))
            raise

    async def _answered(self, job: Job, rows: list[Row]) -> list[tuple[int, Json]]:
        """The outcomes of rows. The job is held on to meanwhile, however long they take."""
        working = asyncio.gather(*(self._outcome(job, row) for row in rows))
        try:
            while not working.done():
                await asyncio.wait([working], timeout=HELD_SECONDS / 3)
                if not working.done() and await self._jobs.record(job.id, self._holder, []) is None:
                    return []
            return working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _outcome(self, job: Job, row: Row) -> tuple[int, Json]:
        async with self._places:
            return row.number, await asyncio.create_task(self._traced(job, row))

    async def _traced(self, job: Job, row: Row) -> Json:
        """A row's answer, in a trace of its own; a task of its own, whose context is the row's."""
        about = {SpanNames.DOOR: "job", SpanNames.REQUEST_ID: request_id_of(job, row)}
        span = begin_request(self._tracer, f"job {job.kind}", (), about, SpanKind.CONSUMER)
        started, notes, status = time.perf_counter(), begin_notes(), "cancelled"
        try:
            outcome = await self._tried(job, row, trace_of(span))
            status = outcome["problem"]["type"].rpartition("/")[2] if "problem" in outcome else "ok"
            return outcome
        finally:
            told: dict[str, Value] = {"kind": job.kind, "row": row.number, "status": status}
            tell_of("job", told, time.perf_counter() - started, notes, asked=True)
            span.set_attributes({SpanNames.BUNDLE: self._bundle.id, SpanNames.TENANT: job.tenant, **notes})
            if status != "ok":
                fail(span, status)
            span.end()

    async def _tried(self, job: Job, row: Row, trace: Trace) -> Json:
        """A row's answer, or the problem instead."""
        current_seed.set(f"{job.id}/{row.number}")
        work = self._work[job.kind]

        async def tell(progress: Json) -> None:
            await self._jobs.tell(job.id, self._holder, progress)

        clock = asyncio.get_running_loop().time
        attempt, begun = 0, clock()
        while True:
            current_request.set(
                RequestContext(
                    request_id_of(job, row),
                    self._bundle.id,
                    clock() + work.seconds,
                    self._bundle.parameters,
                    travels=self._bundle.travels,
                    tenant=job.tenant,
                    account=Caller(job.tenant, job.client).account,
                    trace=trace,
                )
            )
            try:
                return await work.answer(row.question, tell)
            except UnavailableError as error:
                attempt += 1
                if attempt >= TRIES and clock() - begun >= work.waits_seconds:
                    return {"problem": problem_document(error)}
                await self._sleep(min(WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS))
            except PlotLotError as error:
                return {"problem": problem_document(error)}
            except Exception as error:
                log.exception("row %d of %s failed", row.number, job.id)
                return {"problem": problem_document(unforeseen(error))}


def request_id_of(job: Job, row: Row) -> str:
    """Under what id a row is asked of services."""
    return f"{job.id}-{row.number}"
