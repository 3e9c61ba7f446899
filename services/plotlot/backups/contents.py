"""What is in a database, told by the database: every table counted, every row hashed, in the caller's snapshot.

A table's checksum is the sum, modulo 2^64, of each half of the first 128 bits of its rows' SHA-256. Addition knows no
order, and two rows that are alike do not cancel each other. A row is hashed as Postgres writes it out as text, under
settings that are fixed here, so versions and platforms agree.
"""

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from plotlot.backups.manifest import Contents, Counter, Table

# How values are written as text, whatever the database's own settings are.
WRITTEN_BY = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmloption": "content",
}
_COLUMNS = """
SELECT space.nspname, class.relname, array_agg(attribute.attname::text ORDER BY attribute.attnum)
FROM pg_class AS class
     JOIN pg_namespace AS space ON space.oid = class.relnamespace
     JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
WHERE class.relkind = 'r' AND class.relpersistence <> 't'
  AND attribute.attnum > 0 AND NOT attribute.attisdropped
  AND space.nspname <> 'information_schema' AND space.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype = 'e')
GROUP BY space.nspname, class.relname
ORDER BY space.nspname, class.relname
"""
_COUNTERS = """
SELECT schemaname || '.' || sequencename, coalesce(last_value, 0) FROM pg_sequences
WHERE schemaname <> 'information_schema' AND schemaname !~ '^pg_' ORDER BY 1
"""
_HASHED = sql.SQL(
    "SELECT count(*), coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0),"
    " coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint), 0)"
    " FROM (SELECT encode(sha256(convert_to(ROW({})::text, 'UTF8')), 'hex') AS hash FROM {}) AS hashed"
)


async def tables_of(connection: psycopg.AsyncConnection) -> dict[str, tuple[str, ...]]:
    """The columns of every table by its name, those of extensions and of Postgres left out."""
    cursor = await connection.execute(_COLUMNS)
    return {f"{schema}.{name}": tuple(columns) for schema, name, columns in await cursor.fetchall()}


async def contents_of(
    connection: psycopg.AsyncConnection, expected: Iterable[Table] | None = None
) -> Contents:
    """Every table and sequence; of tables that are ``expected``, their columns alone, where all are here."""
    for name, value in WRITTEN_BY.items():
        await connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    wanted = {table.name: table.columns for table in expected or ()}
    tables = []
    # Sequences first: whoever counts on meanwhile makes the copy's stand further than they are noted, never less far.
    counters = await counters_of(connection)
    for name, columns in (await tables_of(connection)).items():
        asked = wanted.get(name, columns)
        tables.append(await table_of(connection, name, asked if set(asked) <= set(columns) else columns))
    return Contents(tuple(tables), counters)


async def table_of(connection: psycopg.AsyncConnection, name: str, columns: tuple[str, ...]) -> Table:
    """Count and hash the rows of one table."""
    query = _HASHED.format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(*name.split(".", 1))
    )
    row = await (await connection.execute(query)).fetchone()
    assert row is not None, "an aggregate has a row"
    count, *halves = row
    return Table(name, columns, int(count), "".join(f"{int(half) % 2**64:016x}" for half in halves))


async def counters_of(connection: psycopg.AsyncConnection) -> tuple[Counter, ...]:
    """How far every sequence is."""
    cursor = await connection.execute(_COUNTERS)
    return tuple(Counter(name, int(value)) for name, value in await cursor.fetchall())


async def extensions_of(connection: psycopg.AsyncConnection) -> Mapping[str, str]:
    """The version of every extension that has been made in the database."""
    cursor = await connection.execute("SELECT extname, extversion FROM pg_extension ORDER BY extname")
    return dict(await cursor.fetchall())
