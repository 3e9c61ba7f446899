"""A gateway over a small town that lives in memory, for tests of the page without the services."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import AmbiguousAddress, UnknownAddress, UnknownAnalysis, UnknownDistrict
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import FIELD_UNITS, Citation, Standard, Status
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.answers import Answers
from plotlot.gateway.app import Parts, create_app
from plotlot.gateway.clients import DistrictStandards
from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.delivery.gold_cases import GoldCase
from plotlot.gateway.feedback.store import FeedbackCount
from plotlot.gateway.identity.access import access_of
from plotlot.gateway.quality.town_questions import Asked
from plotlot.gateway.refreshing.refresh_client import RefreshClient
from plotlot.gateway.releases.judge_client import JudgeClient
from plotlot.gateway.rest import rest_of
from plotlot.gateway.towns import Towns
from plotlot.gateway.watching.cited import CitedSection
from plotlot.settings import Settings
from plotlot.store.document_lists import StoredDocument
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

TOWN = "Testford, OH"
ADDRESS = "7 Elm Street"
TEXTS: dict[str, tuple[float | None, str]] = {
    "min_lot_area": (6000, "No lot shall contain less than 6,000 square feet."),
    "min_lot_area_per_unit": (4000, "There shall be 4,000 square feet of lot area for each dwelling unit."),
    "min_lot_width": (50, "The minimum width of a lot is fifty (50) feet."),
    "front_setback": (25, "A front yard of not less than twenty-five (25) feet is required."),
    "side_setback": (5, "Each side yard shall be at least five (5) feet in width."),
    "rear_setback": (20, "The rear yard shall be not less than 20 feet deep."),
    "max_height": (35, "No building shall exceed 35 feet or 2 1/2 stories."),
    "max_stories": (2.5, "No building shall exceed 35 feet or 2 1/2 stories."),
    "max_lot_coverage": (40, "Buildings shall cover no more than 40 percent of the lot."),
}


def standard(name: str, value: float | None, quote: str, **changes: Any) -> Standard:
    """A standard with a citation."""
    citation = Citation(
        "zoning.html", "0" * 64, "Article 4 > Sec. 4.2 > (b)", 3, 100, 100 + len(quote), quote
    )
    given: dict[str, Any] = {
        "field": name,
        "status": Status.STATED,
        "value": value,
        "unit": FIELD_UNITS[name],
        "citation": citation,
        "engine": "reader/1",
        "confidence": 0.9,
    }
    return Standard(**{**given, **changes})


def standards() -> tuple[Standard, ...]:
    """The standards of the town's one district."""
    return (
        *(standard(name, value, quote) for name, (value, quote) in TEXTS.items()),
        standard("street_side_setback", 15, "On a corner lot the yard on the side street is 15 feet.",
                 conditions={"lot": "corner"}),
        standard("parking_per_unit", None, "Parking shall be as the Board determines.",
                 status=Status.DELEGATED),
        standard("max_far", None, "", status=Status.NOT_STATED, citation=None),
    )  # fmt: skip


