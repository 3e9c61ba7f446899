"""Backups as they would be needed: made under writes, the database lost, put back into an empty one, and asked.

For each number of chunks: what a backup takes and does to writers, what was lost, and how long until the copy answers.
Writes its part of docs/backups.md where ``--page`` names it.
"""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from search_corpus import build

from plotlot.backups.creating import create
from plotlot.backups.folders import Folder
from plotlot.backups.manifest import Manifest
from plotlot.backups.restoring import Restored, manifest_in, restore
from plotlot.evaluation.page_parts import Part
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

SIZES = (10_000, 100_000)
JOBS = 2
REST_SECONDS = 5.0  # writers alone, before; and between the backup and the loss
WRITE = "INSERT INTO audit (tenant, who, action, status) VALUES ('local', 'owner', 'drill', 200)"
PART = Part("drill", "python evals/bench_backup.py --page docs/backups.md")


@dataclass
class Writes:
    """Milliseconds of each write that was committed, and when the last one was."""

    milliseconds: list[float] = field(default_factory=list)
    last: float = 0.0

    def shown(self) -> str:
        """Their median and their worst in a hundred."""
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"


@dataclass(frozen=True)
class Drill:
    """The figures of one size."""

    size: int
    database_mb: float
    backup: Manifest
    before: Writes
    during: Writes
    lost_rows: int
    lost_seconds: float
    restored: Restored
    answered_seconds: float

    @property
    def recovery_seconds(self) -> float:
        """From the order to restore to an answer."""
        return sum(self.restored.seconds.values()) + self.answered_seconds


@contextmanager
def writing(conninfo: str) -> Iterator[Writes]:
    """Somebody who writes fifty rows a second, until the end of the block or of the database."""
    writes, stop = Writes(), threading.Event()

    def write() -> None:
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                while not stop.wait(0.02):
                    started = time.perf_counter()
                    connection.execute(WRITE)
                    writes.milliseconds.append((time.perf_counter() - started) * 1000)
                    writes.last = time.time()
        except psycopg.OperationalError:
            return

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield writes
    finally:
        stop.set()
        thread.join()


def drilled(size: int, folder: Path) -> Drill:
    """Fill a database, back it up while it is written to, kill it, and go on from the backup elsewhere."""
    first, second = EmbeddedPostgres(folder / "first"), EmbeddedPostgres(folder / "second")
    conninfo = first.start()
    migrate(conninfo)
    town = next(iter(asyncio.run(build(conninfo, size)).towns))
    with psycopg.connect(conninfo) as connection:
        megabytes = float(one(connection, "SELECT pg_database_size(current_database()) / 1e6"))
    with writing(conninfo) as before:
        time.sleep(REST_SECONDS)
    with writing(conninfo) as during:
        made = asyncio.run(create(conninfo, Folder(folder / "kept"), datetime.now(UTC), JOBS))
    with writing(conninfo) as after:
        time.sleep(REST_SECONDS)
        lose(folder / "first")
    kept = folder / "kept" / made.name
    into = second.start()
    restored = asyncio.run(restore(kept, manifest_in(kept), into, None, JOBS))
    with psycopg.connect(into) as connection:
        newest = one(connection, "SELECT extract(epoch FROM max(at)) FROM audit")
        rows = int(one(connection, "SELECT count(*) FROM audit"))
    written = sum(len(writes.milliseconds) for writes in (before, during, after))
    seconds = answered(folder / "second", town)
    second.stop()
    lost = after.last - float(newest)
    return Drill(size, megabytes, made, before, during, written - rows, lost, restored, seconds)


def one(connection: psycopg.Connection, query: str) -> str:
    """The only value of a query."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None, "an aggregate has a row"
    return str(row[0])


def lose(folder: Path) -> None:
    """End the server as a failing machine does."""
    os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def answered(folder: Path, town: str) -> float:
    """Seconds until a command that starts every service has searched the copy."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "plotlot.cli", "search", "front yard", "-m", town, "--data", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def section(drills: Sequence[Drill]) -> str:
    """The figures as a part of the page."""
    lines = ["## Measured", ""]
    lines += [
        "Synthetic codes, 384 numbers a vector; a writer commits fifty rows a second all the while. Then the server is killed, and the"
    ]
    lines += ["backup goes into an empty one of another folder. On 2 cores, two tables at a time.", ""]
    lines += ["| chunks | rows | database | backup made in | size | writers before | writers meanwhile |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.size:,} | {each.backup.contents.rows:,} | {each.database_mb:,.0f} MB | {each.backup.seconds:.1f} s"
        f" | {each.backup.size / 1e6:,.0f} MB | {each.before.shown()} | {each.during.shown()} |"
        for each in drills
    ]
    lines += [
        "",
        "| chunks | rows restored | analyzed | every row compared | first answer | in all: RTO | tables that differ | lost: RPO |",
    ]
    lines += ["|---|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.size:,} | {each.restored.seconds['restore']:.1f} s | {each.restored.seconds['analyze']:.1f} s"
        f" | {each.restored.seconds['compare']:.1f} s | {each.answered_seconds:.1f} s | {each.recovery_seconds:.1f} s"
        f" | {len(each.restored.differences)} of {len(each.backup.contents.tables)}"
        f" | {each.lost_seconds:.1f} s, {each.lost_rows} rows |"
        for each in drills
    ]
    lines += [
        "",
        f"The database was lost {REST_SECONDS:.0f} s after its backup was complete. What is lost is what came after the backup's snapshot: at",
    ]
    lines += ["worst the schedule's gap and the time that one backup takes."]
    return "\n".join(lines)


def main() -> int:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of chunks, ascending")
    options.add_argument("--page", type=Path, help="the page whose part about the drill is written")
    given = options.parse_args()
    drills = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory(prefix="plotlot-drill-") as folder:
            drills.append(drilled(size, Path(folder)))
    text = section(drills)
    print(text)
    if given.page:
        PART.write(given.page, text)
    return 1 if any(each.restored.differences for each in drills) else 0


if __name__ == "__main__":
    sys.exit(main())
