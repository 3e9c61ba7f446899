"""A release as people on call read it: is it going well, and if not, which guardrail and by how much."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plotlot.domain.guardrails import LACKING
from plotlot.gateway.releases.wording import (
    ago,
    count,
    difference_words,
    e_words,
    guardrail_title,
    length,
    percent,
    points,
    reason_words,
    release_title,
    share_words,
    stage_words,
    weight_words,
)

Json = Mapping[str, Any]

OPEN_STAGES = ("shadow", "canary")
WEIGHTS = (5.0, 25.0, 50.0, 100.0)
SILENT_SECONDS = 60.0  # verdicts are asked for every few seconds while a rollout goes on
WORSE, LEANING, PROVEN, UNDECIDED, EMPTY = "worse", "leaning", "proven", "undecided", "empty"
STATE_WORDS: Mapping[str, str] = {
    WORSE: "Worse",
    LEANING: "Leaning worse",
    PROVEN: "Within its margin",
    UNDECIDED: "Not decided",
    EMPTY: "No evidence yet",
}
CONCERN = (WORSE, LEANING, EMPTY, UNDECIDED, PROVEN)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a rollout: done, now, ahead, or stopped where the release ended."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class GuardrailView:
    """What is known of one guardrail, in words."""

    name: str
    title: str
    state: str
    stable: str
    candidate: str
    difference: str
    sentence: str
    margin: str
    counted: str
    harm: str
    harm_threshold: str
    noninferior: str
    noninferior_threshold: str
    decides: str
    concern: float
    harm_log_threshold: float
    noninferior_log_threshold: float

    @property
    def state_words(self) -> str:
        """The state in words."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Run:
    """Verdicts of one kind that followed one another at one weight; the last one's reason stands for all."""

    verdict: str
    stage: str
    first: datetime
    last: datetime
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """What the page and the terminal say of a release, beside the release itself."""

    title: str
    mood: str
    headline: str
    summary: str
    stage: str
    open: bool
    steps: tuple[Step, ...]
    guardrails: tuple[GuardrailView, ...]
    notices: tuple[str, ...]
    runs: tuple[Run, ...]
    since: str
    settled: int
    pairs: int


def view_of(release: Json, now: datetime) -> ReleaseView:
    """A release with its evidence, looks and verdicts as it is to be read."""
    is_open = release["stage"] in OPEN_STAGES
    found = sorted(map(guardrail_view, release["evidence"]), key=_concern)
    mood, headline, summary = _assessment(release, found)
    return ReleaseView(
        title=release_title(release),
        mood=mood,
        headline=headline,
        summary=summary,
        stage=stage_words(release),
        open=is_open,
        steps=tuple(steps_of(release)),
        guardrails=tuple(found),
        notices=tuple(_notices(release, found, now)) if is_open else (),
        runs=tuple(runs_of(release["verdicts"])),
        since=_since(release, now),
        settled=sum(each.state == PROVEN for each in found),
        pairs=max((each["pairs"] for each in release["evidence"]), default=0),
    )


def guardrail_view(evidence: Json) -> GuardrailView:
    """One guardrail's evidence in words."""
    name, state = evidence["guardrail"], state_of(evidence)
    difference = evidence["candidate_mean"] - evidence["stable_mean"]
    stable, candidate = percent(evidence["stable_mean"]), percent(evidence["candidate_mean"])
    sentence = f"{stable} {share_words(name)} on stable, {candidate} on the candidate."
    return GuardrailView(
        name=name,
        title=guardrail_title(name),
        state=state,
        stable=stable if evidence["pairs"] else "–",
        candidate=candidate if evidence["pairs"] else "–",
        difference=difference_words(difference) if evidence["pairs"] else "",
        sentence=sentence if evidence["pairs"] else _without_pairs(evidence),
        margin=points(evidence["margin"]),
        counted=", ".join(_counted(evidence)),
        harm=e_words(evidence["harm_log_e"]),
        harm_threshold=e_words(evidence["harm_log_threshold"]),
        noninferior=e_words(evidence["noninferior_log_e"]),
        noninferior_threshold=e_words(evidence["noninferior_log_threshold"]),
        decides=_decides(evidence, state),
        concern=_ratio(evidence["harm_log_e"], evidence["harm_log_threshold"]),
        harm_log_threshold=evidence["harm_log_threshold"],
        noninferior_log_threshold=evidence["noninferior_log_threshold"],
    )


