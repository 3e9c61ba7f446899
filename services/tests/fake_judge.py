"""A judge on real gRPC that tells of releases which were played out beforehand, for the page and the command."""

import json
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import grpc

from plotlot.api.judge.v1 import judge_pb2 as pb
from plotlot.api.judge.v1 import judge_pb2_grpc
from plotlot.domain.bundles import Bundle, Generation, Parameters
from plotlot.domain.errors import PlotLotError, UnknownBundle, UnknownRelease
from plotlot.rpc.errors import problem_metadata, status_of

STABLE = Bundle(
    "0.1.0", "parsers/1", "sections/1", images={"default": f"registry.test/plotlot@sha256:{'a' * 64}"}
)
CANDIDATE = Bundle(
    "0.1.0",
    "parsers/1",
    "sections/1",
    images={"default": f"registry.test/plotlot@sha256:{'a' * 64}"},
    parameters=Parameters(generation=Generation(prompt="quotes/2")),
)
ALPHA = 0.05
MEASURES = {
    "failure": ("failure", 0.02),
    "latency": ("latency", 0.05),
    "citations": ("score", 0.02),
    "agreement": ("score", 0.05),
    "refusals": ("score", 0.05),
    "cost": ("cost", 0.1),
}
HEALTHY = dict.fromkeys(MEASURES, (0.02, 0.02)) | {"agreement": (0.2, 0.2), "cost": (0.12, 0.125)}
TIMES_WORSE = {**HEALTHY, "citations": (0.03, 0.12)}


@dataclass
class Story:
    """A release and all that is told of it."""

    release: pb.Release
    evidence: list[pb.Evidence] = field(default_factory=list)
    looks: list[pb.Look] = field(default_factory=list)
    verdicts: list[pb.Verdict] = field(default_factory=list)
    pairs: list[pb.Pair] = field(default_factory=list)
    harmed: list[pb.Exposure] = field(default_factory=list)


def told(message: object, **moments: datetime) -> None:
    """Set the timestamps of a message."""
    for name, moment in moments.items():
        getattr(message, name).FromDatetime(moment)


