"""What every gRPC call gets: deadlines that travel, errors that keep their meaning, health, reflection."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc
from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.domain.bundles import Parameters
from plotlot.domain.bundles import Retrieval as RetrievalParameters
from plotlot.domain.errors import DeadlineExceeded, PlotLotError, UnknownMunicipality
from plotlot.rpc.channels import open_channel
from plotlot.rpc.context import RequestContext, current_request
from plotlot.rpc.errors import calling
from plotlot.rpc.server import Server
from plotlot.telemetry import Metrics


class Inference(inference_pb2_grpc.InferenceServiceServicer):
    """Sleeps in Embed, tells its context in ListModels, and fails in Generate."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()

    async def Embed(self, request, context):
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return inference_pb2.EmbedResponse()

    async def ListModels(self, request, context):
        seen = current_request.get()
        model = inference_pb2.Model(
            name=seen.request_id, engine=seen.bundle, dimensions=seen.parameters.retrieval.depth
        )
        return inference_pb2.ListModelsResponse(models=[model])

    async def Generate(self, request, context):
        raise ZeroDivisionError("a fault of ours")


class Retrieval(retrieval_pb2_grpc.RetrievalServiceServicer):
    """Calls inference while it serves."""

    def __init__(self, inference) -> None:
        self._inference = inference

    async def Search(self, request, context):
        with calling("inference"):
            await self._inference.Embed(inference_pb2.EmbedRequest(texts=["x"]))
        return retrieval_pb2.SearchResponse()

    async def ListMunicipalities(self, request, context):
        models = (await self._inference.ListModels(inference_pb2.ListModelsRequest())).models
        town = retrieval_pb2.Municipality(
            name=models[0].name, effective_date=models[0].engine, documents=models[0].dimensions
        )
        return retrieval_pb2.ListMunicipalitiesResponse(municipalities=[town])

    async def FindParcel(self, request, context):
        raise UnknownMunicipality("no such town", field="municipality", suggestions=["Elsewhere, OH"])


class Pair:
    """Retrieval on one server, inference on another."""

    def __init__(self) -> None:
        self.servicer = Inference()
        self.metrics = Metrics()

    async def start(self) -> None:
        self.inference = self._server("inference", inference_pb2_grpc, self.servicer)
        address = await self.inference.start("127.0.0.1:0")
        self.upstream = open_channel(address)
        stub = inference_pb2_grpc.InferenceServiceStub(self.upstream)
        self.retrieval = self._server("retrieval", retrieval_pb2_grpc, Retrieval(stub))
        self.address = await self.retrieval.start("127.0.0.1:0")
        self.channel = open_channel(self.address)
        self.stub = retrieval_pb2_grpc.RetrievalServiceStub(self.channel)
        self.inference_stub = stub

    async def stop(self) -> None:
        for channel in (self.channel, self.upstream):
            await channel.close()
        for server in (self.retrieval, self.inference):
            await server.stop(0)

    def _server(self, name, module, servicer) -> Server:
        service = f"{name.capitalize()}Service"
        add = getattr(module, f"add_{service}Servicer_to_server")
        full = f"plotlot.api.{name}.v1.{service}"
        own = Parameters(retrieval=RetrievalParameters(depth=71 if name == "inference" else 72))
        return Server({full: lambda server: add(servicer, server)}, self.metrics, own=own)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    started = Pair()
    await started.start()
    yield started
    await started.stop()


async def test_the_callers_deadline_ends_the_call_behind_it(pair: Pair) -> None:
    with pytest.raises(DeadlineExceeded), calling("retrieval"):
        await pair.stub.Search(retrieval_pb2.SearchRequest(query="x"), timeout=0.3)
    await asyncio.wait_for(pair.servicer.cancelled.wait(), 5)


async def test_an_error_keeps_its_class_message_field_and_suggestions(pair: Pair) -> None:
    with pytest.raises(UnknownMunicipality) as raised, calling("retrieval"):
        await pair.stub.FindParcel(retrieval_pb2.FindParcelRequest())
    assert raised.value.message == "no such town"
    assert raised.value.field == "municipality"
    assert raised.value.suggestions == ("Elsewhere, OH",)


async def test_a_fault_of_ours_is_internal_and_never_the_callers(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await pair.inference_stub.Generate(inference_pb2.GenerateRequest())
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    with pytest.raises(PlotLotError) as ours, calling("inference"):
        await pair.inference_stub.Generate(inference_pb2.GenerateRequest())
    assert ours.value.id == "internal"
    assert "a fault of ours" in caplog.text


async def test_request_id_and_bundle_travel_through_every_hop(pair: Pair) -> None:
    metadata = (("plotlot-request-id", "req-7"), ("plotlot-bundle", "bundle-7"))
    answer = await pair.stub.ListMunicipalities(retrieval_pb2.ListMunicipalitiesRequest(), metadata=metadata)
    assert answer.municipalities[0].name == "req-7"
    assert answer.municipalities[0].effective_date == "bundle-7"


async def test_a_bundles_parameters_travel_and_without_one_each_service_has_its_own(pair: Pair) -> None:
    """So services of two releases, one of which knows more, get on during an upgrade."""
    asked = retrieval_pb2.ListMunicipalitiesRequest()
    sent = Parameters(retrieval=RetrievalParameters(depth=73))
    for context, depth in (
        (RequestContext("r", "own", parameters=sent, travels=False), 71),
        (RequestContext("r", "bundle-7", parameters=sent), 73),
        (RequestContext("r", "bundle-7"), RetrievalParameters().depth),
    ):
        answer = await pair.stub.ListMunicipalities(asked, metadata=context.metadata())
        assert answer.municipalities[0].documents == depth


async def test_health_and_reflection_name_the_service(pair: Pair) -> None:
    name = "plotlot.api.retrieval.v1.RetrievalService"
    health = health_pb2_grpc.HealthStub(pair.channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    stub = reflection_pb2_grpc.ServerReflectionStub(pair.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    async for reply in stub.ServerReflectionInfo(iter([request])):
        assert name in [service.name for service in reply.list_services_response.service]


async def test_calls_are_counted_by_their_code(pair: Pair) -> None:
    with pytest.raises(UnknownMunicipality), calling("retrieval"):
        await pair.stub.FindParcel(retrieval_pb2.FindParcelRequest())
    labels = {
        "service": "plotlot.api.retrieval.v1.RetrievalService",
        "method": "FindParcel",
        "code": "NOT_FOUND",
    }
    assert pair.metrics.registry.get_sample_value("plotlot_rpc_requests_total", labels) == 1
