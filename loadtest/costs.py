"""What a request of each kind costs each service: seconds of one core, as the kernel counts them for its processes."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kits
import psutil
import psycopg
import yaml
from stand import DATABASE, Stand

CLIENT = "client"  # the load tool itself, which takes cores of the same machine
KINDS = tuple(yaml.safe_load((Path(__file__).parent / "requests.yaml").read_text()))


def measured(stand: Stand, rate: float, seconds: float) -> dict[str, Any]:
    """Seconds of a core by kind and service, with what each service takes while nobody asks taken off."""
    idle = idle_cores(stand, min(seconds, 5.0))
    by_kind, latencies = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            kits.go(
                stand.target, kind, *kits.of_one_kind(kind, rate, 1, Path(folder))
            )  # what is first is dear
            options = kits.of_one_kind(kind, rate, seconds, Path(folder))
            before, began = spent(stand), time.perf_counter()
            report = kits.go(stand.target, kind, *options)
            passed, after = time.perf_counter() - began, spent(stand)
            by_kind[kind] = each_of(before, after, idle, passed, report)
            latencies[kind] = report["all"]["latency"]
    return {"rate": rate, "seconds": seconds, "idle_cores": idle, "by_kind": by_kind, "latency": latencies}


def each_of(
    before: Mapping[str, float],
    after: Mapping[str, float],
    idle: Mapping[str, float],
    passed: float,
    report: Mapping[str, Any],
) -> dict[str, float]:
    """Seconds by service of one request. Raises KitFailed where requests failed: they cost something else."""
    answered, errors = report["all"]["answered"], report["all"]["errors"]
    if errors or not answered:
        raise kits.KitFailed(f"costs were not measured, {report['scenario']} failed: {errors}")
    costs = {
        name: max((after[name] - before[name] - idle[name] * passed) / answered, 0.0)
        for name in sorted(after)
    }
    return costs | {CLIENT: report["client_seconds"] / answered}


def idle_cores(stand: Stand, seconds: float) -> dict[str, float]:
    """Cores that each service takes while nobody asks."""
    before = spent(stand)
    time.sleep(seconds)
    after = spent(stand)
    return {name: (after[name] - before[name]) / seconds for name in after}


def spent(stand: Stand) -> dict[str, float]:
    """Processor seconds of each service until now; of the database also those of connections that are closed."""
    found = {}
    for name, members in stand.members().items():
        found[name] = sum(own_seconds(member) for member in members)
    ended = stand.processes[DATABASE][0].cpu_times()
    return found | {DATABASE: found[DATABASE] + ended.children_user + ended.children_system}


def own_seconds(process: psutil.Process) -> float:
    """Processor seconds of a process; 0 once it is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def megabytes(stand: Stand) -> dict[str, float]:
    """Resident memory of a process of each service, the largest."""
    return {
        name: max(member.memory_info().rss for member in some) / 1e6 for name, some in stand.processes.items()
    }


def bytes_per_analysis(stand: Stand) -> float:
    """What an analysis takes in the database, its indexes among it."""
    statement = "SELECT pg_total_relation_size('analyses')::float8 / greatest(count(*), 1) FROM analyses"
    with psycopg.connect(stand.conninfo) as connection:
        row = connection.execute(statement).fetchone()
    return float(row[0]) if row else 0.0
