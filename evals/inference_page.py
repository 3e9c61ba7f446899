"""The page of inference's figures, and its plots."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from inference_servers import ROOT

from plotlot.evaluation.page_parts import Part
from plotlot.training.charts import figure

PART = Part("inference", "make bench-inference")
PAGE = ROOT / "docs" / "benchmarks-inference.md"
IMAGES = ROOT / "docs" / "images" / "inference"
DIRECT, THROUGH = "#868e96", "#1864ab"
RANKS = ("p50", "p90", "p99")


def write_page(found: Mapping[str, Any]) -> None:
    """Draw the plots, and put the figures between the page's marks; what stands around them is kept."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    draw(found)
    PART.write(PAGE, written(found))


def written(found: Mapping[str, Any]) -> str:
    """Every part that was measured."""
    lines = [
        *machine_lines(found),
        *overhead_lines(found),
        *stream_lines(found["streams"]),
        *overload_lines(found["overload"]),
        *lost_lines(found["lost"]),
        *affinity_lines(found["affinity"]),
        *batching_lines(found["embedding"], found["slots"]),
        *structured_lines(found.get("structured")),
    ]
    kept = (line if line.startswith(("|", "![")) else textwrap.fill(line, 125) for line in lines)
    return "\n".join(kept).rstrip() + "\n"


def machine_lines(found: Mapping[str, Any]) -> list[str]:
    """What it was measured on."""
    return [
        f"Machine: {found['machine']}, load average before the run {found['load']}. The engine is one without a model "
        "(`evals/serve_fake_engine.py`) that streams tokens at a set pace, so that what is measured is the service. Client, "
        "service and engine are three processes on the same cores; what else runs there shows in p99 first.",
        "",
    ]


def overhead_lines(found: Mapping[str, Any]) -> list[str]:
    """What the service adds."""
    busy = found["overhead"][-1]
    return [
        "### Overhead",
        "",
        "First token after 50 ms, one more each 20 ms, 32 tokens, prompts of 200 words; direct and through the service in "
        "turn, blocks in a drawn order, in one run; users begin spread over one answer's time. Held to: p50 of TTFT at "
        "most +3 ms, p99 at most +10 ms, and 97 % of the throughput, at 32 users.",
        "",
        *overhead_rows(found["overhead"]),
        "",
        f"Of a processor a stream takes {busy['cpu_ms']:.1f} ms in the service at {busy['users']} users. A bare gRPC server "
        f"that streams as many texts, asks no engine and checks nothing takes {found['floor_cpu_ms']:.1f} ms: that is the "
        "floor.",
        "",
        "![Time to first token, direct and through the service](images/inference/overhead.svg)",
        "",
    ]


def stream_lines(streams: Mapping[str, Any]) -> list[str]:
    """What became of very many at once."""
    through, direct = streams["through PlotLot"], streams["direct"]
    p99 = [each["first_token_ms"]["p99"] for each in (through, direct)]
    kib = (streams["peak_mib"] - streams["before_mib"]) * 1024 / streams["streams"]
    return [
        "### A thousand streams",
        "",
        f"{streams['streams']:,} at once, begun over 10 s, first token after 1 s, then 1 a second, 20 tokens. Answered: "
        f"{through['answered']:,} (direct {direct['answered']:,}); errors: {through['errors'] or 'none'}. The service's "
        f"memory was {streams['before_mib']:.0f} MiB before and {streams['peak_mib']:.0f} MiB at its peak, {kib:.0f} KiB a "
        f"stream. TTFT p99 {shown(p99[0])} ms, direct {shown(p99[1])} ms: {p99[0] - p99[1]:+.1f} ms.",
        "",
    ]


def overload_lines(loads: Sequence[Mapping[str, Any]]) -> list[str]:
    """What lengths of the queue do when there is too much."""
    first, last = loads[0], loads[-1]
    refused = {name: first["refused"][name] for name in ("service", "bare")}
    return [
        "### Three times as much as there is room for",
        "",
        f"An engine of 16 slots. Capacity, in closed loop with 16 users: {first['capacity']['requests_per_second']:.1f} "
        f"requests/s. Then {first['times']:g} times that in open loop for 20 s, a tenth of them interactive. Objective: the "
        f"first token within 2 s. The queue's limit is what differs: {first['queue']} requests are a second of work; "
        f"with {last['queue']} the queue is as good as unlimited.",
        "",
        "| queue | | sent | answered | in time, a second | of capacity | TTFT p50 ms | p99 ms | made room later "
        "| refused on arrival |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(row for each in loads for row in overload_rows(each)),
        "",
        "![What is answered in time, and when, by the queue's limit](images/inference/queues.svg)",
        "",
        f"Of the interactive requests {first['interactive']['good_share']:.1%} were answered in time with the shortest queue, "
        f"{last['interactive']['good_share']:.1%} with the longest. How fast a refusal comes is measured meanwhile by a "
        "process that does nothing else, in turn at the service and at a bare gRPC server that refuses whatever comes:",
        "",
        "| refused by | refusals | p50 ms | p90 ms | p99 ms |",
        "|---|---|---|---|---|",
        *(
            f"| {said} | {refused[name]['count']} | "
            + " | ".join(shown(refused[name][rank]) for rank in RANKS)
            + " |"
            for name, said in (("service", "PlotLot"), ("bare", "a bare server: the floor"))
        ),
        "",
        "Held to: 90 % of capacity in time; refusals within 20 ms at p99; interactive requests keep their objective.",
        "",
    ]


