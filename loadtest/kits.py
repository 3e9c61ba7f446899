"""The two load tools as processes, and the reports that they write."""

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from stand import ROOT

HERE = Path(__file__).parent
KIT = ROOT / "build" / "loadtest"
LOCUST = ROOT / "build" / "locust" / "bin" / "locust"
MISSED = 1  # the exit status of a tool whose thresholds were not kept; its report is whole


class KitFailed(Exception):
    """A load tool that did not write its report; its words are the message."""


def build_kit() -> None:
    """Compile the Go kit. Raises KitFailed."""
    run("go", "build", "-o", str(KIT), ".", cwd=HERE / "go")


def go(target: str, scenario: str, *options: str, window_seconds: float = 10) -> dict[str, Any]:
    """A run of the Go kit; the report also tells its own cores, which the target could not have. Raises KitFailed."""
    before = spent_by_children()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = ("-scenario", scenario, "-url", target, "-json", str(report), "-window", f"{window_seconds}s")
        run(str(KIT), *words, "-markdown", os.devnull, *options, cwd=ROOT, report=report)
        found: dict[str, Any] = json.loads(report.read_text())
    return found | {"client_seconds": spent_by_children() - before}


def locust(target: str, scenario: str, *options: str) -> dict[str, Any]:
    """A run of locust in one process. Raises KitFailed."""
    if not LOCUST.exists():
        raise KitFailed("locust is not installed: make loadtest-locust installs it into build/")
    before = spent_by_children()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = ("-f", str(HERE / "locustfile.py"), "--headless", "--only-summary", "--scenario", scenario)
        aim = ("--host", target, "--figures", str(report))
        run(str(LOCUST), *words, *aim, *options, cwd=ROOT, report=report)
        found: dict[str, Any] = json.loads(report.read_text())
    return found | {"client_seconds": spent_by_children() - before}


def of_one_kind(kind: str, rate: float, seconds: float, folder: Path) -> Sequence[str]:
    """Options of the Go kit for a scenario that asks for one kind alone."""
    path = folder / f"{kind}.yaml"
    path.write_text(yaml.safe_dump({kind: scenario(rate, seconds, {kind: 1})}))
    return ("-scenarios", str(path))


def scenario(rate: float, seconds: float, mix: Mapping[str, int]) -> dict[str, Any]:
    """A scenario at one rate that is held to nothing."""
    stages = [{"seconds": float(seconds), "rate": float(rate)}]
    return {"about": "", "stages": stages, "mix": dict(mix), "think_seconds": [0, 0], "thresholds": {}}


def run(*command: str, cwd: Path, report: Path | None = None) -> None:
    """Run a command. Raises KitFailed where it failed, or wrote no report."""
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    written = report is None or report.exists()
    if done.returncode not in (0, MISSED) or not written or (report is None and done.returncode):
        raise KitFailed(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-600:]}")


def environment() -> dict[str, str]:
    """What the tools run with: locust reads the contracts of gRPC from the services."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "services")}


def spent_by_children() -> float:
    """Processor seconds of every child of this process that has ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
