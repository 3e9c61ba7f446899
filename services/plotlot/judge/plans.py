"""What a gateway is to do now for the release that its bundle takes part in."""

import psycopg

from plotlot.domain.guardrails import Guardrails, Measure
from plotlot.domain.outcomes import named, objective_seconds
from plotlot.domain.plans import Plan
from plotlot.judge.releases import Release, select
from plotlot.judge.waiting import in_time
from plotlot.store.pool import Database

ASKED_SECONDS = 600  # nobody rolls out a release whose verdict nobody asked for in that time
SEEN_SECONDS = 5  # gateways ask every second
# While users meet the candidate, at least half of the sessions tell of that: those of the sample tell by pairs.
MOST_SHADOWED = 0.5


class Planner:
    """Makes plans, and knows how many gateways share a budget."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_time
    async def plan(self, bundle: str, gateway: str) -> Plan:
        """The plan of a gateway that serves the bundle; an empty one where no release concerns it."""
        named(bundle=bundle, gateway=gateway)
        async with self._database.connection() as connection:
            release = await _release_of(connection, bundle)
            if release is None:
                return Plan()
            return _plan(release, bundle, await _gateways(connection, bundle, gateway))


def _plan(release: Release, bundle: str, gateways: int) -> Plan:
    shadow = release.shadow
    return Plan(
        release=release.id,
        stable=release.stable,
        candidate=release.candidate,
        stage=release.stage,
        shadows=bundle == release.stable and not release.shadow_stopped,
        share=share_of(release),
        per_second=shadow.per_second / gateways,
        gold_per_second=shadow.gold_per_second / gateways,
        deadline_seconds=shadow.deadline_seconds,
        objectives_seconds=objectives(release.guardrails),
    )


def share_of(release: Release) -> float:
    """The share of sessions in the sample that is asked of both bundles."""
    if release.shadow_stopped:
        return 0.0
    return min(release.shadow.share, MOST_SHADOWED) if release.stage == "canary" else release.shadow.share


def objectives(guardrails: Guardrails) -> dict[str, float]:
    """Each operation's objective in seconds: the tightest, where several guardrails have one for it."""
    latencies = [guardrail for guardrail in guardrails.each if guardrail.measure is Measure.LATENCY]
    operations = {operation for guardrail in latencies for operation in guardrail.objectives_seconds}
    return {
        operation: min(
            seconds
            for guardrail in latencies
            if (seconds := objective_seconds(guardrail, operation)) is not None
        )
        for operation in operations
    }


async def _release_of(connection: psycopg.AsyncConnection, bundle: str) -> Release | None:
    """The open release that the bundle takes part in and that was asked about last."""
    found = await select(
        connection,
        "WHERE closed_at IS NULL AND (stable = %s OR candidate = %s)"
        " AND asked_at > now() - make_interval(secs => %s) ORDER BY asked_at DESC LIMIT 1",
        bundle,
        bundle,
        ASKED_SECONDS,
    )
    return found[0] if found else None


async def _gateways(connection: psycopg.AsyncConnection, bundle: str, gateway: str) -> int:
    """How many gateways of the bundle were seen just now, this one among them."""
    await connection.execute(
        "INSERT INTO gateways (bundle, name) VALUES (%s, %s)"
        " ON CONFLICT (bundle, name) DO UPDATE SET seen_at = now()",
        (bundle, gateway),
    )
    cursor = await connection.execute(
        "SELECT count(*) FROM gateways WHERE bundle = %s AND seen_at > now() - make_interval(secs => %s)",
        (bundle, SEEN_SECONDS),
    )
    row = await cursor.fetchone()
    return max(int(row[0]), 1) if row else 1
