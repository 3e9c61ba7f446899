"""Evidence on its way to the judge: in batches, kept while the judge is away, and never lost in silence."""

import asyncio
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import grpc

from plotlot.api.judge.v1 import judge_pb2
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceAsyncStub

log = logging.getLogger(__name__)

EACH_SECONDS = 0.5
TIMEOUT_SECONDS = 5.0
BATCH = 100
MOST = 10_000
# While the judge is away, what is sent is sent again. What it will never take would hold up all that comes after.
AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
REFUSED = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED)
ATTEMPTS = 5  # with what the judge stumbles over


@dataclass(slots=True)
class Tally:
    """What a gateway's users met in a release since the last report."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)  # by bundle and operation
    sessions: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: list[judge_pb2.Exposure] = field(default_factory=list)


class Recorder:
    """Takes pairs and exposures at once, and sends them each half second."""

    def __init__(
        self,
        judge: "JudgeServiceAsyncStub",
        metrics: Metrics,
        new_id: Callable[[], str],
        most: int = MOST,
        each_seconds: float = EACH_SECONDS,
    ) -> None:
        self._judge = judge
        self._metrics = metrics
        self._new_id = new_id
        self._most = most
        self._each_seconds = each_seconds
        self._pairs: deque[tuple[str, judge_pb2.Pair]] = deque()
        self._lost: Counter[str] = Counter()
        self._told: dict[str, tuple[str, int]] = {}  # what is being told of the lost, under its id
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._reports: deque[judge_pb2.RecordExposuresRequest] = deque()
        self._events = 0
        self._full = asyncio.Event()
        self._stumbles = 0

    @property
    def waiting(self) -> int:
        """Pairs and events that the judge has not got yet."""
        return len(self._pairs) + self._events

    def pair(self, release: str, pair: judge_pb2.Pair) -> None:
        """Keep a pair for the judge; where there is no room, it is told that one was lost."""
        if len(self._pairs) >= self._most:
            self._lost[release] += 1
            self._metrics.evidence_lost.labels("pair").inc()
            return
        self._pairs.append((release, pair))
        if len(self._pairs) >= BATCH:
            self._full.set()

    def exposure(
        self, release: str, bundle: str, operation: str, begins: bool, event: judge_pb2.Exposure | None
    ) -> None:
        """Count a user's request, and keep what happened to it where that is to be told."""
        tally = self._tallies[release]
        tally.requests[bundle, operation] += 1
        tally.sessions[bundle, operation] += begins
        if event is None:
            return
        if self._events >= self._most:
            self._metrics.evidence_lost.labels("event").inc()
            return
        tally.events.append(event)
        self._events += 1

    async def run(self) -> None:
        """Send for ever what there is to send."""
        while True:
            self._full.clear()
            try:
                async with asyncio.timeout(self._each_seconds):
                    await self._full.wait()
            except TimeoutError:
                pass
            if not await self.send():
                await asyncio.sleep(self._each_seconds)

    async def send(self) -> bool:
        """Send everything; whether the judge took it, or will never take it."""
        try:
            while self._reports or self._tallies:
                await self._send_report()
                self._stumbles = 0
            while self._pairs or self._lost or self._told:
                await self._send_pairs()
                self._stumbles = 0
        except grpc.aio.AioRpcError as error:
            log.debug("evidence waits for the judge: %s", error.details())
            return False
        finally:
            self._metrics.evidence_waiting.set(self.waiting)
        return True

    async def flush(self, grace_seconds: float) -> None:
        """Send what is left, as long as there is time; what is then still here is told to the log."""
        try:
            async with asyncio.timeout(grace_seconds):
                while self._unsent():
                    if not await self.send():
                        await asyncio.sleep(min(self._each_seconds, 0.1))
        except TimeoutError:
            if self.waiting:
                log.warning("stopped with %d pairs and events that the judge did not get", self.waiting)

    def _unsent(self) -> bool:
        return bool(self._pairs or self._lost or self._told or self._reports or self._tallies)

    def _seal(self) -> None:
        """Make a report of each tally: its id and its content stay the same however often it is sent."""
        for release, tally in self._tallies.items():
            counts = [
                judge_pb2.ExposureCount(
                    bundle=bundle, operation=operation, requests=requests,
                    sessions=tally.sessions[bundle, operation],
                )
                for (bundle, operation), requests in tally.requests.items()
            ]  # fmt: skip
            self._reports.append(
                judge_pb2.RecordExposuresRequest(
                    release=release, exposures=tally.events, counts=counts, report_id=self._new_id()
                )
            )
        self._tallies.clear()

    async def _send_report(self) -> None:
        if not self._reports:
            self._seal()
        report = self._reports[0]
        try:
            await self._judge.RecordExposures(report, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            self._refused(error, "event", len(report.exposures))
        self._reports.popleft()
        self._events -= len(report.exposures)

    async def _send_pairs(self) -> None:
        """Send pairs of one release, and say how many of it were lost."""
        release = self._pairs[0][0] if self._pairs else next(iter(self._told or self._lost))
        batch = [pair for name, pair in islice(self._pairs, BATCH) if name == release]
        if release in self._lost and release not in self._told:
            self._told[release] = (self._new_id(), self._lost.pop(release))
        report_id, lost = self._told.get(release, ("", 0))
        request = judge_pb2.RecordPairsRequest(release=release, pairs=batch, lost=lost, report_id=report_id)
        try:
            await self._judge.RecordPairs(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            self._refused(error, "pair", len(batch))
            if batch and error.code() is not grpc.StatusCode.NOT_FOUND:
                self._lost[release] += len(batch) + lost
        sent = {id(pair) for pair in batch}
        for _ in range(min(BATCH, len(self._pairs))):
            held = self._pairs.popleft()
            if id(held[1]) not in sent:
                self._pairs.append(held)
        self._told.pop(release, None)

    def _refused(self, error: grpc.aio.AioRpcError, kind: str, number: int) -> None:
        """Count what the judge will never take; raise the error again where it may take it later."""
        if error.code() not in (*AWAY, *REFUSED):
            self._stumbles += 1
        if error.code() not in REFUSED and self._stumbles < ATTEMPTS:
            raise error
        log.error("the judge refused evidence: %s", error.details())
        self._metrics.evidence_lost.labels(kind).inc(number)
