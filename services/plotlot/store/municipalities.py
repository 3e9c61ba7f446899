"""Municipalities by name."""

import psycopg
from rapidfuzz import fuzz, process

from plotlot.domain.errors import InvalidRequest, UnknownMunicipality
from plotlot.domain.municipalities import municipality_key, municipality_name

SUGGESTIONS = 3
NEAR = (
    75.0  # least likeness, of 100, that is suggested: towns of one state share only their letters otherwise
)


async def municipality_id(connection: psycopg.AsyncConnection, name: str) -> int:
    """The id of a municipality. Raises UnknownMunicipality with the names that are near."""
    key = municipality_key(name)
    if not key:
        raise InvalidRequest("say which municipality, e.g. 'Miami, FL'", field="municipality")
    cursor = await connection.execute("SELECT id FROM municipalities WHERE key = %s", (key,))
    row = await cursor.fetchone()
    if row is not None:
        return int(row[0])
    names = [
        name for (name,) in await (await connection.execute("SELECT name FROM municipalities")).fetchall()
    ]
    raise unknown_municipality(name, names)


async def ensure_municipality(connection: psycopg.AsyncConnection, name: str) -> int:
    """The id of a municipality, made where it is new."""
    key = municipality_key(name)
    if not key:
        raise InvalidRequest("say which municipality, e.g. 'Miami, FL'", field="municipality")
    await connection.execute(
        "INSERT INTO municipalities (key, name) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
        (key, municipality_name(name)),
    )
    return await municipality_id(connection, name)


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
