"""The judge over gRPC on a real Postgres: what follows from the evidence, and who decides over it."""

import json
from datetime import UTC, datetime

import psycopg
import pytest
from integration.judges import (
    BAD,
    FAILED,
    Bundles,
    Replica,
    age,
    bundles,
    exposure,
    met,
    opened,
    outcome,
    pair,
    pairs,
)

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.errors import (
    InvalidBundle,
    InvalidRequest,
    UnknownBundle,
    UnknownRelease,
)
from plotlot.judge.plans import SEEN_SECONDS
from plotlot.rpc.errors import calling


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