def state_of(evidence: Json) -> str:
    """What the evidence of a guardrail says; harm that is shown outweighs all else."""
    if not evidence["pairs"] and not _events(evidence) and not evidence["missing"]:
        return EMPTY
    harm = _ratio(evidence["harm_log_e"], evidence["harm_log_threshold"])
    if harm >= 1:
        return WORSE
    if evidence["noninferior_log_e"] >= evidence["noninferior_log_threshold"]:
        return PROVEN
    return LEANING if harm >= 0.5 else UNDECIDED


def steps_of(release: Json) -> Iterator[Step]:
    """The stages from shadow to all users, with where this release stands or stood last."""
    stage, weight = _reached(release)
    seen = {verdict["weight"] for verdict in release["verdicts"] if verdict["stage"] == "canary"}
    weights = sorted({*WEIGHTS, *(each for each in {*seen, weight} if 0 < each <= 100)})
    here = 0 if stage == "shadow" else 1 + weights.index(min(weights, key=lambda each: abs(each - weight)))
    for place, name in enumerate(("Shadow", *map(weight_words, weights))):
        yield Step(name, _state_of_step(release["stage"], place, here))


def runs_of(verdicts: Sequence[Json]) -> list[Run]:
    """Verdicts in runs, the newest first; those of the watch run beside the others."""
    runs: list[Run] = []
    latest: dict[bool, int] = {}
    for verdict in sorted(verdicts, key=lambda each: each["at"] or ""):
        at, stage, reason = instant(verdict["at"]), stage_words(verdict), reason_words(verdict)
        place = latest.get(verdict["stage"] == "watch")
        last = runs[place] if place is not None else None
        if (
            place is not None
            and last is not None
            and (last.verdict, last.stage) == (verdict["verdict"], stage)
        ):
            runs[place] = replace(last, last=at, number=last.number + 1, reason=reason)
        else:
            latest[verdict["stage"] == "watch"] = len(runs)
            runs.append(Run(verdict["verdict"], stage, at, at, 1, reason))
    return sorted(runs, key=lambda run: run.last, reverse=True)


def instant(text: str | None) -> datetime:
    """A moment of the judge's JSON; the least there is where it has none."""
    return datetime.fromisoformat(text) if text else datetime.fromisoformat("0001-01-01T00:00:00Z")


def _concern(guardrail: GuardrailView) -> tuple[int, float]:
    """What people must see first comes first."""
    return CONCERN.index(guardrail.state), -guardrail.concern


def _ratio(log_e: float, threshold: float) -> float:
    return log_e / threshold if threshold > 0 else 0.0


def _events(evidence: Json) -> int:
    total: int = evidence["stable_events"] + evidence["candidate_events"]
    return total


def _counted(evidence: Json) -> Iterator[str]:
    yield count(evidence["pairs"], "session")
    if evidence["missing"]:
        yield f"{evidence['missing']:,} without the candidate's answer"
    if evidence["set_aside"]:
        yield f"{evidence['set_aside']:,} set aside"
    if _events(evidence):
        yield (
            f"users: {count(evidence['candidate_events'], 'event')} on the candidate,"
            f" {evidence['stable_events']:,} on stable"
        )


def _without_pairs(evidence: Json) -> str:
    if not _events(evidence):
        return "Nothing that this guardrail measures was answered by both bundles yet."
    return (
        f"Of {count(_events(evidence), 'event')} among users, {evidence['candidate_events']:,} were on the"
        " candidate."
    )


def _decides(evidence: Json, state: str) -> str:
    """What would decide a guardrail."""
    if state == WORSE:
        return "It got worse: this rolls the release back."
    if state == PROVEN:
        return f"It is worse by less than {points(evidence['margin'])}, if at all: this is settled."
    if state == EMPTY:
        advice = LACKING.get(evidence["guardrail"], "it needs answers of both bundles")
        return f"It holds up promotion until there is evidence: {advice}."
    if state == LEANING:
        return f"It leans towards worse, and goes back at {e_words(evidence['harm_log_threshold'])}."
    further = further_pairs(evidence)
    if further is not None:
        return f"About {count(further, 'more session')} like those so far would show that it is not worse."
    return "What is known so far speaks neither way: more sessions decide."


