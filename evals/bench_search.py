"""Search at 1, 10 and 100 thousand chunks: what it costs, what it misses, and what the way to it adds.

Codes are drawn by ``synthetic_codes``. Each timing of the whole way, over HTTP and over gRPC, stands beside the one
SQL statement that it rests on, the same questions in turn on the same machine. Ingestion stands beside the bare
embedding of the same chunks. Writes its part of docs/benchmarks.md where ``--page`` names it.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import psycopg
from bench import running
from numpy.typing import NDArray
from synthetic_codes import DIMENSIONS, Question, Town, Writer, towns_of

from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.domain.chunks import Chunk, chunk_document
from plotlot.domain.documents import Document, Section
from plotlot.inference.engines import embedder
from plotlot.ingestion.index import ensure_generation, index_document
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.pipeline import embedded_text
from plotlot.retrieval.scopes import Scope, scan_of, scope_of
from plotlot.retrieval.search import Query, search
from plotlot.settings import Settings
from plotlot.store.documents import save_document
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.generations import vector_literal
from plotlot.store.migrate import migrate
from plotlot.store.municipalities import ensure_municipality

ROOT = Path(__file__).resolve().parent.parent
MODEL = "all-MiniLM-L6-v2"
SIZES = (1_000, 10_000, 100_000)
DOCUMENT_CHUNKS = 500
QUESTIONS = 60
WARM = 5
RESULTS = 10
COST_WIDTH = 0.01
INGESTED, INGESTED_BYTES = 3, range(80_000, 160_000)
BEGIN = "<!-- search: written by `make bench`, edit nothing until the end -->"
END = "<!-- search: end -->"


@dataclass
class Corpus:
    """What was indexed: the seconds it took, and what the questions are drawn from and checked by."""

    towns: dict[str, Town] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    seconds: float = 0.0

    def of(self, town: str | None) -> tuple[list[str], NDArray[np.float32]]:
        """The texts and vectors of a town, or of all in the order in which they were indexed."""
        if town is not None:
            return self.texts[town], self.vectors[town]
        return [text for name in self.towns for text in self.texts[name]], np.vstack(
            [self.vectors[name] for name in self.towns]
        )


async def build(conninfo: str, size: int) -> Corpus:
    """Index towns as ingestion does, a document at a time, their vectors given."""
    writer, corpus = Writer(), Corpus()
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        for town in towns_of(size):
            texts, vectors = zip(*writer.chunks(town.chunks), strict=True)
            corpus.towns[town.name] = town
            corpus.texts[town.name], corpus.vectors[town.name] = list(texts), np.array(vectors)
            started = time.perf_counter()
            for part, first in enumerate(range(0, town.chunks, DOCUMENT_CHUNKS)):
                some = slice(first, first + DOCUMENT_CHUNKS)
                corpus.ids[town.name] = await add(connection, town.name, part, texts[some], vectors[some])
                await connection.commit()
            corpus.seconds += time.perf_counter() - started
            print(f"  {town.name}: {town.chunks:,} chunks, {corpus.seconds:.0f} s so far", file=sys.stderr)
    # What autovacuum does within minutes of any load.
    with psycopg.connect(conninfo, autocommit=True) as settled:
        settled.execute("VACUUM ANALYZE")
    return corpus


async def add(
    connection: psycopg.AsyncConnection,
    town: str,
    part: int,
    texts: Sequence[str],
    vectors: Sequence[NDArray[np.float32]],
) -> int:
    """Index one document; the town's id."""
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
    chunks = [
        Chunk(n, 0, f"Article {n // 10}", start, start + len(text))
        for n, (start, text) in enumerate(zip(starts, texts, strict=False))
    ]
    whole = Section(0, None, "document", "", "", 0, starts[-1], 0)
    document = Document(f"part-{part}", town, "text/plain", "", "".join(f"{t}\n" for t in texts), (whole,))
    municipality = await ensure_municipality(connection, town)
    generation = await ensure_generation(connection, MODEL, DIMENSIONS)
    name = f"doc-{municipality}-{part}"
    await save_document(connection, name, municipality, document, "bench")
    sent = [vector.tobytes() for vector in vectors]
    await index_document(connection, [generation], municipality, name, document, chunks, sent)
    return municipality


