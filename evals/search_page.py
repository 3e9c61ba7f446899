"""The part of docs/benchmarks.md about search."""

from search_figures import Cost, Width
from search_ways import Ingestion, Way

from plotlot.evaluation.page_parts import Part

PART = Part("search", "make bench")


def section(costs: list[Cost], found: list[Width], travelled: list[Way], ingested: Ingestion) -> str:
    """The figures as a part of the page."""
    lines = ["## Search and its index", ""]
    lines += ["Synthetic codes, 384 numbers a vector; milliseconds are medians of the one SQL statement.", ""]
    lines += ["| chunks | indexed in | a chunk | on disk | of it postings | in a town of 1 % | in all |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.size:,} | {each.seconds:.1f} s | {each.seconds / each.size * 1000:.2f} ms"
        f" | {each.megabytes['chunks'] + each.megabytes['postings'] + each.megabytes['term_counts']:.0f} MB"
        f" | {each.megabytes['postings']:.0f} MB | {each.in_town:.1f} ms | {each.in_all:.1f} ms |"
        for each in costs
    ]
    lines += ["", f"Filters of every width, of {costs[-1].size:,} chunks. Held to: recall@10 >= 0.98 against"]
    lines += ["exact search, p50 < 10 ms.", ""]
    lines += ["| width | chunks | vectors compared by | recall@10 | vectors p50 | fused p50 | fused p95 |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.share:.1%} | {each.chunks:,} | {each.way} | {each.recall:.3f} | {each.vector:.1f} ms"
        f" | {each.fused:.1f} ms | {each.tail:.1f} ms |"
        for each in found
    ]
    lines += [
        "",
        "The whole way, of questions asked before and of new ones, beside the statement. Held to: at most",
    ]
    lines += ["1.5 times the statement, and for new questions the statement with one embedding.", ""]
    lines += ["| width | statement | gRPC | ratio | HTTP | ratio | one embedding | new over gRPC | ratio |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.share:.1%} | {each.statement:.1f} ms | {each.grpc:.1f} ms | {each.grpc / each.statement:.2f}"
        f" | {each.http:.1f} ms | {each.http / each.statement:.2f} | {each.embedding:.1f} ms"
        f" | {each.grpc_new:.1f} ms | {each.grpc_new / (each.statement + each.embedding):.2f} |"
        for each in travelled
    ]
    share = ingested.whole / ingested.bare
    lines += [
        "",
        f"Ingestion over HTTP of {ingested.chunks} chunks: {ingested.whole:.1f} chunks a second, {share:.0%}",
    ]
    lines += [
        f"of the {ingested.bare:.1f} that the bare embedding of them takes. Held to: 85 % or more.",
    ]
    return "\n".join(lines)
