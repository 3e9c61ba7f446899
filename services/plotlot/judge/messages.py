"""What the judge knows as messages, and what it is sent as values."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import guardrails_from
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.outcomes import Exposure, ExposureCount, Outcome, Pair
from plotlot.judge.evidence import Figures, Look
from plotlot.judge.history import Given
from plotlot.judge.questions import Question
from plotlot.judge.reading import Summary
from plotlot.judge.releases import Registered

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp


def pair_from(sent: judge_pb2.Pair) -> Pair:
    """A pair that was sent. Raises InvalidRequest."""
    if not sent.HasField("stable"):
        raise InvalidRequest(f"{sent.request_id}: a pair has the stable bundle's answer", field="stable")
    return Pair(
        request_id=sent.request_id,
        stable=outcome_from(sent.stable),
        candidate=outcome_from(sent.candidate) if sent.HasField("candidate") else None,
        session=sent.session,
        operation=sent.operation,
        question=sent.question,
        source=sent.source,
        at=moment(sent, "at"),
    )


def exposure_from(sent: judge_pb2.Exposure) -> Exposure:
    """An exposure that was sent. Raises InvalidRequest."""
    return Exposure(
        request_id=sent.request_id,
        bundle=sent.bundle,
        outcome=outcome_from(sent.outcome),
        session=sent.session,
        session_started_at=moment(sent, "session_started_at"),
        at=moment(sent, "at"),
        operation=sent.operation,
        question=sent.question,
        shadowed=sent.shadowed,
    )


def count_from(sent: judge_pb2.ExposureCount) -> ExposureCount:
    """A count that was sent. Raises InvalidRequest."""
    return ExposureCount(
        bundle=sent.bundle, requests=sent.requests, sessions=sent.sessions, operation=sent.operation
    )


def outcome_from(sent: judge_pb2.Outcome) -> Outcome:
    """An outcome that was sent. Raises InvalidRequest."""
    return Outcome(
        failed=sent.failed,
        seconds=sent.seconds,
        scores=dict(sent.scores),
        cost=sent.cost,
        status=sent.status,
        summary=sent.summary,
    )


def question_from(sent: judge_pb2.DecideRequest) -> Question:
    """What is asked. Raises InvalidRequest and InvalidBundle."""
    return Question(
        stable=sent.stable,
        candidate=sent.candidate,
        stage=sent.stage,
        weight=sent.weight,
        next_weight=sent.next_weight,
        guardrails=guardrails_from(_mapping(sent.guardrails_json)) if sent.guardrails_json else None,
    )


def bundle_message(kept: Registered) -> judge_pb2.GetBundleResponse:
    """A bundle."""
    values: dict[str, Any] = {"bundle": kept.id, "manifest_json": kept.manifest}
    values["registered_at"] = kept.registered_at  # a datetime will do, though its type does not say so
    return judge_pb2.GetBundleResponse(**values)


def evidence_message(figures: Figures) -> judge_pb2.Evidence:
    """What is known of a guardrail; a mean of nothing is 0."""
    known = asdict(figures)
    means = {name: known[name] or 0.0 for name in ("stable_mean", "candidate_mean")}
    return judge_pb2.Evidence(**{**known, **means})


def release_message(release: Summary) -> judge_pb2.Release:
    """A release."""
    return judge_pb2.Release(**asdict(release))


def look_message(look: Look) -> judge_pb2.Look:
    """The evidence of a guardrail at one moment."""
    return judge_pb2.Look(**asdict(look))


def verdict_message(given: Given) -> judge_pb2.Verdict:
    """A verdict that was given."""
    values = {**asdict(given), "evidence_json": json.dumps(given.evidence)}
    del values["evidence"]
    return judge_pb2.Verdict(**values)


def pair_message(pair: Pair) -> judge_pb2.Pair:
    """A pair as it was recorded."""
    return judge_pb2.Pair(**_values(pair))


def exposure_message(exposure: Exposure) -> judge_pb2.Exposure:
    """An exposure as it was recorded."""
    return judge_pb2.Exposure(**_values(exposure))


def moment(message: Any, field: str) -> datetime | None:
    """A timestamp; None where it was not sent."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{field} is no moment: {error}", field=field) from None


def _values(recorded: Pair | Exposure) -> dict[str, Any]:
    return {name: value for name, value in asdict(recorded).items() if value is not None}


def _mapping(guardrails_json: str) -> dict[str, Any]:
    try:
        values = json.loads(guardrails_json)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"guardrails_json is not JSON: {error}", field="guardrails_json") from None
    if not isinstance(values, dict):
        raise InvalidRequest("guardrails are a JSON object", field="guardrails_json")
    return values
