"""Checks a generation against the one that serves, or another: what it holds, what it finds, what was cited."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from hashlib import sha256
from statistics import fmean
from typing import Any

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import InvalidRequest, UnavailableError
from plotlot.domain.generation_checks import Check, Probe, Recall, agreement, overlaps
from plotlot.gateway.clients import Clients
from plotlot.gateway.generations.probes import Golden, located, sampled
from plotlot.gateway.searching.refinements import Refinements
from plotlot.gateway.web.events import Event
from plotlot.store.generation_checks import newest_check, save_check
from plotlot.store.generation_contents import citations_held, towns_held
from plotlot.store.generations import generation_counts, live_generation
from plotlot.store.pool import Database

AT_ONCE = 4
SAMPLED = 100
RESULTS = 10
FUSED, VECTOR = retrieval_pb2.METHOD_FUSED, retrieval_pb2.METHOD_VECTOR
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check looks at: ``against`` None is the live generation; without golden questions, some are made."""

    generation: int
    against: int | None = None
    questions: tuple[Golden, ...] = ()
    results: int = RESULTS
    sampled: int = SAMPLED


@dataclass(frozen=True, slots=True)
class _Answer:
    """Of a question, whether its place was found, and what was, in one generation."""

    fused: bool
    vector: bool
    places: tuple[Place, ...]


class Checking:
    """Checks generations, and keeps what was found."""

    def __init__(self, database: Database, clients: Clients) -> None:
        self._database = database
        self._clients = clients

    async def check(self, asked: Asked) -> AsyncIterator[Event]:
        """Progress by question, what was found last. Raises InvalidRequest or UnknownGeneration."""
        against = await self._against(asked)
        yield "progress", {"stage": "count", "done": 0, "total": 0}
        async with self._database.connection(EVERY_TENANT) as connection:
            towns = await towns_held(connection, asked.generation, against)
            citations = await citations_held(connection, asked.generation)
        async with self._database.connection() as connection:
            probes = await located(connection, asked.questions)
            golden = len(probes)
            probes = probes or await sampled(connection, asked.sampled)
        skipped = len(asked.questions) - golden
        recall = Recall(asked.results, len(probes), digest_of(probes), golden, skipped)
        try:
            ours: list[_Answer] = []
            for some in batches(probes):
                yield "progress", {"stage": "search", "done": len(ours), "total": len(probes)}
                ours += await self._answered(some, asked.results, asked.generation)
            recall = measured(recall, ours)
            if against is not None and probes:
                yield "progress", {"stage": "compare", "done": 0, "total": len(probes)}
                recall = await self._compared(recall, ours, probes, against)
        except UnavailableError as error:
            recall = replace(recall, unmeasured=error.message)
        check = Check(asked.generation, against, tuple(towns), recall, citations)
        yield "result", await self._kept(check)

    async def newest(self, generation: int) -> dict[str, Any] | None:
        """What the last check of a generation found; None where there was none. Raises UnknownGeneration."""
        async with self._database.connection(EVERY_TENANT) as connection:
            await generation_counts(connection, generation)
            found = await newest_check(connection, generation)
        return None if found is None else {**found[0], "checked_at": found[1].isoformat()}

    async def _against(self, asked: Asked) -> int | None:
        """The generation to compare with. Raises InvalidRequest where one of them cannot be searched."""
        async with self._database.connection(EVERY_TENANT) as connection:
            live = await live_generation(connection)
            against = asked.against or (live.id if live else None)
            for number in {asked.generation, against or asked.generation}:
                found = await generation_counts(connection, number)
                if found.status not in ("ready", "live"):
                    raise InvalidRequest(
                        f"generation {number} is {found.status}: only one that is ready or live can be checked",
                        field="generation",
                    )
        return None if against == asked.generation else against

    async def _compared(
        self, recall: Recall, ours: Sequence[_Answer], probes: Sequence[Probe], against: int
    ) -> Recall:
        """The recall beside that of the other generation: as it is now, or where its model is not served any more, as its
        last check found it by the same questions. Raises UnavailableError."""
        theirs: list[_Answer] = []
        try:
            for some in batches(probes):
                theirs += await self._answered(some, recall.results, against)
        except UnavailableError:
            kept = (await self.newest(against) or {}).get("recall", {})
            if kept.get("unmeasured") or (kept.get("asked"), kept.get("results")) != (
                recall.asked,
                recall.results,
            ):
                raise
            return replace(recall, fused_against=kept["fused"], vector_against=kept["vector"])
        shares = [agreement(own.places, other.places) for own, other in zip(ours, theirs, strict=True)]
        other = measured(recall, theirs)
        return replace(
            recall, fused_against=other.fused, vector_against=other.vector, agreement=fmean(shares)
        )

    async def _answered(self, probes: Sequence[Probe], results: int, generation: int) -> list[_Answer]:
        """What is found of questions in a generation."""
        return list(await asyncio.gather(*(self._answer(probe, results, generation) for probe in probes)))

    async def _answer(self, probe: Probe, results: int, generation: int) -> _Answer:
        fused, vector = [await self._places(probe, results, method, generation) for method in (FUSED, VECTOR)]
        return _Answer(holds(fused, probe), holds(vector, probe), fused)

    async def _places(
        self, probe: Probe, results: int, method: retrieval_pb2.Method.ValueType, generation: int
    ) -> tuple[Place, ...]:
        held = Refinements(generation=generation)
        found = await self._clients.refined_search(probe.question, probe.municipality, results, method, held)
        return tuple((each.document, each.start, each.end) for each in found.results)

    async def _kept(self, check: Check) -> dict[str, Any]:
        failures = check.failures
        report = {
            **asdict(check),
            "passed": not failures,
            "failures": [asdict(failure) for failure in failures],
            "warnings": check.warnings,
        }
        async with self._database.connection(EVERY_TENANT) as connection:
            checked_at = await save_check(connection, check.generation, not failures, report)
        return {**report, "checked_at": checked_at.isoformat()}


def holds(places: Sequence[Place], probe: Probe) -> bool:
    """Whether what was asked for is among what was found."""
    return overlaps(
        ((start, end) for document, start, end in places if document == probe.document),
        probe.start,
        probe.end,
    )


def measured(recall: Recall, answers: Sequence[_Answer]) -> Recall:
    """The recall that answers come to; none was asked where nothing is stored to ask about."""
    if not answers:
        return recall
    return replace(
        recall,
        fused=fmean(each.fused for each in answers),
        vector=fmean(each.vector for each in answers),
    )


def batches(probes: Sequence[Probe]) -> Iterator[Sequence[Probe]]:
    """Questions by as many as are asked at once."""
    return (probes[first : first + AT_ONCE] for first in range(0, len(probes), AT_ONCE))


def digest_of(probes: Sequence[Probe]) -> str:
    """Tells two sets of questions apart."""
    return sha256(json.dumps([astuple(probe) for probe in probes]).encode()).hexdigest()[:16]
