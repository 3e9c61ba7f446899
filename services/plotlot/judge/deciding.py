"""The verdict on a release: what was recorded is bet on, and the evidence decides."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import psycopg

from plotlot.domain.errors import PlotLotError, StoreUnavailable
from plotlot.domain.verdicts import Decision, Stage, Verdict, decide
from plotlot.judge.evidence import Known, figures, load
from plotlot.judge.folding import fold
from plotlot.judge.history import is_news, keep
from plotlot.judge.opening import open_release, refuse_other_guardrails
from plotlot.judge.questions import Answer, Question
from plotlot.judge.releases import Release, change, locked, release_id
from plotlot.judge.waiting import in_time
from plotlot.judge.weights import allow, report
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

CLOSED = {
    "promoted": Verdict.PROMOTE,
    "rolled_back": Verdict.ROLLBACK,
    "aborted": Verdict.ROLLBACK,
    "superseded": Verdict.CONTINUE,
}

# What opens a release that was closed: another shadow of one that was promoted begins with no evidence.
OPENING = {"superseded": (Stage.SHADOW, Stage.CANARY), "promoted": (Stage.SHADOW,)}


class Decider:
    """Answers what a release does next."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def decide(self, question: Question) -> Answer:
        """The verdict. Raises InvalidRequest and InvalidBundle; without the database it is continue.

        So it is after a fault of ours: Argo would take an error for a failure of the release.
        """
        try:
            answer = await self._answer(question)
        except StoreUnavailable as error:
            answer = _degraded(error.message)
        except PlotLotError:
            raise
        except Exception as error:
            log.exception("the verdict on %s and %s failed", question.stable, question.candidate)
            answer = _degraded(f"{type(error).__name__}: a fault of the judge's own; its log has more")
        self._metrics.judge_degraded.set(answer.degraded)
        self._metrics.judge_verdicts.labels(question.stage, answer.verdict).inc()
        return answer

    async def look(self, release: str) -> None:
        """Bet on what waits for an open release, and close it where that shows harm; unless another does."""
        async with self._database.connection() as connection:
            found = await locked(connection, release, skip_locked=True)
            if found is None or found.closed_at is not None:
                return
            folded = await fold(connection, found, self._metrics)
            decision = decide(found.guardrails, folded.known.evidence, Stage.WATCH)
            if decision.verdict is Verdict.ROLLBACK:
                await change(connection, found, **_told(decision), **_closed("rolled_back"))
                await keep(connection, found, Stage.WATCH, decision, folded.known)

    @in_time
    async def _answer(self, question: Question) -> Answer:
        async with self._database.connection() as connection:
            return await self._decide(connection, question)

    async def _decide(self, connection: psycopg.AsyncConnection, question: Question) -> Answer:
        if question.stable == question.candidate:
            return _same(question)
        release = await locked(connection, release_id(question.stable, question.candidate))
        if release is None or question.stage in OPENING.get(release.stage, ()):
            opened = await open_release(connection, question)
            if isinstance(opened, str):
                return Answer("", Verdict.CONTINUE, f"continue: {opened}")
            release = opened
        if release.closed_at is not None:
            return await self._as_it_was(connection, release, question)
        refuse_other_guardrails(release, question)
        if question.weight_now is not None:
            await report(connection, release.id, question.weight_now)
            release = replace(release, stage=question.stage, weight=question.weight_now)
        return await self._judge(connection, release, question)

    async def _as_it_was(
        self, connection: psycopg.AsyncConnection, release: Release, question: Question
    ) -> Answer:
        """What was decided stays decided; whoever watches is never told to promote."""
        verdict = CLOSED[release.stage]
        if verdict is Verdict.PROMOTE and question.stage == Stage.WATCH:
            verdict = Verdict.CONTINUE
        known = await load(connection, release.id)
        words = release.stage.replace("_", " ")
        reason = f"{verdict}: this release was {words}: {_without_verdict(release.reason)}"
        await change(connection, release, asked_at=datetime.now(UTC))
        return Answer(release.id, verdict, reason, figures(release.guardrails, known))

    async def _judge(
        self, connection: psycopg.AsyncConnection, release: Release, question: Question
    ) -> Answer:
        folded = await fold(connection, release, self._metrics)
        decision = await _decision(connection, release, question, folded.known)
        if folded.behind and decision.verdict is Verdict.PROMOTE and not release.promoted_by:
            decision = Decision(Verdict.CONTINUE, "continue: more was recorded than could be bet on yet")
        await _apply(connection, release, question, decision)
        if is_news(release, decision):
            await keep(connection, release, question.stage, decision, folded.known)
        told = figures(release.guardrails, folded.known)
        return Answer(release.id, decision.verdict, decision.reason, told, degraded=folded.behind)


def _degraded(reason: str) -> Answer:
    told = f"continue: the judge cannot see its evidence: {reason}"
    return Answer("", Verdict.CONTINUE, told, degraded=True)


def _same(question: Question) -> Answer:
    """The answer where both are one bundle: nothing that is judged differs."""
    verdict = Verdict.CONTINUE if question.stage == Stage.WATCH else Verdict.PROMOTE
    return Answer("", verdict, f"{verdict}: both are {question.stable}, and nothing that is judged differs")


async def _decision(
    connection: psycopg.AsyncConnection, release: Release, question: Question, known: Known
) -> Decision:
    sessions = await _candidate_sessions(connection, release) if question.stage == Stage.CANARY else 0
    decision = decide(release.guardrails, known.evidence, question.stage, sessions)
    by_hand = release.promoted_by and question.stage != Stage.WATCH
    if by_hand and decision.verdict is not Verdict.ROLLBACK:
        return Decision(Verdict.PROMOTE, f"promote: by hand: {release.promoted_by}")
    return decision


async def _candidate_sessions(connection: psycopg.AsyncConnection, release: Release) -> int:
    """Sessions of users that met the candidate since this weight was reported."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(sessions), 0)::bigint FROM exposure_counts WHERE release = %(release)s"
        " AND bundle = %(candidate)s"
        " AND since = (SELECT max(at) FROM weights WHERE release = %(release)s AND reported)",
        {"release": release.id, "candidate": release.candidate},
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _apply(
    connection: psycopg.AsyncConnection, release: Release, question: Question, decision: Decision
) -> None:
    """Write what was asked and decided, and what that means for the release."""
    asked = {"asked_at": datetime.now(UTC), "stage": release.stage, "weight": release.weight}
    told = {**asked, **_told(decision)}
    if decision.verdict is Verdict.ROLLBACK:
        told |= _closed("rolled_back")
    elif decision.verdict is Verdict.PROMOTE:
        told |= {"promoted_by": ""}
        if question.is_last:
            told |= _closed("promoted")
        else:
            await allow(connection, release.id, question.next_weight)
    await change(connection, release, **told)


def _told(decision: Decision) -> dict[str, object]:
    return {
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "guardrail": decision.guardrail,
    }


def _closed(stage: str) -> dict[str, object]:
    return {"stage": stage, "closed_at": datetime.now(UTC)}


def _without_verdict(reason: str) -> str:
    """A reason without the verdict that it begins with."""
    head, _, rest = reason.partition(": ")
    return rest if head in tuple(Verdict) else reason
