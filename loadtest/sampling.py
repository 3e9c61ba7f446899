"""What a PlotLot holds while it is loaded, looked at again and again: memory, connections, queues."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import psutil
import psycopg
from prometheus_client.parser import text_string_to_metric_families
from stand import DATABASE, Stand

QUEUES = (
    "_queue",
    "_waiting",
    "_queue_requests",
    "_in_flight",
)  # ends of names of gauges that count what waits
OPEN_CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Sample:
    """One look, so many seconds after the first: megabytes and sockets by process, connections, and what waits."""

    seconds: float
    megabytes: dict[str, float]
    sockets: dict[str, int]
    connections: int
    waiting: dict[str, float]


@dataclass
class Watch:
    """Samples of a while, and why there are none of some moments."""

    samples: list[Sample] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def watching(stand: Stand, every_seconds: float) -> Iterator[Watch]:
    """Look every so often for as long as the block runs."""
    watch, over = Watch(), threading.Event()

    def look() -> None:
        began, due = time.monotonic(), time.monotonic()
        with (
            psycopg.connect(stand.conninfo, autocommit=True) as connection,
            httpx.Client(timeout=10) as client,
        ):
            while not over.is_set():
                try:
                    watch.samples.append(sample(stand, connection, client, time.monotonic() - began))
                except (httpx.HTTPError, psycopg.Error, psutil.Error) as error:
                    watch.failures.append(f"{type(error).__name__}: {error}")
                due += every_seconds
                over.wait(max(due - time.monotonic(), 0))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def sample(
    stand: Stand, connection: "psycopg.Connection[tuple[int]]", client: httpx.Client, seconds: float
) -> Sample:
    """One look."""
    megabytes, sockets = {}, {}
    for name, some in stand.processes.items():
        if name == DATABASE:
            continue
        for number, process in enumerate(some):
            megabytes[f"{name}-{number}"] = process.memory_info().rss / 1e6
            sockets[f"{name}-{number}"] = len(process.net_connections("inet"))
    row = connection.execute(OPEN_CONNECTIONS).fetchone()
    megabytes[DATABASE] = sum(own_megabytes(member) for member in stand.members()[DATABASE])
    waiting = {name: waiting_in(client.get(url).text) for name, url in stand.metrics.items()}
    return Sample(seconds, megabytes, sockets, row[0] if row else 0, waiting)


def settle(stand: Stand, most_seconds: float = 60.0) -> None:
    """Wait until nothing is under way: what is left of one run would be part of the next."""
    ends = time.monotonic() + most_seconds
    with httpx.Client(timeout=30) as client:
        while time.monotonic() < ends:
            if sum(waiting_in(client.get(url).text) for url in stand.metrics.values()) == 0:
                return
            time.sleep(0.2)


def own_megabytes(process: psutil.Process) -> float:
    """Memory that is its own: the database's shared buffers fill as it works, up to what they are set to."""
    try:
        return float(process.memory_full_info().uss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def waiting_in(text: str) -> float:
    """What waits or is under way by one process's metrics."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        if family.type == "gauge" and family.name.endswith(QUEUES)
        for sample in family.samples
    )
