"""Many rows at once: COPY, through a temporary table, for row-level security lets nobody copy into its tables."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg


async def copy_rows(
    connection: psycopg.AsyncConnection, table: str, columns: str, rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows into the columns of a table, in the caller's transaction; policies are asked for each."""
    staged = f"staged_{table}"
    await connection.execute(
        f"CREATE TEMPORARY TABLE {staged} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA".encode()
    )
    async with connection.cursor().copy(f"COPY {staged} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            await copy.write_row(row)
    await connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged}".encode())
    await connection.execute(f"DROP TABLE {staged}".encode())
