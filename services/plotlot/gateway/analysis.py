"""The main job: a parcel, its district's standards, the envelope, the units, and a report of them."""

import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from plotlot.domain.envelope import Envelope, envelope_of, envelope_to_dict, measured
from plotlot.domain.errors import InvalidRequest, UnknownDistrict
from plotlot.domain.lots import Lot, lot_of
from plotlot.domain.notes import unread_notes
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import standard_json
from plotlot.domain.stated_facts import StatedFacts, lot_as_stated, parcel_as_stated
from plotlot.domain.taken_facts import TakenFact, facts_taken, stated_words, taken_json
from plotlot.domain.yields import LotFacts, Yield, lot_facts, yield_for, yield_to_dict
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.gateway.ids import new_id
from plotlot.gateway.inquiries import Question
from plotlot.gateway.reports.drawing import lot_svg
from plotlot.gateway.reports.store import Analyses
from plotlot.gateway.web.events import Event
from plotlot.rpc.context import is_shadow
from plotlot.telemetry import Metrics


@dataclass(slots=True)
class Timings:
    """Milliseconds by stage."""

    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    def end(self, stage: str) -> Event:
        """Close a stage, and the event that says so."""
        spent = (time.perf_counter() - self.started) * 1000 - sum(self.stages.values())
        self.stages[stage] = round(spent, 2)
        return "stage", {"name": stage, "milliseconds": self.stages[stage]}

    def as_json(self) -> dict[str, float]:
        """Every stage and their total."""
        return {**self.stages, "total": round(sum(self.stages.values()), 2)}


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an analysis knows before it is written down; the parcel is that of the source."""

    parcel: Parcel
    district: DistrictStandards
    lot: Lot | None
    facts: LotFacts
    taken: Mapping[str, TakenFact]
    envelope: Envelope | None
    units: Yield
    warnings: tuple[str, ...]


class Analyst:
    """Answers what may be built on a lot, and keeps the answer, unless it is asked as a shadow."""

    def __init__(self, clients: Clients, analyses: Analyses, bundle: str, metrics: Metrics) -> None:
        self._clients = clients
        self._analyses = analyses
        self._bundle = bundle
        self._metrics = metrics

    async def analyze(self, question: Question, keeps: bool = True) -> AsyncGenerator[Event]:
        """Stages as they end, the report last; one that is not to be kept is not counted either."""
        timings = Timings()
        source = await self._clients.find_parcel(question.address, question.parcel_id, question.municipality)
        if question.rerun_of:
            await self._check_rerun(question.rerun_of, source)
        yield timings.end("parcel")
        stated = question.facts
        parcel = parcel_as_stated(source, stated)
        district, warnings = await self._district(parcel)
        yield timings.end("standards")
        lot, use = lot_as_stated(lot_of(parcel), stated), stated.use or ""
        standards = district.standards
        envelope = envelope_of(lot, standards, parcel.properties, use) if lot else None
        yield timings.end("envelope")
        facts = lot_facts(parcel, lot, standards, use)
        units = yield_for(
            facts,
            standards,
            district_name=district.name,
            envelope=envelope,
            assumptions=stated.assumptions,
        )
        taken = facts_taken(source, *self._of_source(source, lot, facts, district, stated), stated)
        yield timings.end("yield")
        findings = Findings(source, district, lot, facts, taken, envelope, units, warnings)
        report = self._report(findings, question.rerun_of)
        drawing = lot_svg(lot, envelope) if lot and envelope else ""
        timings.end("report")
        report["timings_ms"] = timings.as_json()
        if keeps and not is_shadow():
            report = await self._analyses.save(report, question.asked(), drawing)
            self._metrics.analyses.labels(units.verdict).inc()
        yield "result", report

    def _of_source(
        self,
        source: Parcel,
        lot: Lot | None,
        facts: LotFacts,
        district: DistrictStandards,
        stated: StatedFacts,
    ) -> tuple[Lot | None, LotFacts]:
        """Lot and facts as they would be if the reader had stated nothing."""
        if not stated.given:
            return lot, facts
        plain = lot_of(source)
        return plain, lot_facts(source, plain, district.standards)

    async def _check_rerun(self, analysis: str, parcel: Parcel) -> None:
        """Raises UnknownAnalysis, or InvalidRequest where that analysis is of another parcel."""
        before, _ = await self._analyses.load(analysis)
        if (before["parcel"]["id"], before["municipality"]) != (parcel.id, parcel.municipality):
            raise InvalidRequest(
                f"the analysis {analysis} is of the parcel {before['parcel']['id']}, and this is {parcel.id}",
                field="rerun_of",
                expected="an analysis of the same parcel",
            )

    async def _district(self, parcel: Parcel) -> tuple[DistrictStandards, tuple[str, ...]]:
        """The standards of the parcel's district; none, with a warning, where it is not known."""
        if not parcel.district:
            warning = "the parcel's zoning district is not known: ask the planning department for it"
            return DistrictStandards("", "", ()), (warning,)
        try:
            found = await self._clients.standards(parcel.municipality, parcel.district)
        except UnknownDistrict as error:
            warning = f"{error.message}: ask the planning department which district applies"
            return DistrictStandards(parcel.district, "", ()), (warning,)
        notes = unread_notes(found.standards)
        return found, (notes,) if notes else ()

    def _report(self, findings: Findings, rerun_of: str) -> dict[str, Any]:
        parcel, lot, units, envelope = findings.parcel, findings.lot, findings.units, findings.envelope
        stated = stated_words(findings.taken)
        assumed = (*stated, *(envelope.assumptions if envelope else ()), *units.assumptions)
        warned = (
            *parcel.warnings,
            *findings.warnings,
            *(envelope.warnings if envelope else ()),
            *units.warnings,
        )
        return {
            "id": new_id("shadow" if is_shadow() else "an"),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "bundle": self._bundle,
            "municipality": parcel.municipality,
            "parcel": parcel_json(parcel, lot, findings.facts),
            "facts": taken_json(findings.taken),
            "rerun_of": rerun_of or None,
            "district": findings.district.code,
            "district_name": findings.district.name,
            "standards": [standard_json(standard) for standard in findings.district.standards],
            "citations": findings.district.citations(),
            "envelope": envelope_to_dict(envelope) if envelope else None,
            "yield": yield_to_dict(units),
            "verdict": units.verdict,
            "assumptions": list(dict.fromkeys(assumed)),
            "warnings": list(dict.fromkeys(warned)),
        }


def parcel_json(parcel: Parcel, lot: Lot | None, facts: LotFacts) -> dict[str, Any]:
    """The parcel and what was measured of it."""
    return {
        "id": parcel.id,
        "address": parcel.address,
        "municipality": parcel.municipality,
        "district": parcel.district,
        "geometry": parcel.geometry,
        "frontage": parcel.frontage,
        "properties": dict(parcel.properties),
        "sources": [asdict(source) for source in parcel.sources],
        "lot": {
            "kind": lot.kind if lot else None,
            "area_sqft": measured(facts.area_sqft),
            "width_ft": measured(facts.width_ft),
            "depth_ft": measured(facts.depth_ft),
            "frontage_ft": measured(lot.frontage_ft if lot else None),
        },
    }
