"""The audit log: what becomes of lines that cannot be written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest

from plotlot.gateway.identity import audit
from plotlot.gateway.identity.audit import AuditLog, Deed
from plotlot.telemetry import Metrics


class Store:
    """Takes deeds, all or none, but for those that no table can hold; nothing while it is away."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.away = False

    @asynccontextmanager
    async def connection(self, tenant: str) -> AsyncIterator["Store"]:
        yield self


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    async def add(connection: Any, deeds: Any) -> None:
        if connection.away:
            raise psycopg.OperationalError("gone")
        if any("\0" in deed.target for deed in deeds):
            raise psycopg.DataError("text fields cannot contain NUL")
        connection.kept += [deed.target for deed in deeds]

    monkeypatch.setattr(audit, "add_deeds", add)
    return Store()


def deed(target: str) -> Deed:
    return Deed(datetime(2026, 1, 1, tzinfo=UTC), "acme", "key:a", "POST", 200, target)


async def test_a_line_that_cannot_be_written_keeps_no_other_waiting(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    log = AuditLog(cast(Any, store), metrics)
    for target in ("a", "\0", "b"):
        log.note(deed(target))
    await log.flush()
    assert store.kept == ["a", "b"]
    assert metrics.registry.get_sample_value("plotlot_audit_lost_total") == 1
    assert "cannot be written" in caplog.text


async def test_lines_wait_for_a_store_that_is_away(store: Store) -> None:
    log = AuditLog(cast(Any, store), Metrics())
    store.away = True
    log.note(deed("a"))
    await log.flush()
    store.away = False
    log.note(deed("b"))
    await log.flush()
    assert store.kept == ["a", "b"]
