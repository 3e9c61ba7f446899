"""Everything that users ask, whichever way they ask: REST, the page and gRPC come here.

So each question is measured in one place, whatever carries its answer, and observed in one place.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.errors import DeadlineExceeded, NotFoundError, UnavailableError
from plotlot.domain.outcomes import LEFT
from plotlot.domain.standards import standard_json
from plotlot.domain.stated_facts import StatedFacts
from plotlot.gateway import inquiries
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.asking.asking import Asker
from plotlot.gateway.clients import Clients
from plotlot.gateway.inquiries import Inquiry, Question
from plotlot.gateway.noting import note_answer
from plotlot.gateway.outcomes import DEADLINE, Answered, answered_with
from plotlot.gateway.places.figures import town_json
from plotlot.gateway.reports.changes import changes_between, lot_gone
from plotlot.gateway.reports.facts import stated_in
from plotlot.gateway.reports.store import Analyses
from plotlot.gateway.searching.refinements import Refinements
from plotlot.gateway.searching.results import result_json
from plotlot.gateway.web.events import Event, last
from plotlot.rpc.context import current_request
from plotlot.telemetry import Metrics

Json = dict[str, Any]
Observe = Callable[[Inquiry, Answered], None]
NONE = Refinements()
TIMERS_APART_SECONDS = 0.05  # what a service's timer for the same deadline may be ahead of ours


class Answers:
    """Answers in the form of the REST API. ``observe`` is told of each, before its reader gets it."""

    def __init__(
        self,
        clients: Clients,
        analyses: Analyses,
        bundle: str,
        metrics: Metrics,
        observe: Observe,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._clients = clients
        self._analyses = analyses
        self._bundle = bundle
        self._analyst = Analyst(clients, analyses, bundle, metrics)
        self._asker = Asker(clients, bundle)
        self._observe = observe
        self._clock = clock

    async def analyze(self, question: Question) -> AsyncIterator[Event]:
        """What may be built on a lot: stages as they end, the report last."""
        async for event in self._observed_events(
            inquiries.analysis(question), self._analyst.analyze(question)
        ):
            yield event

    async def report(self, analysis: str) -> tuple[Json, str]:
        """An analysis as it was answered, and its drawing. Raises UnknownAnalysis."""

        async def load() -> Json:
            report, drawing = await self._analyses.load(analysis)
            return {"report": report, "drawing": drawing}

        found = await self._observed(inquiries.kept(analysis), load())
        return found["report"], found["drawing"]

    async def changes(self, analysis: str) -> Json:
        """What asking again today, by the same facts, would change of an analysis. Raises UnknownAnalysis."""

        async def compare() -> Json:
            before, _ = await self._analyses.load(analysis)
            stated, parcel = StatedFacts(**stated_in(before)), before["parcel"]["id"]
            question = Question(parcel_id=parcel, municipality=before["municipality"], facts=stated)
            try:
                after = await last(self._analyst.analyze(question, keeps=False))
            except NotFoundError as error:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                return lot_gone(before, self._bundle, now, error.message)
            return changes_between(before, after)

        return await self._observed(inquiries.changes(analysis), compare())

    async def ask(self, question: str, municipality: str) -> Json:
        """The answer to a question in words, with its quotes; ``refused`` where the code holds none."""
        inquiry = inquiries.asking(question, municipality)
        return await self._observed(inquiry, self._asker.answer(question, municipality))

    async def ask_events(self, question: str, municipality: str) -> AsyncIterator[Event]:
        """The text of each part of the answer once its quotes are seen to stand, the whole answer last."""
        inquiry = inquiries.asking(question, municipality)
        async for event in self._observed_events(inquiry, self._asker.answering(question, municipality)):
            yield event

    async def search(
        self, query: str, municipality: str, limit: int, method: str, refinements: Refinements = NONE
    ) -> Json:
        """The sections that a query is about; ``method`` is fused, bm25 or vector."""

        async def results() -> Json:
            wanted = retrieval_pb2.Method.Value(f"METHOD_{method.upper()}")
            found = await self._clients.refined_search(query, municipality, limit, wanted, refinements)
            warned = {"warnings": list(found.warnings)} if found.warnings else {}
            results = [result_json(result) for result in found.results]
            return {"generation": found.generation or None, "results": results, **warned}

        inquiry = inquiries.searching(query, municipality, limit, method, refinements)
        return await self._observed(inquiry, results())

    async def municipalities(self, after: str = "", limit: int = 0, only: str = "") -> list[Json]:
        """Municipalities with an ingested code by name, what is stored and was read of each: those after one, at most
        ``limit`` where it is not 0, or one alone."""

        async def towns() -> Json:
            listed = await self._clients.municipalities(after, limit, only)
            counts = await self._counts([town.name for town in listed])
            return {"municipalities": [town_json(town, counts.get(town.name)) for town in listed]}

        found: list[Json] = (await self._observed(inquiries.MUNICIPALITIES, towns()))["municipalities"]
        return found

    async def town_names(self) -> list[str]:
        """The names of all municipalities with an ingested code."""

        async def names() -> Json:
            return {"names": await self._clients.town_names()}

        found: list[str] = (await self._observed(inquiries.MUNICIPALITIES, names()))["names"]
        return found

    async def addresses(self, text: str, municipality: str, limit: int) -> list[Json]:
        """The parcels that an address still being typed may mean, the likeliest first."""

        async def suggested() -> Json:
            found = await self._clients.suggestions(text, municipality, limit)
            return {"addresses": [suggestion_json(suggestion) for suggestion in found]}

        inquiry = inquiries.addresses(text, municipality)
        found: list[Json] = (await self._observed(inquiry, suggested()))["addresses"]
        return found

    async def districts(self, municipality: str) -> Json:
        """The districts that a code defines."""

        async def districts() -> Json:
            found = await self._clients.districts(municipality)
            return {
                "municipality": municipality,
                "bundle": self._bundle,
                "districts": [
                    {"code": district.code, "name": district.name, "standards": district.standards}
                    for district in found
                ],
            }

        return await self._observed(inquiries.districts(municipality), districts())

    async def standards(self, municipality: str, district: str) -> Json:
        """Every standard of a district, the least conditioned of each field first."""

        async def standards() -> Json:
            found = await self._clients.standards(municipality, district)
            return {
                "municipality": municipality,
                "district": found.code,
                "district_name": found.name,
                "bundle": self._bundle,
                "standards": [standard_json(standard) for standard in found.standards],
                "citations": found.citations(),
            }

        return await self._observed(inquiries.standards(municipality, district), standards())

    async def _counts(self, towns: list[str]) -> dict[str, extraction_pb2.StandardCounts]:
        """What was read of codes; nothing where the engine that reads them is away: the towns are there all the same."""
        try:
            return await self._clients.standard_counts(towns) if towns else {}
        except UnavailableError:
            return {}

    async def _observed_events(
        self, inquiry: Inquiry, answering: AsyncGenerator[Event]
    ) -> AsyncIterator[Event]:
        seconds = 0.0  # without the time that the reader takes between events
        async with aclosing(answering) as events:
            while True:
                started = self._clock()
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
                except BaseException as error:
                    self._failed(inquiry, error, seconds + self._clock() - started)
                    raise
                seconds += self._clock() - started
                if event[0] == "result":
                    note_answer(event[1])
                    self._observe(inquiry, Answered(seconds, answer=event[1]))
                yield event

    async def _observed(self, inquiry: Inquiry, answering: Awaitable[Json]) -> Json:
        started = self._clock()
        try:
            answer = await answering
        except BaseException as error:
            self._failed(inquiry, error, self._clock() - started)
            raise
        note_answer(answer)
        self._observe(inquiry, Answered(self._clock() - started, answer=answer))
        return answer

    def _failed(self, inquiry: Inquiry, error: BaseException, seconds: float) -> None:
        """Who left, or allowed less time than we do, was not failed, but perhaps kept waiting; whose time with
        us ran out was failed."""
        if isinstance(error, asyncio.CancelledError | DeadlineExceeded) and left_in_a_hurry():
            self._observe(inquiry, Answered(seconds, LEFT))
        elif isinstance(error, asyncio.CancelledError):
            late = out_of_time()
            self._observe(inquiry, Answered(seconds, DEADLINE if late else LEFT, failed=late))
        elif isinstance(error, Exception):
            self._observe(inquiry, answered_with(error, seconds))


def out_of_time(slack_seconds: float = 0.0) -> bool:
    """Whether the deadline of the current request has passed, or is so near."""
    request = current_request.get()
    ends = request.deadline if request is not None else None
    return ends is not None and asyncio.get_running_loop().time() >= ends - slack_seconds


def left_in_a_hurry() -> bool:
    """Whether the current request ended by a deadline of its caller's that is shorter than ours."""
    request = current_request.get()
    return request is not None and request.hurried and out_of_time(TIMERS_APART_SECONDS)


def suggestion_json(suggestion: retrieval_pb2.Suggestion) -> Json:
    """A parcel that may be meant, under the names of the REST API."""
    return {
        "address": suggestion.address,
        "municipality": suggestion.municipality,
        "parcel_id": suggestion.parcel_id,
    }
