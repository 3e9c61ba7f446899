"""GET /v1/jobs, one job, its progress and its results, and how to stop it."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.texts import whole_number
from plotlot.gateway.inputs import Text
from plotlot.gateway.jobs.batch import CSV, NDJSON
from plotlot.gateway.jobs.results import EVENTS, STREAMED, Following, job_json, row_json
from plotlot.gateway.jobs.store import Jobs
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, page, time_at
from plotlot.rpc.context import current_tenant

MOST_NUMBER = 2**31 - 1
After = Annotated[int, Query(ge=0, le=MOST_NUMBER, description="Only rows after this one.")]
LastEventId = Annotated[str | None, Header(description="The last event seen: those after it follow.")]


def router(jobs: Jobs) -> APIRouter:
    """The routes of jobs."""
    routes = APIRouter(tags=["jobs"], route_class=ConditionalRoute)

    @routes.get("/v1/jobs")
    async def list_jobs(request: Request, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
        """Jobs, the newest first."""
        found = await jobs.page(current_tenant(), time_at(cursor), limit + 1)
        shown = found[:limit]
        last = (shown[-1].created_at.isoformat(), shown[-1].id) if len(found) > limit else None
        return page(request, "jobs", [job_json(job) for job in shown], limit, last)

    @routes.get("/v1/jobs/{job}")
    async def get(job: Text) -> dict[str, Any]:
        """How far a job is."""
        return job_json(await jobs.get(current_tenant(), job))

    @routes.delete("/v1/jobs/{job}")
    async def cancel(job: Text) -> dict[str, Any]:
        """Stop a job before its next row; what is answered stays. One that is over stays as it is."""
        return job_json(await jobs.cancel(current_tenant(), job))

    @routes.get("/v1/jobs/{job}/events", responses=stream_of(EVENTS))
    async def events(job: Text, last_event_id: LastEventId = None) -> StreamingResponse:
        """Progress as events, the last of which, `job`, tells how it ended."""
        await jobs.get(current_tenant(), job)
        return streamed(Following(jobs, current_tenant()).progress(job, seen(last_event_id)), EVENTS)

    @routes.get("/v1/jobs/{job}/results", response_model=None, responses=stream_of(*STREAMED))
    async def results(
        request: Request, job: Text, after: After = 0, limit: Limit = 1000, last_event_id: LastEventId = None
    ) -> dict[str, Any] | Response:
        """Rows in their order: with `Accept` one of the streams, until the job is over; else a page at once."""
        state = await jobs.get(current_tenant(), job)
        media_type = stream_wanted(request)
        start = max(after, seen(last_event_id))
        if media_type:
            return streamed(Following(jobs, current_tenant()).results(job, start, media_type), media_type)
        rows = await jobs.rows(job, start, limit)
        last = rows[-1].number if rows else start
        more = last < state.total and (bool(rows) or not state.over)
        following = f"/v1/jobs/{job}/results?after={last}&limit={limit}" if more else None
        return {"job": job_json(state), "results": [row_json(row) for row in rows], "next": following}

    return routes


def stream_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """The documentation of an answer that streams."""
    return {200: {"content": {each: {"schema": {"type": "string"}} for each in media_types}}}


def stream_wanted(request: Request) -> str:
    """The kind of stream that the caller accepts; empty where none."""
    accepted = request.headers.get("accept", "").lower()
    return next((each for each in STREAMED if each in accepted), "")


def streamed(lines: Any, media_type: str) -> StreamingResponse:
    """Lines as they come."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    kind = f"{media_type}; charset=utf-8" if media_type in (CSV, NDJSON) else media_type
    return StreamingResponse(lines, media_type=kind, headers=headers)


def seen(last_event_id: str | None) -> int:
    """The number of the last event that a caller saw. Raises InvalidRequest."""
    text = (last_event_id or "").strip()
    if not text:
        return 0
    number = whole_number(text)
    if number is None:
        raise InvalidRequest(
            "Last-Event-ID is the id of an event of this stream",
            field="Last-Event-ID",
            expected="a whole number",
        )
    return number
