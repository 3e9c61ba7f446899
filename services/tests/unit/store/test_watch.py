"""A secret that the database refuses is counted, whichever way the store is opened."""

import pytest

from plotlot.domain.errors import StoreUnavailable
from plotlot.store.pool import Database
from plotlot.store.watch import StoreWatch
from plotlot.telemetry import Metrics

REFUSED = 'cannot reach the database: FATAL: password authentication failed for user "plotlot"'


@pytest.mark.parametrize(
    ("words", "counted"), [(REFUSED, 1.0), ("another process is changing the schema", 0.0)]
)
async def test_a_refused_secret_is_counted_by_who_migrates(
    monkeypatch: pytest.MonkeyPatch, words: str, counted: float
) -> None:
    def migrate(conninfo: str) -> int:
        raise StoreUnavailable(words)

    monkeypatch.setattr("plotlot.store.watch.migrate", migrate)
    metrics = Metrics()
    watch = StoreWatch(Database(1, metrics=metrics), "postgresql://nowhere", migrates=True)
    with pytest.raises(StoreUnavailable):
        await watch.check()
    assert metrics.registry.get_sample_value("plotlot_secrets_refused_total", {"of": "database"}) == counted
