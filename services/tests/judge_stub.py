"""A judge's stub that answers in this process, and may be away."""

from typing import Any

import grpc

from plotlot.api.judge.v1 import judge_pb2


def refusal(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    """The error of a call that failed."""
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="not now")


class JudgeStub:
    """Keeps what it is told; fails with ``failing`` while that is set."""

    def __init__(self) -> None:
        self.failing: grpc.StatusCode | None = None
        self.loses_answers = False
        self.plan = judge_pb2.GetPlanResponse()
        self.registered: list[judge_pb2.RegisterBundleRequest] = []
        self.pairs: list[judge_pb2.RecordPairsRequest] = []
        self.exposures: list[judge_pb2.RecordExposuresRequest] = []

    def _fail(self) -> None:
        if self.failing is not None:
            raise refusal(self.failing)

    async def RegisterBundle(self, request: Any, **options: float) -> judge_pb2.RegisterBundleResponse:
        self._fail()
        self.registered.append(request)
        return judge_pb2.RegisterBundleResponse()

    async def GetPlan(self, request: Any, **options: float) -> judge_pb2.GetPlanResponse:
        self._fail()
        return self.plan

    async def RecordPairs(self, request: Any, **options: float) -> judge_pb2.RecordPairsResponse:
        self._fail()
        self.pairs.append(request)
        if self.loses_answers:
            raise refusal(grpc.StatusCode.UNAVAILABLE)
        return judge_pb2.RecordPairsResponse()

    async def RecordExposures(self, request: Any, **options: float) -> judge_pb2.RecordExposuresResponse:
        self._fail()
        self.exposures.append(request)
        if self.loses_answers:
            raise refusal(grpc.StatusCode.UNAVAILABLE)
        return judge_pb2.RecordExposuresResponse()

    def pair_ids(self) -> list[str]:
        """The ids of all pairs, in the order in which they came."""
        return [pair.request_id for request in self.pairs for pair in request.pairs]
