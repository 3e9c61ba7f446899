"""GatewayService: the main job for callers that speak gRPC."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.domain.access import Identity, Right
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import NotAllowed, PlotLotError
from plotlot.domain.stated_facts import StatedFacts
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import asks_for_many, caller_at, current_credentials, sent_by
from plotlot.gateway.delivery.sessions import SESSION, Sessions, Visit, current_visit
from plotlot.gateway.identity.audit import AuditLog, Deed
from plotlot.gateway.identity.authentication import Authentication, asked_over_rpc
from plotlot.gateway.inquiries import Question
from plotlot.gateway.limits.costs import ANALYSIS, GET_COST
from plotlot.gateway.limits.middleware import Quotas
from plotlot.http.problems import status_of
from plotlot.rpc.context import current_request, is_shadow
from plotlot.rpc.standards import standard_message_from_json

LONGEST_REQUEST_ID = 128  # in the audit log


class GatewayServicer(gateway_pb2_grpc.GatewayServiceServicer):
    """Serves plotlot.api.gateway.v1.GatewayService."""

    def __init__(
        self,
        answers: Answers,
        sessions: Sessions,
        bundle: Bundle,
        deadline_seconds: float,
        authentication: Authentication,
        audit: AuditLog,
        quotas: Quotas,
    ) -> None:
        """``deadline_seconds`` is the time that an answer may take; a caller may allow less."""
        self._answers = answers
        self._sessions = sessions
        self._bundle = bundle
        self._deadline_seconds = deadline_seconds
        self._authentication = authentication
        self._audit = audit
        self._quotas = quotas

    async def Analyze(
        self, request: gateway_pb2.AnalyzeRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[gateway_pb2.AnalyzeResponse]:
        """Stages as they end, the analysis last."""
        deed, status = await self._receive(context, Right.ANALYZE, ANALYSIS), 500
        question = question_of(request)
        try:
            async for name, data in self._answers.analyze(question):
                if name == "stage":
                    yield gateway_pb2.AnalyzeResponse(stage=gateway_pb2.Stage(**data))
                else:
                    yield gateway_pb2.AnalyzeResponse(analysis=analysis_message(data))
            status = 201
        except PlotLotError as error:
            status = status_of(error)
            raise
        finally:
            if not is_shadow():
                self._audit.note(replace(deed, status=status))

    async def GetStandards(
        self, request: gateway_pb2.GetStandardsRequest, context: grpc.aio.ServicerContext
    ) -> gateway_pb2.GetStandardsResponse:
        """The standards of a district."""
        await self._receive(context, Right.READ, GET_COST)
        found = await self._answers.standards(request.municipality, request.district)
        return gateway_pb2.GetStandardsResponse(
            bundle=self._bundle.id,
            district=found["district"],
            standards=[standard_message_from_json(standard) for standard in found["standards"]],
        )

    async def _receive(self, context: grpc.aio.ServicerContext, right: Right, cost: int) -> Deed:
        """Answer the current request by this bundle and for its caller's tenant, whatever was sent, in its session.

        Returns what its caller does. Raises NotAuthenticated, NotAllowed, TooManyAttempts or RateLimited.
        """
        metadata = dict(context.invocation_metadata() or ())
        asked = asked_over_rpc(metadata, context.peer())
        identity = await self._authentication.identity(asked)
        request = current_request.get()
        assert request is not None, "every call has a context"
        deed = deed_by(identity, f"gRPC {right}", asked.address, request.request_id)
        try:
            identity.check(right)
        except NotAllowed as error:
            self._audit.note(replace(deed, status=403, details={"refused": error.message}))
            raise
        current_credentials.set(str(metadata.get("authorization", "")))
        remaining = context.time_remaining()
        current_request.set(
            replace(
                sent_by(request, identity, asked.address),
                bundle=self._bundle.id,
                parameters=self._bundle.parameters,
                travels=self._bundle.travels,
                hurried=remaining is not None and remaining < self._deadline_seconds,
            )
        )
        left = await self._quotas.take(caller_at(identity, asked.address), cost, asks_for_many(identity))
        if (refusal := self._quotas.refusal(left, cost)) is not None:
            raise refusal
        sent = metadata.get(SESSION, "")
        current_visit.set(Visit(self._sessions.of_call(str(sent), {})))
        return deed


def question_of(request: gateway_pb2.AnalyzeRequest) -> Question:
    """What a call asks. Raises InvalidRequest."""
    facts = StatedFacts(**{field.name: value for field, value in request.facts.ListFields()})
    return Question(request.address, request.parcel_id, request.municipality, facts, request.rerun_of)


def deed_by(identity: Identity, action: str, address: str, request_id: str) -> Deed:
    """What a call did, before it is known how it ends."""
    return Deed(
        at=datetime.now(UTC),
        tenant=identity.tenant,
        who=identity.who,
        action=action,
        status=200,
        request_id=request_id[:LONGEST_REQUEST_ID],
        address=address,
    )


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
