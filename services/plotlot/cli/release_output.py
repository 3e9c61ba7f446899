"""Releases for a terminal: how it goes first, then each guardrail with its figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from plotlot.cli.output import console
from plotlot.gateway.releases.view import OPEN_STAGES, GuardrailView, ReleaseView, instant, view_of
from plotlot.gateway.releases.wording import (
    ago,
    change_parts,
    count,
    operation_words,
    reason_words,
    release_title,
    stage_words,
)
from plotlot.gateway.wording import plain

Json = Mapping[str, Any]

MOODS = {"good": "bold green", "bad": "bold red", "watch": "bold yellow", "quiet": "bold"}
STATES = {"worse": "red", "leaning": "yellow", "proven": "green", "undecided": "default", "empty": "dim"}
STEPS = {"done": "✓", "now": "●", "ahead": "○", "stopped": "✕"}
BARS = "▁▂▃▄▅▆▇█"
SPARKS = 32
LONGEST_ANSWER, LONGEST_REASON = 400, 160


def print_list(releases: Sequence[Json], now: datetime) -> None:
    """Releases, a row each."""
    out = console()
    if not releases:
        out.print("No release yet: one begins when a rollout asks for its first verdict.")
        return
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    for heading in ("Release", "Stage", "Since", "What changed", "Last verdict"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Release", "Since"))
    for each in releases:
        since = each["closed_at"] or each["opened_at"]
        verdict = _short(": ".join(filter(None, (each["verdict"], reason_words(each)))), LONGEST_REASON)
        cells = (
            each["id"], stage_words(each), ago(instant(since), now) if since else "",
            release_title(each), verdict,
        )  # fmt: skip
        table.add_row(*(escape(plain(cell)) for cell in cells))
    out.print(table)


def print_status(release: Json, now: datetime) -> None:
    """How a release goes, with a row for each guardrail."""
    out, view = console(), view_of(release, now)
    _print_head(out, release, view)
    if view.guardrails:
        out.print()
        out.print(_guardrail_table(view))
    _print_notices(out, view)
    if view.open:
        out.print(f"\n[dim]plotlot release explain {escape(release['id'])} says why[/dim]")


def print_explained(release: Json, pairs: Sequence[Json], harmed: Sequence[Json], now: datetime) -> None:
    """Why the verdict is what it is: each guardrail, the worst pairs, the harm, and what would decide it."""
    out, view = console(), view_of(release, now)
    _print_head(out, release, view)
    _print_notices(out, view)
    for guardrail in view.guardrails:
        _print_guardrail(out, guardrail, release["looks"])
    _print_pairs(out, pairs)
    _print_harmed(out, release, harmed)
    _print_changes(out, release)


def told_line(release: Json) -> str:
    """A release in a line: its stage, and the last verdict with its reason."""
    verdict = release["verdict"] if release["stage"] in OPEN_STAGES else ""
    shadow = "shadow stopped" if release["shadow_stopped"] and release["stage"] in OPEN_STAGES else ""
    parts = (plain(stage_words(release)), shadow, verdict, plain(reason_words(release)))
    return f"{release['id']}: {': '.join(part for part in parts if part)}"


def sparkline(values: Sequence[float], threshold: float) -> str:
    """Logarithms of an e-value as bars, the highest where it reached its threshold."""
    step = max(len(values) / SPARKS, 1.0)
    shown = [
        values[min(int((place + 1) * step) - 1, len(values) - 1)] for place in range(min(len(values), SPARKS))
    ]
    return "".join(BARS[round(min(max(value / threshold, 0.0), 1.0) * (len(BARS) - 1))] for value in shown)


def _print_head(out: Console, release: Json, view: ReleaseView) -> None:
    out.print(f"[bold]{escape(plain(view.title))}[/bold]")
    out.print(
        f"[dim]{escape(release['id'])}: {escape(release['candidate'])} to follow {escape(release['stable'])}[/dim]"
    )
    out.print(f"\n[{MOODS[view.mood]}]{escape(plain(view.headline))}[/{MOODS[view.mood]}]")
    if view.summary:
        out.print(escape(plain(view.summary)))
    out.print(escape(plain(f"{view.stage}, {view.since}" if view.since else view.stage)))
    out.print("  ".join(f"{STEPS[step.state]} {step.name}" for step in view.steps))
    if release["candidate_requests"]:
        requests = count(release["candidate_requests"], "user’s request", "users’ requests")
        out.print(f"{requests} on the candidate, {release['harmed_requests']:,} of them harmed")


def _guardrail_table(view: ReleaseView) -> Table:
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    table.add_column("Guardrail")
    table.add_column("")
    for heading in ("Stable", "Candidate", "Difference", "Allowed", "Worse", "Within its margin"):
        table.add_column(heading, justify="right")
    for each in view.guardrails:
        style = STATES[each.state]
        table.add_row(
            escape(plain(each.title)), f"[{style}]{each.state_words}[/{style}]", each.stable, each.candidate,
            each.difference, each.margin, f"{each.harm} of {each.harm_threshold}",
            f"{each.noninferior} of {each.noninferior_threshold}",
        )  # fmt: skip
    return table


def _print_notices(out: Console, view: ReleaseView) -> None:
    for notice in view.notices:
        out.print(f"[yellow]{escape(plain(notice))}[/yellow]")


def _print_guardrail(out: Console, guardrail: GuardrailView, looks: Sequence[Json]) -> None:
    style = STATES[guardrail.state]
    figures = f": {guardrail.difference} of {guardrail.margin} allowed" if guardrail.difference else ""
    out.print(
        f"\n[bold]{escape(plain(guardrail.title))}[/bold]  [{style}]{guardrail.state_words}[/{style}]{figures}"
    )
    _print_in(out, escape(plain(guardrail.sentence)), 2)
    _print_in(out, f"[dim]{escape(guardrail.counted)}[/dim]", 2)
    own = sorted(
        (each for each in looks if each["guardrail"] == guardrail.name), key=lambda each: each["at"] or ""
    )
    rows = (
        ("worse", guardrail.harm, guardrail.harm_threshold, guardrail.harm_log_threshold, "harm_log_e"),
        ("within its margin", guardrail.noninferior, guardrail.noninferior_threshold, guardrail.noninferior_log_threshold, "noninferior_log_e"),
    )  # fmt: skip
    for name, value, threshold, log_threshold, key in rows:
        spark = sparkline([each[key] for each in own], log_threshold)
        _print_in(out, f"{name:<18}{spark:<{SPARKS}} {value} of {threshold}", 2)
    _print_in(out, escape(plain(guardrail.decides)), 2)


def _print_pairs(out: Console, pairs: Sequence[Json]) -> None:
    if not pairs:
        return
    out.print("\n[bold]Answers that differ, the worst first[/bold]")
    for pair in pairs:
        kind = "known answer" if pair["source"] == "gold" else "asked by a user"
        _print_in(
            out,
            f"{escape(_short(pair['question'] or 'a question that was not kept'))} [dim]({operation_words(pair['operation'])}, {kind})[/dim]",
            2,
        )
        for name in ("stable", "candidate"):
            _print_in(out, f"{name:<10} {escape(_answer(pair[name]))}", 4)


def _print_harmed(out: Console, release: Json, harmed: Sequence[Json]) -> None:
    if not harmed:
        return
    out.print(f"\n[bold]Requests that were harmed[/bold]: {release['harmed_requests']:,}")
    for each in harmed:
        outcome = each["outcome"]
        what = (
            f"failed {outcome['status']}".strip() if outcome["failed"] else f"took {outcome['seconds']:.2f} s"
        )
        _print_in(
            out, f"{escape(_short(each['question'] or each['request_id']))} [dim]({escape(what)})[/dim]", 2
        )


def _print_changes(out: Console, release: Json) -> None:
    if not release["changes"]:
        return
    out.print("\n[bold]What changed[/bold]")
    for change in release["changes"]:
        name, before, after = change_parts(change)
        _print_in(out, escape(plain(f"{name}: {before} → {after}" if after else name)), 2)


def _answer(outcome: Json | None) -> str:
    if outcome is None:
        return "not known: it counts at its worst for promotion"
    if outcome["failed"]:
        return f"failed {outcome['status']}".strip()
    scores = "".join(f", {name} {score:.2g}" for name, score in outcome["scores"].items())
    return f"{_short(outcome['summary'])} ({outcome['seconds']:.2f} s{scores})"


def _short(text: str, longest: int = LONGEST_ANSWER) -> str:
    """The text in one line that a terminal can show."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _print_in(out: Console, text: str, indent: int) -> None:
    out.print(Padding(text, (0, 0, 0, indent)))
