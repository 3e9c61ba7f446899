"""The judge over gRPC on a real Postgres: what is counted, how often, and what follows from it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from integration.judges import Bundles, Replica, bundles, outcome, pair, pairs, replica

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import guardrails_from
from plotlot.domain.errors import (
    InvalidBundle,
    InvalidRequest,
    StoreUnavailable,
    UnknownBundle,
    UnknownRelease,
)
from plotlot.domain.sequential import harm_log_e, none, with_event
from plotlot.judge import folding, waiting
from plotlot.judge.plans import SEEN_SECONDS
from plotlot.judge.releases import release_id
from plotlot.rpc.errors import calling
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

BAD = outcome(quality=0.0)
FAILED = outcome(failed=True)


@pytest.fixture(scope="module")
def conninfo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("data"))
    url = server.start()
    migrate(url)
    yield url
    server.stop()


@pytest.fixture
async def judge(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one


@pytest.fixture
async def other(conninfo: str) -> AsyncIterator[Replica]:
    async with replica(conninfo) as one:
        yield one


async def opened(judge: Replica, names: Bundles) -> str:
    """The id of the release, asked about for the first time."""
    return (await judge.decide(names)).release


async def pairs_of(judge: Replica, release: str) -> int:
    """How many sessions of pairs were bet on."""
    return (await judge.evidence(release))["failure"].pairs


def age(conninfo: str, release: str, table: str = "pairs", column: str = "at") -> None:
    """Let a minute pass for what was recorded."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            f"UPDATE {table} SET {column} = {column} - interval '1 minute' WHERE release = %s".encode(),
            (release,),
        )


def exposure(bundle: str, request: str, **rest: object) -> judge_pb2.Exposure:
    return judge_pb2.Exposure(**{"request_id": request, "bundle": bundle, "outcome": FAILED, **rest})


async def met(judge: Replica, release: str, **sent: object) -> None:
    await judge.stub.RecordExposures(judge_pb2.RecordExposuresRequest(release=release, **sent))


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


async def test_a_candidate_that_got_worse_is_rolled_back_for_good_and_its_guardrail_is_named(
    judge: Replica,
) -> None:
    names = bundles()
    release = await opened(judge, names)
    for _ in range(30):
        await judge.record(release, [*pairs(8), pair(candidate=BAD), pair(candidate=BAD)])
        answer = await judge.decide(names, "watch")
        if answer.verdict != "continue":
            break
    assert answer.verdict == "rollback"
    assert answer.reason.startswith("rollback: quality got worse")
    assert await judge.record(release, pairs(500)) == 0
    for stage in ("shadow", "canary", "watch"):
        again = await judge.decide(names, stage)
        assert again.verdict == "rollback"
        assert "quality got worse" in again.reason
    kept = await judge.release(release)
    assert (kept.stage, kept.verdict) == ("rolled_back", "rollback")


