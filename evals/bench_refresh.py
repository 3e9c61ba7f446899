"""Refreshes of a made-up state: how long, how much of it is embedding, what memory, and what a kill or a supplement costs.

``python evals/bench_refresh.py`` prints the section, ``--page docs/benchmarks.md`` writes it there. The state is served by
another process, from services/tests/fakes; embeddings are MiniLM's, and their bare speed is taken of texts of the same run.
By itself it takes 400 towns of 150 sections, and 20 kills: with sections of seven sentences more than an hour on two cores.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg

from plotlot.evaluation.page_parts import Part
from plotlot.inference.engines import embedder
from plotlot.ingestion.pipeline import EMBED_BATCH
from plotlot.settings import Settings
from plotlot.store.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]
FAKE = ROOT / "services" / "tests" / "fakes" / "serve_state.py"
PART = Part("refresh", "evals/bench_refresh.py")
STATE = "QX"
BYTECODE = ROOT / "build" / "bytecode"
BARE_TEXTS = 1_024
SHORT_TOWNS = 20
SHORT = 3  # sentences, of whose share a line tells beside that of sections as long as real ones
LOOK_SECONDS = 0.2
MOST_MOMENT = 0.95  # of all that a run does: a kill later than that may come when it is over
LEAST_SHARE, MOST_WORK = 0.85, 0.05
# By names: the ids of documents are made of those of towns, which are given in the order of who came first.
CHECKSUM = """
WITH named AS (
    SELECT documents.id, superseded_at, text_sha256, concat_ws('|', municipalities.name, documents.name) AS name
    FROM documents JOIN municipalities ON municipalities.id = municipality_id
)
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws('|', name, text_sha256) AS line FROM named WHERE superseded_at IS NULL
    UNION ALL
    SELECT concat_ws('|', name, ordinal, md5(text), length) FROM chunks JOIN named ON named.id = document_id
) AS lines
"""


@dataclass(frozen=True)
class Measured:
    """A refresh: seconds until the last town's code serves, and until the run ended, which reads standards besides; CPU of
    its process and of the database's; and the most memory at each tenth of it."""

    towns: int
    seconds: float
    seconds_in_all: float
    cpu_seconds: float
    database_cpu_seconds: float
    chunks: int
    embedded: int
    megabytes: list[float]
    database_megabytes: float


@dataclass(frozen=True)
class MadeUp:
    """What a made-up state is like: sections of a town, sentences of a section, and the share of addresses that fail at first."""

    sections: int
    sentences: int
    faults: float


