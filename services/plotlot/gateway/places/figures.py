"""What a town's codes cover, how fresh they are and how good their reading is: the same figures in REST and on pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.municipalities import municipality_key
from plotlot.gateway.feedback.store import FeedbackCount
from plotlot.gateway.quality.town_questions import DAYS, Asked

Json = dict[str, Any]


def town_json(town: retrieval_pb2.Municipality, counts: extraction_pb2.StandardCounts | None = None) -> Json:
    """A municipality under the names of the REST API; without ``counts`` its code, as it is now, was not read yet."""
    return {
        "name": town.name,
        "documents": town.documents,
        "sections": town.sections,
        "chunks": town.chunks,
        "parcels": town.parcels,
        "effective_date": town.effective_date or None,
        "retrieved_at": town.retrieved_at or None,
        "indexed_at": town.indexed_at or None,
        "warnings": town.warnings,
        "refresh": refresh_of(town.refreshed) if town.HasField("refreshed") else None,
        "coverage": coverage_of(counts) if counts else None,
        "quality": quality_of(counts) if counts else None,
    }


def refresh_of(refreshed: retrieval_pb2.Refreshed) -> Json:
    """What a town's refreshes came to; what publisher, product and supplement say is of the code that serves."""
    told = ("publisher", "product", "supplement", "dated", "stage", "reason")
    moments = ("refreshed_at", "checked_at", "swapped_at", "unwell_since")
    counts = ("sections", "added", "changed", "removed", "unreadable")
    return {
        **{name: getattr(refreshed, name) for name in told},
        "kinds": list(refreshed.kinds),
        **{name: getattr(refreshed, name) or None for name in moments},
        # Nothing is known of the sections of a code that no refresh swapped in.
        **{name: getattr(refreshed, name) if refreshed.swapped_at else None for name in counts},
    }


def coverage_of(counts: extraction_pb2.StandardCounts) -> Json:
    """The districts that a code defines, those of them that were read, and their standards by status."""
    return {
        "districts": counts.districts,
        "districts_read": counts.districts_read,
        "stated": counts.stated,
        "not_stated": counts.not_stated,
        "conflicting": counts.conflicting,
        "delegated": counts.delegated,
        "read_at": counts.read_at,
        "by_field": {field.field: field.districts for field in counts.fields},
    }


def quality_of(counts: extraction_pb2.StandardCounts) -> Json:
    """Values whose quote verified, those dropped because it did not, and the share of the first in both."""
    read = counts.verified + counts.dropped
    return {
        "verified": counts.verified,
        "dropped": counts.dropped,
        "verified_share": round(counts.verified / read, 4) if read else None,
    }


def with_feedback(towns: Sequence[Json], counts: Sequence[FeedbackCount]) -> list[Json]:
    """The towns, each with what people said of its values: how often by kind, and how much of that is open."""
    said: dict[str, list[FeedbackCount]] = {}
    for count in counts:
        said.setdefault(municipality_key(count.municipality), []).append(count)
    return [{**town, "feedback": feedback_of(said.get(municipality_key(town["name"]), ()))} for town in towns]


def with_questions(towns: Sequence[Json], asked: Mapping[str, Asked]) -> list[Json]:
    """The towns, each with how many questions of the last days its code had no answer to."""
    return [{**town, "questions": questions_of(asked.get(town["name"], Asked()))} for town in towns]


def questions_of(asked: Asked) -> Json:
    """Questions in words, those that were refused, and their share; None where nobody asked."""
    share = round(asked.refused / asked.asked, 4) if asked.asked else None
    return {"days": DAYS, "asked": asked.asked, "refused": asked.refused, "refused_share": share}


def feedback_of(counts: Sequence[FeedbackCount]) -> Json:
    """Remarks by kind, all of them and the open ones; kinds that nobody used are left out."""
    return {
        "reported": summed((count.kind, count.reported) for count in counts),
        "open": summed((count.kind, count.open) for count in counts),
    }


def summed(pairs: Any) -> Mapping[str, int]:
    """The sum of each kind that has one."""
    found: dict[str, int] = {}
    for kind, number in pairs:
        found[kind] = found.get(kind, 0) + number
    return {kind: number for kind, number in sorted(found.items()) if number}
