"""The simulated half of ``docs/benchmarks-delivery.md``, written from what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plotlot.evaluation.page_parts import Part

PART = Part("simulated", "make bench-delivery")
HELD_RATIO = 1.3
HEADER = """# Benchmarks of releases

How well the judge of releases decides: first on streams of answers whose truth we set, then on a cluster.

"""
INTRODUCTION = """## Simulated

Made by `plotlot judge simulate --runs {runs} --seed {seed}`, which `make bench-delivery` runs: {runs:,} runs of each row;
brackets hold 95 % intervals.

For each guardrail the judge keeps two numbers, *e-values*. Each is the money of somebody who started with 1 and bets on
the answers, at odds that are fair as long as the candidate is no worse (or, for the second, as long as it is worse by
the margin). At fair odds nobody gets rich except by luck, and getting from 1 to 20 by luck happens in at most one of twenty
lives, however long one plays and however often one counts. So 20 is enough for a verdict that is wrong in at most 5 %, at
whichever moment Argo, a dashboard or a person looks. Several guardrails are judged by the mean of their e-values for a
rollback; for a promotion each must reach 20 by itself.

Answers are right or wrong. The stable bundle is right in 80 %; both bundles share one draw of luck in four of five
questions, as two versions of one system do. A *pair* is one question asked of both.
"""


@dataclass(frozen=True)
class Held:
    """A figure in words, what it is held to, and whether it keeps that."""

    words: str
    figure: str
    limit: str
    kept: bool


def page(results: dict[str, Any], before: str = "") -> str:
    """The page with its simulated half as measured; what stands around that half stays."""
    return PART.within(before or HEADER, _half(results).rstrip())


def held_to(results: dict[str, Any]) -> Iterator[Held]:
    """What was measured, what it is held to, and whether it is."""
    healthy = "nothing changed, all guardrails, a look after each of 6,000 pairs: rolled back"
    yield _at_most_5(healthy, results["healthy"], "false_rollback")
    margin = "one guardrail exactly at its margin of 5 points, 6,000 looks: promoted"
    yield _at_most_5(margin, results["margin"], "promoted")
    drop = "right answers 80 % to 75 %, one guardrail: median pairs until the rollback"
    yield from _soon(drop, results["drop5"], "pairs", 300)
    same = "nothing changed, margin 5 points: median pairs until the promotion"
    yield from _soon(same, results["no_change"], "pairs", 200)
    errors = "failures 2 % to 6 % at equal shares: median requests until the rollback"
    yield from _soon(errors, results["errors"], "requests", 600)
    alike = "sessions of 10 requests, nine in ten alike, the unit a session: rolled back"
    yield _at_most_5(alike, results["sessions"], "false_rollback")
    for name, words in (("two_hours", "two hours"), ("day", "a day")):
        figures = results["low_traffic"][name]
        seldom = f"a request a minute for {words}, one in five shadowed, nothing changed: rolled back"
        yield _at_most_5(seldom, figures, "false_rollback")
        yield _at_most_5("- a guardrail at its margin: promoted", figures, "worse_promoted")
    silent = results["no_traffic"]
    figure = f"{silent['other_than_continue']} of {silent['verdicts']}"
    yield Held("no traffic: verdicts other than continue", figure, "0", silent["other_than_continue"] == 0)
    lost = "three in ten answers of the candidate missing, nothing else changed: rolled back"
    yield _at_most_5(lost, results["missing"], "false_rollback")
    yield _at_most_5("- promoted", results["missing"], "promoted")


def _at_most_5(words: str, figures: dict[str, Any], name: str) -> Held:
    return Held(words, _percent(figures, name), "<= 5 %", figures[name] <= 0.05)


def _soon(words: str, figures: dict[str, Any], unit: str, most: int) -> Iterator[Held]:
    median, ratio = figures[f"median_{unit}"], figures["bound_ratio"]
    shown = "never" if median is None else f"{median:,.0f}"
    yield Held(words, shown, f"<= {most}", median is not None and median <= most)
    low, high = figures["bound_ratio_interval"]
    mean = f"{figures[f'mean_{unit}']:,.0f}, {ratio:.2f} times [{low:.2f}, {high:.2f}]"
    bound = f"- mean, and that beside Wald's bound of {figures['bound']:,.0f}"
    yield Held(bound, mean, f"<= {HELD_RATIO}", ratio <= HELD_RATIO)


def _half(results: dict[str, Any]) -> str:
    sections = (
        INTRODUCTION.format(runs=results["runs"], seed=results["seed"]),
        "### What it is held to\n",
        _table(("what", "measured", "held to"), _held_rows(results)),
        _by_request(results),
        "### Looked at again and again\n",
        _looked_at(results),
        "### Beside the least that any test needs\n",
        _range(results),
        "### Beside the rules of others\n",
        _others(results),
    )
    return "\n".join(sections)


def _held_rows(results: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in held_to(results):
        yield row.words, row.figure if row.kept else f"**{row.figure}**", row.limit


def _by_request(results: dict[str, Any]) -> str:
    sessions = results["sessions"]
    return (
        "Why the unit is a session: requests of one session go well or badly together. Had each of the same requests\n"
        f"counted by itself, {_percent(sessions, 'false_rollback_by_request')} of the healthy candidates would have "
        "been rolled back.\n"
    )


def _looked_at(results: dict[str, Any]) -> str:
    seen = results["peeking"]
    rows = [
        (f"{pairs:,}", f"{_points(judge)} %", f"{_points(z)} %")
        for pairs, judge, z in zip(seen["pairs"], seen["judge"], seen["z_each_50"], strict=True)
    ]
    return (
        "Healthy candidates that had been rolled back so far. The judge was asked after each pair, a z-test at 5 % each\n"
        "50 pairs: its 5 % is a promise for one look only.\n\n"
        "![False alarms against looks](images/delivery-false-alarms.svg)\n\n"
        + _table(("pairs so far", "this judge", "z-test of the same pairs"), iter(rows))
        + "\nHow the evidence grows: the e-value of harm of six candidates that are right in 75 % instead of 80 %, and of\n"
        "six that did not change.\n\n![Paths of e-values](images/delivery-paths.svg)\n"
    )


def _range(results: dict[str, Any]) -> str:
    rows = results["range"]
    over = [row for row in rows if row["ratio"] > HELD_RATIO]
    words = (
        "A test that is told the effect beforehand, and is wrong in 5 %, needs on average at least log(k / alpha) / KL\n"
        "observations, for one of k guardrails (Wald 1945). Of the effects below each has a bound of at most 2,000. "
        "*Told*\nis such a test on the same kind of stream: it exceeds its bound too, as observations come whole. Observations are\n"
        "pairs, and users' requests for failures.\n\n"
    )
    table = _table(
        ("effect", "guardrails", "bound", "mean", "median", "mean / bound", "told / bound"), _range_rows(rows)
    )
    return words + table + "\n" + _over(over)


def _range_rows(rows: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        low, high = row["ratio_interval"]
        ratio = f"{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"
        median = "never" if row["median"] is None else f"{row['median']:,.0f}"
        yield (
            row["effect"],
            str(row["guardrails"]),
            f"{row['bound']:,.0f}" if row["bound"] >= 20 else f"{row['bound']:.1f}",
            f"{row['mean']:,.0f}" if row["mean"] >= 20 else f"{row['mean']:.1f}",
            median,
            f"**{ratio}**" if row["ratio"] > HELD_RATIO else ratio,
            f"{row['told_ratio']:.2f}",
        )


def _over(over: list[dict[str, Any]]) -> str:
    if not over:
        return "All are within 1.3 times the bound.\n"
    names = "; ".join(f"{row['effect']} ({row['guardrails']})" for row in over)
    return (
        f"Above 1.3 times the bound: {names}. All others are within it.\n"
        "Where the bound is a handful of observations, one more weighs much: nobody decides after 4.3 pairs. At a small\n"
        "share of the users a single event of the candidate multiplies the evidence several times and so overshoots\n"
        "what is enough, for the test that was told as well.\n"
    )


def _others(results: dict[str, Any]) -> str:
    changes = list(results["plotlot"]["by_change"])
    header = ("rule", "setting", "false rollbacks", "on its worst day", *changes)
    rows = [
        ("**this judge**", "shadow first", results["plotlot"]),
        ("this judge", "no shadow", results["plotlot_users_only"]),
    ]
    for name, rule in results["others"].items():
        rows += [(name.replace("_", " "), setting["setting"], setting) for setting in rule["settings"]]
    return (
        "One hour, 100 requests a minute. Rules that watch users raise the candidate's share to 5, 25 and 50 %, twenty\n"
        "minutes each. This judge first asks the candidate 20 questions a minute in the shadow, where no user meets it,\n"
        "and raises the share when it promotes. Failures (2 %) and wrong answers (20 %) are watched by all; each is told\n"
        "of every wrong answer. *False rollbacks* are those of a healthy candidate on a usual day; *on its worst day* adds\n"
        "days on which both bundles fail in 6 %, or both answer wrongly in 30 %, through no fault of the candidate.\n"
        "For each harmful change: in how many of the hours it was missed, and the mean number of users harmed, which are\n"
        "those whom the candidate failed or answered wrongly where the stable bundle would not have.\n\n"
        + _table(header, (_rule_row(*row, changes) for row in rows))
        + "\n"
        + _fewer(results)
    )


def _rule_row(name: str, setting: str, figures: dict[str, Any], changes: list[str]) -> tuple[str, ...]:
    each = [figures["by_change"][change] for change in changes]
    cells = [f"{_points(change['missed'])} %, {change['harmed']:.1f}" for change in each]
    worst = f"{_points(figures['false_rollback_worst_day'])} %"
    return name, setting, _percent(figures, "false_rollback"), worst, *cells


def _fewer(results: dict[str, Any]) -> str:
    with_shadow, without = (_listed(results[name]) for name in ("fewer_harmed", "fewer_harmed_users_only"))
    first = (
        "Of the rules with at most 5 % false rollbacks on a usual day, these harm fewer users and miss no more:\n"
        f"{with_shadow}.\n"
        if with_shadow
        else "No rule that keeps its false rollbacks at 5 % or less, even if only on a usual day, catches one of these changes\n"
        "with fewer users harmed: nearly all are caught in the shadow, on pairs, before any user meets them.\n"
    )
    if not without:
        return first + "That holds without the shadow stage too.\n"
    return (
        f"{first}\nIt is the shadow that does it, and pairs are what can be had there: none of the other rules has any, as meshes\n"
        "and gateways drop the answers to mirrored requests. Without it, on users alone, these harm fewer users than this judge and miss\n"
        f"no more: {without}.\nA rule that looks a few times in one hour needs less evidence than one that may be asked at "
        "any moment, for as long\nas anybody likes; and a line under a rate knows beforehand what the rate of a good day is.\n"
    )


def _listed(found: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{row['rule'].replace('_', ' ')} ({row['setting']}) at {row['change']}" for row in found
    )


def _percent(figures: dict[str, Any], name: str) -> str:
    low, high = figures[f"{name}_interval"]
    return f"{_points(figures[name])} % [{_points(low)}, {_points(high)}]"


def _points(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines: list[tuple[str, ...]] = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