def drawn(corpus: Corpus, town: str | None, count: int) -> list[Question]:
    """Questions about chunks of a town, or of all."""
    texts, vectors = corpus.of(town)
    some = np.random.default_rng(3).choice(len(texts), count, replace=len(texts) < count)
    return Writer(7).questions([texts[n] for n in some], vectors[some])


def asked(question: Question, method: str = "fused") -> Query:
    """A question as a search of ten results."""
    return Query(question.text, vector_literal(question.vector.tobytes()), RESULTS, method)


async def timed(connection: psycopg.AsyncConnection, scope: Scope, queries: Sequence[Query]) -> list[float]:
    """Milliseconds of the bare statement for each query, after some that do not count."""
    spent = []
    for query in [*queries[:WARM], *queries]:
        started = time.perf_counter()
        await search(connection, scope, query)
        spent.append((time.perf_counter() - started) * 1000)
    return spent[WARM:]


async def recall(
    connection: psycopg.AsyncConnection,
    scope: Scope,
    corpus: Corpus,
    town: str | None,
    questions: Sequence[Question],
) -> float:
    """The share of the ten nearest chunks that the vector search finds; those as near as the tenth count too."""
    _, vectors = corpus.of(town)
    stored = vectors.astype(np.float16).astype(np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    found = []
    for question in questions:
        exact = np.sort(stored @ question.vector)[-RESULTS:]
        results = await search(connection, scope, asked(question, "vector"))
        near = sum((result.cosine or 0.0) >= exact[0] - 1e-4 for result in results)
        found.append(min(near, len(exact)) / len(exact))
    return statistics.fmean(found)


def sizes(conninfo: str) -> dict[str, float]:
    """Megabytes of the tables of the index with their indexes, and of the graph alone."""
    with psycopg.connect(conninfo) as connection:
        tables = ("chunks", "postings", "term_counts")
        found = {
            name: float(connection.execute("SELECT pg_total_relation_size(%s)", (name,)).fetchone()[0]) / 1e6  # type: ignore[index]
            for name in tables
        }
        graph = connection.execute("SELECT pg_relation_size('chunks_embedding_1')").fetchone()
    return {**found, "graph": float(graph[0]) / 1e6 if graph else 0.0}


@dataclass(frozen=True)
class Cost:
    """What a size costs: seconds and megabytes of the index, milliseconds of a search."""

    size: int
    seconds: float
    megabytes: dict[str, float]
    in_town: float
    in_all: float


@dataclass(frozen=True)
class Width:
    """A filter of one width: how vectors are searched, milliseconds, and what is found."""

    share: float
    chunks: int
    way: str
    vector: float
    fused: float
    tail: float
    recall: float


async def cost(conninfo: str, corpus: Corpus, size: int) -> Cost:
    """The cost of a size, by a town of one in a hundred, or the smallest, and by all."""
    narrow = [town for town in corpus.towns.values() if town.name.startswith("Width")]
    town = min(narrow, key=lambda town: abs(town.share - COST_WIDTH)).name
    spent = []
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        generation = await ensure_generation(connection, MODEL, DIMENSIONS)
        for name in (town, None):
            scope = await scope_of(connection, generation, corpus.ids[name] if name else None)
            queries = [asked(question) for question in drawn(corpus, name, QUESTIONS)]
            spent.append(statistics.median(await timed(connection, scope, queries)))
    return Cost(size, corpus.seconds, sizes(conninfo), *spent)


async def widths(conninfo: str, corpus: Corpus) -> list[Width]:
    """Every width of filter there is, and none."""
    found = []
    names: list[str | None] = [name for name in reversed(corpus.towns) if name.startswith("Width")]
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        generation = await ensure_generation(connection, MODEL, DIMENSIONS)
        for name in [*names, None]:
            scope = await scope_of(connection, generation, corpus.ids[name] if name else None)
            questions = drawn(corpus, name, QUESTIONS)
            vector = await timed(connection, scope, [asked(question, "vector") for question in questions])
            fused = await timed(connection, scope, [asked(question) for question in questions])
            candidates = scan_of(scope, 100).candidates
            found.append(
                Width(
                    corpus.towns[name].share if name else 1.0,
                    scope.chunks or 0,
                    f"graph, list of {candidates}" if candidates else "each vector",
                    statistics.median(vector),
                    statistics.median(fused),
                    statistics.quantiles(fused, n=20)[-1],
                    await recall(connection, scope, corpus, name, questions),
                )
            )
            print(f"  {found[-1]}", file=sys.stderr)
    return found


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path) -> Iterator[tuple[httpx.Client, str]]:
    """``plotlot up`` on a folder: a client of its HTTP, and the address of its gRPC."""
    address = f"127.0.0.1:{free_port()}"
    with running(data, address) as (client, _, _):
        yield client, address