def square(width_ft: float = 80.0, depth_ft: float = 110.0) -> dict[str, Any]:
    """A rectangle in longitude and latitude, its front to the south."""
    wide, deep = width_ft / 274_000, depth_ft / 364_600
    west, south = -81.5, 41.1
    ring = [[west, south], [west + wide, south], [west + wide, south + deep], [west, south + deep]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


class TownClients:
    """Answers as the services would."""

    def __init__(self, known: dict[str, Parcel] | None = None, towns: bool = True) -> None:
        plain = Parcel(
            "p-1", TOWN, ADDRESS, "R-2", square(), None, {"sewer": "public", "front_bearing": "180"}
        )
        self._parcels = {ADDRESS.lower(): plain, **(known or {})}
        self._towns = towns

    async def municipalities(
        self, after: str = "", limit: int = 0, only: str = ""
    ) -> list[retrieval_pb2.Municipality]:
        town = retrieval_pb2.Municipality(
            name=TOWN, documents=1, sections=42, chunks=80, parcels=len(self._parcels),
            retrieved_at="2026-01-05T10:00:00Z", warnings=3,
            refreshed=retrieval_pb2.Refreshed(
                publisher="ours", product="Code of Ordinances", supplement="Supplement 12", dated="2025-12-01",
                stage="quarantined", reason="it had 42 sections and has 7", kinds=["shrunken"],
                refreshed_at="2026-01-12T02:00:00Z", checked_at="2026-01-12T02:00:00Z",
                swapped_at="2026-01-05T10:00:00Z", unwell_since="2026-01-12T02:00:00Z",
                sections=42, added=1, changed=2, removed=3,
            ),
        )  # fmt: skip
        return [town] if self._towns and after < TOWN and only in ("", TOWN) else []

    async def town_names(self) -> list[str]:
        return [TOWN] if self._towns else []

    async def standard_counts(self, towns: list[str]) -> dict[str, extraction_pb2.StandardCounts]:
        counts = extraction_pb2.StandardCounts(
            municipality=TOWN, districts=3, districts_read=2, stated=11, not_stated=4, conflicting=2, delegated=1,
            verified=13, dropped=1, read_at="2026-01-06T10:00:00Z",
            fields=[extraction_pb2.FieldCount(field=name, districts=2) for name in ("front_setback", "max_height")],
        )  # fmt: skip
        return {TOWN: counts}

    async def suggestions(self, text: str, municipality: str, limit: int) -> list[retrieval_pb2.Suggestion]:
        found = [
            parcel for parcel in self._parcels.values() if parcel.address.lower().startswith(text.lower())
        ]
        return [
            retrieval_pb2.Suggestion(
                address=f"{parcel.address}, {TOWN}", municipality=TOWN, parcel_id=parcel.id
            )
            for parcel in found[:limit]
        ]

    async def find_parcel(self, address: str, parcel_id: str, municipality: str) -> Parcel:
        if address.lower().startswith("main"):
            raise AmbiguousAddress(
                "2 parcels match",
                field="address",
                suggestions=(f"1 N Main St, {TOWN} (parcel p-1)", f"1 S Main St, {TOWN} (parcel p-2)"),
            )
        if parcel_id:
            return next(parcel for parcel in self._parcels.values() if parcel.id == parcel_id)
        if address.lower() not in self._parcels:
            raise UnknownAddress(f"no parcel at {address!r}", field="address", suggestions=(ADDRESS,))
        return self._parcels[address.lower()]

    async def districts(self, municipality: str) -> list[extraction_pb2.District]:
        return [extraction_pb2.District(code="R-2/A", name="Two-Family Residential", standards=12)]

    async def standards(self, municipality: str, district: str) -> DistrictStandards:
        if district not in ("R-2", "R-2/A"):
            raise UnknownDistrict(f"no district {district!r}", field="district", suggestions=("R-2/A",))
        return DistrictStandards(district, "Two-Family Residential", standards())

    async def search(
        self, query: str, municipality: str, limit: int, generation: int = 0
    ) -> retrieval_pb2.SearchResponse:
        text = "Buildings shall cover no more than 40 percent of the lot."
        result = retrieval_pb2.SearchResult(
            chunk="c-1", score=0.5, municipality=TOWN, section="Sec. 4.2", document="zoning.html",
            start=10, end=10 + len(text), text=text,
        )  # fmt: skip
        return retrieval_pb2.SearchResponse(results=[result], generation=1)

    async def refined_search(
        self, query: str, municipality: str, limit: int, method: Any, refinements: Any
    ) -> retrieval_pb2.SearchResponse:
        return await self.search(query, municipality, limit)

    async def generate(
        self, question: str, passages: list[inference_pb2.Passage]
    ) -> inference_pb2.GenerateResponse:
        if "cover" not in question:
            return inference_pb2.GenerateResponse(engine="extractive/1")
        quote = inference_pb2.Quote(passage="c-1", start=0, end=len(passages[0].text), score=0.8)
        return inference_pb2.GenerateResponse(answer=passages[0].text, engine="extractive/1", quotes=[quote])


class FakeSections:
    """Nothing changed that a report cites."""

    async def of(self, report: Any) -> list[CitedSection]:
        return []


class FakeQuestions:
    """Eight questions about the town, of which its code had no answer to two."""

    async def counts(self, tenant: str, towns: Sequence[str]) -> dict[str, Asked]:
        return {town: Asked(8, 2) for town in towns}


class FakeTowns(Towns):
    """The figures of the town, with a document and what people said of it in memory."""

    def __init__(self, answers: Answers) -> None:
        said: Any = self
        asked: Any = FakeQuestions()
        super().__init__(answers, said, asked, said)

    async def counts(self, tenant: str) -> list[FeedbackCount]:
        return [
            FeedbackCount(TOWN, "wrong_number", 2, 1),
            FeedbackCount(TOWN.lower(), "missing", 1, 0),
            FeedbackCount("Elsewhere, OH", "missing", 9, 9),
        ]

    async def documents(
        self, town: str, after: tuple[str, str] | None, limit: int
    ) -> tuple[list[StoredDocument], bool]:
        read = datetime(2026, 1, 5, tzinfo=UTC)
        document = StoredDocument(
            "doc-1",
            TOWN,
            "zoning.html",
            "Zoning",
            "text/html",
            "",
            "",
            9000,
            [],
            "parsers/0",
            None,
            read,
            None,
        )
        return [document], False


class KeptAnalyses:
    """Analyses in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[dict[str, Any], str]] = {}

    async def save(self, report: dict[str, Any], request: dict[str, Any], drawing: str) -> dict[str, Any]:
        return self.kept.setdefault(report["id"], (report, drawing))[0]

    async def load(self, analysis: str) -> tuple[dict[str, Any], str]:
        if analysis not in self.kept:
            raise UnknownAnalysis(f"there is no analysis {analysis!r} here", field="id")
        return self.kept[analysis]


class KeptCases:
    """Gold cases in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, GoldCase] = {}

    async def add(self, cases: list[GoldCase]) -> int:
        before = len(self.kept)
        self.kept |= {case.id: case for case in cases}
        return len(self.kept) - before

    async def all(self) -> list[GoldCase]:
        return list(self.kept.values())


