"""One drill from the break to the recovery: wait for the alert, follow its runbook, put everything back."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from plotlot.domain.errors import InvalidRequest, PlotLotError, ServiceUnavailable
from plotlot.drills.alerts import Alerts
from plotlot.drills.drill import Drill
from plotlot.drills.place import Json, Place, kept, put_back
from plotlot.drills.probes import ANSWERED, Probing, late_share
from plotlot.drills.runbook import Cause, Runbook
from plotlot.drills.shell import going_on, run_script
from plotlot.drills.timeline import Step, Timeline

LOOK_SECONDS = 1.0
LATE_TOO = 0.05  # share of answers that may be late of what is well
SCRIPT_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each part is waited for; beyond what is aimed at, so that a miss has a figure.

    ``before_seconds`` all must be well before anything is broken, ``well_seconds`` again to be called recovered.
    """

    before_seconds: float = 12.0  # longer than a probe waits, so that one without an answer shows
    well_seconds: float = 15.0
    calm_seconds: float = 120.0
    detected_seconds: float = 240.0
    recovered_seconds: float = 420.0
    resolved_seconds: float = 420.0


@dataclass
class Conductor:
    """Holds a drill; ``tell`` hears what happens as it does."""

    place: Place
    alerts: Alerts
    probing: Probing
    folder: Path
    tell: Callable[[str], None]
    patience: Patience = Patience()
    broken_at: float = 0.0
    late_before: float = 0.0  # share of the probes: a slow machine is no incident

    async def hold(self, drill: Drill, runbook: Runbook) -> Timeline:
        """Break, wait, mend, and put back whatever happens. Raises InvalidRequest where it cannot begin."""
        began = datetime.now(UTC).isoformat(timespec="seconds")
        timeline = Timeline(drill.name, drill.alert, drill.summary, began)
        async with self.probing.going_on():
            await self._calm(drill)
            self.late_before = late_share(self.probing.sent)
            before = await kept(self.place, drill.touches)
            self.folder.mkdir(parents=True, exist_ok=True)
            written = json.dumps({"drill": drill.name, "place": self.place.names, "objects": before})
            (self.folder / "before.json").write_text(written, encoding="utf-8")
            try:
                await self._break_and_mend(drill, runbook, timeline)
            except PlotLotError as error:
                timeline.failure = error.message
                self.tell(error.message)
            finally:
                await asyncio.shield(self._restore(drill, before, timeline))
            timeline.probes = self.probing.since(self.broken_at)
            if "detected" in timeline.moments:
                await self._until(partial(self._resolved, drill, timeline), self.patience.resolved_seconds)
        return timeline

    async def _calm(self, drill: Drill) -> None:
        """Wait until all is well. Raises InvalidRequest where it is not, or where no alert could come."""
        if not await self.alerts.known(drill.alert):
            raise InvalidRequest(
                f"Prometheus has no rule {drill.alert} for {self.place.namespace}: k8s/prometheus/install"
            )
        since = time.monotonic()

        async def calm() -> bool:
            return self.probing.well_since(
                since, self.patience.before_seconds
            ) and not await self.alerts.firing(drill.alert)

        if not await self._until(calm, self.patience.calm_seconds):
            raise InvalidRequest(
                f"nothing is broken where something is already: {drill.alert} fires, or requests fail ("
                f"{', '.join(sorted({each.outcome for each in self.probing.sent} - {*ANSWERED})) or 'none did'})"
            )

    async def _break_and_mend(self, drill: Drill, runbook: Runbook, timeline: Timeline) -> None:
        self.broken_at = time.monotonic()
        async with going_on(drill.during, self.place.names):
            self._mark(timeline, "broken")
            if (await self._run("Break", drill.breaks, timeline)).status:
                raise ServiceUnavailable(f"{drill.name} could not be broken: see the script's words")
            fires = partial(self.alerts.firing, drill.alert)
            if not await self._reach(timeline, "detected", fires, self.patience.detected_seconds):
                raise ServiceUnavailable(
                    f"{drill.alert} did not fire within {self.patience.detected_seconds:g} s"
                )
            cause = await self._diagnose(runbook, timeline)
            for script in cause.scripts:
                if (await self._run(f"Mitigation: {cause.name}", script, timeline)).status:
                    raise ServiceUnavailable(f"the runbook's commands for {cause.name!r} failed")
            mitigated = self._mark(timeline, "mitigated")

            async def recovered() -> bool:
                await self._resolved(drill, timeline)
                late = 2 * self.late_before + LATE_TOO
                return (
                    self.probing.well_since(mitigated, self.patience.well_seconds, late)
                    and await self._ready()
                )

            if not await self._reach(timeline, "recovered", recovered, self.patience.recovered_seconds):
                raise ServiceUnavailable("the runbook's commands did not mend it")

    async def _diagnose(self, runbook: Runbook, timeline: Timeline) -> Cause:
        """Run all of Diagnosis, and take the first cause that it shows. Raises ServiceUnavailable."""
        said = [await self._run("Diagnosis", script, timeline, stops=False) for script in runbook.diagnosis]
        cause = runbook.cause("\n".join(step.output for step in said))
        if cause is None:
            raise ServiceUnavailable(
                f"what {runbook.alert}'s Diagnosis prints shows no cause of its Mitigation"
            )
        timeline.cause = cause.name
        self._mark(timeline, "diagnosed")
        self.tell(f"cause: {cause.name}")
        return cause

    async def _restore(self, drill: Drill, before: Mapping[str, Json], timeline: Timeline) -> None:
        """Put everything back that the runbook left; a failure is told and kept, for a person has to see to it."""
        try:
            changed = await restored(self.place, drill, before)
        except ServiceUnavailable as error:
            timeline.failure = timeline.failure or f"not put back: {error.message}"
            self.tell(f"{error.message}; again: plotlot drill restore {self.folder}")
        else:
            self.tell(f"put back: {', '.join(changed) or 'nothing was left to put back'}")

    async def _ready(self) -> bool:
        """Whether every workload of the release has what it asks for."""
        selector = f"app.kubernetes.io/instance={self.place.release}"
        text = await self.place.kubectl("get", "deployments,statefulsets", "-l", selector, "-o", "json")
        return all(whole(item) for item in json.loads(text)["items"])

    async def _resolved(self, drill: Drill, timeline: Timeline) -> bool:
        """Whether the alert has gone, which is marked when it is seen first."""
        if "resolved" not in timeline.moments and not await self.alerts.firing(drill.alert):
            self._mark(timeline, "resolved")
        return "resolved" in timeline.moments

    async def _run(self, what: str, script: str, timeline: Timeline, stops: bool = True) -> Step:
        at = time.monotonic()
        done = await run_script(script, self.place.names, SCRIPT_SECONDS, stops)
        step = Step(what, at - self.broken_at, time.monotonic() - at, script, done.output, done.status)
        timeline.steps.append(step)
        if done.status:
            self.tell(f"{what} ended with {done.status}: {done.output.strip()[-300:]}")
        return step

    async def _reach(
        self, timeline: Timeline, moment: str, holds: Callable[[], Awaitable[bool]], seconds: float
    ) -> bool:
        """Wait for a moment and mark it; whether it came."""
        came = await self._until(holds, seconds)
        if came:
            self._mark(timeline, moment)
        return came

    async def _until(self, holds: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(ServiceUnavailable):  # a moment in which Prometheus or the API server is slow
                if await holds():
                    return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    def _mark(self, timeline: Timeline, moment: str) -> float:
        now = time.monotonic()
        timeline.moments[moment] = now - self.broken_at
        self.tell(f"{now - self.broken_at:6.1f} s {moment}")
        return now


async def restored(place: Place, drill: Drill, before: Mapping[str, Json]) -> list[str]:
    """Put back what a drill broke; the names of objects that had changed. Raises ServiceUnavailable."""
    changed = await put_back(place, before)
    if drill.restores:
        done = await run_script(drill.restores, place.names, SCRIPT_SECONDS)
        if done.status:
            raise ServiceUnavailable(
                f"the script of {drill.name} puts nothing back: {done.output.strip()[-300:]}"
            )
    return changed


def whole(item: Json) -> bool:
    """Whether a Deployment or StatefulSet runs what it asks for, and no more; what is updated by hand may be of an
    older version."""
    spec, status = item["spec"], item["status"]
    wanted = spec.get("replicas", 1)
    by_hand = spec.get("updateStrategy", {}).get("type") == "OnDelete"
    counts = {status.get(name, 0) for name in ("readyReplicas", "replicas")}
    updated = by_hand or status.get("updatedReplicas", 0) == wanted
    return (
        counts == {wanted} and updated and status.get("observedGeneration") == item["metadata"]["generation"]
    )
