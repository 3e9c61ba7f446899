"""docs/performance.md and its plots, from what performance.py measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import agree
import capacity
import soak
from stalling import true_percentile_seconds

from plotlot.training.charts import figure

BLUE, ORANGE, GREEN, GREY = "#1864ab", "#c2410c", "#2b8a3e", "#889"
COMMAND = "`make performance`"
NAMES = {
    "one": "one replica, answers made anew",
    "kept": "one replica, the gateway keeps answers",
    "three": "three replicas, answers made anew",
}
SIMULATED_SECONDS = 20.0
Found = Mapping[str, Any]


def write_page(found: Found, page: Path, images: Path) -> list[str]:
    """Write what there is of the page; gives in words what was missed."""
    images.mkdir(parents=True, exist_ok=True)
    lines = head(found)
    if "scenarios" in found:
        lines += scenario_lines(found["scenarios"])
    if "knees" in found:
        lines += knee_lines(found, images)
    if "agree" in found:
        lines += agree_lines(found["agree"])
    if "soak" in found:
        lines += soak_lines(found["soak"], images)
    page.write_text("\n".join(lines).rstrip() + "\n")
    return all_missed(found)


def all_missed(found: Found) -> list[str]:
    """What the issue of each section is held to, where it was not kept."""
    words = [
        f"agree: {each}" for some in found.get("agree", {}).values() for each in agree.disagreements(some)
    ]
    return words + [f"soak: {each}" for each in found.get("soak", {}).get("missed", ())]


def head(found: Found) -> list[str]:
    """What was measured, on what, by which command."""
    machine = found["machine"]
    return [
        "# Performance under load",
        "",
        f"Written by {COMMAND}, which measures every figure below. Measured {machine['measured']} on {machine['cores']} cores,",
        f"{machine['gigabytes']} GB, {machine['system']}, Python {machine['python']}, load average {machine['load']} before. Each service is a",
        "process of its own, with its Postgres and the load tool on the same cores: what a cluster could do is reckoned in",
        "[scale.md](scale.md). Latency counts from when a request was due, whether or not those before it were answered.",
        "",
    ]


def scenario_lines(found: Found) -> list[str]:
    """A table of scenarios, without kept answers and with them."""
    lines = [
        "## By scenario, without kept answers and with them",
        "",
        "`make loadtest SCENARIO=steady` and `SCENARIO=spike`, the Go kit; `PLOTLOT_ANSWER_CACHE=false` at the gateway where answers",
        "are made anew. The example town has few lots, so of those that may be kept nearly all are.",
        "",
        "| scenario | answers | asks for | p50 | p95 | p99 | answered a second | first event p95 | failed |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in found["made"]:
        for way in (each for each in ("made", "kept") if each in found):
            report = found[way][name]
            words = "made anew" if way == "made" else "kept"
            parts = {"all": report["all"], **report["operations"]}
            lines += [f"| {name} | {words} | {part} | {cells(figures)} |" for part, figures in parts.items()]
    return [*lines, ""]


def cells(figures: Found) -> str:
    """The figures of a row."""
    latency, first = figures["latency"], figures.get("first_event")
    ranks = " | ".join(f"{latency[f'{rank}_ms']:.1f} ms" for rank in ("p50", "p95", "p99"))
    event = f"{first['p95_ms']:.1f} ms" if first else ""
    failed = sum(figures["errors"].values())
    return f"{ranks} | {figures['throughput_per_second']:.1f} | {event} | {failed or ''}"


def knee_lines(found: Found, images: Path) -> list[str]:
    """Where answers fall behind, as found and as the costs of requests let expect."""
    knees = found["knees"]
    lines = [
        "## The knee",
        "",
        "`make loadtest SCENARIO=ramp`: more and more requests a second. The knee is the busiest time before fewer than 99 in 100 were",
        "answered or p95 passed three times that of the first. Expected is what the seconds of a core that a request takes allow on these",
        "cores, all processes and the load tool together ([scale.md](scale.md)).",
        "",
        "| what | knee | p50 there | p95 there | expected at most | what is full then | measured / expected |",
        "|---|---:|---:|---:|---:|---|---:|",
    ]
    lines += [knee_row(NAMES[name], each) for name, each in knees.items()]
    lines += [
        "",
        "Three replicas are three gateways, three retrievals and three extractions on the same cores: where one replica fills the cores",
        "already, two more cannot help, and what they show is what they cost. Where a gateway's single core is full first, they do help;",
        "on more cores that is so.",
        "",
    ]
    for name, each in knees.items():
        draw_knee(images / f"knee-{name}.svg", found, name, each)
        lines += [f"![{NAMES[name]}: throughput and latency](images/performance/knee-{name}.svg)", ""]
    return lines


def knee_row(name: str, found: Found) -> str:
    """One configuration."""
    best = found["report"].get("knee")
    if not best:
        return f"| {name} | none was found | | | {found['expected']:.0f} a second | {found['full']} | |"
    latency, rate = best["latency"], best["throughput_per_second"]
    return (
        f"| {name} | {rate:.0f} a second | {latency['p50_ms']:.0f} ms | {latency['p95_ms']:.0f} ms"
        f" | {found['expected']:.0f} a second | {found['full']} | {rate / found['expected']:.2f} |"
    )


def draw_knee(path: Path, found: Found, name: str, knee: Found) -> None:
    """Answered a second, and p95 as measured and as simulated, by what was asked."""
    windows = knee["report"]["windows"]
    offered = [each["offered_per_second"] for each in windows]
    by_kind = found["costs"]["kept" if name == "kept" else "made"]["by_kind"]
    rates = [each for each in offered if each < knee["expected"] * 1.1]
    expected = capacity.curve(
        by_kind, "ramp", knee["replicas"], found["machine"]["cores"], rates, SIMULATED_SECONDS
    )
    with figure(path) as only:
        drawing = only.figure
        only.remove()
        drawing.set_size_inches(6.4, 4.4)
        answered, waited = drawing.subplots(2, 1, sharex=True)
        answered.plot(offered, [each["throughput_per_second"] for each in windows], color=BLUE, marker="o")
        answered.axvline(knee["expected"], color=GREY, linestyle="--", linewidth=1)
        answered.set_ylabel("answered\na second")
        waited.plot(
            offered,
            [each["latency"]["p95_ms"] for each in windows],
            color=ORANGE,
            marker="o",
            label="measured",
        )
        waited.plot(rates, [each.p95_ms for each in expected], color=GREEN, linestyle="--", label="simulated")
        waited.axvline(knee["expected"], color=GREY, linestyle="--", linewidth=1)
        waited.set_yscale("log")
        waited.set_ylabel("p95 in ms")
        waited.set_xlabel("asked a second; dashed: expected at most")
        waited.legend(frameon=False, loc="upper left")


def agree_lines(found: Found) -> list[str]:
    """Both tools beside each other."""
    lines = [
        "## locust and the Go kit",
        "",
        "The same constant rate by both in turn, `python loadtest/agree.py URL`; medians of the rounds. Held to: throughput and p95 within",
        "5 %. Both count from when a request was due, and keep every time: locust's own percentiles are rounded to two digits above",
        "100 ms, and its users would ask a server that stands still no more.",
        "",
        "| server | rate | rounds | figure | Go kit | locust | ratio |",
        "|---|---:|---:|---|---:|---:|---:|",
    ]
    names = {"gateway": "PlotLot, analyses made anew", "stalling": "one that stands still 1 s in 4"}
    for server, each in found.items():
        for figure_name, ratio in agree.ratios(each).items():
            values = [agree.median_of(each[side], figure_name) for side in ("go", "locust")]
            shown = " | ".join(
                f"{value:.1f}{'' if figure_name == 'throughput' else ' ms'}" for value in values
            )
            lines.append(
                f"| {names[server]} | {each['rate']:g} | {len(each['go'])} | {figure_name} | {shown} | {ratio:.3f} |"
            )
    true = true_percentile_seconds(0.95) * 1000
    return [
        *lines,
        "",
        f"The true p95 of the server that stands still is {true:.0f} ms: `loadtest/stalling.py`.",
        "",
    ]


def soak_lines(found: Found, images: Path) -> list[str]:
    """What grew, and what did not."""
    whole = found["report"]["all"]
    draw_soak(images / "soak.svg", found["samples"])
    lines = [
        "## Soak",
        "",
        f"{found['seconds'] / 60:.0f} minutes at {found['rate']:.1f} requests a second, {soak_share(found)} of the knee of one replica; answers made",
        f"anew. {whole['answered']:,} of {whole['requests']:,} answered, p50 {whole['latency']['p50_ms']:.1f} ms, p95 {whole['latency']['p95_ms']:.1f} ms,",
        f"p99 {whole['latency']['p99_ms']:.1f} ms; {len(found['samples'])} looks at processes, database and metrics. A slope is Theil and Sen's after",
        f"the first {soak.WARMING:.0%}, with its 95 % interval; it is growth where the interval lies above 0 and the slope above",
        f"{soak.MOST_MEGABYTES_PER_HOUR:g} MB or {soak.MOST_SOCKETS_PER_HOUR:g} sockets an hour. Memory of a service is what is resident, of Postgres what is its",
        "processes' own: its shared buffers fill up to what they are set to.",
        "",
        "| what | first | last | an hour | interval |",
        "|---|---:|---:|---:|---|",
    ]
    lines += soak_rows(found)
    verdict = "; ".join(found["missed"]) if found["missed"] else "nothing grew, and nothing failed"
    return [*lines, "", f"Verdict: {verdict}.", "", "![Memory while it ran](images/performance/soak.svg)", ""]


def soak_share(found: Found) -> str:
    """What part of the knee it was."""
    return f"{found['share']:.0%}"


def soak_rows(found: Found) -> list[str]:
    """A row for each thing that must not grow."""
    samples = [soak.sample_of(each) for each in found["samples"]]
    values = soak.series(samples) if samples else {}
    return [
        f"| {name} | {values[name][0]:.1f} | {values[name][-1]:.1f} | {slope['per_hour']:+.1f}"
        f" | {slope['low']:+.1f} to {slope['high']:+.1f} |"
        for name, slope in found["slopes"].items()
    ]


def draw_soak(path: Path, samples: Sequence[Found]) -> None:
    """Memory by process over time."""
    minutes = [each["seconds"] / 60 for each in samples]
    with figure(path) as axes:
        for name in samples[0]["megabytes"]:
            axes.plot(
                minutes,
                [each["megabytes"][name] for each in samples],
                label=name.removesuffix("-0"),
                linewidth=1,
            )
        axes.set_xlabel("minutes")
        axes.set_ylabel("MB")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, ncols=4, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 1.18))
