"""What people say of values that were shown to them, and the gold cases that it may become."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from plotlot.domain.errors import UnknownFeedback
from plotlot.domain.standards import FIELD_UNITS
from plotlot.gateway.callers import Caller
from plotlot.gateway.wording import field_label
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

Json = dict[str, Any]
FIGURES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "units": ("units", ("yield", "units_high")),
    "lot_area": ("sqft", ("parcel", "lot", "area_sqft")),
    "lot_width": ("ft", ("parcel", "lot", "width_ft")),
    "lot_depth": ("ft", ("parcel", "lot", "depth_ft")),
    "frontage": ("ft", ("parcel", "lot", "frontage_ft")),
    "envelope_area": ("sqft", ("envelope", "area_sqft")),
    "footprint": ("sqft", ("envelope", "footprint_sqft")),
    "floor_area": ("sqft", ("envelope", "floor_area_high_sqft")),
}
"""Figures of a report that are no standards: the unit of each, and where it stands."""
_COLUMNS = (
    "id, kind, analysis_id, municipality, district, field, expected, comment, bundle, evidence, created_at,"
    " outcome, settled_at"
)
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One remark; ``evidence`` is what was shown, ``expected`` the right value in the field's unit.

    ``outcome`` is accepted or dismissed, None while nobody settled it.
    """

    id: str
    kind: str
    analysis_id: str | None
    municipality: str
    district: str
    field: str
    expected: float | None
    comment: str
    bundle: str
    evidence: Json
    created_at: datetime
    outcome: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How often remarks of a kind were made on a municipality, as it was named in them, and how many are open."""

    municipality: str
    kind: str
    reported: int
    open: int


class FeedbackStore:
    """Keeps remarks by tenant."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._added = metrics.feedback

    async def add(self, caller: Caller, remark: Mapping[str, Any]) -> None:
        """Keep a remark; the same one again changes nothing."""
        columns = "id, kind, analysis_id, municipality, district, field, expected, comment, bundle"
        async with self._database.connection() as connection:
            made = await connection.execute(
                f"INSERT INTO feedback (tenant, client, {columns}, evidence)"
                f" VALUES ({', '.join(['%s'] * 12)}) ON CONFLICT DO NOTHING",
                (
                    caller.tenant,
                    caller.client,
                    *(remark[name.strip()] for name in columns.split(",")),
                    json.dumps(remark["evidence"]),
                ),
            )
        self._added.labels(remark["kind"]).inc(made.rowcount)

    async def page(
        self, tenant: str, municipality: str, after: tuple[datetime, str] | None, limit: int
    ) -> list[Feedback]:
        """A tenant's remarks, the newest first, of one municipality or of all."""
        values = {"tenant": tenant, "town": municipality, "limit": limit}
        older = ""
        if after:
            older = "AND (created_at, id) < (%(at)s, %(id)s)"
            values |= {"at": after[0], "id": after[1]}
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(Feedback)) as cursor,
        ):
            await cursor.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE tenant = %(tenant)s"
                f" AND (%(town)s = '' OR municipality = %(town)s) {older}"
                " ORDER BY created_at DESC, id DESC LIMIT %(limit)s",
                values,
            )
            return await cursor.fetchall()

    async def counts(self, tenant: str) -> list[FeedbackCount]:
        """A tenant's remarks, counted by municipality and kind."""
        async with (
            self._database.connection(reads=True) as connection,
            connection.cursor(row_factory=class_row(FeedbackCount)) as cursor,
        ):
            await cursor.execute(
                "SELECT municipality, kind, count(*) AS reported, count(*) FILTER (WHERE outcome IS NULL) AS open"
                " FROM feedback WHERE tenant = %s GROUP BY municipality, kind",
                (tenant,),
            )
            return await cursor.fetchall()

    async def settle(self, tenant: str, remark: str, outcome: str) -> Feedback:
        """Note what became of a tenant's remark; ``open`` takes that back. Raises UnknownFeedback."""
        settled = None if outcome == OPEN else outcome
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(Feedback)) as cursor,
        ):
            await cursor.execute(
                "UPDATE feedback SET outcome = %(outcome)s::text,"
                " settled_at = CASE WHEN %(outcome)s::text IS NOT NULL THEN clock_timestamp() END"
                f" WHERE tenant = %(tenant)s AND id = %(id)s RETURNING {_COLUMNS}",
                {"outcome": settled, "tenant": tenant, "id": remark},
            )
            found = await cursor.fetchone()
        if found is None:
            raise UnknownFeedback(f"there is no remark {remark!r} here", field="feedback")
        return found


def feedback_json(remark: Feedback) -> Json:
    """A remark under the names of the REST API."""
    return {
        "id": remark.id,
        "kind": remark.kind,
        "analysis": remark.analysis_id,
        "municipality": remark.municipality,
        "district": remark.district,
        "field": remark.field,
        "expected": remark.expected,
        "comment": remark.comment,
        "bundle": remark.bundle,
        "evidence": remark.evidence,
        "created_at": remark.created_at.isoformat(),
        "status": remark.outcome or OPEN,
        "settled_at": remark.settled_at.isoformat() if remark.settled_at else None,
        "gold_case": gold_case(remark),
    }


def evidence_of(report: Json, field: str, standard: int | None = None) -> Json:
    """What an analysis showed of a field: its values with their quotes, or the one at a place of the report's list;
    a figure of the lot; of nothing named, its units and verdict."""
    if standard is not None and standard < len(report["standards"]):
        return {"standards": [report["standards"][standard]]}
    shown = [each for each in report["standards"] if each["field"] == field]
    if shown:
        return {"standards": shown}
    if "yield" not in report:
        return {"standards": shown}
    units = report["yield"]
    answered = {
        "units_low": units["units_low"],
        "units_high": units["units_high"],
        "binding_constraint": units["binding_constraint"],
        "verdict": report["verdict"],
    }
    return (
        {"figure": figure_in(report, field), "unit": FIGURES[field][0], **answered}
        if field in FIGURES
        else answered
    )


def figure_in(report: Mapping[str, Any], field: str) -> float | None:
    """A figure as a report shows it; None where it shows none."""
    found: Any = report
    for name in FIGURES[field][1]:
        found = (found or {}).get(name)
    return found if isinstance(found, int | float) else None


def gold_case(remark: Feedback) -> Json | None:
    """The gold case that a remark proposes, for a person to check; None where it names no right value."""
    if remark.expected is None or remark.field not in FIELD_UNITS or not remark.municipality:
        return None
    where = f" in the {remark.district} district" if remark.district else ""
    return {
        "question": f"What is the {field_label(remark.field).lower()}{where}?",
        "municipality": remark.municipality,
        "values": [{"field": remark.field, "value": remark.expected}],
    }
