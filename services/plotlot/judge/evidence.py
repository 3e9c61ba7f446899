"""The evidence of a release as it is kept, as it grew, and as people are told of it."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from plotlot.domain.guardrails import Guardrail, Guardrails
from plotlot.domain.sequential import (
    Evidence,
    evidence_from,
    harm_log_e,
    none,
    noninferior_log_e,
)
from plotlot.domain.verdicts import alone_log_threshold, log_threshold

log = logging.getLogger(__name__)

# A look is kept where the evidence moved by so much since the last one: in nats, or as a part of what it was.
MOVED, MOVED_PART = 0.1, 0.02
POINTS = 300  # told of each guardrail, at most


@dataclass(frozen=True, slots=True)
class Known:
    """The evidence of every guardrail, and how many pairs were set aside."""

    evidence: Mapping[str, Evidence]
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def of(self, guardrail: Guardrail) -> Evidence:
        """The evidence of a guardrail, which may be none yet."""
        return self.evidence.get(guardrail.name) or none(guardrail)

    def with_evidence(self, guardrail: Guardrail, evidence: Evidence) -> "Known":
        """With other evidence on one guardrail."""
        return replace(self, evidence={**self.evidence, guardrail.name: evidence})

    def with_set_aside(self, counts: Mapping[str, int]) -> "Known":
        """Count pairs whose session was bet on before they came."""
        names = {*self.set_aside, *counts}
        return replace(
            self, set_aside={name: self.set_aside.get(name, 0) + counts.get(name, 0) for name in names}
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of one guardrail; means are None before the first answer."""

    guardrail: str
    measure: str
    margin: float
    pairs: int
    set_aside: int
    missing: int
    stable_events: int
    candidate_events: int
    stable_mean: float | None
    candidate_mean: float | None
    harm_log_e: float
    harm_log_threshold: float
    noninferior_log_e: float
    noninferior_log_threshold: float


@dataclass(frozen=True, slots=True)
class Look:
    """The evidence of one guardrail at one moment."""

    guardrail: str
    at: datetime
    pairs: int
    harm_log_e: float
    noninferior_log_e: float


def figures(guardrails: Guardrails, known: Known) -> list[Figures]:
    """What is known of each guardrail, in their order."""
    return [_figures(guardrails, guardrail, known) for guardrail in guardrails.each]


def _figures(guardrails: Guardrails, guardrail: Guardrail, known: Known) -> Figures:
    evidence = known.of(guardrail)
    return Figures(
        guardrail=guardrail.name,
        measure=guardrail.measure.value,
        margin=guardrail.margin,
        pairs=evidence.pairs,
        set_aside=known.set_aside.get(guardrail.name, 0),
        missing=evidence.missing,
        stable_events=evidence.stable_events,
        candidate_events=evidence.candidate_events,
        stable_mean=evidence.stable_mean,
        candidate_mean=evidence.candidate_mean,
        harm_log_e=harm_log_e(evidence),
        harm_log_threshold=alone_log_threshold(guardrails),
        noninferior_log_e=noninferior_log_e(evidence),
        noninferior_log_threshold=log_threshold(guardrails),
    )


async def load(connection: psycopg.AsyncConnection, release: str) -> Known:
    """The evidence of a release as it was kept last."""
    cursor = await connection.execute(
        "SELECT guardrail, state, set_aside FROM evidence WHERE release = %s", (release,)
    )
    evidence, set_aside = {}, {}
    for guardrail, state, count in await cursor.fetchall():
        set_aside[guardrail] = count
        try:
            evidence[guardrail] = evidence_from(state)
        except (TypeError, ValueError, KeyError) as error:
            log.warning("%s: the evidence on %s starts anew: %s", release, guardrail, error)
    return Known(evidence, set_aside)


async def save(
    connection: psycopg.AsyncConnection, release: str, guardrails: Guardrails, known: Known
) -> None:
    """Keep the evidence, and a look at each guardrail whose evidence moved."""
    rows = [
        (release, each.name, json.dumps(known.of(each).values()), known.set_aside.get(each.name, 0))
        for each in guardrails.each
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO evidence (release, guardrail, state, set_aside) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (release, guardrail) DO UPDATE"
            " SET state = excluded.state, set_aside = excluded.set_aside",
            rows,
        )
    await _save_looks(connection, release, guardrails, known)


async def _save_looks(
    connection: psycopg.AsyncConnection, release: str, guardrails: Guardrails, known: Known
) -> None:
    last = {look.guardrail: look for look in await _last_looks(connection, release)}
    moved = [
        (release, each.guardrail, each.pairs, each.harm_log_e, each.noninferior_log_e)
        for each in figures(guardrails, known)
        if has_moved(each, last.get(each.guardrail))
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO looks (release, guardrail, pairs, harm_log_e, noninferior_log_e)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            moved,
        )


def has_moved(now: Figures, last: Look | None) -> bool:
    """Whether a line of the evidence would show the difference."""
    if last is None:
        return bool(now.pairs or now.stable_events or now.candidate_events)
    pairs = ((now.harm_log_e, last.harm_log_e), (now.noninferior_log_e, last.noninferior_log_e))
    return any(abs(new - old) >= max(MOVED, MOVED_PART * abs(old)) for new, old in pairs)


async def _last_looks(connection: psycopg.AsyncConnection, release: str) -> list[Look]:
    async with connection.cursor(row_factory=class_row(Look)) as cursor:
        await cursor.execute(
            "SELECT DISTINCT ON (guardrail) guardrail, at, pairs, harm_log_e, noninferior_log_e"
            " FROM looks WHERE release = %s ORDER BY guardrail, at DESC",
            (release,),
        )
        return await cursor.fetchall()


async def looks_of(connection: psycopg.AsyncConnection, release: str) -> list[Look]:
    """How the evidence grew: for each guardrail its looks in order, thinned, the last one among them."""
    async with connection.cursor(row_factory=class_row(Look)) as cursor:
        await cursor.execute(
            "SELECT guardrail, at, pairs, harm_log_e, noninferior_log_e"
            " FROM looks WHERE release = %s ORDER BY guardrail, at",
            (release,),
        )
        looks = await cursor.fetchall()
    names = dict.fromkeys(look.guardrail for look in looks)
    return [look for name in names for look in thinned([each for each in looks if each.guardrail == name])]


def thinned(looks: Sequence[Look]) -> Sequence[Look]:
    """At most so many of them as a picture shows, evenly, with the first and the last."""
    if len(looks) <= POINTS:
        return looks
    return [looks[round(index * (len(looks) - 1) / (POINTS - 1))] for index in range(POINTS)]
