"""The judge, as the gateway asks it for people: releases, their evidence and their bundles, as JSON."""

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from plotlot.api.judge.v1 import judge_pb2
from plotlot.rpc.errors import calling

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceAsyncStub

Json = dict[str, Any]


class JudgeClient:
    """What the judge knows of releases. Raises UnknownRelease, UnknownBundle and UnavailableErrors."""

    def __init__(self, stub: "JudgeServiceAsyncStub") -> None:
        self._stub = stub

    async def releases(self, limit: int) -> list[Json]:
        """Releases, the newest first."""
        with calling("judge"):
            answer = await self._stub.ListReleases(judge_pb2.ListReleasesRequest(limit=limit))
        return [release_json(release) for release in answer.releases]

    async def release(self, release: str) -> Json:
        """One release with its evidence, how that grew, and its verdicts."""
        with calling("judge"):
            answer = await self._stub.GetRelease(judge_pb2.GetReleaseRequest(release=release))
        return {
            **release_json(answer.release),
            "evidence": [evidence_json(evidence) for evidence in answer.evidence],
            "looks": [look_json(look) for look in answer.looks],
            "verdicts": [verdict_json(verdict) for verdict in answer.verdicts],
        }

    async def pairs(self, release: str, limit: int) -> list[Json]:
        """Pairs that differ, those that count most against the candidate first."""
        with calling("judge"):
            answer = await self._stub.ListPairs(judge_pb2.ListPairsRequest(release=release, limit=limit))
        return [pair_json(pair) for pair in answer.pairs]

    async def harmed(self, release: str, limit: int) -> list[Json]:
        """Requests of users that the candidate failed or kept waiting."""
        with calling("judge"):
            answer = await self._stub.ListHarmed(judge_pb2.ListHarmedRequest(release=release, limit=limit))
        return [exposure_json(exposure) for exposure in answer.exposures]

    async def steer(self, release: str, action: str, by: str, why: str) -> Json:
        """The release after a person's decision over the judge's."""
        request = judge_pb2.SteerReleaseRequest(release=release, action=action, by=by, why=why)
        with calling("judge"):
            answer = await self._stub.SteerRelease(request)
        return release_json(answer.release)

    async def bundle(self, bundle: str) -> Json:
        """A bundle's manifest; None where whoever registered it gave none."""
        with calling("judge"):
            answer = await self._stub.GetBundle(judge_pb2.GetBundleRequest(bundle=bundle))
        return {
            "id": answer.bundle,
            "manifest": json.loads(answer.manifest_json) if answer.manifest_json else None,
            "registered_at": moment(answer, "registered_at"),
        }


def release_json(release: judge_pb2.Release) -> Json:
    """A release without its evidence."""
    return {
        "id": release.id,
        "stable": release.stable,
        "candidate": release.candidate,
        "stage": release.stage,
        "weight": release.weight,
        "verdict": release.verdict,
        "reason": release.reason,
        "shadow_stopped": release.shadow_stopped,
        "opened_at": moment(release, "opened_at"),
        "closed_at": moment(release, "closed_at"),
        "asked_at": moment(release, "asked_at"),
        "changes": list(release.changes),
        "candidate_requests": release.candidate_requests,
        "harmed_requests": release.harmed_requests,
    }


def evidence_json(evidence: judge_pb2.Evidence) -> Json:
    """What is known of one guardrail."""
    return {
        "guardrail": evidence.guardrail,
        "measure": evidence.measure,
        "margin": evidence.margin,
        "pairs": evidence.pairs,
        "set_aside": evidence.set_aside,
        "missing": evidence.missing,
        "stable_events": evidence.stable_events,
        "candidate_events": evidence.candidate_events,
        "stable_mean": evidence.stable_mean,
        "candidate_mean": evidence.candidate_mean,
        "harm_log_e": evidence.harm_log_e,
        "harm_log_threshold": evidence.harm_log_threshold,
        "noninferior_log_e": evidence.noninferior_log_e,
        "noninferior_log_threshold": evidence.noninferior_log_threshold,
    }


def look_json(look: judge_pb2.Look) -> Json:
    """The evidence of one guardrail at one moment."""
    return {
        "guardrail": look.guardrail,
        "at": moment(look, "at"),
        "pairs": look.pairs,
        "harm_log_e": look.harm_log_e,
        "noninferior_log_e": look.noninferior_log_e,
    }


def verdict_json(verdict: judge_pb2.Verdict) -> Json:
    """A verdict that was given, with the evidence as it stood."""
    return {
        "at": moment(verdict, "at"),
        "stage": verdict.stage,
        "weight": verdict.weight,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "evidence": json.loads(verdict.evidence_json) if verdict.evidence_json else None,
    }


def pair_json(pair: judge_pb2.Pair) -> Json:
    """Both bundles' answers to one question; the candidate's is None where it is not known."""
    return {
        "request_id": pair.request_id,
        "session": pair.session,
        "operation": pair.operation,
        "question": pair.question,
        "source": pair.source,
        "at": moment(pair, "at"),
        "stable": outcome_json(pair.stable),
        "candidate": outcome_json(pair.candidate) if pair.HasField("candidate") else None,
    }


def exposure_json(exposure: judge_pb2.Exposure) -> Json:
    """A user's request that failed or took longer than its objective."""
    return {
        "request_id": exposure.request_id,
        "session": exposure.session,
        "session_started_at": moment(exposure, "session_started_at"),
        "at": moment(exposure, "at"),
        "bundle": exposure.bundle,
        "operation": exposure.operation,
        "question": exposure.question,
        "outcome": outcome_json(exposure.outcome),
        "shadowed": exposure.shadowed,
    }


def outcome_json(outcome: judge_pb2.Outcome) -> Json:
    """How one bundle answered one question."""
    return {
        "failed": outcome.failed,
        "seconds": outcome.seconds,
        "scores": dict(outcome.scores),
        "cost": outcome.cost,
        "status": outcome.status,
        "summary": outcome.summary,
    }


def moment(message: Any, field: str) -> str | None:
    """A timestamp as RFC 3339 in UTC, to the millisecond; None where it is not set."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    return stamp.ToDatetime(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
