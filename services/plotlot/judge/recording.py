"""Keeps how bundles answered; what is sent twice is kept once."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.outcomes import (
    MOST_COUNTED,
    Exposure,
    ExposureCount,
    Outcome,
    Pair,
    against,
    differences,
    event_guardrails,
    kept_text,
    short,
)
from plotlot.judge.releases import Release, find
from plotlot.judge.waiting import in_time
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

MOST = 10_000  # pairs, exposures or counts in a request
FARTHEST = timedelta(days=1)  # from now, of a moment that is told; of another, a clock is wrong

# What is sent comes as one JSON document: arrays would have to be escaped element by element.
INSERT_PAIRS = """
INSERT INTO pairs (release, request_id, unit, session, operation, question, source, at, stable, candidate,
                   differences, against)
SELECT %s, sent.*
FROM jsonb_to_recordset(%s::jsonb)
     AS sent (request_id text, unit text, session text, operation text, question text, source text,
              at timestamptz, stable jsonb, candidate jsonb, differences jsonb, against float8)
ON CONFLICT (release, request_id) DO NOTHING
"""
INSERT_EXPOSURES = """
INSERT INTO exposures (release, request_id, session, session_started_at, at, bundle, operation, question,
                       outcome, shadowed, guardrails)
SELECT %s, sent.*
FROM jsonb_to_recordset(%s::jsonb)
     AS sent (request_id text, session text, session_started_at timestamptz, at timestamptz, bundle text,
              operation text, question text, outcome jsonb, shadowed boolean, guardrails text[])
ON CONFLICT (release, request_id) DO NOTHING
"""
ADD_COUNTS = """
INSERT INTO exposure_counts (release, bundle, operation, since, requests, sessions)
SELECT %(release)s, bundle, operation,
       (SELECT coalesce(max(at), '-infinity') FROM weights WHERE release = %(release)s AND reported),
       sum(requests), sum(sessions)
FROM unnest(%(bundles)s::text[], %(operations)s::text[], %(requests)s::bigint[], %(sessions)s::bigint[])
     AS sent (bundle, operation, requests, sessions)
GROUP BY bundle, operation
ORDER BY bundle, operation
ON CONFLICT (release, since, bundle, operation) DO UPDATE
SET requests = exposure_counts.requests + excluded.requests,
    sessions = exposure_counts.sessions + excluded.sessions
"""


class Recorder:
    """Records for open releases; what comes for one that is closed is too late to count, and is left out."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    @in_time
    async def pairs(self, release: str, pairs: Sequence[Pair], lost: int, report_id: str) -> int:
        """Keep pairs, and how many the sender lost; returns how many of them were new.

        Raises UnknownRelease.
        """
        _few(pairs)
        if not 0 <= lost <= MOST_COUNTED:
            raise InvalidRequest(f"lost is 0 to {MOST_COUNTED:,}", field="lost")
        async with self._database.connection() as connection:
            found = await find(connection, release)
            if found.closed_at is not None:
                return 0
            recorded = await _insert_pairs(connection, found, pairs) if pairs else 0
            if lost:
                await _insert_report(connection, release, "pairs", report_id, lost)
        self._metrics.judge_pairs.labels("recorded").inc(recorded)
        return recorded

    @in_time
    async def exposures(
        self, release: str, exposures: Sequence[Exposure], counts: Sequence[ExposureCount], report_id: str
    ) -> None:
        """Keep what users met, and how many they were. Raises UnknownRelease."""
        _few(exposures)
        _few(counts)
        async with self._database.connection() as connection:
            found = await find(connection, release)
            if found.closed_at is not None:
                return
            _of_release(found, [*exposures, *counts])
            if exposures:
                await _insert_exposures(connection, found, exposures)
            if counts and await _insert_report(connection, release, "exposures", report_id, 0):
                await _add_counts(connection, release, counts)


async def _insert_pairs(connection: psycopg.AsyncConnection, release: Release, pairs: Sequence[Pair]) -> int:
    now = datetime.now(UTC)
    rows = json.dumps([_pair_row(release, pair, now) for pair in pairs])
    return (await connection.execute(INSERT_PAIRS, (release.id, rows))).rowcount


def _pair_row(release: Release, pair: Pair, now: datetime) -> dict[str, object]:
    _near(now, at=pair.at)
    said = differences(release.guardrails.each, pair)
    return {
        "request_id": pair.request_id,
        "unit": pair.unit,
        "session": pair.session,
        "operation": pair.operation,
        "question": kept_text(pair.question),
        "source": pair.source,
        "at": (pair.at or now).isoformat(),
        "stable": outcome_values(pair.stable),
        "candidate": outcome_values(pair.candidate) if pair.candidate else None,
        "differences": {name: one.values() for name, one in said.items()},
        "against": against(said),
    }


async def _insert_exposures(
    connection: psycopg.AsyncConnection, release: Release, exposures: Sequence[Exposure]
) -> None:
    now = datetime.now(UTC)
    rows = json.dumps([_exposure_row(release, exposure, now) for exposure in exposures])
    await connection.execute(INSERT_EXPOSURES, (release.id, rows))


def _exposure_row(release: Release, exposure: Exposure, now: datetime) -> dict[str, object]:
    _near(now, at=exposure.at, session_started_at=exposure.session_started_at)
    at = exposure.at or now
    return {
        "request_id": exposure.request_id,
        "session": exposure.session,
        "session_started_at": (exposure.session_started_at or at).isoformat(),
        "at": at.isoformat(),
        "bundle": exposure.bundle,
        "operation": exposure.operation,
        "question": kept_text(exposure.question),
        "outcome": outcome_values(exposure.outcome),
        "shadowed": exposure.shadowed,
        "guardrails": event_guardrails(release.guardrails.each, exposure),
    }


async def _add_counts(
    connection: psycopg.AsyncConnection, release: str, counts: Sequence[ExposureCount]
) -> None:
    given = {
        "release": release,
        "bundles": [count.bundle for count in counts],
        "operations": [count.operation for count in counts],
        "requests": [count.requests for count in counts],
        "sessions": [count.sessions for count in counts],
    }
    await connection.execute(ADD_COUNTS, given)


async def _insert_report(
    connection: psycopg.AsyncConnection, release: str, kind: str, report_id: str, lost: int
) -> bool:
    """Whether the report is new; one without an id always is. Each kind has ids of its own."""
    short(report_id=report_id)
    cursor = await connection.execute(
        "INSERT INTO reports (release, id, lost, waiting) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (release, f"{kind} {report_id or uuid.uuid4()}", lost, lost > 0),
    )
    return cursor.rowcount == 1


def outcome_values(outcome: Outcome) -> dict[str, object]:
    """An outcome as it is kept: the fields of ``Outcome``."""
    return {
        "failed": outcome.failed,
        "seconds": outcome.seconds,
        "scores": dict(outcome.scores),
        "cost": outcome.cost,
        "status": kept_text(outcome.status),
        "summary": kept_text(outcome.summary),
    }


def _few(sent: Sequence[object]) -> None:
    if len(sent) > MOST:
        raise InvalidRequest(f"send at most {MOST} at a time", field="pairs")


def _near(now: datetime, **moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and abs(moment - now) > FARTHEST:
            raise InvalidRequest(
                f"{name} is within {FARTHEST.days} day of now, not {moment}: check the clock", field=name
            )


def _of_release(release: Release, sent: Sequence[Exposure | ExposureCount]) -> None:
    other = next((one for one in sent if one.bundle not in (release.stable, release.candidate)), None)
    if other is not None:
        raise InvalidRequest(f"{other.bundle!r} is no bundle of {release.id}", field="bundle")
