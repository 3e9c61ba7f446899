"""POST /v1/analyses:batch: thousands of lots, streamed or as a job."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from plotlot.gateway.callers import caller_of
from plotlot.gateway.inputs import content_of
from plotlot.gateway.jobs.batch import CSV, JSON, KIND, MOST_BYTES, NDJSON, questions_in
from plotlot.gateway.jobs.queue import Queue, accepted, prefers_job
from plotlot.gateway.jobs.results import STREAMED, Following
from plotlot.gateway.jobs.store import Jobs
from plotlot.gateway.routes.jobs import stream_of, stream_wanted, streamed

ROWS = [
    {"ref": "a", "address": "100 S Main Street", "municipality": "Larkfield, OH"},
    {"ref": "b", "parcel_id": "LF-0007", "municipality": "Larkfield, OH"},
]
ROW_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ref": {"type": "string", "maxLength": 200, "description": "Your own name of the row."},
        "address": {"type": "string", "maxLength": 300},
        "parcel_id": {"type": "string", "maxLength": 200},
        "municipality": {"type": "string", "maxLength": 200},
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            CSV: {
                "schema": {"type": "string"},
                "example": 'ref,address,municipality\na,100 S Main Street,"Larkfield, OH"\n',
            },
            NDJSON: {
                "schema": {"type": "string"},
                "example": '{"address": "100 S Main Street", "municipality": "Larkfield, OH"}\n',
            },
            JSON: {"schema": {"type": "array", "items": ROW_SCHEMA, "minItems": 1}, "example": ROWS},
        },
    }
}


def router(jobs: Jobs, queue: Queue) -> APIRouter:
    """The route of batches."""
    routes = APIRouter(tags=["analyses"])

    @routes.post(
        "/v1/analyses:batch",
        status_code=202,
        response_model=None,
        openapi_extra=BODY,
        responses=stream_of(*STREAMED),
    )
    async def analyze_batch(request: Request) -> Response:
        """Analyse the lots of a batch, each once, also where this process is killed meanwhile.

        With `Accept` CSV, lines of JSON or events, rows are streamed as they are answered; what is cut off goes on
        at `GET /v1/jobs/{job}/results`. Otherwise, and with `Prefer: respond-async`, the answer is the job.
        """
        content = await content_of(request, MOST_BYTES, "the batch")
        questions = questions_in(content, request.headers.get("content-type", ""))
        job = await queue.add_rows(request, KIND, questions)
        preferred = prefers_job(request)
        media_type = "" if preferred else stream_wanted(request)
        if media_type:
            response = streamed(
                Following(jobs, caller_of(request.scope).tenant).results(job.id, 0, media_type), media_type
            )
            response.headers["Location"] = f"/v1/jobs/{job.id}"
            return response
        return accepted(job, preferred)

    return routes
