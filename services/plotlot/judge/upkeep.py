"""What a judge does besides answering: bets on what was recorded each second, and forgets what is old."""

import asyncio
import logging

from plotlot.domain.errors import StoreUnavailable
from plotlot.judge.judge import Judge

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
PRUNED_EVERY_SECONDS = 600.0
# A report is sent again within seconds; so long after, nobody does.
REPORTS_KEPT = "1 hour"
PRUNED_AT_ONCE = 10  # releases, with all their rows


class Upkeep:
    """Every replica runs one; they take turns by the locks of the releases' rows."""

    def __init__(self, judge: Judge, retention_days: float) -> None:
        self._judge = judge
        self._retention_days = retention_days
        self._pruned_at = 0.0
        self._failing: set[str] = set()

    async def run(self) -> None:
        """Until it is cancelled; what fails is logged and tried again."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.look()
            except StoreUnavailable:
                self._judge.metrics.judge_degraded.set(1)
            except Exception:
                log.exception("looking at the releases failed")

    async def look(self) -> None:
        """Bet on what waits for every open release, and now and then forget the old. Raises StoreUnavailable."""
        open_releases = await self._open_releases()
        for release in open_releases:
            await self._look(release)
        self._failing.intersection_update(open_releases)
        self._judge.metrics.judge_degraded.set(bool(self._failing))
        now = asyncio.get_running_loop().time()
        if not self._pruned_at or now - self._pruned_at >= PRUNED_EVERY_SECONDS:
            await self.prune()
            self._pruned_at = now

    async def _look(self, release: str) -> None:
        """One that cannot be looked at is logged once, and stops no other."""
        try:
            await self._judge.decider.look(release)
        except StoreUnavailable:
            raise
        except Exception:
            if release not in self._failing:
                log.exception("%s cannot be looked at", release)
            self._failing.add(release)
        else:
            self._failing.discard(release)

    async def _open_releases(self) -> list[str]:
        async with self._judge.database.connection() as connection:
            cursor = await connection.execute("SELECT id FROM releases WHERE closed_at IS NULL ORDER BY id")
            return [release for (release,) in await cursor.fetchall()]

    async def prune(self) -> None:
        """Forget releases that were closed long ago, reports that nobody repeats, and gateways that left."""
        async with self._judge.database.connection() as connection:
            await connection.execute(
                "DELETE FROM releases WHERE id IN (SELECT id FROM releases"
                " WHERE closed_at < now() - make_interval(secs => %s)"
                " ORDER BY closed_at LIMIT %s FOR UPDATE SKIP LOCKED)",
                (self._retention_days * 86_400, PRUNED_AT_ONCE),
            )
            await connection.execute(
                "DELETE FROM reports WHERE NOT waiting AND at < now() - %s::interval", (REPORTS_KEPT,)
            )
            await connection.execute(
                "DELETE FROM gateways WHERE seen_at < now() - %s::interval", (REPORTS_KEPT,)
            )