def further_pairs(evidence: Json) -> int | None:
    """How many more sessions of pairs show that a guardrail is not worse, at the rate so far; None where none would."""
    log_e, threshold = evidence["noninferior_log_e"], evidence["noninferior_log_threshold"]
    if not evidence["pairs"] or log_e < 0.05:
        return None
    return max(math.ceil(evidence["pairs"] * (threshold / log_e - 1)), 1)


def _assessment(release: Json, found: Sequence[GuardrailView]) -> tuple[str, str, str]:
    """How it goes: a mood, a headline, and the sentence below it."""
    reason = reason_words(release)
    match release["stage"]:
        case "promoted":
            return "good", "Promoted", reason
        case "rolled_back":
            return "bad", _rolled_back_words(found), reason
        case "aborted":
            return "bad", "Aborted by hand", reason
        case "superseded":
            return "quiet", "Superseded", reason or "Another candidate took its place before it was decided."
    return _open_assessment(reason, found)


def _open_assessment(reason: str, found: Sequence[GuardrailView]) -> tuple[str, str, str]:
    """How a release goes that is not decided."""
    if all(each.state == EMPTY for each in found):
        return "quiet", "No evidence yet", reason or "The first answers of both bundles are on their way."
    worst, settled = found[0], sum(each.state == PROVEN for each in found)
    if worst.state == WORSE:
        return "bad", f"{_worse_words(worst)}: it goes back", reason
    if worst.state == LEANING:
        return "watch", f"{worst.title} may be getting worse: {worst.difference}", reason
    if settled == len(found):
        return "good", "Going well: every guardrail is within its margin", reason
    mood = "good" if settled else "quiet"
    return mood, f"No harm seen: {settled} of {len(found)} guardrails settled", reason


def _worse_words(guardrail: GuardrailView) -> str:
    by = f" by {guardrail.difference[1:]}" if guardrail.difference.startswith("+") else ""
    return f"{guardrail.title} got worse{by}"


def _rolled_back_words(found: Sequence[GuardrailView]) -> str:
    worst = max(found, key=lambda each: each.concern, default=None)
    return f"Rolled back: {_worse_words(worst).lower()}" if worst and worst.concern > 0 else "Rolled back"


def _reached(release: Json) -> tuple[str, float]:
    """The stage and weight that a release is at, or ended at."""
    if release["stage"] in OPEN_STAGES:
        return release["stage"], release["weight"]
    if release["stage"] == "promoted":
        return "canary", 100.0
    weights = [each["weight"] for each in release["verdicts"] if each["stage"] == "canary"]
    weight = max([release["weight"], *weights])
    return ("canary", weight) if weight else ("shadow", 0.0)


def _state_of_step(stage: str, place: int, here: int) -> str:
    if stage == "promoted" or place < here:
        return "done"
    if place > here:
        return "ahead"
    return "now" if stage in OPEN_STAGES else "stopped"


def _notices(release: Json, found: Sequence[GuardrailView], now: datetime) -> Iterator[str]:
    """What people on call may have to do something about."""
    if release["shadow_stopped"]:
        yield f"Its shadow is stopped: plotlot release shadow start {release['id']} begins it again."
    asked = release["asked_at"] or release["opened_at"]
    if asked and (now - instant(asked)).total_seconds() > SILENT_SECONDS:
        silent = length((now - instant(asked)).total_seconds())
        yield f"Nobody has asked for a verdict for {silent}: is the rollout paused, or gone?"
    empty = [each for each in found if each.state == EMPTY]
    if empty and len(empty) < len(found):
        for each in empty:
            yield f"{each.title}: {each.decides[0].lower()}{each.decides[1:]}"


def _since(release: Json, now: datetime) -> str:
    if release["closed_at"]:
        return f"closed {ago(instant(release['closed_at']), now)}"
    asked = f", last asked for {ago(instant(release['asked_at']), now)}" if release["asked_at"] else ""
    return f"opened {ago(instant(release['opened_at']), now)}{asked}" if release["opened_at"] else ""
