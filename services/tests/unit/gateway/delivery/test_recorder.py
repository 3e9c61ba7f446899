"""Evidence reaches the judge once, however often it is away, and what does not is told."""

import grpc
import pytest
from judge_stub import JudgeStub

from plotlot.api.judge.v1 import judge_pb2
from plotlot.gateway.delivery.recorder import ATTEMPTS, BATCH, Recorder
from plotlot.telemetry import Metrics


class Made:
    """A recorder, its judge and its metrics."""

    def __init__(self, most: int = 10_000) -> None:
        self.judge, self.metrics, self._ids = JudgeStub(), Metrics(), 0
        self.recorder = Recorder(self.judge, self.metrics, self._id, most)  # type: ignore[arg-type]

    def _id(self) -> str:
        self._ids += 1
        return f"report-{self._ids}"

    def pairs(self, number: int, release: str = "r-1", first: int = 0) -> list[str]:
        names = [f"{release}:{first + index}" for index in range(number)]
        for name in names:
            self.recorder.pair(release, judge_pb2.Pair(request_id=name))
        return names

    def lost(self, kind: str) -> float:
        return self.metrics.registry.get_sample_value("plotlot_evidence_lost_total", {"kind": kind}) or 0.0


def event(name: str) -> judge_pb2.Exposure:
    return judge_pb2.Exposure(request_id=name)


async def test_pairs_go_in_batches_of_one_release() -> None:
    made = Made()
    first = made.pairs(BATCH + 5)
    second = made.pairs(3, "r-2")
    third = made.pairs(2, first=500)
    assert await made.recorder.send()
    assert all({pair.request_id.split(":")[0] for pair in r.pairs} == {r.release} for r in made.judge.pairs)
    assert all(len(request.pairs) <= BATCH for request in made.judge.pairs)
    assert sorted(made.judge.pair_ids()) == sorted([*first, *second, *third])
    assert made.recorder.waiting == 0


async def test_nothing_is_lost_while_the_judge_is_away() -> None:
    made = Made()
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    before = made.pairs(7)
    assert not await made.recorder.send()
    after = made.pairs(4, first=7)
    made.judge.failing = None
    assert await made.recorder.send()
    assert made.judge.pair_ids() == [*before, *after]
    assert not any(request.lost for request in made.judge.pairs)


async def test_what_has_no_room_is_told_once() -> None:
    made = Made(most=3)
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    kept = made.pairs(5)[:3]
    assert not await made.recorder.send()
    made.judge.failing, made.judge.loses_answers = None, True
    assert not await made.recorder.send()
    made.pairs(2, first=5)  # no room for these either: the judge's answer did not come
    made.judge.loses_answers = False
    assert await made.recorder.send()
    assert await made.recorder.send()
    told = {request.report_id: request.lost for request in made.judge.pairs if request.lost}
    assert sorted(told.values()) == [2, 2]
    assert set(made.judge.pair_ids()) == set(kept)
    assert made.lost("pair") == 4


async def test_what_the_judge_refuses_does_not_hold_up_the_rest() -> None:
    made = Made()
    made.pairs(2)
    made.judge.failing = grpc.StatusCode.NOT_FOUND
    assert await made.recorder.send()
    made.judge.failing = None
    rest = made.pairs(1, first=2)
    assert await made.recorder.send()
    assert made.judge.pair_ids() == rest
    assert made.lost("pair") == 2


async def test_a_batch_that_is_not_valid_counts_as_lost() -> None:
    made = Made()
    made.pairs(2)
    taken = made.judge.RecordPairs

    async def picky(request, **options):
        if request.pairs:
            made.judge.failing = grpc.StatusCode.INVALID_ARGUMENT
        try:
            return await taken(request, **options)
        finally:
            made.judge.failing = None

    made.judge.RecordPairs = picky  # type: ignore[method-assign]
    assert await made.recorder.send()
    assert [request.lost for request in made.judge.pairs] == [2]


async def test_what_the_judge_stumbles_over_again_and_again_counts_as_lost() -> None:
    made = Made()
    made.pairs(2)
    made.judge.failing = grpc.StatusCode.INTERNAL
    for _ in range(ATTEMPTS - 1):
        assert not await made.recorder.send()
    taken = made.judge.RecordPairs

    async def stumbling(request, **options):
        made.judge.failing = grpc.StatusCode.INTERNAL if request.pairs else None
        return await taken(request, **options)

    made.judge.RecordPairs = stumbling  # type: ignore[method-assign]
    assert await made.recorder.send()
    assert [(len(request.pairs), request.lost) for request in made.judge.pairs] == [(0, 2)]


async def test_a_report_of_exposures_keeps_its_id_until_it_is_answered() -> None:
    made = Made()
    made.recorder.exposure("r-1", "b", "ask", True, None)
    made.recorder.exposure("r-1", "b", "ask", False, event("x"))
    made.judge.loses_answers = True
    assert not await made.recorder.send()
    made.recorder.exposure("r-1", "b", "analyze", True, None)
    made.judge.loses_answers = False
    assert await made.recorder.send()
    first, again, second = made.judge.exposures
    assert first == again
    assert second.report_id != first.report_id
    assert [(c.operation, c.requests, c.sessions) for c in first.counts] == [("ask", 2, 1)]
    assert [(c.operation, c.requests, c.sessions) for c in second.counts] == [("analyze", 1, 1)]
    assert [exposure.request_id for exposure in first.exposures] == ["x"]
    assert made.recorder.waiting == 0


async def test_while_the_judge_is_away_counts_add_up_and_events_have_a_bound() -> None:
    made = Made(most=2)
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    for number in range(4):
        made.recorder.exposure("r-1", "b", "ask", True, event(str(number)))
        await made.recorder.send()
    made.judge.failing = None
    assert await made.recorder.send()
    assert sum(count.requests for report in made.judge.exposures for count in report.counts) == 4
    assert [e.request_id for report in made.judge.exposures for e in report.exposures] == ["0", "1"]
    assert made.lost("event") == 2


async def test_what_is_left_at_the_end_is_sent_or_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    made = Made()
    names = made.pairs(BATCH * 2)
    await made.recorder.flush(5)
    assert made.judge.pair_ids() == names
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    made.pairs(3)
    await made.recorder.flush(0.05)
    assert "3 pairs and events that the judge did not get" in caplog.text