@dataclass(frozen=True)
class Way:
    """The whole way to a search in a town, its questions known and new, beside its statement; milliseconds."""

    share: float
    statement: float
    grpc: float
    http: float
    grpc_new: float
    http_new: float
    embedding: float


def ways(conninfo: str, data: Path, corpus: Corpus) -> list[Way]:
    """The whole way in towns of several widths. Each way asks the same questions, a question of each in turn."""
    found = []
    with serving(data) as (client, address), grpc.insecure_channel(address) as channel:
        stub = retrieval_pb2_grpc.RetrievalServiceStub(channel)
        for name, town in corpus.towns.items():
            if name.startswith("Width") and town.share in (0.001, 0.01, 0.05, 0.1, 0.2):
                found.append(asyncio.run(way(conninfo, client, stub, corpus, town)))
                print(f"  {found[-1]}", file=sys.stderr)
    return found


async def way(conninfo: str, client: httpx.Client, stub: Any, corpus: Corpus, town: Town) -> Way:
    """The whole way in one town. Vectors of the words, by the model: retrieval embeds them once and keeps them."""
    model = embedder(Settings())
    texts = [question.text for question in drawn(corpus, town.name, QUESTIONS + WARM)]
    literals = {
        text: vector_literal(model.embed([text]).vectors[0].astype("<f4").tobytes()) for text in texts
    }
    spent: dict[str, list[float]] = {
        name: [] for name in ("grpc_new", "grpc", "statement", "http", "embedding")
    }

    def over_grpc(text: str) -> None:
        stub.Search(
            retrieval_pb2.SearchRequest(query=text, municipality=town.name, limit=RESULTS), timeout=60
        )

    def over_http(text: str) -> None:
        client.post("/v1/search", json={"query": text, "municipality": town.name}).raise_for_status()

    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        generation = await ensure_generation(connection, MODEL, DIMENSIONS)
        scope = await scope_of(connection, generation, corpus.ids[town.name])
        for text in texts:
            for kind, work in (
                ("grpc_new", over_grpc), ("grpc", over_grpc), ("http", over_http),
                ("embedding", lambda text: model.embed([text])),
            ):  # fmt: skip
                spent[kind].append(clocked(work, text))
            started = time.perf_counter()
            await search(connection, scope, Query(text, literals[text], RESULTS))
            spent["statement"].append((time.perf_counter() - started) * 1000)
    p50 = {name: statistics.median(values[WARM:]) for name, values in spent.items()}
    return Way(town.share, **p50, http_new=p50["http"] + p50["grpc_new"] - p50["grpc"])


def clocked(work: Callable[[Any], Any], text: Any) -> float:
    """Milliseconds of one piece of work."""
    started = time.perf_counter()
    work(text)
    return (time.perf_counter() - started) * 1000