def lost_lines(lost: Mapping[str, float]) -> list[str]:
    """How soon callers hear of an engine's end."""
    return [
        "### An engine that dies, or hangs",
        "",
        f"Eight streams, in the middle. Killed: the last caller has its status after {lost['killed']:.0f} ms (held to "
        f"2,000). Stopped, so that it hangs: after {lost['hangs']:.0f} ms (held to 5,000).",
        "",
    ]


def affinity_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What keys are good for."""
    return [
        "### Prefix affinity, before and after",
        "",
        "Four engines that each keep the beginnings of the last 8 prompts, and take 0.4 s more for another one; 24 "
        "beginnings, 16 users. Before: requests go where there is room. After: requests of one affinity key prefer one "
        "engine, unless it has more than 1.25 times its share.",
        "",
        "| | beginnings found | TTFT p50 ms | p90 ms | p99 ms | the busiest engine's share, times a fair one |",
        "|---|---|---|---|---|---|",
        *(
            f"| {'after' if each['keyed'] else 'before'} | {each['kept_share']:.0%} | "
            + " | ".join(shown(each["first_token_ms"][rank]) for rank in RANKS)
            + f" | {each['busiest']:.2f} |"
            for each in rows
        ),
        "",
        "![Time to first token by affinity](images/inference/affinity.svg)",
        "",
    ]


def batching_lines(embedding: Sequence[Mapping[str, Any]], slots: Sequence[Mapping[str, Any]]) -> list[str]:
    """What comes of doing several things at a time."""
    return [
        "### Batching, before and after",
        "",
        "Texts of 45 words that MiniLM embeds in the service, so many a call; and answers of SmolLM2-135M on a llama.cpp "
        f"with one thread and four slots, asked by {slots[0]['users']} users, where the service lets so many requests "
        "through at a time.",
        "",
        "| texts a call | texts/s |",
        "|---|---|",
        *(f"| {each['batch']} | {shown(each['texts_per_second'], 0)} |" for each in embedding),
        "",
        "| requests at a time | tokens/s | TTFT p50 ms | p99 ms |",
        "|---|---|---|---|",
        *(
            f"| {each['given']} | {shown(each['tokens_per_second'])} | {shown(each['first_token_ms']['p50'])} | "
            f"{shown(each['first_token_ms']['p99'])} |"
            for each in slots
        ),
        "",
        "![Texts and tokens a second by what is done at a time](images/inference/batching.svg)",
        "",
    ]


def structured_lines(found: dict[str, Any] | None) -> list[str]:
    """What became of answers that had to follow a schema."""
    if not found:
        return []
    counts = "; ".join(f"{name}: {count}" for name, count in sorted(found["results"].items()))
    return [
        "### Structured output",
        "",
        f"{found['requests']} requests to SmolLM2-135M on llama.cpp (4 slots, one thread, temperature 0.8, 48 tokens at most), "
        f"in {found['seconds']:.0f} s. {counts}. None that breaks its schema may be passed on; INTERNAL is `invalid-output`, "
        "reported after a second attempt.",
    ]


def shown(value: float | None, digits: int = 1) -> str:
    """A figure, or a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def overhead_rows(results: Sequence[dict[str, Any]]) -> list[str]:
    """The table of what the service adds."""
    rows = [
        "| users | way | TTFT p50 ms | p99 ms | per token p50 ms | p99 ms | tokens/s | added p50 | added p99 | of direct |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results:
        direct, through = each["direct"], each["through PlotLot"]
        added = [through["first_token_ms"][rank] - direct["first_token_ms"][rank] for rank in ("p50", "p99")]
        share = through["tokens_per_second"] / direct["tokens_per_second"]
        last = [f"{added[0]:+.1f}", f"{added[1]:+.1f}", f"{share:.1%}"]
        for name, found, more in (("direct", direct, ["", "", ""]), ("PlotLot", through, last)):
            times = [found[kind][rank] for kind in ("first_token_ms", "token_ms") for rank in ("p50", "p99")]
            cells = [*(shown(time_) for time_ in times), shown(found["tokens_per_second"], 0), *more]
            rows.append(f"| {each['users']} | {name} | " + " | ".join(cells) + " |")
    return rows


def overload_rows(load: dict[str, Any]) -> list[str]:
    """What became of all requests, and of the interactive ones, with one length of the queue."""
    rows = []
    for name in ("all", "interactive"):
        each = load[name]
        share = each["goodput_per_second"] / load["capacity"]["goodput_per_second"]
        displaced = each["errors"].get("displaced", 0)
        times = [each["first_token_ms"][rank] for rank in ("p50", "p99")]
        rows.append(
            f"| {load['queue']} | {name} | {each['requests']} | {each['answered']} | {each['goodput_per_second']:.1f} | "
            f"{share:.0%} | {shown(times[0])} | {shown(times[1])} | {displaced} | "
            f"{sum(each['errors'].values()) - displaced} |"
        )
    return rows


def draw(found: Mapping[str, Any]) -> None:
    """The plots."""
    with figure(IMAGES / "overhead.svg") as axes:
        names = [
            f"{each['users']} {'user' if each['users'] == 1 else 'users'}, {rank}"
            for each in found["overhead"]
            for rank in ("p50", "p99")
        ]
        for offset, way, label, colour in (
            (-0.2, "direct", "direct", DIRECT),
            (0.2, "through PlotLot", "through PlotLot", THROUGH),
        ):
            times = [
                each[way]["first_token_ms"][rank] for each in found["overhead"] for rank in ("p50", "p99")
            ]
            axes.bar([place + offset for place in range(len(times))], times, 0.4, label=label, color=colour)
        axes.set_xticks(range(len(names)), names)
        axes.set_ylabel("time to first token, ms")
        axes.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, 1.14))
    draw_queues(found["overload"])
    draw_affinity(found["affinity"])
    draw_batching(found["embedding"], found["slots"])


