"""The judge over gRPC on a real Postgres: what is counted, and how often."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from integration.judges import (
    BAD,
    FAILED,
    Replica,
    age,
    bundles,
    exposure,
    met,
    opened,
    outcome,
    pair,
    pairs,
    pairs_of,
    replica,
)

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import guardrails_from
from plotlot.domain.sequential import harm_log_e, none, with_event
from plotlot.judge import folding


async def test_a_pair_counts_once_however_often_it_is_sent(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    sent = pairs(10)
    assert await judge.record(release, sent) == 10
    await judge.decide(names)
    assert await judge.record(release, [*sent, *sent, pair()]) == 1
    await judge.decide(names)
    assert await pairs_of(judge, release) == 11


async def test_replicas_that_fold_at_once_count_each_pair_once(judge: Replica, other: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)

    async def send(to: Replica) -> None:
        for _ in range(10):
            await to.record(release, pairs(5))
            await asyncio.gather(judge.decide(names), other.decide(names))
            await asyncio.gather(judge.upkeep.look(), other.upkeep.look())

    await asyncio.gather(send(judge), send(other))
    await judge.decide(names)
    assert {each.pairs for each in (await judge.evidence(release)).values()} == {100}


async def test_a_judge_that_starts_anew_goes_on_with_the_evidence(conninfo: str) -> None:
    names = bundles()
    async with replica(conninfo) as first:
        release = await opened(first, names)
        await first.record(release, pairs(30))
        before = await first.decide(names)
        await first.record(release, pairs(7))
    async with replica(conninfo) as second:
        assert (await second.evidence(release))["quality"] == before.evidence[2]
        await second.decide(names)
        assert await pairs_of(second, release) == 37


async def test_a_pair_that_is_committed_late_is_counted_with_the_next_look(
    judge: Replica, conninfo: str
) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.record(release, pairs(1))
    async with await psycopg.AsyncConnection.connect(conninfo) as late:
        await late.execute(
            "INSERT INTO pairs SELECT release, 'late', 'request late', session, operation, question, source,"
            " at, stable, candidate, differences, against FROM pairs WHERE release = %s",
            (release,),
        )
        await judge.record(release, pairs(2))
        await judge.decide(names)
        assert await pairs_of(judge, release) == 3
        await late.commit()
    await judge.decide(names)
    assert await pairs_of(judge, release) == 4


async def test_a_session_counts_once_it_has_ended_and_what_comes_later_is_set_aside(
    judge: Replica, conninfo: str
) -> None:
    names = bundles()
    release = await opened(judge, names)
    now = datetime.now(UTC)
    await judge.record(release, [pair(session="one", at=now), pair(session="one", candidate=BAD, at=now)])
    await judge.record(release, [pair(session="other", candidate=BAD, at=now)])
    await judge.decide(names)
    assert await pairs_of(judge, release) == 0
    age(conninfo, release)
    await judge.record(release, [pair(session="other", at=now)])
    await judge.decide(names)
    quality = (await judge.evidence(release))["quality"]
    assert (quality.pairs, quality.candidate_mean, quality.set_aside) == (1, 0.5, 0)
    age(conninfo, release)
    await judge.record(release, pairs(3, session="one"))
    await judge.decide(names)
    quality = (await judge.evidence(release))["quality"]
    assert (quality.pairs, quality.candidate_mean, quality.set_aside) == (2, 0.5, 3)


async def test_answers_are_bet_on_once_the_slowest_of_their_time_are_here(
    judge: Replica, conninfo: str
) -> None:
    names = bundles()
    manifest = json.dumps({"guardrails": names.guardrails, "shadow": {"deadline_seconds": 20}})
    await judge.stub.RegisterBundle(
        judge_pb2.RegisterBundleRequest(bundle=names.candidate, manifest_json=manifest)
    )
    release = await opened(judge, names)
    now = datetime.now(UTC)
    await judge.record(release, pairs(3, at=now - timedelta(seconds=23)))
    age(conninfo, release, column="recorded_at")
    await judge.decide(names)
    assert await pairs_of(judge, release) == 0
    failed = pairs(3, candidate=FAILED, at=now - timedelta(seconds=27))
    await judge.record(release, failed)
    await judge.decide(names)
    assert await pairs_of(judge, release) == 3
    age(conninfo, release)
    await judge.decide(names)
    assert await pairs_of(judge, release) == 6


async def test_what_a_sender_lost_counts_at_its_worst_once(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.record(release, pairs(200))
    before = await judge.decide(names)
    assert before.verdict == "promote"
    for _ in range(2):
        await judge.record(release, [], lost=150, report_id="report")
    after = await judge.decide(names)
    assert after.verdict == "continue"
    assert [(each.missing, each.harm_log_e) for each in after.evidence] == [
        (150, each.harm_log_e) for each in before.evidence
    ]


async def test_reports_of_two_kinds_may_have_one_id(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    count = judge_pb2.ExposureCount(bundle=names.candidate, requests=7)
    await judge.record(release, [], lost=3, report_id="report")
    for _ in range(2):
        await met(judge, release, counts=[count], report_id="report")
    assert (await judge.release(release)).candidate_requests == 7


async def test_a_rollback_is_told_also_where_more_waits_than_can_be_bet_on(
    judge: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "MOST", 250)
    good, bad = bundles(), bundles()
    await judge.record(await opened(judge, good), pairs(400))
    for expected in (("continue", True), ("promote", False)):
        answer = await judge.decide(good)
        assert (answer.verdict, answer.degraded) == expected
    await judge.record(await opened(judge, bad), pairs(300, candidate=FAILED))
    answer = await judge.decide(bad)
    assert (answer.verdict, answer.degraded) == ("rollback", True)


async def test_an_answer_that_is_not_known_counts_as_missing(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    sent = pair()
    sent.ClearField("candidate")
    await judge.record(release, [sent])
    found = (await judge.decide(names)).evidence
    assert [each.missing for each in found] == [1, 1, 1]
    assert all(each.noninferior_log_e < 0 and abs(each.harm_log_e) < 1e-9 for each in found)


async def test_an_event_is_weighed_by_the_share_that_assigned_its_session(
    judge: Replica, conninfo: str
) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.record(release, pairs(200))
    await judge.decide(names, "canary", weight=10, next_weight=50)
    age(conninfo, release, "weights", "at")
    await met(judge, release, counts=[judge_pb2.ExposureCount(bundle=names.candidate, sessions=20)])
    assert (await judge.decide(names, "canary", weight=10, next_weight=50)).verdict == "promote"
    now = datetime.now(UTC)
    started = {"before": now - timedelta(seconds=30), "allowed": now + timedelta(seconds=1)}
    sent = [
        exposure(names.candidate, "one", session="a", session_started_at=started["before"], at=now),
        exposure(names.stable, "two", session="b", session_started_at=started["allowed"], at=now),
        exposure(names.stable, "three", session="b", session_started_at=started["allowed"], at=now),
    ]
    await met(judge, release, exposures=sent)
    await judge.decide(names, "watch")
    again = exposure(names.stable, "four", session="b", session_started_at=started["allowed"], at=now)
    await met(judge, release, exposures=[*sent, again])
    found = {each.guardrail: each for each in (await judge.decide(names, "watch")).evidence}["failure"]
    failure = guardrails_from(names.guardrails).each[0]
    expected = with_event(with_event(none(failure), failure, True, 0.1), failure, False, 0.5)
    assert found.harm_log_e == pytest.approx(harm_log_e(expected))
    assert (found.candidate_events, found.stable_events) == (1, 1)
    harmed = await judge.stub.ListHarmed(judge_pb2.ListHarmedRequest(release=release))
    assert [each.request_id for each in harmed.exposures] == ["one"]
    assert (await judge.release(release)).harmed_requests == 1


async def test_who_is_told_of_by_pairs_is_harmed_and_no_event(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.decide(names, "canary", weight=50)
    await met(judge, release, exposures=[exposure(names.candidate, "one", shadowed=True)])
    answer = await judge.decide(names, "watch")
    assert {each.candidate_events for each in answer.evidence} == {0}
    harmed = await judge.stub.ListHarmed(judge_pb2.ListHarmedRequest(release=release))
    assert [each.shadowed for each in harmed.exposures] == [True]


async def test_in_the_canary_at_most_half_of_the_sessions_are_told_of_by_pairs(judge: Replica) -> None:
    names = bundles()
    manifest = json.dumps({"guardrails": names.guardrails, "shadow": {"share": 0.8}})
    await judge.stub.RegisterBundle(
        judge_pb2.RegisterBundleRequest(bundle=names.candidate, manifest_json=manifest)
    )
    shares = []
    for stage in ("shadow", "canary"):
        await judge.decide(names, stage, weight=5)
        plan = await judge.stub.GetPlan(judge_pb2.GetPlanRequest(bundle=names.candidate, gateway="one"))
        shares.append(plan.share)
    assert shares == [0.8, 0.5]


async def test_a_slow_answer_is_an_event_for_latency_by_its_operations_objective(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    slow = outcome(seconds=2.0)
    await judge.decide(names, "canary", weight=50)
    await met(
        judge,
        release,
        exposures=[
            exposure(names.candidate, "ask", outcome=slow, operation="ask"),
            exposure(names.candidate, "search", outcome=slow, operation="search"),
        ],
    )
    await judge.decide(names, "watch")
    found = await judge.evidence(release)
    assert (found["latency"].candidate_events, found["failure"].candidate_events) == (1, 0)
