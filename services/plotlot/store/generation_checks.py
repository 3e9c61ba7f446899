"""What checks of generations found, and who still names a generation."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg

# Those of releases that go on, of the newest one, whose stable bundle may be gone back to, and those that serve without.
_NAMED_BY = """
SELECT id FROM bundles
WHERE manifest <> '' AND manifest::jsonb #>> '{parameters,index,generation}' = %s::text AND (
    NOT EXISTS (SELECT FROM releases WHERE bundles.id IN (stable, candidate))
    OR EXISTS (SELECT FROM releases WHERE bundles.id IN (stable, candidate) AND (
        closed_at IS NULL OR opened_at = (SELECT max(opened_at) FROM releases)
    ))
)
ORDER BY registered_at DESC, id
"""


async def save_check(
    connection: psycopg.AsyncConnection, generation: int, passed: bool, report: Mapping[str, Any]
) -> datetime:
    """Keep what a check found; when that was."""
    cursor = await connection.execute(
        "INSERT INTO generation_checks (generation, passed, report) VALUES (%s, %s, %s) RETURNING checked_at",
        (generation, passed, json.dumps(report)),
    )
    row = await cursor.fetchone()
    assert row is not None, "a row was added"
    return row[0]


async def newest_check(
    connection: psycopg.AsyncConnection, generation: int
) -> tuple[dict[str, Any], datetime] | None:
    """What the last check of a generation found, and when; None where it was never checked."""
    cursor = await connection.execute(
        "SELECT report, checked_at FROM generation_checks WHERE generation = %s ORDER BY id DESC LIMIT 1",
        (generation,),
    )
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def bundles_naming(connection: psycopg.AsyncConnection, generation: int) -> list[str]:
    """The bundles that serve, or may be gone back to, and search a generation."""
    cursor = await connection.execute(_NAMED_BY, (generation,))
    return [bundle for (bundle,) in await cursor.fetchall()]
