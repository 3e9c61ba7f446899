"""GatewayService: the main job for callers that speak gRPC."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.domain.access import Right
from plotlot.domain.bundles import Bundle
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import current_credentials
from plotlot.gateway.delivery.sessions import SESSION, Sessions, Visit, current_visit
from plotlot.gateway.identity.authentication import Authentication, asked_over_rpc
from plotlot.gateway.inquiries import Question
from plotlot.rpc.context import current_request
from plotlot.rpc.standards import standard_message_from_json


class GatewayServicer(gateway_pb2_grpc.GatewayServiceServicer):
    """Serves plotlot.api.gateway.v1.GatewayService."""

    def __init__(
        self,
        answers: Answers,
        sessions: Sessions,
        bundle: Bundle,
        deadline_seconds: float,
        authentication: Authentication,
    ) -> None:
        """``deadline_seconds`` is the time that an answer may take; a caller may allow less."""
        self._answers = answers
        self._sessions = sessions
        self._bundle = bundle
        self._deadline_seconds = deadline_seconds
        self._authentication = authentication

    async def Analyze(
        self, request: gateway_pb2.AnalyzeRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[gateway_pb2.AnalyzeResponse]:
        """Stages as they end, the analysis last."""
        await self._receive(context, Right.ANALYZE)
        question = Question(request.address, request.parcel_id, request.municipality)
        async for name, data in self._answers.analyze(question):
            if name == "stage":
                yield gateway_pb2.AnalyzeResponse(stage=gateway_pb2.Stage(**data))
            else:
                yield gateway_pb2.AnalyzeResponse(analysis=analysis_message(data))

    async def GetStandards(
        self, request: gateway_pb2.GetStandardsRequest, context: grpc.aio.ServicerContext
    ) -> gateway_pb2.GetStandardsResponse:
        """The standards of a district."""
        await self._receive(context, Right.READ)
        found = await self._answers.standards(request.municipality, request.district)
        return gateway_pb2.GetStandardsResponse(
            bundle=self._bundle.id,
            district=found["district"],
            standards=[standard_message_from_json(standard) for standard in found["standards"]],
        )

    async def _receive(self, context: grpc.aio.ServicerContext, right: Right) -> None:
        """Answer the current request by this bundle and for its caller's tenant, whatever was sent, in its session.

        Raises NotAuthenticated, NotAllowed or TooManyAttempts.
        """
        metadata = dict(context.invocation_metadata() or ())
        identity = await self._authentication.identity(asked_over_rpc(metadata, context.peer()))
        identity.check(right)
        current_credentials.set(str(metadata.get("authorization", "")))
        request = current_request.get()
        assert request is not None, "every call has a context"
        remaining = context.time_remaining()
        current_request.set(
            replace(
                request,
                bundle=self._bundle.id,
                parameters=self._bundle.parameters,
                travels=self._bundle.travels,
                hurried=remaining is not None and remaining < self._deadline_seconds,
                tenant=identity.tenant,
            )
        )
        sent = metadata.get(SESSION, "")
        current_visit.set(Visit(self._sessions.of_call(str(sent), {})))


def analysis_message(report: dict[str, Any]) -> gateway_pb2.Analysis:
    """A report as its message."""
    return gateway_pb2.Analysis(
        id=report["id"],
        bundle=report["bundle"],
        municipality=report["municipality"],
        district=report["district"],
        units_low=report["yield"]["units_low"],
        units_high=report["yield"]["units_high"],
        binding_constraint=report["yield"]["binding_constraint"] or "",
        verdict=report["verdict"],
        standards=[standard_message_from_json(standard) for standard in report["standards"]],
        report_json=json.dumps(report),
    )
