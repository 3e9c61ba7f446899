"""A span for each statement, named by what it does to which tables: neither its text nor its parameters are told."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache, lru_cache
from typing import Any, Self

import psycopg
from opentelemetry.trace import Span, SpanKind, Tracer, get_tracer
from psycopg.abc import Params, Query
from psycopg.copy import AsyncWriter
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg.sql import Composable

from plotlot.telemetry import Db
from plotlot.tracing.spans import fail, sampled_span

LONGEST_SUMMARY = 255  # characters, as OpenTelemetry's semantic conventions have it
# What may hold words that are none of SQL's, and the FROM of EXTRACT, which no table follows.
_SILENT = re.compile(r"(?i)'(?:[^']|'')*'|--[^\n]*|\bextract\s*\(\s*\w+\s+from\b")
_TABLE = re.compile(
    r"(?i)\b(?:(?:into|copy|table)\s+(?:if\s+(?:not\s+)?exists\s+)?([a-z_][\w.]*)"
    r"|(?:from|update|join)\s+(?:only\s+)?([a-z_][\w.]*)(?![\w.]*\s*\())"
)
_NAMED_BELOW = re.compile(r"(?i)(?:\bwith(?:\s+recursive)?|,)\s+([a-z_]\w*)(?:\s*\([^()]*\))?\s+as\b")
_OPERATION = re.compile(r"(?i)\b(select|insert|update|delete|copy|begin|set|create|drop|truncate|lock)\b")
_NO_TABLES = frozenset({"set", "stdin", "stdout", "select", "lateral", "unnest", "skip", "nothing", "of"})


class TracedCursor(psycopg.AsyncCursor[Any]):
    """Times its statements for the current request, where that is sampled."""

    __slots__ = ()

    async def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
        """Send a statement."""
        if sampled_span() is None:
            return await super().execute(query, params, **options)
        with timed(query, self._conn) as span:
            await super().execute(query, params, **options)
            if self.rowcount >= 0:
                span.set_attribute(Db.ROWS, self.rowcount)
        return self

    async def executemany(self, query: Any, params_seq: Iterable[Params], **options: Any) -> None:
        """Send a statement for each of several parameters."""
        if sampled_span() is None:
            return await super().executemany(query, params_seq, **options)
        every = list(params_seq)
        with timed(query, self._conn) as span:
            span.set_attribute(Db.BATCH_SIZE, len(every))
            await super().executemany(query, every, **options)

    @asynccontextmanager
    async def copy(
        self, statement: Any, params: Any = None, *, writer: AsyncWriter | None = None
    ) -> AsyncIterator[psycopg.AsyncCopy]:
        """Copy rows in or out; the span is of all of it."""
        if sampled_span() is None:
            async with super().copy(statement, params, writer=writer) as copy:
                yield copy
            return
        with timed(statement, self._conn):
            async with super().copy(statement, params, writer=writer) as copy:
                yield copy


class TracedConnection(psycopg.AsyncConnection[TupleRow]):
    """A connection whose statements, and the end of its transactions, are timed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = TracedCursor

    async def commit(self) -> None:
        """End the transaction, where there is one: it is kept once this returns."""
        if sampled_span() is None or self.pgconn.transaction_status == TransactionStatus.IDLE:
            return await super().commit()
        with timed(b"COMMIT", self):
            await super().commit()


@contextmanager
def timed(query: Query, connection: Any) -> Iterator[Span]:
    """The span of a statement; of an error only its class and its SQLSTATE are told, for its words repeat values."""
    operation, summary = summary_of(text_of(query, connection))
    attributes = {Db.SYSTEM: Db.POSTGRES, Db.OPERATION: operation, Db.SUMMARY: summary}
    span = tracer().start_span(summary, None, SpanKind.CLIENT, attributes)
    try:
        yield span
    except BaseException as error:
        if isinstance(error, psycopg.Error) and error.sqlstate:
            span.set_attribute(Db.STATUS, error.sqlstate)
        fail(span, type(error).__name__)
        raise
    finally:
        span.end()


@cache
def tracer() -> Tracer:
    """The tracer of statements: connections are made by the pool, which hands them nothing."""
    return get_tracer(__name__)


def text_of(query: Query, connection: Any) -> str:
    """A statement as text."""
    if isinstance(query, Composable):
        return query.as_string(connection)
    return query.decode("utf-8", "replace") if isinstance(query, bytes) else str(query)


@lru_cache(maxsize=1024)
def summary_of(text: str) -> tuple[str, str]:
    """The operation of a statement, and that with the tables that it touches: ``SELECT parcels documents``.

    Made of keywords and names alone. Of several statements sent as one, the first tells the operation.
    """
    said = _SILENT.sub("''", text)
    below = {name.lower() for name in _NAMED_BELOW.findall(said)}
    found = _OPERATION.search(said)
    operation = found[1].upper() if found else (said.split(None, 1) or ["?"])[0].upper()
    names = ("".join(found) for found in _TABLE.findall(said))
    tables = [name for name in names if name.lower() not in below | _NO_TABLES]
    return operation, " ".join((operation, *dict.fromkeys(tables)))[:LONGEST_SUMMARY]
