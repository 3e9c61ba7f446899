"""locust as it is run, against a server whose latency is known. It is installed by `make loadtest-locust`."""

import json
import subprocess
from pathlib import Path
from typing import Any

import kits
import pytest
from agree import FIGURES, figures_of
from stalling import stalling
from stand import free_port

pytestmark = pytest.mark.skipif(
    not kits.LOCUST.exists(), reason="locust is not installed: make loadtest-locust"
)


def command(host: str, *options: str) -> list[str]:
    return [
        str(kits.LOCUST), "-f", str(Path(kits.HERE) / "locustfile.py"), "--headless", "--only-summary",
        "--scenario", "constant", "--rate", "20", "--seconds", "2", "--host", host, *options,
    ]  # fmt: skip


def started(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        words,
        cwd=kits.ROOT,
        env=kits.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_server_that_stands_still_is_seen_through_every_request_that_was_due() -> None:
    with stalling() as url:
        report = kits.locust(url, "constant", "--rate", "20", "--seconds", "4")
    found = figures_of(report)
    assert set(FIGURES) < set(found)
    assert report["all"]["requests"] == 80
    # Users who wait before they ask again would find one or two in a hundred slow.
    assert found["p95"] > 600
    assert report["missed"] != []


def test_workers_send_the_rate_together_and_tell_every_answer() -> None:
    with stalling() as url:
        port = str(free_port())
        workers = [
            started(*command(url, "--worker", "--master-port", port, "--expect-workers", "2"))
            for _ in range(2)
        ]
        master = started(
            *command(url, "--master", "--master-bind-port", port, "--expect-workers", "2", "--figures", "-")
        )
        said, problems = master.communicate(timeout=60)
        for worker in workers:
            worker.communicate(timeout=60)
    report: dict[str, Any] = next(
        json.loads(line.removeprefix("figures ")) for line in said.splitlines() if line.startswith("figures ")
    )
    assert report["all"]["requests"] == 40, problems


def test_a_host_outside_is_refused_before_anything_is_sent() -> None:
    process = started(*command("http://192.0.2.7"))
    said = "".join(process.communicate(timeout=60))
    assert process.returncode != 0
    assert "name it again with --named 192.0.2.7" in said
