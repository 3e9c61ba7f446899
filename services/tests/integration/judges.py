"""Judges on a real Postgres, each on a gRPC server of its own, and what tests send them."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import grpc
import psycopg

from plotlot.api.judge.v1 import judge_pb2, judge_pb2_grpc
from plotlot.judge.judge import Judge
from plotlot.judge.servicer import JudgeServicer
from plotlot.judge.upkeep import Upkeep
from plotlot.rpc.channels import open_channel
from plotlot.rpc.server import Server
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

NUMBERS = count()
GUARDRAILS: dict[str, Any] = {
    "alpha": 0.05,
    "least_sessions": 20,
    "session_seconds": 30,
    "each": [
        {"name": "failure", "measure": "failure", "margin": 0.05},
        {
            "name": "latency",
            "measure": "latency",
            "margin": 0.05,
            "objectives_seconds": {"": 1.0, "ask": 3.0},
        },
        {"name": "quality", "measure": "score", "margin": 0.05},
    ],
}


@dataclass(frozen=True)
class Replica:
    """One judge, and a stub that calls it over gRPC."""

    judge: Judge
    upkeep: Upkeep
    stub: "judge_pb2_grpc.JudgeServiceAsyncStub"

    async def decide(
        self, names: "Bundles", stage: str = "shadow", **weights: float
    ) -> judge_pb2.DecideResponse:
        """The verdict on the release of two bundles."""
        return await self.stub.Decide(
            judge_pb2.DecideRequest(
                stable=names.stable,
                candidate=names.candidate,
                stage=stage,
                guardrails_json=json.dumps(names.guardrails),
                **weights,
            )
        )

    async def record(self, release: str, pairs: Iterable[judge_pb2.Pair], **lost: Any) -> int:
        """How many of the pairs were new."""
        request = judge_pb2.RecordPairsRequest(release=release, pairs=pairs, **lost)
        return (await self.stub.RecordPairs(request)).recorded

    async def evidence(self, release: str) -> dict[str, judge_pb2.Evidence]:
        """The evidence on each guardrail as it is kept."""
        found = await self.stub.GetRelease(judge_pb2.GetReleaseRequest(release=release))
        return {each.guardrail: each for each in found.evidence}

    async def release(self, release: str) -> judge_pb2.Release:
        """The release."""
        return (await self.stub.GetRelease(judge_pb2.GetReleaseRequest(release=release))).release


@dataclass(frozen=True)
class Bundles:
    """Two bundles that no other test has."""

    stable: str
    candidate: str
    guardrails: Mapping[str, Any]


def bundles(stable: str | None = None, **guardrails: Any) -> Bundles:
    """Two new bundles, or a new candidate beside a stable one."""
    number = next(NUMBERS)
    return Bundles(stable or f"stable-{number}", f"candidate-{number}", {**GUARDRAILS, **guardrails})


@asynccontextmanager
async def replica(conninfo: str) -> AsyncIterator[Replica]:
    """A judge that runs until the block ends; it looks by itself only when told."""
    database, metrics = Database(4), Metrics()
    await database.open(conninfo)
    judge = Judge(database, metrics)
    name = "plotlot.api.judge.v1.JudgeService"
    servicer = JudgeServicer(judge)
    server = Server(
        {name: lambda it: judge_pb2_grpc.add_JudgeServiceServicer_to_server(servicer, it)}, metrics
    )
    channel: grpc.aio.Channel = open_channel(await server.start("127.0.0.1:0"))
    try:
        yield Replica(judge, Upkeep(judge, 90), judge_pb2_grpc.JudgeServiceStub(channel))
    finally:
        await channel.close()
        await server.stop(0)
        await database.close()


def outcome(
    quality: float | None = 1.0, failed: bool = False, seconds: float = 0.1, **rest: Any
) -> judge_pb2.Outcome:
    """How a bundle answered."""
    scores = {} if quality is None or failed else {"quality": quality}
    return judge_pb2.Outcome(failed=failed, seconds=seconds, scores=scores, **rest)


def pair(
    stable: judge_pb2.Outcome | None = None, candidate: judge_pb2.Outcome | None = None, **rest: Any
) -> judge_pb2.Pair:
    """A pair of its own, a minute old; both bundles answered well, unless told otherwise."""
    return judge_pb2.Pair(
        **{
            "request_id": f"request-{next(NUMBERS)}",
            "stable": stable or outcome(),
            "candidate": candidate or outcome(),
            "at": datetime.now(UTC) - timedelta(minutes=1),
            **rest,
        }
    )


def pairs(number: int, **rest: Any) -> list[judge_pb2.Pair]:
    """So many pairs that do not differ."""
    return [pair(**rest) for _ in range(number)]


BAD = outcome(quality=0.0)
FAILED = outcome(failed=True)


async def opened(judge: Replica, names: Bundles) -> str:
    """The id of the release, asked about for the first time."""
    return (await judge.decide(names)).release


async def pairs_of(judge: Replica, release: str) -> int:
    """How many sessions of pairs were bet on."""
    return (await judge.evidence(release))["failure"].pairs


def age(conninfo: str, release: str, table: str = "pairs", column: str = "at") -> None:
    """Let a minute pass for what was recorded."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            f"UPDATE {table} SET {column} = {column} - interval '1 minute' WHERE release = %s".encode(),
            (release,),
        )


def exposure(bundle: str, request: str, **rest: object) -> judge_pb2.Exposure:
    return judge_pb2.Exposure(**{"request_id": request, "bundle": bundle, "outcome": FAILED, **rest})


async def met(judge: Replica, release: str, **sent: object) -> None:
    await judge.stub.RecordExposures(judge_pb2.RecordExposuresRequest(release=release, **sent))
