"""The rows of bundles and releases; every function takes a connection that is in a transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from plotlot.domain.bundles import Shadow, guardrails_from, shadow_from
from plotlot.domain.errors import UnknownBundle, UnknownRelease
from plotlot.domain.guardrails import Guardrails
from plotlot.domain.outcomes import short

COLUMNS = (
    "id, stable, candidate, guardrails, shadow, stage, weight, verdict, reason, guardrail, promoted_by,"
    " shadow_stopped, opened_at, closed_at, asked_at, told_at"
)
FORGET = (
    "DELETE FROM evidence WHERE release = %s",
    "DELETE FROM looks WHERE release = %s",
    "DELETE FROM event_sessions WHERE release = %s",
    "DELETE FROM weights WHERE release = %s",
    "DELETE FROM exposure_counts WHERE release = %s",
    "UPDATE pairs SET state = 'set_aside' WHERE release = %s AND state = 'waiting'",
    "UPDATE exposures SET waiting = false WHERE release = %s AND waiting",
    "UPDATE reports SET waiting = false WHERE release = %s AND waiting",
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A bundle that was made known; its manifest is empty where other software gave none."""

    id: str
    manifest: str
    registered_at: datetime

    def values(self) -> Mapping[str, Any]:
        """The manifest as plain values."""
        return json.loads(self.manifest) if self.manifest else {}


@dataclass(frozen=True, slots=True)
class Release:
    """A stable bundle and the candidate that may replace it; open until ``closed_at``."""

    id: str
    stable: str
    candidate: str
    guardrails: Guardrails
    shadow: Shadow
    stage: str
    weight: float
    verdict: str
    reason: str
    guardrail: str
    promoted_by: str
    shadow_stopped: bool
    opened_at: datetime
    closed_at: datetime | None
    asked_at: datetime
    told_at: datetime | None


def release_id(stable: str, candidate: str) -> str:
    """The id of the release of two bundles: there is one, however often it is asked about."""
    return "release-" + sha256(f"{stable}\n{candidate}".encode()).hexdigest()[:16]


async def find_bundles(connection: psycopg.AsyncConnection, ids: Sequence[str]) -> dict[str, Registered]:
    """Those of the bundles that are registered, by id."""
    async with connection.cursor(row_factory=class_row(Registered)) as cursor:
        await cursor.execute(
            "SELECT id, manifest, registered_at FROM bundles WHERE id = ANY(%s)", (list(ids),)
        )
        return {bundle.id: bundle for bundle in await cursor.fetchall()}


async def register(connection: psycopg.AsyncConnection, bundle: str, manifest: str) -> Registered:
    """Make a bundle known; one that is keeps its manifest, unless it had none."""
    await connection.execute(
        "INSERT INTO bundles (id, manifest) VALUES (%s, %s)"
        " ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest"
        " WHERE bundles.manifest = '' AND excluded.manifest <> ''",
        (bundle, manifest),
    )
    return (await find_bundles(connection, [bundle]))[bundle]


async def bundle_of(connection: psycopg.AsyncConnection, bundle: str) -> Registered:
    """A registered bundle. Raises UnknownBundle."""
    found = await find_bundles(connection, [bundle])
    if bundle not in found:
        raise UnknownBundle(f"no bundle {bundle!r} was registered here", field="bundle")
    return found[bundle]


async def select(connection: psycopg.AsyncConnection, rest: str, *given: object) -> list[Release]:
    """Releases; ``rest`` of the statement is ours, and ``given`` are its values."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(f"SELECT {COLUMNS} FROM releases {rest}".encode(), given)
        return [_release(row) for row in await cursor.fetchall()]


async def locked(
    connection: psycopg.AsyncConnection, release: str, skip_locked: bool = False
) -> Release | None:
    """A release whose row is ours until the transaction ends; recording goes on meanwhile."""
    rest = "WHERE id = %s FOR NO KEY UPDATE" + (" SKIP LOCKED" if skip_locked else "")
    found = await select(connection, rest, release)
    return found[0] if found else None


async def find(connection: psycopg.AsyncConnection, release: str) -> Release:
    """A release. Raises UnknownRelease."""
    short(release=release)
    found = await select(connection, "WHERE id = %s", release)
    if not found:
        raise UnknownRelease(f"there is no release {release!r} here", field="release")
    return found[0]


async def open_anew(
    connection: psycopg.AsyncConnection, stable: str, candidate: str, guardrails: Guardrails, shadow: Shadow
) -> Release:
    """Open a release, again where it was superseded, or anew where it was promoted: then without its evidence.

    Another that is open for the stable bundle closes.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (stable,))
    await connection.execute(
        "UPDATE releases SET stage = 'superseded', closed_at = now(), reason = %s, promoted_by = ''"
        " WHERE stable = %s AND candidate <> %s AND closed_at IS NULL",
        (f"{candidate} took its place", stable, candidate),
    )
    identity = release_id(stable, candidate)
    await _forget_promoted(connection, identity)
    await connection.execute(
        "INSERT INTO releases (id, stable, candidate, guardrails, shadow, stage)"
        " VALUES (%s, %s, %s, %s, %s, 'shadow') ON CONFLICT (id) DO UPDATE"
        " SET stage = 'shadow', closed_at = NULL, weight = 0, promoted_by = '', told_at = NULL"
        " WHERE releases.stage IN ('superseded', 'promoted')",
        (identity, stable, candidate, json.dumps(asdict(guardrails)), json.dumps(asdict(shadow))),
    )
    opened = await locked(connection, identity)
    assert opened is not None, "it was inserted in this transaction, or is there"
    return opened


async def _forget_promoted(connection: psycopg.AsyncConnection, release: str) -> None:
    """Begin anew for a release that was promoted; what was decided and recorded stays to be read."""
    cursor = await connection.execute(
        "SELECT FROM releases WHERE id = %s AND stage = 'promoted' FOR NO KEY UPDATE", (release,)
    )
    if cursor.rowcount:
        for statement in FORGET:
            await connection.execute(statement.encode(), (release,))


async def change(connection: psycopg.AsyncConnection, release: Release, **columns: Any) -> Release:
    """Write columns of a release, and return it as it is then."""
    names = ", ".join(f"{name} = %s" for name in columns)
    await connection.execute(
        f"UPDATE releases SET {names} WHERE id = %s".encode(), (*columns.values(), release.id)
    )
    return replace(release, **columns)


def _release(row: Mapping[str, Any]) -> Release:
    guardrails, shadow = guardrails_from(row["guardrails"]), shadow_from(row["shadow"])
    return Release(**{**row, "guardrails": guardrails, "shadow": shadow})