BUNDLE = Bundle("0", "parsers/0", "sections/0")


def fake_app(
    clients: Any = None,
    analyses: KeptAnalyses | None = None,
    judge: JudgeClient | None = None,
    delivery: Delivery | None = None,
    sections: Any = None,
) -> FastAPI:
    """The real application over the town in memory."""
    metrics, settings = Metrics(), Settings(auth="insecure-everyone-is-owner")  # whatever host a test names
    clients, kept, cases = clients or TownClients(), analyses or KeptAnalyses(), KeptCases()
    nobody: Any = None
    delivery = delivery or Delivery(nobody, BUNDLE, settings, metrics)
    answers = Answers(clients, kept, BUNDLE.id, metrics, delivery.observe)  # type: ignore[arg-type]
    settings.answer_cache = False  # it asks the database whether anything changed
    analyst = Analyst(clients, kept, BUNDLE.id, metrics)  # type: ignore[arg-type]
    database = Database(1)
    rest = rest_of(database, clients, analyst, delivery, BUNDLE, settings, metrics)
    parts = Parts(
        answers,
        clients,
        delivery,
        cases,  # type: ignore[arg-type]
        BUNDLE,
        metrics,
        settings,
        judge or JudgeClient(nobody),
        rest,
        access_of(database, settings, metrics),
        FakeTowns(answers),
        sections or FakeSections(),
        RefreshClient(nobody),
    )
    return create_app(parts)
