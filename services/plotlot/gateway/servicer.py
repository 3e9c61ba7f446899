"""GatewayService: the main job for callers that speak gRPC."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.domain.bundles import Bundle
from plotlot.gateway.analysis import Analyst, Question
from plotlot.gateway.clients import Clients
from plotlot.rpc.context import current_request
from plotlot.rpc.standards import standard_message_from_json, standard_to_message


class GatewayServicer(gateway_pb2_grpc.GatewayServiceServicer):
    """Serves plotlot.api.gateway.v1.GatewayService."""

    def __init__(self, clients: Clients, analyst: Analyst, bundle: Bundle) -> None:
        self._clients = clients
        self._analyst = analyst
        self._bundle = bundle

    async def Analyze(
        self, request: gateway_pb2.AnalyzeRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[gateway_pb2.AnalyzeResponse]:
        """Stages as they end, the analysis last."""
        answer_by(self._bundle)
        question = Question(request.address, request.parcel_id, request.municipality)
        async for name, data in self._analyst.analyze(question):
            if name == "stage":
                yield gateway_pb2.AnalyzeResponse(stage=gateway_pb2.Stage(**data))
            else:
                yield gateway_pb2.AnalyzeResponse(analysis=analysis_message(data))

    async def GetStandards(
        self, request: gateway_pb2.GetStandardsRequest, context: grpc.aio.ServicerContext
    ) -> gateway_pb2.GetStandardsResponse:
        """The standards of a district."""
        answer_by(self._bundle)
        found = await self._clients.standards(request.municipality, request.district)
        return gateway_pb2.GetStandardsResponse(
            bundle=self._bundle.id,
            district=found.code,
            standards=[standard_to_message(standard) for standard in found.standards],
        )


def answer_by(bundle: Bundle) -> None:
    """Answer the current request by this bundle, whatever its caller sent."""
    request = current_request.get()
    assert request is not None, "every call has a context"
    current_request.set(replace(request, bundle=bundle.id, parameters=bundle.parameters))


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