@dataclass
class Publisher:
    """The made-up state's server, and how to speak to it."""

    process: "subprocess.Popen[str]"
    host: str
    url: str

    def tell(self, line: str) -> dict[str, Any]:
        """What it answers to a line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@dataclass
class Watched:
    """The memory of a process while it runs, in megabytes by seconds."""

    process: psutil.Process
    seen: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def watch(self) -> None:
        """Look until it ends."""
        while True:
            try:
                self.seen.append(self.process.memory_info().rss / 1e6)
                times = self.process.cpu_times()
                self.cpu_seconds = times.user + times.system
            except psutil.Error:
                return
            time.sleep(LOOK_SECONDS)

    def tenths(self) -> list[float]:
        """The most in each tenth of its time."""
        parts = [
            self.seen[len(self.seen) * at // 10 : max(len(self.seen) * (at + 1) // 10, 1)] for at in range(10)
        ]
        return [round(max(part, default=0.0)) for part in parts]


@contextmanager
def publishing(towns: int, state: "MadeUp") -> Iterator[Publisher]:
    """A server of the state."""
    command = [sys.executable, str(FAKE), *map(str, (towns, state.sections, state.sentences, state.faults))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        yield Publisher(process, where["host"], where["url"])
    finally:
        process.kill()
        process.communicate()


@contextmanager
def store(folder: Path) -> Iterator[str]:
    """The database of a folder, for as long as several refreshes use it."""
    server = EmbeddedPostgres(folder)
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def made_up(towns: int, state: "MadeUp") -> Iterator[tuple[Publisher, Path, str]]:
    """A server of the state, and an empty folder with its database."""
    with (
        tempfile.TemporaryDirectory(prefix="plotlot-bench-") as scratch,
        store(Path(scratch)) as conninfo,
        publishing(towns, state) as publisher,
    ):
        yield publisher, Path(scratch), conninfo


def started(publisher: Publisher, folder: Path) -> "subprocess.Popen[str]":
    """``plotlot refresh`` of the whole state."""
    entry = {"kind": "municode", "name": "fake", "url": publisher.url, "site": publisher.url}
    env = {
        **os.environ,
        "PLOTLOT_PUBLISHERS": json.dumps({"publishers": [entry]}),
        "PLOTLOT_EGRESS_OWN_HOSTS": publisher.host,
        "PLOTLOT_PUBLISHER_REQUESTS_PER_SECOND": "2000",
        "PLOTLOT_LISTING_FRESH_DAYS": "0.000001",
        # As an installed PlotLot starts: what is imported was compiled before.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(BYTECODE),
    }
    command = [
        sys.executable,
        "-m",
        "plotlot.cli",
        "refresh",
        "--state",
        STATE,
        "--json",
        "--data",
        str(folder),
    ]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def refreshed(publisher: Publisher, folder: Path, conninfo: str) -> Measured:
    """One refresh to its end."""
    database_cpu = cpu_of_database(folder)
    process = started(publisher, folder)
    watched = Watched(psutil.Process(process.pid))
    thread = threading.Thread(target=watched.watch, daemon=True)
    thread.start()
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"the refresh ended with {process.returncode}: {err[-2000:]}")
    towns = json.loads(out)["towns"]
    query = (
        "SELECT extract(epoch FROM (SELECT max(changed_at) FROM refreshed_towns WHERE run = id) - begun_at),"
        " extract(epoch FROM ended_at - begun_at), pg_database_size(current_database()) / 1e6,"
        " (SELECT count(*) FROM chunks) FROM refreshes ORDER BY begun_at DESC LIMIT 1"
    )
    seconds, seconds_in_all, megabytes, chunks = row(conninfo, query)
    embedded = sum(town["counts"].get("embedded", 0) for town in towns if town["stage"] == "current")
    return Measured(
        len(towns),
        float(seconds),
        float(seconds_in_all),
        watched.cpu_seconds,
        cpu_of_database(folder) - database_cpu,
        chunks,
        embedded,
        watched.tenths(),
        float(megabytes),
    )


def killed(publisher: Publisher, folder: Path, conninfo: str, kills: int, whole: int) -> tuple[Measured, int]:
    """A refresh that is killed at random moments, and gone on with each time; how often it was at work when killed."""
    drawn, done = random.Random(kills), 0
    for moment in sorted(drawn.sample(range(1, round(MOST_MOMENT * whole)), kills)):
        process = started(publisher, folder)
        while process.poll() is None and progress(conninfo) < moment:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        done += process.returncode == -9
        if process.returncode == 0:  # it was over: another would be a run of its own
            break
    return refreshed(publisher, folder, conninfo), done


def progress(conninfo: str) -> int:
    """A number that grows with what is fetched and with each step of a town; 0 before the schema is there."""
    query = "SELECT (SELECT count(*) FROM fetched) + (SELECT coalesce(sum(steps), 0) FROM refreshes)"
    try:
        return int(row(conninfo, query)[0])
    except psycopg.Error:
        return 0


def row(conninfo: str, query: str) -> tuple[Any, ...]:
    """The one row of a query."""
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return tuple(found)


def cpu_of_database(folder: Path) -> float:
    """Seconds of all processes that the database of a folder ever had."""
    (file,) = folder.rglob("postmaster.pid")
    server = psutil.Process(int(file.read_text().split()[0]))
    ended = server.cpu_times()
    running = 0.0
    for each in (server, *server.children()):
        with suppress(psutil.Error):
            running += sum(each.cpu_times()[:2])
    return running + ended.children_user + ended.children_system


def bare_speed(conninfo: str) -> float:
    """Chunks a second that the embedder makes vectors of, alone, of texts of the refresh."""
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(
            "SELECT heading_path || E'\\n' || text FROM chunks ORDER BY md5(text) LIMIT %s", (BARE_TEXTS,)
        ).fetchall()
    model, texts = embedder(Settings()), [text for (text,) in found]
    model.embed(texts[:EMBED_BATCH])
    begun = time.monotonic()
    for first in range(0, len(texts), EMBED_BATCH):
        model.embed(texts[first : first + EMBED_BATCH])
    return len(texts) / (time.monotonic() - begun)


@dataclass(frozen=True)
class Share:
    """Chunks a second of a refresh until the last town's code serves, and of embedding alone; words of a chunk."""

    refreshed: float
    bare: float
    words: float

    def told(self) -> str:
        """The share in words."""
        return (
            f"Embedding alone makes {self.bare:.1f} chunks a second of the same texts, of {self.words:.0f} words; the whole"
            f" refresh {self.refreshed:.1f}, which is {self.refreshed / self.bare:.0%}."
        )


def share_of(run: Measured, conninfo: str) -> Share:
    """How near a refresh came to embedding alone."""
    (words,) = row(conninfo, "SELECT avg(cardinality(regexp_split_to_array(text, '\\s+'))) FROM chunks")
    return Share(run.embedded / run.seconds, bare_speed(conninfo), float(words))


