"""What becomes of a job's rows, as lines of JSON, as CSV, or as events; and its progress."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from plotlot.domain.characters import UNSEEN
from plotlot.gateway.jobs.batch import CSV, NDJSON
from plotlot.gateway.jobs.store import Job, Jobs, Row
from plotlot.gateway.web.events import encode

Json = dict[str, Any]
EVENTS = "text/event-stream"
STREAMED = (NDJSON, CSV, EVENTS)
READ_AT_ONCE = 200
_FORMULA = re.compile(rf"[{UNSEEN} ]*[=+\-@\t\r\n＝＋－＠]")
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 1.0
SILENT_SECONDS = 15.0  # after which a comment keeps proxies from closing the connection
COLUMNS = (
    "row", "ref", "status", "analysis", "parcel_id", "address", "municipality", "district", "units_low",
    "units_high", "binding_constraint", "verdict", "bundle", "problem", "detail",
)  # fmt: skip


def job_json(job: Job) -> Json:
    """A job under the names of the REST API."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "total": job.total,
        "done": job.done,
        "refused": job.refused,
        "bundle": job.bundle,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "problem": job.problem,
        "progress": None if job.over else job.progress,
        "results": f"/v1/jobs/{job.id}/results",
        "events": f"/v1/jobs/{job.id}/events",
    }


def row_json(row: Row) -> Json:
    """A row's outcome with its number and the caller's own reference."""
    outcome = row.outcome or {}
    status = "refused" if "problem" in outcome else "answered"
    return {"row": row.number, "ref": row.question.get("ref", ""), "status": status, **outcome}


def csv_line(row: Row) -> str:
    """A row's outcome as a line of CSV; its cells begin no formula in a spreadsheet."""
    told = row_json(row)
    problem = told.pop("problem", None) or {}
    cells = {**told, "problem": problem.get("type", ""), "detail": problem.get("detail", "")}
    if problem:
        asked = {name: value for name, value in row.question.items() if name in COLUMNS}
        cells = {**asked, **cells}
    return csv_text([harmless(cells.get(name)) for name in COLUMNS])


def csv_text(cells: list[Any]) -> str:
    """One line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def harmless(cell: Any) -> Any:
    """A cell; text that a spreadsheet would take for a formula is quoted (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


class Following:
    """Follows a job until it is over, whoever does it."""

    def __init__(self, jobs: Jobs, tenant: str) -> None:
        self._jobs = jobs
        self._tenant = tenant

    async def results(self, job: str, after: int, media_type: str) -> AsyncIterator[str]:
        """Every row after a number, in order, in the form that is asked for. Raises UnknownJob."""
        if media_type == CSV and after == 0:
            yield csv_text(list(COLUMNS))
        write = WRITERS[media_type]
        wait, silent = FIRST_WAIT_SECONDS, 0.0
        while True:
            state = await self._jobs.get(self._tenant, job)
            rows = await self._jobs.rows(job, after, READ_AT_ONCE)
            for row in rows:
                yield write(row)
                after = row.number
            if rows:
                wait, silent = FIRST_WAIT_SECONDS, 0.0
            elif state.over:
                break
            else:
                if media_type == EVENTS and silent >= SILENT_SECONDS:
                    yield ": still working\n\n"
                    silent = 0.0
                await asyncio.sleep(wait)
                silent, wait = silent + wait, min(2 * wait, LONGEST_WAIT_SECONDS)
        if media_type == EVENTS:
            yield encode(after + 1, "job", job_json(state))

    async def progress(self, job: str, after: int) -> AsyncIterator[str]:
        """Events that say how many rows are done, and how far the work on one is where it takes long; the last one,
        `job`, tells how it ended."""
        wait, silent = FIRST_WAIT_SECONDS, 0.0
        while True:
            state = await self._jobs.get(self._tenant, job)
            if state.over:
                yield encode(state.total + state.steps + 1, "job", job_json(state))
                return
            if state.done + state.steps > after:
                after = state.done + state.steps
                told = {"done": state.done, "total": state.total, "refused": state.refused}
                yield encode(after, "progress", told | ({"row": state.progress} if state.progress else {}))
                wait, silent = FIRST_WAIT_SECONDS, 0.0
            elif silent >= SILENT_SECONDS:
                yield ": still working\n\n"
                silent = 0.0
            await asyncio.sleep(wait)
            silent, wait = silent + wait, min(2 * wait, LONGEST_WAIT_SECONDS)


WRITERS = {
    NDJSON: lambda row: json.dumps(row_json(row)) + "\n",
    CSV: csv_line,
    EVENTS: lambda row: encode(row.number, "row", row_json(row)),
}
