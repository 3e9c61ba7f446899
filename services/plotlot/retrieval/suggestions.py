"""Suggests parcels for an address that is still being typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from plotlot.domain.addresses import rank_suggestions, with_town
from plotlot.domain.typed_addresses import TypedAddress, typed_address

MOST_SUGGESTED = 20
MOST_COMPARED = 40  # the parcels nearest by trigrams, which near misses are chosen from
LEAST_COMPARED = 3  # characters below which everything is near
LAST_CHARACTER = "\U0010ffff"

_SELECT = """
SELECT address, name, id FROM (
    SELECT parcels.id, address, address_key, municipality_id, municipalities.name, municipalities.key
    FROM parcels JOIN municipalities ON municipalities.id = municipality_id
    WHERE (%(towns)s::bigint[] IS NULL OR municipality_id = ANY(%(towns)s))
    {which} LIMIT %(most)s
) AS found
-- Of a parcel that the tenant has too, its own.
WHERE municipality_id < 0 OR NOT EXISTS (
    SELECT FROM municipalities AS own JOIN parcels AS mine ON mine.municipality_id = own.id
    WHERE own.id < 0 AND own.key = own_key(found.key) AND mine.id = found.id
)
ORDER BY address_key USING ~<~, municipality_id, id
"""
# As in parcels.py, no LIKE: policies are asked before it, and no index would be.
_IN_RANGE = _SELECT.format(
    which="""
      AND address_key ~>=~ %(start)s AND address_key ~<~ %(past)s
      AND starts_with(replace(municipalities.key, ',', ''), %(town)s)
      AND address_key ~ ALL(%(patterns)s::text[])
    ORDER BY address_key USING ~<~, municipality_id, parcels.id"""
)
# How like a part of a line is to what was typed: it need not be typed to its end.
_NEAR = _SELECT.format(which="ORDER BY address_key <->> %(line)s")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A parcel that may be meant; ``address`` is whole, with its municipality."""

    address: str
    municipality: str
    parcel_id: str


async def suggest(
    connection: psycopg.AsyncConnection, text: str, towns: Sequence[int] | None, limit: int
) -> list[Suggestion]:
    """Parcels whose address goes on as was typed, else with the same number and words that begin so, else near."""
    typed = typed_address(text)
    if not typed.line:
        return []
    found = await _in_range(connection, typed, typed.line, (), towns, limit)
    if len(found) < limit and typed.number and typed.patterns:
        found += await _in_range(connection, typed, f"{typed.number} ", typed.patterns, towns, limit)
    if not found and len(typed.line) >= LEAST_COMPARED:
        found = await _near(connection, text, typed, towns)
    return list(dict.fromkeys(found))[:limit]


async def _in_range(
    connection: psycopg.AsyncConnection,
    typed: TypedAddress,
    start: str,
    patterns: Sequence[str],
    towns: Sequence[int] | None,
    limit: int,
) -> list[Suggestion]:
    """Those whose line begins so and has words that begin as the patterns say, in the order of their lines."""
    values = {
        "towns": towns,
        "start": start,
        "past": f"{start}{LAST_CHARACTER}",
        "town": typed.town,
        "patterns": list(patterns),
        "most": 2 * limit,  # a tenant may have each parcel too
    }
    return await _fetch(connection, _IN_RANGE, values)


async def _near(
    connection: psycopg.AsyncConnection, text: str, typed: TypedAddress, towns: Sequence[int] | None
) -> list[Suggestion]:
    values = {"towns": towns, "line": typed.line, "most": MOST_COMPARED}
    found = {each.address: each for each in await _fetch(connection, _NEAR, values)}
    return [found[address] for address in rank_suggestions(text, list(found), MOST_SUGGESTED)]


async def _fetch(connection: psycopg.AsyncConnection, query: str, values: dict[str, Any]) -> list[Suggestion]:
    cursor = await connection.execute(query.encode(), values)
    return [
        Suggestion(with_town(address, municipality), municipality, parcel)
        for address, municipality, parcel in await cursor.fetchall()
    ]