def draw_queues(loads: Sequence[Mapping[str, Any]]) -> None:
    """What is answered in time, and when, by the queue's limit."""
    with figure(IMAGES / "queues.svg") as axes:
        names = [str(load["queue"]) for load in loads]
        capacity = loads[0]["capacity"]["goodput_per_second"]
        axes.bar(names, [load["all"]["goodput_per_second"] for load in loads], 0.5, color=THROUGH)
        axes.axhline(capacity, linestyle="--", color=DIRECT)
        axes.set_ylim(top=1.15 * capacity)
        axes.annotate(
            "capacity", (len(names) - 0.7, capacity), (0, 3), textcoords="offset points", ha="right"
        )
        for name, load in zip(names, loads, strict=True):
            seconds = load["all"]["first_token_ms"]["p50"] / 1000
            axes.annotate(
                f"first token after {seconds:.1f} s",
                (name, load["all"]["goodput_per_second"]),
                (0, 3),
                textcoords="offset points",
                ha="center",
            )
        axes.set_xlabel("requests that may wait")
        axes.set_ylabel("answered in time, a second")


def draw_affinity(rows: Sequence[Mapping[str, Any]]) -> None:
    """Time to first token with keys and without."""
    with figure(IMAGES / "affinity.svg") as axes:
        for offset, each, colour in zip((-0.2, 0.2), rows, (DIRECT, THROUGH), strict=True):
            times = [each["first_token_ms"][rank] for rank in RANKS]
            label = "by key" if each["keyed"] else "by room"
            axes.bar([place + offset for place in range(3)], times, 0.4, label=label, color=colour)
        axes.set_xticks(range(3), RANKS)
        axes.set_ylabel("time to first token, ms")
        axes.legend(frameon=False)


def draw_batching(embedding: Sequence[Mapping[str, Any]], slots: Sequence[Mapping[str, Any]]) -> None:
    """What is got through, relative to one at a time."""
    with figure(IMAGES / "batching.svg") as axes:
        for rows, size, figure_name, label, colour in (
            (embedding, "batch", "texts_per_second", "texts embedded, by texts a call", THROUGH),
            (slots, "given", "tokens_per_second", "tokens written, by requests at a time", "#c2410c"),
        ):
            speeds = [each[figure_name] / rows[0][figure_name] for each in rows]
            axes.plot([each[size] for each in rows], speeds, marker="o", color=colour, label=label)
        sizes = sorted({each["batch"] for each in embedding} | {each["given"] for each in slots})
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("at a time")
        axes.set_ylabel("times as fast as one at a time")
        axes.legend(frameon=False)
