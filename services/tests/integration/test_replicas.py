"""Calls to services whose replicas come and go: where they go, which are repeated, and which never."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module

import grpc
import pytest

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc
from plotlot.domain.errors import ServiceUnavailable, StoreUnavailable
from plotlot.rpc.channels import IDEMPOTENT, open_channel, target_of
from plotlot.rpc.errors import calling
from plotlot.rpc.health import Need
from plotlot.rpc.server import Server, connection_age
from plotlot.telemetry import Metrics

INFERENCE = "plotlot.api.inference.v1.InferenceService"
WRITES = {
    "plotlot.api.ingestion.v1.IngestionService": {
        "IngestDocument",
        "ImportParcels",
        "BuildGeneration",
        "UseGeneration",
        "RetireGeneration",
        "DiscoverTowns",
        "StartRefresh",
        "CancelRefresh",
    },
    "plotlot.api.gateway.v1.GatewayService": {"Analyze"},
    "plotlot.api.judge.v1.JudgeService": {"SteerRelease"},
}
MODELS = inference_pb2.ListModelsRequest()


class Inference(inference_pb2_grpc.InferenceServiceServicer):
    """Says its name, and does as told before."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = 0
        self.peers: list[str] = []
        self.before: Callable[[grpc.aio.ServicerContext], Awaitable[None]] | None = None

    async def ListModels(self, request, context):
        self.calls += 1
        self.peers.append(context.peer())
        if self.before is not None:
            await self.before(context)
        return inference_pb2.ListModelsResponse(models=[inference_pb2.Model(name=self.name)])


class Replica:
    """One server of inference."""

    def __init__(self, name: str, need: Need | None = None, age_seconds: float | None = None) -> None:
        self.servicer = Inference(name)
        self.server = Server(
            {INFERENCE: lambda server: inference_pb2_grpc.add_InferenceServiceServicer_to_server(
                self.servicer, server)},
            Metrics(),
            {INFERENCE: need},
            options=connection_age(age_seconds, 5),
        )  # fmt: skip

    async def start(self, address: str = "127.0.0.1:0") -> str:
        self.address = await self.server.start(address)
        return self.address


class Replicas:
    """Several replicas behind one channel."""

    def __init__(self) -> None:
        self.started: list[Replica] = []
        self.channels: list[grpc.aio.Channel] = []

    async def start(self, name: str, address: str = "127.0.0.1:0", **options) -> Replica:
        replica = Replica(name, **options)
        self.started.append(replica)
        await replica.start(address)
        return replica

    def stub(self, *addresses: str) -> inference_pb2_grpc.InferenceServiceStub:
        self.channels.append(open_channel(f"ipv4:{','.join(addresses)}"))
        return inference_pb2_grpc.InferenceServiceStub(self.channels[-1])

    async def stop(self) -> None:
        for channel in self.channels:
            await channel.close()
        for replica in self.started:
            await replica.server.stop(0)


@pytest.fixture
async def replicas() -> AsyncIterator[Replicas]:
    made = Replicas()
    yield made
    await made.stop()


async def names(stub: inference_pb2_grpc.InferenceServiceStub, calls: int = 20) -> list[str]:
    return [(await stub.ListModels(MODELS, timeout=5)).models[0].name for _ in range(calls)]


async def both(stub: inference_pb2_grpc.InferenceServiceStub) -> None:
    """Call until every replica has answered: connections are made one by one."""
    async with asyncio.timeout(10):
        while len(set(await names(stub, 4))) < 2:
            pass


def test_every_method_is_either_safe_to_repeat_or_known_to_write() -> None:
    for service in {**IDEMPOTENT, **WRITES}:
        part = service.split(".")[2]
        module = import_module(f"plotlot.api.{part}.v1.{part}_pb2")
        methods = {
            method.name for method in module.DESCRIPTOR.services_by_name[service.split(".")[-1]].methods
        }
        safe, writes = set(IDEMPOTENT.get(service, ())), WRITES.get(service, set())
        assert safe | writes == methods
        assert not safe & writes


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("retrieval:50051", "dns:///retrieval:50051"),
        ("[::1]:50051", "dns:///[::1]:50051"),
        ("dns:///retrieval:50051", "dns:///retrieval:50051"),
        ("ipv4:10.0.0.1:50051", "ipv4:10.0.0.1:50051"),
    ],
)
def test_an_address_is_a_name_to_look_up_unless_it_says_otherwise(address: str, target: str) -> None:
    assert target_of(address) == target


async def test_calls_go_to_every_replica_that_is_ready(replicas: Replicas) -> None:
    lacking = ["its model"]

    async def check() -> None:
        if lacking:
            raise ServiceUnavailable(lacking[0])

    need = Need("the model", check)
    one, other = await replicas.start("one"), await replicas.start("other", need=need)
    stub = replicas.stub(one.address, other.address)
    assert set(await names(stub)) == {"one"}
    lacking.clear()
    await both(stub)
    await one.server.health.drain()
    await asyncio.sleep(0.3)
    assert set(await names(stub)) == {"other"}


async def test_a_replica_that_stops_under_load_fails_no_read(replicas: Replicas) -> None:
    one, other = await replicas.start("one"), await replicas.start("other")
    stub = replicas.stub(one.address, other.address)
    await both(stub)

    async def slow(context: grpc.aio.ServicerContext) -> None:
        await asyncio.sleep(0.02)

    one.servicer.before = other.servicer.before = slow
    load = [asyncio.create_task(names(stub, 40)) for _ in range(10)]
    await asyncio.sleep(0.2)
    await one.server.stop(5)
    answers = [name for answered in await asyncio.gather(*load) for name in answered]
    assert len(answers) == 400
    assert set(answers) == {"one", "other"}


async def test_a_read_outlasts_a_server_that_is_back_within_a_second(replicas: Replicas) -> None:
    first = await replicas.start("first")
    stub = replicas.stub(first.address)
    assert await names(stub, 1) == ["first"]
    await first.server.stop(0)
    call = asyncio.create_task(names(stub, 1))
    await asyncio.sleep(0.3)
    await replicas.start("second", first.address)
    assert await call == ["second"]


async def test_a_call_that_the_network_failed_is_repeated_and_one_that_was_answered_is_not(
    replicas: Replicas,
) -> None:
    replica = await replicas.start("one")
    stub = replicas.stub(replica.address)

    async def without_words(context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "as a proxy says it")

    replica.servicer.before = without_words
    with pytest.raises(ServiceUnavailable), calling("inference"):
        await stub.ListModels(MODELS)
    assert replica.servicer.calls == 5

    async def with_a_problem(context: grpc.aio.ServicerContext) -> None:
        raise StoreUnavailable("the database went away")

    replica.servicer.before, replica.servicer.calls = with_a_problem, 0
    with pytest.raises(StoreUnavailable), calling("inference"):
        await stub.ListModels(MODELS)
    assert replica.servicer.calls == 1


async def test_connections_end_at_their_age_and_calls_do_not(replicas: Replicas) -> None:
    replica = await replicas.start("one", age_seconds=0.5)
    stub = replicas.stub(replica.address)

    async def long(context: grpc.aio.ServicerContext) -> None:
        await asyncio.sleep(1.5)

    replica.servicer.before = long
    call = asyncio.create_task(names(stub, 1))
    await asyncio.sleep(0.2)
    replica.servicer.before = None
    for _ in range(20):
        await names(stub, 1)
        await asyncio.sleep(0.1)
    assert await call == ["one"]
    assert len(set(replica.servicer.peers)) >= 3
