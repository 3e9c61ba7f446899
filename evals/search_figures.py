"""What a search costs and misses: the one statement at every size of index and width of filter."""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from search_corpus import MODEL, QUESTIONS, RESULTS, WARM, Corpus, as_service, asked, drawn
from synthetic_codes import DIMENSIONS, Question

from plotlot.ingestion.index import ensure_generation
from plotlot.retrieval.scopes import Scope, scan_of, scope_of
from plotlot.retrieval.search import Query, search

COST_WIDTH = 0.01


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
    async with as_service(conninfo) as connection:
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
    async with as_service(conninfo) as connection:
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