@dataclass(frozen=True)
class Changed:
    """A refresh after some sections changed."""

    sections: int
    run: Measured

    def told(self, whole: Measured) -> str:
        """What it took beside a refresh of everything."""
        return (
            f"of {self.sections} sections {self.run.embedded} of {whole.embedded:,} chunks are embedded"
            f" ({self.run.embedded / whole.embedded:.1%}), in {self.run.seconds_in_all:.1f} s and"
            f" {work(self.run):.1f} CPU seconds, which is {work(self.run) / work(whole):.1%} of the work."
        )


def short_share(towns: int, state: MadeUp) -> Share:
    """The share of a state with short sections."""
    with made_up(towns, replace(state, sentences=SHORT)) as (publisher, folder, conninfo):
        return share_of(refreshed(publisher, folder, conninfo), conninfo)


def measured(sizes: Sequence[int], state: MadeUp, kills: int) -> str:
    """Every figure, as the section of a page."""
    costs = []
    for towns in sizes:
        with made_up(towns, state) as (publisher, folder, conninfo):
            costs.append(refreshed(publisher, folder, conninfo))
            if towns != sizes[-1]:
                continue
            share = share_of(costs[-1], conninfo)
            checksum, whole = row(conninfo, CHECKSUM)[0], progress(conninfo)
            told = publisher.tell("told")
            changed = [
                Changed(publisher.tell(f"{how} 0.01")["revised"], refreshed(publisher, folder, conninfo))
                for how in ("revise", "supplement")
            ]
            unchanged = refreshed(publisher, folder, conninfo)
    with made_up(sizes[-1], state) as (publisher, folder, conninfo):
        _, done = killed(publisher, folder, conninfo, kills, whole)
        same = row(conninfo, CHECKSUM)[0] == checksum
        told_killed = publisher.tell("told")
    shares = (share, short_share(min(sizes[-1], SHORT_TOWNS), state))
    return section(state, costs, shares, told, changed, unchanged, (done, same, told_killed))


def section(
    state: MadeUp,
    costs: Sequence[Measured],
    shares: tuple[Share, Share],
    told: dict[str, Any],
    changes: Sequence[Changed],
    unchanged: Measured,
    killed_run: tuple[int, bool, dict[str, Any]],
) -> str:
    """The figures as a part of the page."""
    last, (kills, same, told_killed) = costs[-1], killed_run
    share, short = shares
    lines = ["## Refreshes", ""]
    lines += [
        f"A made-up state of towns with {state.sections} sections of {state.sentences} sentences; {told['faults']} of"
        f" {told['asked']:,} requests got a fault. MiniLM embeds, on {os.cpu_count()} cores. Seconds are until the last"
        " town's code serves; in all, its standards are read and what nobody needs is gone.",
        "",
        "| towns | chunks | seconds | in all | chunks a second | CPU seconds | of the database | memory at each tenth, MB"
        " | database, MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.towns} | {each.chunks:,} | {each.seconds:.1f} | {each.seconds_in_all:.1f}"
        f" | {each.embedded / each.seconds:.1f} | {each.cpu_seconds:.1f} | {each.database_cpu_seconds:.1f}"
        f" | {' '.join(f'{one:.0f}' for one in each.megabytes)} | {each.database_megabytes:.0f} |"
        for each in costs
    ]
    lines += [
        "",
        f"{share.told()} Held to: {LEAST_SHARE:.0%} or more.",
        "",
        f"With {SHORT} sentences a section: {short.told()}",
        "",
        f"Fetched: {told['contents']:,} chapters, {told['again']} of them again.",
        "",
        *(
            f"- 1 % of the sections changed, {where}: {each.told(last)}"
            for where, each in zip(
                ("wherever they stand", "those of a new supplement of 1 % of the towns"), changes, strict=True
            )
        ),
        f"- nothing changed: {unchanged.seconds_in_all:.1f} s and {work(unchanged):.1f} CPU seconds, with the start.",
        "",
        f"Held to: {MOST_WORK:.0%} of the work of the whole.",
        "",
        f"Killed {kills} times at random moments and gone on with: the same checksum: {'yes' if same else 'NO'};"
        f" {told_killed['again']} of {told_killed['contents']:,} chapters were asked for again, being on their way at a kill.",
    ]
    return "\n".join(lines)


def work(run: Measured) -> float:
    """CPU seconds of the refresh and of its database."""
    return run.cpu_seconds + run.database_cpu_seconds


def main() -> int:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--sizes", type=int, nargs="+", default=(1, 10, 100, 400), help="numbers of towns, ascending"
    )
    options.add_argument("--sections", type=int, default=150, help="sections of each town")
    options.add_argument("--sentences", type=int, default=7, help="sentences of each section, of 16 words")
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--faults", type=float, default=0.05, help="share of addresses that fail at first")
    options.add_argument("--page", type=Path, help="the page whose part about refreshes is written")
    given = options.parse_args()
    text = measured(given.sizes, MadeUp(given.sections, given.sentences, given.faults), given.kills)
    print(text)
    if given.page:
        PART.write(given.page, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
