"""Folding: what was recorded is bet on, each session once, whoever does it and however often.

It happens under the lock of the release's row, in the transaction that also marks what was bet on. So replicas
take turns, and one that dies in the middle leaves nothing half done.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from plotlot.domain.guardrails import Guardrail
from plotlot.domain.outcomes import Difference
from plotlot.domain.sequential import with_event
from plotlot.judge.bets import bet, with_lost
from plotlot.judge.evidence import Known, load, save
from plotlot.judge.releases import Release
from plotlot.judge.weights import Weight, share_at, weights_of
from plotlot.telemetry import Metrics

# The longest that an answer takes to get here beside its deadline: it waits to be asked, then to be sent.
QUEUED_SECONDS, SENT_SECONDS = 5.0, 1.0
MOST = 1000  # sessions that are folded at a time: what is over is bet on with the next look

SOMETHING_WAITS = """
SELECT EXISTS (SELECT FROM pairs WHERE release = %(release)s AND state = 'waiting'),
       EXISTS (SELECT FROM exposures WHERE release = %(release)s AND waiting),
       EXISTS (SELECT FROM reports WHERE release = %(release)s AND waiting)
"""
SET_LATE_ASIDE = """
UPDATE pairs late SET state = 'set_aside'
WHERE release = %(release)s AND state = 'waiting' AND session <> ''
  AND EXISTS (SELECT FROM pairs counted WHERE counted.release = late.release AND counted.unit = late.unit
              AND counted.state = 'counted' AND counted.session <> '')
RETURNING differences
"""
ENDED = """
SELECT unit FROM pairs
WHERE release = %(release)s AND state = 'waiting'
GROUP BY unit
HAVING max(at) <= clock_timestamp() - make_interval(
    secs => CASE WHEN bool_and(session = '') THEN %(settled)s ELSE greatest(%(settled)s, %(session)s) END)
ORDER BY min(at), unit
LIMIT %(most)s
"""
COUNT = """
UPDATE pairs SET state = 'counted'
WHERE release = %(release)s AND state = 'waiting' AND unit = ANY(%(units)s)
RETURNING unit, differences
"""
COUNT_EVENTS = """
UPDATE exposures SET waiting = false
WHERE release = %(release)s AND waiting
RETURNING request_id, session, session_started_at, at, bundle, guardrails
"""
COUNT_SESSIONS = """
INSERT INTO event_sessions (release, guardrail, session)
SELECT %(release)s, * FROM unnest(%(guardrails)s::text[], %(sessions)s::text[])
ON CONFLICT DO NOTHING
RETURNING guardrail, session
"""


@dataclass(frozen=True, slots=True)
class Event:
    """A user's request that counts against the bundle it met."""

    request_id: str
    session: str
    session_started_at: datetime
    at: datetime
    bundle: str
    guardrails: Sequence[str]


@dataclass(frozen=True, slots=True)
class Folded:
    """What is known of a release now; ``behind`` where more waits than was folded."""

    known: Known
    behind: bool = False


async def fold(connection: psycopg.AsyncConnection, release: Release, metrics: Metrics) -> Folded:
    """Bet on what waits for it. The release's row must be locked, and the release open."""
    known = await load(connection, release.id)
    cursor = await connection.execute(SOMETHING_WAITS, {"release": release.id})
    pairs, events, reports = await cursor.fetchone() or (False, False, False)
    if not (pairs or events or reports):
        return Folded(known)
    with metrics.judge_fold_seconds.time():
        behind = False
        if pairs:
            known = await _late(connection, release, known, metrics)
            known, behind = await _sessions(connection, release, known, metrics)
        if events:
            known = await _events(connection, release, known, metrics)
        if reports:
            known = await _lost(connection, release, known, metrics)
        await save(connection, release.id, release.guardrails, known)
    return Folded(known, behind)