def story(
    id: str,
    stage: str,
    weight: float = 0.0,
    verdict: str = "continue",
    reason: str = "",
    rates: dict[str, tuple[float, float]] | None = None,
    pairs: int = 240,
    opened: datetime | None = None,
    weights: tuple[float, ...] = (),
    empty: tuple[str, ...] = (),
) -> Story:
    """A release in which both bundles are wrong at the rates of each guardrail, looked at as it went."""
    opened = opened or datetime.now(UTC) - timedelta(seconds=2 * pairs + 5)
    release = pb.Release(
        id=id, stable=STABLE.id, candidate=CANDIDATE.id, stage=stage, weight=weight, verdict=verdict,
        reason=reason, changes=["generation.prompt: quotes/1 -> quotes/2"],
    )  # fmt: skip
    end = opened + timedelta(seconds=2 * pairs)
    told(release, opened_at=opened, asked_at=end)
    if stage not in ("shadow", "canary"):
        told(release, closed_at=end)
    found = Story(release)
    for name, (measure, margin) in MEASURES.items():
        if name in empty:
            found.evidence.append(evidence_of(name, measure, margin))
        else:
            play(found, name, measure, margin, (rates or HEALTHY)[name], pairs, opened)
    for number in range(0, 2 * pairs, 10):
        reached = [0.0, *weights][min(number * (len(weights) + 1) // (2 * pairs), len(weights))]
        given = pb.Verdict(
            stage="canary" if reached else "shadow", weight=reached, verdict="continue",
            reason=f"{number} seconds in, citations are not settled",
            evidence_json=json.dumps([{"guardrail": "citations"}]),
        )  # fmt: skip
        told(given, at=opened + timedelta(seconds=number))
        found.verdicts.append(given)
    if found.verdicts and verdict != "continue":
        found.verdicts[-1].verdict, found.verdicts[-1].reason = verdict, reason
    return found


def evidence_of(name: str, measure: str, margin: float) -> pb.Evidence:
    """No evidence of a guardrail."""
    return pb.Evidence(
        guardrail=name, measure=measure, margin=margin,
        harm_log_threshold=math.log(len(MEASURES) / ALPHA), noninferior_log_threshold=math.log(1 / ALPHA),
    )  # fmt: skip


def play(
    found: Story,
    name: str,
    measure: str,
    margin: float,
    rates: tuple[float, float],
    pairs: int,
    opened: datetime,
) -> None:
    """One guardrail, pair by pair: both bundles meet the same luck four times in five."""
    dice, evidence = random.Random(name), evidence_of(name, measure, margin)
    wrong = [0, 0]
    for number in range(1, pairs + 1):
        luck = dice.random()
        other = luck if dice.random() < 0.8 else dice.random()
        stable, candidate = luck < rates[0], other < rates[1]
        wrong[0] += stable
        wrong[1] += candidate
        difference = candidate - stable
        evidence.harm_log_e += math.log1p(0.4 * difference)
        evidence.noninferior_log_e += math.log1p(0.9 * (margin - difference))
        if number % 3 == 0:
            look = pb.Look(
                guardrail=name, pairs=number,
                harm_log_e=evidence.harm_log_e, noninferior_log_e=evidence.noninferior_log_e,
            )  # fmt: skip
            told(look, at=opened + timedelta(seconds=2 * number))
            found.looks.append(look)
    evidence.pairs, evidence.set_aside = pairs, pairs // 40
    evidence.stable_mean, evidence.candidate_mean = wrong[0] / pairs, wrong[1] / pairs
    found.evidence.append(evidence)


def pair(number: int, question: str, stable: str, candidate: str | None, source: str = "shadow") -> pb.Pair:
    """Both answers to a question."""
    made = pb.Pair(
        request_id=f"req-{number}", session=f"s-{number}", operation="ask", question=question, source=source,
        stable=pb.Outcome(seconds=0.21, scores={"citations": 1.0}, cost=812, status="200", summary=stable),
    )  # fmt: skip
    if candidate is not None:
        answer = pb.Outcome(
            seconds=0.34, scores={"citations": 0.5}, cost=1093, status="200", summary=candidate
        )
        made.candidate.CopyFrom(answer)
    told(made, at=datetime(2026, 11, 21, 18, 2, number, tzinfo=UTC))
    return made


def harm(number: int, question: str, failed: bool) -> pb.Exposure:
    """A user's request that the candidate failed, or kept waiting."""
    made = pb.Exposure(
        request_id=f"user-{number}", session=f"u-{number}", bundle=CANDIDATE.id, operation="ask", question=question,
        outcome=pb.Outcome(failed=failed, seconds=4.2, status="503" if failed else "200"),
    )  # fmt: skip
    told(made, at=datetime(2026, 11, 21, 18, 3, number, tzinfo=UTC))
    return made


class FakeJudge(judge_pb2_grpc.JudgeServiceServicer):
    """Tells its stories, the newest first, and does what people steer."""

    def __init__(self, *stories: Story) -> None:
        self.stories = list(stories)
        self.bundles = {bundle.id: bundle for bundle in (STABLE, CANDIDATE)}
        self.steered: list[pb.SteerReleaseRequest] = []

    def _found(self, release: str) -> Story:
        for each in self.stories:
            if each.release.id == release:
                return each
        raise UnknownRelease(f"there is no release {release!r}", field="release")

    async def ListReleases(self, request: pb.ListReleasesRequest, context: object) -> pb.ListReleasesResponse:
        return pb.ListReleasesResponse(
            releases=[each.release for each in self.stories][: request.limit or 20]
        )

    async def GetRelease(
        self, request: pb.GetReleaseRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetReleaseResponse:
        try:
            found = self._found(request.release)
        except PlotLotError as error:
            await refuse(context, error)
        return pb.GetReleaseResponse(
            release=found.release, evidence=found.evidence, looks=found.looks, verdicts=found.verdicts
        )

    async def ListPairs(
        self, request: pb.ListPairsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListPairsResponse:
        try:
            return pb.ListPairsResponse(pairs=self._found(request.release).pairs[: request.limit or 50])
        except PlotLotError as error:
            await refuse(context, error)
            raise

    async def ListHarmed(
        self, request: pb.ListHarmedRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListHarmedResponse:
        try:
            return pb.ListHarmedResponse(exposures=self._found(request.release).harmed[: request.limit or 50])
        except PlotLotError as error:
            await refuse(context, error)
            raise

    async def GetBundle(
        self, request: pb.GetBundleRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetBundleResponse:
        if request.bundle not in self.bundles:
            await refuse(context, UnknownBundle(f"there is no bundle {request.bundle!r}", field="bundle"))
        found = pb.GetBundleResponse(
            bundle=request.bundle, manifest_json=json.dumps(self.bundles[request.bundle].manifest())
        )
        told(found, registered_at=datetime(2026, 11, 21, 18, 0, tzinfo=UTC))
        return found

    async def SteerRelease(
        self, request: pb.SteerReleaseRequest, context: grpc.aio.ServicerContext
    ) -> pb.SteerReleaseResponse:
        try:
            release = self._found(request.release).release
        except PlotLotError as error:
            await refuse(context, error)
        self.steered.append(request)
        if request.action in ("promote", "abort"):
            release.stage = "promoted" if request.action == "promote" else "aborted"
            release.reason = f"{request.by}: {request.why}"
            told(release, closed_at=datetime.now(UTC))
        else:
            release.shadow_stopped = request.action == "stop_shadow"
        return pb.SteerReleaseResponse(release=release)


async def refuse(context: grpc.aio.ServicerContext, error: PlotLotError) -> None:
    """End the call as the services do."""
    await context.abort(status_of(error), error.message, problem_metadata(error))
