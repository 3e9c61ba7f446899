"""Municipalities by name."""

import psycopg
from rapidfuzz import fuzz, process

from plotlot.domain.errors import InvalidRequest, UnknownMunicipality
from plotlot.domain.municipalities import municipality_key, municipality_name

# The municipality whose code answers for a key: the tenant's own where it holds documents, else the shared one.
CODE_OF = """(
    SELECT id FROM municipalities
    WHERE key IN (%(key)s, own_key(%(key)s)) AND (id > 0 OR EXISTS (
        SELECT FROM documents WHERE municipality_id = municipalities.id AND superseded_at IS NULL
    ))
    ORDER BY id LIMIT 1
)"""
_SHELVES = "SELECT id FROM municipalities WHERE key IN (%(key)s, own_key(%(key)s)) ORDER BY id"
_ENSURE = """
INSERT INTO municipalities (id, key, name) OVERRIDING SYSTEM VALUE
SELECT CASE own_key(%(key)s) WHEN %(key)s THEN number ELSE -number END, own_key(%(key)s), %(name)s
FROM nextval(pg_get_serial_sequence('municipalities', 'id')) AS number
WHERE NOT EXISTS (SELECT FROM municipalities WHERE key = own_key(%(key)s))
ON CONFLICT (key) DO NOTHING
"""
SUGGESTIONS = 3
NEAR = (
    75.0  # least likeness, of 100, that is suggested: towns of one state share only their letters otherwise
)


async def municipality_id(connection: psycopg.AsyncConnection, name: str) -> int:
    """The id of the municipality whose code answers. Raises UnknownMunicipality with the names that are near."""
    cursor = await connection.execute(f"SELECT {CODE_OF}".encode(), {"key": key_of(name)})
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        raise await unknown(connection, name)
    return int(row[0])


async def shelves(connection: psycopg.AsyncConnection, name: str) -> list[int]:
    """The ids under which a municipality's parcels may stand. Raises UnknownMunicipality as ``municipality_id``."""
    cursor = await connection.execute(_SHELVES, {"key": key_of(name)})
    found = [int(row[0]) for row in await cursor.fetchall()]
    if not found:
        raise await unknown(connection, name)
    return found


async def ensure_municipality(connection: psycopg.AsyncConnection, name: str) -> int:
    """The id of a municipality on the tenant's own shelf, where it may be written to; made where it is new."""
    values = {"key": key_of(name), "name": municipality_name(name)}
    await connection.execute(_ENSURE, values)
    cursor = await connection.execute("SELECT id FROM municipalities WHERE key = own_key(%(key)s)", values)
    row = await cursor.fetchone()
    assert row is not None, "it was made where it was missing"
    return int(row[0])


def key_of(name: str) -> str:
    """The key of a name. Raises InvalidRequest for one without."""
    key = municipality_key(name)
    if not key:
        raise InvalidRequest("say which municipality, e.g. 'Miami, FL'", field="municipality")
    return key


async def unknown(connection: psycopg.AsyncConnection, name: str) -> UnknownMunicipality:
    """The error for a name that is not among those that the tenant sees."""
    cursor = await connection.execute("SELECT DISTINCT name FROM municipalities")
    return unknown_municipality(name, [found for (found,) in await cursor.fetchall()])


def without_state(name: str) -> str:
    """What tells municipalities of one state apart."""
    return municipality_key(name).partition(",")[0]


def unknown_municipality(name: str, names: list[str]) -> UnknownMunicipality:
    """The error for a name that is not here, with up to three that are near."""
    near = process.extract(
        name, names, scorer=fuzz.WRatio, processor=without_state, limit=SUGGESTIONS, score_cutoff=NEAR
    )
    hint = (
        f"did you mean {near[0][0]!r}?"
        if near
        else "ingest its code first: plotlot ingest FILE --municipality NAME"
    )
    return UnknownMunicipality(
        f"no code of {name!r} is here; {hint}",
        field="municipality",
        suggestions=[match[0] for match in near],
    )
