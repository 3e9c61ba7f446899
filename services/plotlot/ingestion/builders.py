"""Who builds a generation of the index says so every few seconds: one of which nothing is heard any more has failed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC

import psycopg

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import PlotLotError
from plotlot.store.pool import Database

SAYS_SECONDS = 10.0
SILENT_SECONDS = 120.0  # after which nobody builds it
log = logging.getLogger(__name__)

_BUILDS = "UPDATE generations SET worked_on_at = now() WHERE id = %s AND status = 'building'"
_FAIL = "UPDATE generations SET status = 'failed', reason = %s WHERE id = %s AND status = 'building'"
# One whose row is locked is written to now. A builder of the release before says nothing: it has a day.
_LEFT = """
SELECT id, coalesce(worked_on_at, created_at) FROM generations
WHERE status = 'building' AND now() > coalesce(worked_on_at + make_interval(secs => %s), created_at + interval '1 day')
FOR UPDATE SKIP LOCKED
"""


@asynccontextmanager
async def builder(database: Database, generation: int) -> AsyncIterator[None]:
    """Be known as the one who builds a generation; where that ends with an error, the generation has failed for it."""
    over = asyncio.Event()
    says = asyncio.create_task(_say(database, generation, over))
    try:
        yield
    except BaseException as error:
        with suppress(PlotLotError):  # else it is found out by its silence
            async with database.connection(EVERY_TENANT) as connection:
                await fail(connection, generation, reason_of(error))
        raise
    finally:
        over.set()
        await asyncio.wait({says}, timeout=SAYS_SECONDS)  # a statement that is cut short costs its connection
        says.cancel()


async def fail(connection: psycopg.AsyncConnection, generation: int, reason: str) -> None:
    """Let a generation that is being built have failed, and say what to do about it."""
    await connection.execute(_FAIL, (f"{reason}; {what_to_do(generation)}", generation))


async def fail_abandoned(database: Database) -> list[int]:
    """Let every generation have failed that nobody builds any more; which these are."""
    async with database.connection(EVERY_TENANT) as connection:
        left = await (await connection.execute(_LEFT, (SILENT_SECONDS,))).fetchall()
        for generation, heard_at in left:
            since = f"{heard_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            reason = f"nobody builds it since {since}: its process was killed, or cut off from the database"
            await fail(connection, generation, reason)
            log.warning("generation %d failed: %s; %s", generation, reason, what_to_do(generation))
    return [generation for generation, _ in left]


def reason_of(error: BaseException) -> str:
    """Why a build ended, in words."""
    if isinstance(error, PlotLotError):
        return error.message
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        return "its process was stopped, or whoever asked for it went away"
    return f"{type(error).__name__}: {error}"


def what_to_do(generation: int) -> str:
    """About a generation that failed."""
    return (
        f"remove it with `plotlot index retire {generation}`, and build another with `plotlot index build`: what was"
        " embedded is kept for it"
    )


async def _say(database: Database, generation: int, over: asyncio.Event) -> None:
    while not over.is_set():
        try:
            async with database.connection(EVERY_TENANT) as connection:
                await connection.execute(_BUILDS, (generation,))
        except PlotLotError as error:
            log.warning("nobody hears that generation %d is built: %s", generation, error.message)
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), SAYS_SECONDS)
