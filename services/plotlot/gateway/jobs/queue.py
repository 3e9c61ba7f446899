"""How work that takes long becomes a job instead of an answer."""

from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from plotlot.gateway.callers import caller_of
from plotlot.gateway.ids import new_id
from plotlot.gateway.jobs.results import job_json
from plotlot.gateway.jobs.store import Job, Jobs
from plotlot.gateway.jobs.worker import Worker

Json = dict[str, Any]
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"description": "With `Prefer: respond-async`: the job, which stands at `Location`."}
}


class Queue:
    """Queues jobs, and wakes who does them."""

    def __init__(self, jobs: Jobs, worker: Worker, bundle: str) -> None:
        self._jobs = jobs
        self._worker = worker
        self._bundle = bundle

    async def add(self, request: Request, kind: str, asked: Json, content: bytes | None = None) -> Job:
        """A job of what a request asked, with its file where it has one; its only row names the job."""
        job = new_id("job")
        return await self._added(job, request, kind, [{**asked, "job": job}], content)

    async def add_rows(self, request: Request, kind: str, rows: Iterable[Json]) -> Job:
        """A job of many rows."""
        return await self._added(new_id("job"), request, kind, rows, None)

    async def _added(
        self, job: str, request: Request, kind: str, rows: Iterable[Json], content: bytes | None
    ) -> Job:
        caller = caller_of(request.scope)
        queued = await self._jobs.add(job, caller, kind, self._bundle, rows, content)
        self._worker.wake()
        return queued


def prefers_job(request: Request) -> bool:
    """Whether the caller would rather have a job than wait (RFC 7240)."""
    return "respond-async" in request.headers.get("prefer", "").lower()


def accepted(job: Job, applied: bool = True) -> Response:
    """202 and where the job is; ``applied`` where the caller preferred it."""
    headers = {"Location": f"/v1/jobs/{job.id}"}
    headers |= {"Preference-Applied": "respond-async"} if applied else {}
    return JSONResponse(job_json(job), 202, headers)
