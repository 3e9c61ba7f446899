"""A drill from the break to the recovery, on a folder that stands for a cluster: its files are what is broken."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.drills.alerts import Alerts
from plotlot.drills.conduct import Conductor, Patience, whole
from plotlot.drills.drill import Drill
from plotlot.drills.place import Place
from plotlot.drills.probes import Probing
from plotlot.drills.runbook import Runbook, read_runbook
from plotlot.drills.timeline import MOMENTS, Timeline

KUBECTL = """#!/bin/bash
case "$*" in
  *patch*) echo "$*" >> FOLDER/patched;;
  *deployments,statefulsets*) echo '{"items": []}';;
  *deployment/plotlot-thing*) cat FOLDER/thing.json;;
esac
"""
RUNBOOK = """## Meaning
## Impact
## Diagnosis
```sh
ls FOLDER
```
## Mitigation
### It is broken
Seen: `^broken$`
```sh
rm FOLDER/broken
```
"""
DRILL = Drill(
    "trial",
    "PlotLotTrial",
    "It is broken.",
    "touch FOLDER/broken",
    ("deployment/$RELEASE-thing",),
    "rm -f FOLDER/broken",
)
PATIENT = Patience(0.1, 0.1, 20.0, 20.0, 20.0, 20.0)
HASTY = Patience(0.1, 0.1, 20.0, 0.5, 0.5, 0.5)  # where what is waited for does not come

Hold = Callable[..., "asyncio.Task[Timeline]"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with a kubectl that knows one Deployment."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kubectl").write_text(KUBECTL.replace("FOLDER", str(tmp_path)))
    (tmp_path / "bin" / "kubectl").chmod(0o755)
    (tmp_path / "thing.json").write_text('{"spec": {"replicas": 1}}')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr("plotlot.drills.conduct.LOOK_SECONDS", 0.02)
    return tmp_path


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus and the door at once: both look whether the file is there."""

    def answer(request: httpx.Request) -> httpx.Response:
        broken = (folder / "broken").exists()
        if request.url.path == "/api/v1/rules":
            rule = {"name": "PlotLotTrial", "query": 'thing{namespace="plotlot"} > 0'}
            return httpx.Response(200, json={"data": {"groups": [{"rules": [rule]}]}})
        if request.url.path == "/api/v1/alerts":
            state = "firing" if broken and not (folder / "deaf").exists() else "pending"
            alert = {"labels": {"alertname": "PlotLotTrial", "namespace": "plotlot"}, "state": state}
            return httpx.Response(200, json={"data": {"alerts": [alert]}})
        return httpx.Response(503 if broken else 200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://door") as client:
        yield client


@pytest.fixture
def hold(folder: Path, client: httpx.AsyncClient) -> Hold:
    """Holds the drill, changed in some fields, by a runbook."""

    def begin(text: str = RUNBOOK, patience: Patience = PATIENT, **changes: Any) -> "asyncio.Task[Timeline]":
        place = Place("kind-trial", "plotlot", "plotlot")
        alerts = Alerts(client, "http://prometheus", "plotlot")
        conductor = Conductor(
            place, alerts, Probing(client, 100), folder / "out", lambda line: None, patience
        )
        drill = replace(DRILL, **changes)
        put = {name: getattr(drill, name).replace("FOLDER", str(folder)) for name in ("breaks", "restores")}
        runbook: Runbook = read_runbook("PlotLotTrial", text.replace("FOLDER", str(folder)))
        return asyncio.create_task(conductor.hold(replace(drill, **put), runbook))

    return begin


async def test_a_runbook_that_mends_passes(hold: Hold, folder: Path) -> None:
    timeline = await hold()
    assert set(timeline.moments) == set(MOMENTS)
    assert timeline.passed, timeline.failure
    assert timeline.cause == "It is broken"
    assert [step.what for step in timeline.steps] == ["Break", "Diagnosis", "Mitigation: It is broken"]
    assert {probe.outcome for probe in timeline.harmed()} == {"503"}
    assert not (folder / "patched").exists()


async def test_an_alert_that_does_not_come_is_told_and_all_is_put_back(hold: Hold, folder: Path) -> None:
    (folder / "deaf").touch()
    timeline = await hold(patience=HASTY)
    assert not timeline.passed
    assert "did not fire" in timeline.failure
    assert not (folder / "broken").exists()


async def test_a_diagnosis_that_shows_nothing_is_told(hold: Hold, folder: Path) -> None:
    timeline = await hold(RUNBOOK.replace("^broken$", "^mended$"))
    assert "shows no cause" in timeline.failure
    assert not (folder / "broken").exists()


async def test_a_mitigation_that_fails_is_told_with_its_words(hold: Hold, folder: Path) -> None:
    timeline = await hold(RUNBOOK.replace("rm FOLDER", "rm FOLDER/nowhere"))
    assert "commands for 'It is broken' failed" in timeline.failure
    assert "No such file" in timeline.steps[-1].output
    assert not (folder / "broken").exists()


async def test_a_mitigation_that_mends_nothing_is_told(hold: Hold, folder: Path) -> None:
    timeline = await hold(RUNBOOK.replace("rm FOLDER/broken", "true"), HASTY)
    assert "did not mend it" in timeline.failure
    assert "recovered" not in timeline.moments


async def test_objects_are_put_back(hold: Hold, folder: Path) -> None:
    timeline = await hold(
        breaks="""echo '{"spec": {"replicas": 0}}' > FOLDER/thing.json; touch FOLDER/broken"""
    )
    assert timeline.passed
    assert '"value": {"replicas": 1}' in (folder / "patched").read_text()
    kept = json.loads((folder / "out" / "before.json").read_text())
    assert kept["objects"] == {"deployment/plotlot-thing": {"spec": {"replicas": 1}}}


async def test_an_interrupt_puts_back_too(hold: Hold, folder: Path) -> None:
    (folder / "deaf").touch()
    task = hold()
    while not (folder / "broken").exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (folder / "broken").exists()


async def test_nothing_is_broken_where_something_is_already(hold: Hold, folder: Path) -> None:
    (folder / "broken").touch()
    with pytest.raises(InvalidRequest, match=r"PlotLotTrial fires, or requests fail \(503\)"):
        await hold(patience=replace(HASTY, calm_seconds=0.5))
    assert not (folder / "out").exists()


async def test_an_alert_that_nobody_watches_for_is_refused(hold: Hold) -> None:
    with pytest.raises(InvalidRequest, match="no rule PlotLotOther"):
        await hold(alert="PlotLotOther")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"readyReplicas": 2, "updatedReplicas": 2, "replicas": 2, "observedGeneration": 3}, True),
        ({"readyReplicas": 2, "updatedReplicas": 2, "replicas": 3, "observedGeneration": 3}, False),
        ({"readyReplicas": 1, "updatedReplicas": 2, "replicas": 2, "observedGeneration": 3}, False),
        ({"readyReplicas": 2, "updatedReplicas": 2, "replicas": 2, "observedGeneration": 2}, False),
    ],
)
def test_a_workload_is_whole_once_all_is_ready_and_nothing_is_left_over(
    status: dict[str, int], expected: bool
) -> None:
    assert whole({"spec": {"replicas": 2}, "status": status, "metadata": {"generation": 3}}) is expected


def test_a_database_of_an_older_version_is_whole() -> None:
    status = {"readyReplicas": 1, "replicas": 1, "observedGeneration": 3}
    item: dict[str, Any] = {"spec": {"replicas": 1}, "status": status, "metadata": {"generation": 3}}
    assert not whole(item)
    item["spec"]["updateStrategy"] = {"type": "OnDelete"}
    assert whole(item)
