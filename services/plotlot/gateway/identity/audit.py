"""Who did what: kept in the store, where rows are only ever added."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import StoreUnavailable
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
FLUSH_SECONDS = 0.5
PAGE = 1000
_COLUMNS = "at, tenant, who, action, target, status, request_id, address, details"
_SEARCH = f"""
SELECT id, {_COLUMNS} FROM audit
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(tenant)s::text IS NULL OR tenant = %(tenant)s)
  AND (%(who)s::text IS NULL OR who = %(who)s)
  AND (%(action)s::text IS NULL OR starts_with(action, %(action)s))
  AND (%(words)s::text IS NULL OR strpos(lower(target || ' ' || details::text), lower(%(words)s)) > 0)
ORDER BY id DESC LIMIT %(limit)s
"""
_ADD = f"""
INSERT INTO audit ({_COLUMNS})
SELECT {_COLUMNS} FROM jsonb_to_recordset(%s::jsonb) AS deed (
    at timestamptz, tenant text, who text, action text, target text, status integer, request_id text, address text,
    details jsonb
)
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, or was not let do; ``status`` is that of the HTTP answer."""

    at: datetime
    tenant: str
    who: str
    action: str
    status: int
    target: str = ""
    request_id: str = ""
    address: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log."""

    id: int
    at: datetime
    tenant: str
    who: str
    action: str
    target: str
    status: int
    request_id: str
    address: str
    details: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The line as JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; None is everything. ``before`` is the id of the last line of the page before."""

    since: datetime | None = None
    until: datetime | None = None
    tenant: str | None = None
    who: str | None = None
    action: str | None = None
    words: str | None = None
    before: int | None = None
    limit: int = 100


class AuditLog:
    """Keeps deeds. Those of requests wait for one another, half a second, so that no answer waits for them."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._waiting: list[Deed] = []

    def note(self, deed: Deed) -> None:
        """Keep a deed soon; where the store has been away for long, the latest are counted and lost."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(deed)
        else:
            self._metrics.audit_lost.inc()

    async def run(self) -> None:
        """Write for ever what was noted."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write what was noted; what cannot be written now waits on."""
        written, self._waiting = self._waiting, []
        if not written:
            return
        try:
            await self._write(written)
        except psycopg.DataError:
            await self._write_apart(written)
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("the audit log cannot be written now: %s", error)
            self._waiting = [*written, *self._waiting]

    async def _write(self, deeds: Sequence[Deed]) -> None:
        async with self._database.connection(EVERY_TENANT) as connection:
            await add_deeds(connection, deeds)

    async def _write_apart(self, deeds: Sequence[Deed]) -> None:
        """Write each by itself: one that no table can hold would keep all others waiting for ever."""
        for place, deed in enumerate(deeds):
            try:
                await self._write([deed])
            except psycopg.DataError as error:
                log.error(
                    "a line of the audit log is lost, for it cannot be written: %s by %s: %s",
                    deed.action,
                    deed.who,
                    error,
                )
                self._metrics.audit_lost.inc()
            except (StoreUnavailable, psycopg.Error) as error:
                log.warning("the audit log cannot be written now: %s", error)
                self._waiting = [*deeds[place:], *self._waiting]
                return

    async def search(self, of: str, wanted: Search) -> list[Entry]:
        """Lines, the newest first, of a tenant or of all."""
        await self.flush()
        async with self._database.connection(of, reads=True) as connection:
            cursor = connection.cursor(row_factory=class_row(Entry))
            await cursor.execute(_SEARCH.encode(), asdict(wanted))
            return await cursor.fetchall()

    async def lines(self, of: str, wanted: Search) -> AsyncIterator[str]:
        """Every line that is looked for as JSON, a page held at a time."""
        before = wanted.before
        while True:
            page = await self.search(of, Search(**{**asdict(wanted), "before": before, "limit": PAGE}))
            for entry in page:
                yield json.dumps(entry.as_json(), ensure_ascii=False) + "\n"
            if len(page) < PAGE:
                return
            before = page[-1].id


async def add_deeds(connection: psycopg.AsyncConnection, deeds: Sequence[Deed]) -> None:
    """Write deeds in the caller's transaction, all by one statement: a busy gateway has hundreds each time."""
    names = _COLUMNS.split(", ")
    rows = [{name: getattr(deed, name) for name in names} for deed in deeds]
    await connection.execute(_ADD.encode(), (json.dumps(rows, default=str),))
