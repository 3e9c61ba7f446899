"""The gateway over gRPC: whose request it is, and how much time its caller allows."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import grpc
import pytest
from fake_gateway import ADDRESS, BUNDLE, TOWN, KeptAnalyses, TownClients
from fakes.audit import Log

from plotlot.api.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from plotlot.domain.access import Identity, Role
from plotlot.domain.bundles import Parameters
from plotlot.domain.errors import InvalidRequest, NotAllowed, RateLimited, UnknownAddress
from plotlot.domain.outcomes import LEFT
from plotlot.domain.stated_facts import NAMES
from plotlot.gateway.answers import Answers
from plotlot.gateway.delivery.sessions import Sessions, current_visit
from plotlot.gateway.identity.authentication import Asked, Authentication, EveryoneIsOwner
from plotlot.gateway.inquiries import Question
from plotlot.gateway.limits.buckets import MemoryBuckets
from plotlot.gateway.limits.costs import ANALYSIS
from plotlot.gateway.limits.middleware import Quotas
from plotlot.gateway.outcomes import Answered
from plotlot.gateway.servicer import GatewayServicer, question_of
from plotlot.rpc.context import RequestContext, current_request
from plotlot.rpc.interceptors import CallInterceptor
from plotlot.telemetry import Metrics


class Call:
    """A call as the server sees it."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds

    def time_remaining(self) -> float | None:
        return self._seconds

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (
            ("plotlot-session", "crawl-7"),
            ("authorization", "Bearer key"),
            ("plotlot-tenant", "acme"),
            ("plotlot-account", "somebody else"),
        )

    def peer(self) -> str:
        return "ipv6:%5B2001:db8::1%5D:4711"


class Known:
    """Knows one key, and who sends it from where."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.asked: Asked | None = None

    async def identity(self, asked: Asked) -> Identity:
        self.asked = asked
        return self._identity


def ignored(inquiry: Any, answered: Answered) -> None:
    """Nobody is told what was answered."""


def servicer_of(
    clients: TownClients,
    authentication: Authentication,
    log: Log,
    observe: Callable[[Any, Answered], None] = ignored,
    client_units: int = 0,
) -> GatewayServicer:
    """The servicer of one bundle, whose answers may take half a minute; 0 units a minute are no limit."""
    return GatewayServicer(
        Answers(cast(Any, clients), cast(Any, KeptAnalyses()), BUNDLE.id, Metrics(), observe),
        Sessions(BUNDLE.id, lambda: 1.8e9, str),
        BUNDLE,
        30.0,
        authentication,
        cast(Any, log),
        Quotas(MemoryBuckets(lambda: 0.0), {"client": client_units}, Metrics()),
    )


async def test_callers_by_grpc_see_the_rows_of_their_tenant_whatever_they_say() -> None:
    call, log = cast(Any, Call(None)), Log()
    wanted = gateway_pb2.GetStandardsRequest(municipality=TOWN, district="R-2")
    known = Known(Identity("key:a", "beta", Role.READER))
    current_request.set(RequestContext("q-1", "sent", tenant="acme", account="somebody else"))
    servicer = servicer_of(TownClients(), known, log)
    await servicer.GetStandards(wanted, call)
    request = current_request.get()
    assert request is not None
    assert (request.tenant, request.account) == ("beta", "key:a")
    assert known.asked is not None
    assert (known.asked.headers["authorization"], known.asked.address) == ("Bearer key", "2001:db8::1")
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        await anext(servicer.Analyze(gateway_pb2.AnalyzeRequest(parcel_id="LK-012"), call))
    (deed,) = log.deeds
    assert (deed.who, deed.tenant, deed.action, deed.status) == ("key:a", "beta", "gRPC analyze", 403)


async def test_calls_by_grpc_are_written_down_and_held_to_quotas() -> None:
    call, log = cast(Any, Call(None)), Log()
    known = Known(Identity("key:a", "beta", Role.ANALYST))
    current_request.set(RequestContext("q-1", "sent"))
    servicer = servicer_of(TownClients(), known, log, client_units=2 * ANALYSIS)
    asked = gateway_pb2.AnalyzeRequest(address=ADDRESS)
    answered = [answer async for answer in servicer.Analyze(asked, call)]
    assert answered[-1].analysis.municipality == TOWN
    with pytest.raises(UnknownAddress):
        await anext(servicer.Analyze(gateway_pb2.AnalyzeRequest(address="1 Nowhere"), call))
    assert [(deed.action, deed.status, deed.address) for deed in log.deeds] == [
        ("gRPC analyze", 201, "2001:db8::1"),
        ("gRPC analyze", 404, "2001:db8::1"),
    ]
    with pytest.raises(RateLimited):
        await anext(servicer.Analyze(asked, call))


@pytest.mark.parametrize(("seconds", "hurried"), [(0.05, True), (60.0, False), (None, False)])
async def test_a_caller_that_allows_less_time_than_we_do_is_in_a_hurry(
    seconds: float | None, hurried: bool
) -> None:
    call: Any = Call(seconds)
    servicer = servicer_of(TownClients(), EveryoneIsOwner(), Log())
    current_request.set(RequestContext("q-1", "sent"))
    await servicer.GetStandards(gateway_pb2.GetStandardsRequest(municipality=TOWN, district="R-2"), call)
    request, visit = current_request.get(), current_visit.get()
    assert request is not None
    assert visit is not None
    assert (request.bundle, request.hurried, visit.session.id) == (BUNDLE.id, hurried, "crawl-7")


async def test_a_callers_own_short_deadline_is_no_failure_of_the_bundle() -> None:
    class Slow(TownClients):
        async def standards(self, *asked: str) -> Any:
            await asyncio.Event().wait()

    told: list[Answered] = []
    came = asyncio.Event()

    def observe(inquiry: Any, answered: Answered) -> None:
        told.append(answered)
        came.set()

    server = grpc.aio.server(interceptors=[CallInterceptor(Metrics(), Parameters())])
    servicer = servicer_of(Slow(), EveryoneIsOwner(), Log(), observe)
    gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = gateway_pb2.GetStandardsRequest(municipality=TOWN, district="R-2")
        with pytest.raises(grpc.aio.AioRpcError):
            await gateway_pb2_grpc.GatewayServiceStub(channel).GetStandards(request, timeout=0.3)
        await asyncio.wait_for(came.wait(), 30)
    await server.stop(None)
    assert [(answered.status, answered.failed) for answered in told] == [(LEFT, False)]


def test_a_call_may_state_facts_as_rest_may() -> None:
    facts = gateway_pb2.StatedFacts(lot_area_sqft=16000, lot_kind="corner")
    asked = gateway_pb2.AnalyzeRequest(address=ADDRESS, facts=facts, rerun_of="an-1")
    assert question_of(asked).asked() == {
        "address": ADDRESS,
        "parcel_id": "",
        "municipality": "",
        "facts": {"lot_area_sqft": 16000, "lot_kind": "corner"},
        "rerun_of": "an-1",
    }
    assert question_of(gateway_pb2.AnalyzeRequest(address=ADDRESS)) == Question(ADDRESS)
    assert set(gateway_pb2.StatedFacts.DESCRIPTOR.fields_by_name) == set(NAMES)
    with pytest.raises(InvalidRequest, match=r"facts\.lot_kind"):
        question_of(gateway_pb2.AnalyzeRequest(facts=gateway_pb2.StatedFacts(lot_kind="round")))
