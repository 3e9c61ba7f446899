"""The main job: a parcel, its district's standards, the envelope, the units, and a report of them."""

import time
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from plotlot.domain.envelope import Envelope, envelope_of, envelope_to_dict, measured
from plotlot.domain.errors import UnknownDistrict
from plotlot.domain.lots import Lot, lot_of
from plotlot.domain.notes import unread_notes
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import standard_json
from plotlot.domain.yields import LotFacts, Yield, lot_facts, yield_for, yield_to_dict
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.gateway.drawing import lot_svg
from plotlot.gateway.events import Event
from plotlot.gateway.ids import new_id
from plotlot.gateway.inquiries import Question
from plotlot.gateway.store import Analyses
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
    """All that an analysis knows before it is written down."""

    parcel: Parcel
    district: DistrictStandards
    lot: Lot | None
    facts: LotFacts
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

    async def analyze(self, question: Question) -> AsyncGenerator[Event]:
        """Stages as they end, the report last."""
        timings = Timings()
        parcel = await self._clients.find_parcel(question.address, question.parcel_id, question.municipality)
        yield timings.end("parcel")
        district, warnings = await self._district(parcel)
        yield timings.end("standards")
        lot = lot_of(parcel)
        envelope = envelope_of(lot, district.standards, parcel.properties) if lot else None
        yield timings.end("envelope")
        facts = lot_facts(parcel, lot, district.standards)
        units = yield_for(facts, district.standards, district_name=district.name, envelope=envelope)
        yield timings.end("yield")
        findings = Findings(parcel, district, lot, facts, envelope, units, warnings)
        report = self._report(findings)
        drawing = lot_svg(lot, envelope) if lot and envelope else ""
        timings.end("report")
        report["timings_ms"] = timings.as_json()
        if not is_shadow():
            report = await self._analyses.save(report, asdict(question), drawing)
            self._metrics.analyses.labels(units.verdict).inc()
        yield "result", report

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

    def _report(self, findings: Findings) -> dict[str, Any]:
        parcel, lot, units, envelope = findings.parcel, findings.lot, findings.units, findings.envelope
        assumed = (*(envelope.assumptions if envelope else ()), *units.assumptions)
        warned = (*findings.warnings, *(envelope.warnings if envelope else ()), *units.warnings)
        return {
            "id": new_id("shadow" if is_shadow() else "an"),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "bundle": self._bundle,
            "municipality": parcel.municipality,
            "parcel": parcel_json(parcel, lot, findings.facts),
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
        "properties": dict(parcel.properties),
        "lot": {
            "kind": lot.kind if lot else None,
            "area_sqft": measured(facts.area_sqft),
            "width_ft": measured(facts.width_ft),
            "depth_ft": measured(facts.depth_ft),
            "frontage_ft": measured(lot.frontage_ft if lot else None),
        },
    }
