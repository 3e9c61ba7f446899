"""The judge over gRPC: what it cannot keep, what it forgets, and its database when that is away."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from integration.judges import (
    FAILED,
    Replica,
    bundles,
    exposure,
    met,
    opened,
    pair,
    pairs,
    replica,
)

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.errors import (
    InvalidRequest,
    StoreUnavailable,
    UnknownRelease,
)
from plotlot.judge import waiting
from plotlot.judge.releases import release_id
from plotlot.rpc.errors import calling
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate


async def test_moments_that_no_right_clock_tells_are_refused(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    now = datetime.now(UTC)
    for moment in (now - timedelta(days=2), now + timedelta(days=2), datetime(1, 1, 1, tzinfo=UTC)):
        with pytest.raises(InvalidRequest, match="at is within 1 day"), calling("judge"):
            await judge.record(release, [pair(at=moment)])
        for field in ("at", "session_started_at"):
            sent = exposure(names.candidate, "one", **{field: moment})
            with pytest.raises(InvalidRequest, match=f"{field} is within 1 day"), calling("judge"):
                await met(judge, release, exposures=[sent])
    with pytest.raises(InvalidRequest, match="at is no moment"), calling("judge"):
        await judge.record(release, [pair(at=Timestamp(seconds=10**15))])


async def test_a_release_that_cannot_be_read_stops_no_other_and_is_answered(
    judge: Replica, conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = [bundles(), bundles()]
    broken, sound = sorted([await opened(judge, each) for each in names])
    (of_broken,) = (each for each in names if release_id(each.stable, each.candidate) == broken)
    for release in (broken, sound):
        await judge.record(release, pairs(60, candidate=FAILED))
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            'UPDATE pairs SET differences = \'{"failure": "what?"}\' WHERE release = %s', (broken,)
        )
    for _ in range(3):
        await judge.upkeep.look()
        assert gauge(judge) == 1.0
    assert (await judge.release(sound)).stage == "rolled_back"
    assert sum("cannot be looked at" in record.message for record in caplog.records) == 1
    answer = await judge.decide(of_broken, "watch")
    assert (answer.verdict, answer.degraded) == ("continue", True)
    assert "a fault of the judge's own" in answer.reason
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE pairs SET state = 'set_aside' WHERE release = %s", (broken,))
    await judge.upkeep.look()
    assert gauge(judge) == 0.0


async def test_old_releases_are_forgotten_and_others_are_not(judge: Replica, conninfo: str) -> None:
    old, young = bundles(), bundles()
    first, second = await opened(judge, old), await opened(judge, young)
    for release in (first, second):
        await judge.record(release, pairs(60, candidate=FAILED))
    await judge.upkeep.look()
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE releases SET closed_at = closed_at - interval '91 days' WHERE id = %s", (first,)
        )
    await judge.upkeep.prune()
    assert (await judge.release(second)).stage == "rolled_back"
    with pytest.raises(UnknownRelease), calling("judge"):
        await judge.release(first)


async def test_without_its_database_it_says_continue_and_that_it_is_degraded(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    url = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, url)
    async with replica(url) as judge:
        names = bundles()
        release = await opened(judge, names)
        await judge.record(release, pairs(60, candidate=FAILED))
        await asyncio.to_thread(server.stop)
        answer = await judge.decide(names, "watch")
        assert (answer.verdict, answer.degraded) == ("continue", True)
        assert gauge(judge) == 1.0
        with pytest.raises(StoreUnavailable), calling("judge"):
            await judge.record(release, pairs(1))
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(30):
            while (answer := await judge.decide(names)).degraded:
                await asyncio.sleep(0.2)
        assert answer.verdict == "rollback"
        assert gauge(judge) == 0.0
    await asyncio.to_thread(server.stop)


async def test_a_database_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(tmp_path)
    url = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, url)
    async with replica(url) as judge:
        names = bundles()
        release = await opened(judge, names)
        postmaster = psutil.Process(int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0]))
        processes = [postmaster, *postmaster.children()]
        monkeypatch.setattr(waiting, "LONGEST_SECONDS", 0.5)
        for process in processes:
            process.suspend()
        try:
            async with asyncio.timeout(5):
                answer = await judge.decide(names)
                for ask in (
                    lambda: judge.record(release, pairs(1)),
                    lambda: met(judge, release),
                    lambda: judge.release(release),
                    lambda: judge.stub.GetPlan(judge_pb2.GetPlanRequest(bundle=names.stable, gateway="one")),
                ):
                    with pytest.raises(StoreUnavailable, match="did not answer"), calling("judge"):
                        await ask()
        finally:
            for process in processes:
                process.resume()
        assert (answer.verdict, answer.degraded) == ("continue", True)
        assert "did not answer" in answer.reason
        monkeypatch.undo()
        assert not (await judge.decide(names)).degraded
    await asyncio.to_thread(server.stop)


def gauge(judge: Replica) -> float | None:
    return judge.judge.metrics.registry.get_sample_value("plotlot_judge_degraded")
