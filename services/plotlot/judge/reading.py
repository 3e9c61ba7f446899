"""What people are told of releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from plotlot.domain.bundles import bundle_from, differences
from plotlot.domain.errors import InvalidBundle, InvalidRequest
from plotlot.domain.outcomes import Exposure, Outcome, Pair
from plotlot.judge.evidence import Figures, Look, figures, load, looks_of
from plotlot.judge.history import Given, verdicts_of
from plotlot.judge.releases import Registered, Release, find, find_bundles, select
from plotlot.judge.waiting import in_time
from plotlot.store.pool import Database

MOST = 200
DEFAULT_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """A release as it is told: ``weight`` in percent, and how many of the candidate's requests did harm."""

    id: str
    stable: str
    candidate: str
    stage: str
    weight: float
    verdict: str
    reason: str
    shadow_stopped: bool
    opened_at: datetime
    closed_at: datetime | None
    asked_at: datetime
    changes: Sequence[str]
    candidate_requests: int
    harmed_requests: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of one release."""

    release: Summary
    evidence: Sequence[Figures]
    looks: Sequence[Look]
    verdicts: Sequence[Given]


class Reader:
    """Reads releases; it changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_time
    async def releases(self, limit: int) -> list[Summary]:
        """Releases, the newest first."""
        async with self._database.connection() as connection:
            found = await select(connection, "ORDER BY opened_at DESC LIMIT %s", _checked(limit))
            return await summaries(connection, found)

    @in_time
    async def release(self, release: str) -> Report:
        """One release. Raises UnknownRelease."""
        async with self._database.connection() as connection:
            found = await find(connection, release)
            (summary,) = await summaries(connection, [found])
            known = await load(connection, release)
            looks = await looks_of(connection, release)
            verdicts = await verdicts_of(connection, release)
        return Report(summary, figures(found.guardrails, known), looks, verdicts)

    @in_time
    async def pairs(self, release: str, limit: int) -> list[Pair]:
        """Pairs that differ, those that count most against the candidate first. Raises UnknownRelease."""
        rows = await self._rows(
            release,
            "SELECT request_id, session, operation, question, source, at, stable, candidate FROM pairs"
            " WHERE release = %s AND against <> 0 ORDER BY against DESC, request_id LIMIT %s",
            limit,
        )
        return [
            Pair(**{**row, "stable": _outcome(row["stable"]), "candidate": _outcome(row["candidate"])})
            for row in rows
        ]

    @in_time
    async def harmed(self, release: str, limit: int) -> list[Exposure]:
        """Users' requests that the candidate failed or kept waiting, the newest first.

        Raises UnknownRelease.
        """
        rows = await self._rows(
            release,
            "SELECT request_id, session, session_started_at, at, bundle, operation, question, outcome, shadowed"
            " FROM exposures e WHERE release = %s"
            " AND bundle = (SELECT candidate FROM releases WHERE id = e.release)"
            " ORDER BY at DESC, request_id LIMIT %s",
            limit,
        )
        return [Exposure(**{**row, "outcome": _outcome(row["outcome"])}) for row in rows]

    async def _rows(self, release: str, statement: str, limit: int) -> list[dict[str, Any]]:
        async with self._database.connection() as connection:
            await find(connection, release)
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(statement.encode(), (release, _checked(limit)))
                return await cursor.fetchall()


async def summaries(connection: psycopg.AsyncConnection, releases: Sequence[Release]) -> list[Summary]:
    """Releases as they are told."""
    bundles = await find_bundles(
        connection, sorted({bundle for one in releases for bundle in (one.stable, one.candidate)})
    )
    requests = await _by_release(
        connection,
        releases,
        "SELECT c.release, sum(c.requests)::bigint FROM exposure_counts c"
        " JOIN releases r ON r.id = c.release AND r.candidate = c.bundle"
        " WHERE c.release = ANY(%s) GROUP BY c.release",
    )
    harmed = await _by_release(
        connection,
        releases,
        "SELECT e.release, count(*) FROM exposures e"
        " JOIN releases r ON r.id = e.release AND r.candidate = e.bundle"
        " WHERE e.release = ANY(%s) GROUP BY e.release",
    )
    return [
        Summary(
            id=one.id,
            stable=one.stable,
            candidate=one.candidate,
            stage=one.stage,
            weight=one.weight,
            verdict=one.verdict,
            reason=one.reason,
            shadow_stopped=one.shadow_stopped,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            asked_at=one.asked_at,
            changes=_changes(bundles.get(one.stable), bundles.get(one.candidate)),
            candidate_requests=requests.get(one.id, 0),
            harmed_requests=harmed.get(one.id, 0),
        )
        for one in releases
    ]


async def _by_release(
    connection: psycopg.AsyncConnection, releases: Sequence[Release], statement: str
) -> dict[str, int]:
    cursor = await connection.execute(statement.encode(), ([one.id for one in releases],))
    return {release: int(count) for release, count in await cursor.fetchall()}


def _changes(stable: Registered | None, candidate: Registered | None) -> list[str]:
    """What changed, a line each; nothing is said of bundles whose manifests are not PlotLot's."""
    if stable is None or candidate is None or not (stable.manifest and candidate.manifest):
        return []
    try:
        return list(differences(bundle_from(stable.values()), bundle_from(candidate.values())))
    except InvalidBundle:
        return []


def _outcome(kept: Mapping[str, Any] | None) -> Any:
    return Outcome(**kept) if kept else None


def _checked(limit: int) -> int:
    if not 0 < limit <= MOST:
        raise InvalidRequest(f"limit is 1 to {MOST}, not {limit}", field="limit")
    return limit
