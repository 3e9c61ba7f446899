"""GET /v1/audit: who did what, as JSON or as JSON lines."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from plotlot.gateway.identity.audit import AuditLog, Search
from plotlot.gateway.inputs import NameText
from plotlot.gateway.routes.keys import caller_in, seen_by

LINES = "application/x-ndjson"
Moment = Annotated[datetime | None, Query(description="A time, e.g. 2026-05-01T12:00:00Z.")]
Name = Annotated[NameText | None, Query()]


def router(audit: AuditLog) -> APIRouter:
    """The route of the audit log."""
    routes = APIRouter(tags=["access"])

    @routes.get("/v1/audit", response_model=None)
    async def search(
        request: Request,
        since: Moment = None,
        until: Moment = None,
        tenant: Name = None,
        who: Name = None,
        action: Annotated[NameText | None, Query(description="How it begins, e.g. key. or POST.")] = None,
        words: Annotated[NameText | None, Query(description="A part of the target or the details.")] = None,
        before: Annotated[
            int | None, Query(ge=1, le=2**63 - 1, description="The last id of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any] | Response:
        """The newest first; every line that is looked for with `Accept: application/x-ndjson`."""
        wanted = Search(since, until, tenant, who, action, words, before, limit)
        of = seen_by(caller_in(request))
        if LINES in request.headers.get("accept", ""):
            return StreamingResponse(audit.lines(of, wanted), media_type=LINES)
        found = await audit.search(of, wanted)
        return {
            "entries": [entry.as_json() for entry in found],
            "before": found[-1].id if len(found) == limit else None,
        }

    return routes
