"""What alerts hear of backups: from where they are kept, so that a job that only says it ran convinces nobody."""

import asyncio
import logging

from plotlot.backups.places import Place
from plotlot.domain.errors import PlotLotError
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)


async def watch(place: Place, metrics: Metrics, every_seconds: float) -> None:
    """Look through the backups again and again, until cancelled; one look that fails changes nothing that is told."""
    while True:
        try:
            await asyncio.to_thread(tell, place, metrics)
        except PlotLotError as error:
            log.warning("the backups cannot be looked through: %s", error.message)
        await asyncio.sleep(every_seconds)


def tell(place: Place, metrics: Metrics) -> None:
    """Set when the newest complete backup was taken, how large it is, and how many there are."""
    complete = [kept.manifest for kept in place.kept() if kept.manifest]
    metrics.backups_kept.set(len(complete))
    if complete:
        metrics.backup_taken_seconds.set(complete[-1].taken_at.timestamp())
        metrics.backup_bytes.set(complete[-1].size)