async def _late(
    connection: psycopg.AsyncConnection, release: Release, known: Known, metrics: Metrics
) -> Known:
    """Set aside the pairs of sessions that were counted."""
    cursor = await connection.execute(SET_LATE_ASIDE, {"release": release.id})
    rows = await cursor.fetchall()
    metrics.judge_pairs.labels("set_aside").inc(len(rows))
    return known.with_set_aside(Counter(name for (differences,) in rows for name in differences))


async def _sessions(
    connection: psycopg.AsyncConnection, release: Release, known: Known, metrics: Metrics
) -> tuple[Known, bool]:
    """Bet on the sessions that are over, those that began first first; whether some are left over.

    By when they were asked, not by when they came: answers that failed at their deadline come last, and a look
    before they are here would see better ones only.
    """
    given = {
        "release": release.id,
        "settled": release.shadow.deadline_seconds + QUEUED_SECONDS + SENT_SECONDS,
        "session": release.guardrails.session_seconds,
        "most": MOST,
    }
    ended = [unit for (unit,) in await (await connection.execute(ENDED, given)).fetchall()]
    said: dict[str, list[Mapping[str, Difference]]] = defaultdict(list)
    cursor = await connection.execute(COUNT, {"release": release.id, "units": ended})
    for unit, differences in await cursor.fetchall():
        said[unit].append({name: Difference(*values) for name, values in differences.items()})
    metrics.judge_pairs.labels("counted").inc(sum(map(len, said.values())))
    metrics.judge_pairs.labels("missing").inc(
        sum(any(one.missing for one in pair.values()) for pairs in said.values() for pair in pairs)
    )
    known = bet(release.guardrails.each, [said[unit] for unit in ended if unit in said], known)
    return known, len(ended) == MOST


async def _events(
    connection: psycopg.AsyncConnection, release: Release, known: Known, metrics: Metrics
) -> Known:
    """Bet on whose users met an event; a session's first one for a guardrail counts."""
    async with connection.cursor(row_factory=class_row(Event)) as cursor:
        await cursor.execute(COUNT_EVENTS, {"release": release.id})
        events = sorted(await cursor.fetchall(), key=lambda event: (event.at, event.request_id))
    first = first_of_sessions(events)
    named = [(guardrail, event.session) for guardrail, event in first if event.session]
    given = {
        "release": release.id,
        "guardrails": [guardrail for guardrail, _ in named],
        "sessions": [session for _, session in named],
    }
    new = set(await (await connection.execute(COUNT_SESSIONS, given)).fetchall())
    weights = await weights_of(connection, release.id)
    guardrails = {guardrail.name: guardrail for guardrail in release.guardrails.each}
    for name, event in first:
        if not event.session or (name, event.session) in new:
            known = _with_event(known, guardrails[name], event, release, weights)
            met = "candidate" if event.bundle == release.candidate else "stable"
            metrics.judge_events.labels(name, met).inc()
    return known


def _with_event(
    known: Known, guardrail: Guardrail, event: Event, release: Release, weights: list[Weight]
) -> Known:
    share = share_at(weights, event.session_started_at)
    on_candidate = event.bundle == release.candidate
    return known.with_evidence(guardrail, with_event(known.of(guardrail), guardrail, on_candidate, share))


def first_of_sessions(events: Iterable[Event]) -> list[tuple[str, Event]]:
    """The events in their order, by guardrail, without those of a session that had one for it."""
    seen: set[tuple[str, str]] = set()
    first = []
    for event in events:
        for guardrail in event.guardrails:
            if not event.session or (guardrail, event.session) not in seen:
                seen.add((guardrail, event.session))
                first.append((guardrail, event))
    return first


async def _lost(
    connection: psycopg.AsyncConnection, release: Release, known: Known, metrics: Metrics
) -> Known:
    """Count pairs that senders lost as missing, each of them for every guardrail."""
    cursor = await connection.execute(
        "UPDATE reports SET waiting = false WHERE release = %s AND waiting RETURNING lost", (release.id,)
    )
    lost = sum(count for (count,) in await cursor.fetchall())
    metrics.judge_pairs.labels("missing").inc(lost)
    return with_lost(release.guardrails.each, lost, known)
