"""JudgeService: gateways record by it, and anybody asks for verdicts."""

from dataclasses import asdict

import grpc

from plotlot.api.judge.v1 import judge_pb2, judge_pb2_grpc
from plotlot.judge.judge import Judge
from plotlot.judge.messages import (
    bundle_message,
    count_from,
    evidence_message,
    exposure_from,
    exposure_message,
    look_message,
    pair_from,
    pair_message,
    question_from,
    release_message,
    verdict_message,
)
from plotlot.judge.reading import DEFAULT_LIMIT


class JudgeServicer(judge_pb2_grpc.JudgeServiceServicer):
    """Serves plotlot.api.judge.v1.JudgeService."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def RegisterBundle(
        self, request: judge_pb2.RegisterBundleRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.RegisterBundleResponse:
        """Makes a bundle known."""
        await self._judge.registry.register(request.bundle, request.manifest_json)
        return judge_pb2.RegisterBundleResponse()

    async def GetBundle(
        self, request: judge_pb2.GetBundleRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.GetBundleResponse:
        """A bundle's manifest."""
        return bundle_message(await self._judge.registry.bundle(request.bundle))

    async def GetPlan(
        self, request: judge_pb2.GetPlanRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.GetPlanResponse:
        """What a gateway is to do now."""
        plan = await self._judge.planner.plan(request.bundle, request.gateway)
        return judge_pb2.GetPlanResponse(**asdict(plan))

    async def RecordPairs(
        self, request: judge_pb2.RecordPairsRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.RecordPairsResponse:
        """Keeps answers of both bundles."""
        pairs = [pair_from(pair) for pair in request.pairs]
        recorded = await self._judge.recorder.pairs(request.release, pairs, request.lost, request.report_id)
        return judge_pb2.RecordPairsResponse(recorded=recorded)

    async def RecordExposures(
        self, request: judge_pb2.RecordExposuresRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.RecordExposuresResponse:
        """Keeps what users met."""
        await self._judge.recorder.exposures(
            request.release,
            [exposure_from(exposure) for exposure in request.exposures],
            [count_from(count) for count in request.counts],
            request.report_id,
        )
        return judge_pb2.RecordExposuresResponse()

    async def Decide(
        self, request: judge_pb2.DecideRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.DecideResponse:
        """The verdict."""
        answer = await self._judge.decider.decide(question_from(request))
        return judge_pb2.DecideResponse(
            release=answer.release,
            verdict=answer.verdict,
            reason=answer.reason,
            evidence=[evidence_message(figures) for figures in answer.evidence],
            degraded=answer.degraded,
        )

    async def SteerRelease(
        self, request: judge_pb2.SteerReleaseRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.SteerReleaseResponse:
        """A person's decision."""
        steered = await self._judge.steering.steer(request.release, request.action, request.by, request.why)
        return judge_pb2.SteerReleaseResponse(release=release_message(steered))

    async def ListReleases(
        self, request: judge_pb2.ListReleasesRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.ListReleasesResponse:
        """Releases, the newest first."""
        found = await self._judge.reader.releases(request.limit or DEFAULT_LIMIT)
        return judge_pb2.ListReleasesResponse(releases=[release_message(release) for release in found])

    async def GetRelease(
        self, request: judge_pb2.GetReleaseRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.GetReleaseResponse:
        """One release."""
        report = await self._judge.reader.release(request.release)
        return judge_pb2.GetReleaseResponse(
            release=release_message(report.release),
            evidence=[evidence_message(figures) for figures in report.evidence],
            looks=[look_message(look) for look in report.looks],
            verdicts=[verdict_message(given) for given in report.verdicts],
        )

    async def ListPairs(
        self, request: judge_pb2.ListPairsRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.ListPairsResponse:
        """Pairs that differ."""
        found = await self._judge.reader.pairs(request.release, request.limit or DEFAULT_LIMIT)
        return judge_pb2.ListPairsResponse(pairs=[pair_message(pair) for pair in found])

    async def ListHarmed(
        self, request: judge_pb2.ListHarmedRequest, context: grpc.aio.ServicerContext
    ) -> judge_pb2.ListHarmedResponse:
        """Users' requests that the candidate failed or kept waiting."""
        found = await self._judge.reader.harmed(request.release, request.limit or DEFAULT_LIMIT)
        return judge_pb2.ListHarmedResponse(exposures=[exposure_message(exposure) for exposure in found])