@dataclass(frozen=True)
class Ingestion:
    """Chunks a second of ``plotlot``'s whole ingestion, and of the bare embedding of the same chunks."""

    chunks: int
    whole: float
    bare: float


def ingestion(data: Path) -> Ingestion:
    """Ordinances through the door, and their chunks embedded alone, a document of each in turn."""
    model = embedder(Settings())
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as folder, serving(Path(folder)) as (client, _):
        send(client, "warm.md", b"# Yards\n\nA front yard of ten feet.\n")
        model.embed(["warm"])
        chunks, bare, whole = 0, 0.0, 0.0
        for name, content in ordinances(data):
            document = parse_document(name, content)
            texts = [embedded_text(document, chunk) for chunk in chunk_document(document)]
            chunks += len(texts)
            bare += clocked(lambda texts: model.embed(texts), texts)
            whole += clocked(lambda name, content=content: send(client, name, content), name)
    return Ingestion(chunks, 1000 * chunks / whole, 1000 * chunks / bare)


def ordinances(data: Path) -> Iterator[tuple[str, bytes]]:
    """Some real codes of middling length, else those of our own, each several times over to be as long."""
    manifest = data / "ordinances" / "manifest.json"
    if manifest.is_file():
        files = [data / "ordinances" / entry["file"] for entry in json.loads(manifest.read_text())]
        fitting = [
            file for file in files if file.suffix in (".txt", ".md") and len_of(file) in INGESTED_BYTES
        ]
        yield from ((file.name, file.read_bytes()) for file in fitting[:INGESTED])
        return
    own = [
        *sorted((ROOT / "evals" / "towns").glob("*/*.md")),
        ROOT / "examples" / "larkfield" / "ordinance.md",
    ]
    for file in own:
        text = file.read_text(encoding="utf-8")
        yield file.name, "".join(f"# Part {again}\n\n{text}\n" for again in range(5)).encode()


def len_of(file: Path) -> int:
    """A file's length in bytes."""
    return file.stat().st_size


def send(client: httpx.Client, name: str, content: bytes) -> None:
    """Ingest a document."""
    files = {"file": (name, content)}
    client.post("/v1/documents", files=files, data={"municipality": "Larkfield, OH"}).raise_for_status()


def section(costs: list[Cost], found: list[Width], travelled: list[Way], ingested: Ingestion) -> str:
    """The figures as a part of the page, between its marks."""
    lines = [BEGIN, "## Search and its index", ""]
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
        END,
    ]
    return "\n".join(lines)


def with_section(page: str, text: str) -> str:
    """The page with the figures where they stood, or at its end."""
    if BEGIN in page and END in page:
        return page.split(BEGIN, 1)[0] + text + page.split(END, 1)[1]
    return f"{page.rstrip()}\n\n{text}\n"


def measured(counts: Sequence[int], folder: Path | None, real: Path) -> str:
    """Every figure. The largest corpus stays in the folder where one is named."""
    costs: list[Cost] = []
    for size in counts:
        with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as scratch:
            data = folder if folder and size == counts[-1] else Path(scratch)
            server = EmbeddedPostgres(data)
            conninfo = server.start()
            try:
                migrate(conninfo)
                corpus = asyncio.run(build(conninfo, size))
                costs.append(asyncio.run(cost(conninfo, corpus, size)))
                if size == counts[-1]:
                    found = asyncio.run(widths(conninfo, corpus))
                    travelled = ways(conninfo, data, corpus)
            finally:
                server.stop()
    return section(costs, found, travelled, ingestion(real))


def main() -> int:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of chunks, ascending")
    options.add_argument("--data", type=Path, help="folder to keep the largest corpus in")
    options.add_argument("--page", type=Path, help="the page whose part about search is written")
    given = options.parse_args()
    real = Path(os.environ.get("PLOTLOT_DATA") or ROOT.parent / "shared" / "data")
    text = measured(given.sizes, given.data, real)
    print(text)
    if given.page:
        given.page.write_text(with_section(given.page.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