async def test_harm_is_seen_also_while_nobody_asks(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.record(release, pairs(60, candidate=FAILED))
    await judge.upkeep.look()
    kept = await judge.release(release)
    assert kept.stage == "rolled_back"
    assert "failure got worse" in kept.reason


async def test_a_candidate_that_is_no_worse_is_promoted_step_by_step(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    assert (await judge.decide(names, next_weight=5)).verdict == "continue"
    await judge.record(release, pairs(200))
    assert (await judge.decide(names, "watch")).verdict == "continue"
    assert (await judge.decide(names, next_weight=5)).verdict == "promote"
    for weight, next_weight in ((5, 50), (50, 100)):
        weights = {"weight": weight, "next_weight": next_weight}
        waiting = await judge.decide(names, "canary", **weights)
        assert waiting.verdict == "continue"
        assert "0 of 20 sessions" in waiting.reason
        count = judge_pb2.ExposureCount(bundle=names.candidate, requests=40, sessions=20)
        for _ in range(2):
            await met(judge, release, counts=[count], report_id=f"at {weight}")
        assert (await judge.decide(names, "canary", **weights)).verdict == "promote"
    kept = await judge.release(release)
    assert (kept.stage, kept.weight, kept.candidate_requests) == ("promoted", 50, 80)
    assert (await judge.decide(names, "canary", weight=100)).verdict == "promote"
    assert (await judge.decide(names, "watch")).verdict == "continue"


async def test_without_answers_it_is_continue_for_ever(judge: Replica, conninfo: str) -> None:
    names = bundles()
    release = await opened(judge, names)
    for _ in range(5):
        age(conninfo, release, "weights", "at")
        for stage in ("shadow", "canary", "watch"):
            answer = await judge.decide(names, stage, weight=5, next_weight=100)
            assert (answer.verdict, answer.degraded) == ("continue", False)
    assert (await judge.release(release)).stage == "canary"


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


async def test_another_candidate_takes_the_place_of_one_that_is_open(judge: Replica) -> None:
    first = bundles()
    release = await opened(judge, first)
    await judge.record(release, pairs(3))
    await judge.decide(first)
    second = bundles(first.stable)
    watched = await judge.decide(second, "watch")
    assert (watched.release, watched.verdict) == ("", "continue")
    await opened(judge, second)
    assert (await judge.release(release)).stage == "superseded"
    assert (await judge.decide(first, "watch")).verdict == "continue"
    await judge.stub.SteerRelease(
        judge_pb2.SteerReleaseRequest(release=(await judge.decide(second)).release, action="abort", by="Jo")
    )
    assert (await judge.decide(first, "watch")).release == release
    assert (await judge.release(release)).stage == "superseded"
    again = await judge.decide(first)
    assert (again.release, again.evidence[0].pairs) == (release, 3)
    assert (await judge.release(release)).stage == "shadow"


async def test_people_decide_over_the_judge(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)

    async def steer(action: str) -> judge_pb2.Release:
        request = judge_pb2.SteerReleaseRequest(release=release, action=action, by="Jo", why="the fair is on")
        with calling("judge"):
            return (await judge.stub.SteerRelease(request)).release

    await steer("promote")
    assert (await judge.decide(names, "watch")).verdict == "continue"
    promoted = await judge.decide(names, next_weight=5)
    assert (promoted.verdict, promoted.reason) == ("promote", "promote: by hand: Jo: the fair is on")
    assert (await judge.decide(names, "canary", weight=5, next_weight=25)).verdict == "continue"
    assert (await steer("stop_shadow")).shadow_stopped
    assert not (await steer("start_shadow")).shadow_stopped
    assert (await steer("abort")).stage == "aborted"
    aborted = await judge.decide(names, "canary", weight=5, next_weight=25)
    assert (aborted.verdict, "Jo: the fair is on" in aborted.reason) == ("rollback", True)
    with pytest.raises(InvalidRequest, match="build another bundle"):
        await steer("promote")
    with pytest.raises(InvalidRequest, match="an action is"):
        await steer("dance")


async def promoted(judge: Replica, names: Bundles) -> str:
    """A release that its evidence promoted, with some that was not bet on yet."""
    release = await opened(judge, names)
    await judge.record(release, pairs(200))
    weights = {"weight": 50, "next_weight": 100}
    await judge.decide(names, "canary", **weights)
    count = judge_pb2.ExposureCount(bundle=names.candidate, requests=20, sessions=20)
    await met(judge, release, counts=[count])
    await judge.record(release, pairs(2, at=datetime.now(UTC)))
    assert (await judge.decide(names, "canary", **weights)).verdict == "promote"
    return release


async def test_a_promoted_release_that_begins_again_has_no_evidence(judge: Replica, conninfo: str) -> None:
    names = bundles()
    release = await promoted(judge, names)
    again = await judge.decide(names, "shadow", next_weight=5)
    assert (again.release, again.verdict) == (release, "continue")
    age(conninfo, release)
    after = await judge.decide(names, "canary", weight=50, next_weight=100)
    assert after.verdict == "continue"
    assert [each.pairs for each in after.evidence] == [0, 0, 0]
    found = await judge.stub.GetRelease(judge_pb2.GetReleaseRequest(release=release))
    assert (found.release.stage, found.release.candidate_requests, len(found.looks)) == ("canary", 0, 0)
    assert "promote" in [each.verdict for each in found.verdicts]


async def test_a_promoted_release_can_be_aborted(judge: Replica) -> None:
    names = bundles()
    release = await promoted(judge, names)
    for action in ("promote", "abort"):
        request = judge_pb2.SteerReleaseRequest(release=release, action=action, by="Jo", why="it rains")
        if action == "promote":
            with pytest.raises(InvalidRequest, match="build another bundle"), calling("judge"):
                await judge.stub.SteerRelease(request)
        else:
            await judge.stub.SteerRelease(request)
    for stage in ("shadow", "canary", "watch"):
        answer = await judge.decide(names, stage, weight=50, next_weight=100)
        assert (answer.verdict, "Jo: it rains" in answer.reason) == ("rollback", True)


async def test_a_word_to_promote_is_forgotten_where_another_candidate_takes_its_place(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    await judge.stub.SteerRelease(judge_pb2.SteerReleaseRequest(release=release, action="promote", by="Jo"))
    await opened(judge, bundles(names.stable))
    assert (await judge.decide(names, next_weight=5)).verdict == "continue"


async def test_a_bundle_that_nobody_has_seen_is_named(judge: Replica) -> None:
    names = bundles()
    request = judge_pb2.DecideRequest(stable=names.stable, candidate=names.candidate, stage="shadow")
    answer = await judge.stub.Decide(request)
    assert (answer.verdict, answer.release) == ("continue", "")
    assert f"{names.stable} has not been seen" in answer.reason
    manifest = json.dumps({"guardrails": names.guardrails, "shadow": {"share": 0.5}})
    for bundle in (names.stable, names.candidate):
        for _ in range(2):
            await judge.stub.RegisterBundle(
                judge_pb2.RegisterBundleRequest(bundle=bundle, manifest_json=manifest)
            )
    answer = await judge.stub.Decide(request)
    assert [each.guardrail for each in answer.evidence] == ["failure", "latency", "quality"]
    kept = await judge.stub.GetBundle(judge_pb2.GetBundleRequest(bundle=names.candidate))
    assert json.loads(kept.manifest_json) == json.loads(manifest)
    with pytest.raises(UnknownBundle), calling("judge"):
        await judge.stub.GetBundle(judge_pb2.GetBundleRequest(bundle="nobody's"))


async def test_a_bundle_never_changes(judge: Replica) -> None:
    async def register(bundle: str, manifest: dict) -> None:
        request = judge_pb2.RegisterBundleRequest(bundle=bundle, manifest_json=json.dumps(manifest))
        with calling("judge"):
            await judge.stub.RegisterBundle(request)

    name = bundles().candidate
    await register(name, {})
    await register(name, {"model": "a"})
    with pytest.raises(InvalidBundle, match="never changes"):
        await register(name, {"model": "b"})
    with pytest.raises(InvalidBundle, match="is that of"):
        await register("bundle-0123456789abcdef", {"model": "a"})


async def test_guardrails_are_fixed_when_a_release_is_opened(judge: Replica) -> None:
    names = bundles()
    await opened(judge, names)
    bolder = Bundles(names.stable, names.candidate, {**names.guardrails, "alpha": 0.2})
    with pytest.raises(InvalidRequest, match="fixed when it is opened"), calling("judge"):
        await judge.decide(bolder)


async def test_one_bundle_on_both_sides_is_nothing_to_judge(judge: Replica) -> None:
    names = bundles()
    same = Bundles(names.stable, names.stable, names.guardrails)
    assert (await judge.decide(same, next_weight=5)).verdict == "promote"
    assert (await judge.decide(same, "watch")).verdict == "continue"


async def test_a_plan_shares_the_budget_among_the_gateways_of_the_stable_bundle(
    judge: Replica, conninfo: str
) -> None:
    async def plan(bundle: str, gateway: str = "one") -> judge_pb2.GetPlanResponse:
        return await judge.stub.GetPlan(judge_pb2.GetPlanRequest(bundle=bundle, gateway=gateway))

    names = bundles()
    assert (await plan(names.stable)).release == ""
    release = await opened(judge, names)
    first = await plan(names.stable)
    assert (first.release, first.stage, first.shadows, first.per_second) == (release, "shadow", True, 5.0)
    assert dict(first.objectives_seconds) == {"": 1.0, "ask": 3.0}
    assert (await plan(names.stable, "two")).per_second == 2.5
    assert not (await plan(names.candidate, "three")).shadows
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE gateways SET seen_at = seen_at - make_interval(secs => %s) WHERE name = 'one'",
            (SEEN_SECONDS,),
        )
    assert (await plan(names.stable, "two")).per_second == 5.0
    await judge.stub.SteerRelease(
        judge_pb2.SteerReleaseRequest(release=release, action="stop_shadow", by="Jo")
    )
    stopped = await plan(names.stable)
    assert (stopped.shadows, stopped.share) == (False, 0.0)
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE releases SET asked_at = asked_at - interval '10 minutes' WHERE id = %s", (release,)
        )
    assert (await plan(names.stable)).release == ""


async def test_people_are_told_how_it_went(judge: Replica) -> None:
    names = bundles()
    release = await opened(judge, names)
    worse, better = pair(candidate=outcome(quality=0.6)), pair(stable=BAD)
    worst = pair(candidate=outcome(quality=0.1, summary="x" * 3000), question="How high?\0")
    for sent in (pairs(40), [worse, better, worst], pairs(1)):
        await judge.record(release, sent)
        for _ in range(3):
            await judge.decide(names)
    found = await judge.stub.GetRelease(judge_pb2.GetReleaseRequest(release=release))
    looks = [look for look in found.looks if look.guardrail == "quality"]
    assert [look.pairs for look in looks] == [40, 43]
    assert looks[-1].noninferior_log_e == pytest.approx(found.evidence[2].noninferior_log_e, abs=0.1)
    assert len(found.verdicts) < 6
    assert json.loads(found.verdicts[-1].evidence_json)["quality"]["pairs"] >= 43
    listed = await judge.stub.ListPairs(judge_pb2.ListPairsRequest(release=release))
    assert [each.request_id for each in listed.pairs] == [each.request_id for each in (worst, worse, better)]
    assert (listed.pairs[0].question, len(listed.pairs[0].candidate.summary)) == ("How high?", 2000)
    releases = await judge.stub.ListReleases(judge_pb2.ListReleasesRequest(limit=1))
    assert [each.id for each in releases.releases] == [release]


async def test_what_names_no_release_or_says_nothing_sensible_is_refused(judge: Replica) -> None:
    release = await opened(judge, bundles())
    with pytest.raises(UnknownRelease), calling("judge"):
        await judge.record("release-0", pairs(1))
    for sent in (
        pair(request_id=""),
        pair(candidate=outcome(quality=1.5)),
        pair(stable=outcome(seconds=float("nan"))),
    ):
        with pytest.raises(InvalidRequest), calling("judge"):
            await judge.record(release, [pair(), sent])
    with pytest.raises(InvalidRequest, match="no bundle of"), calling("judge"):
        await met(judge, release, exposures=[exposure("another", "one")])
    assert (await judge.stub.ListPairs(judge_pb2.ListPairsRequest(release=release))).pairs == []


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
