"""Scores search on a BEIR folder, through the same statements on a scratch database."""

import asyncio
import csv
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psycopg

from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document, Section
from plotlot.domain.errors import UnreadableDocument
from plotlot.evaluation.ranking import Judgements, ndcg, recall, reciprocal_rank
from plotlot.inference.embedding import Embedder
from plotlot.inference.engines import embedder
from plotlot.ingestion.index import ensure_generation, index_document
from plotlot.retrieval.search import Query, Scope, search
from plotlot.settings import Settings
from plotlot.store.documents import save_document
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.generations import live_generation, vector_literal
from plotlot.store.migrate import migrate
from plotlot.store.municipalities import ensure_municipality

METHODS = ("bm25", "vector", "fused")
RANKED = 100
EMBED_BATCH = 256
MEASURES = {"ndcg@10": ndcg, "recall@10": recall, "mrr": reciprocal_rank}
TOWN = "Evaluation"


Follow = Callable[[str, dict[str, Any]], None]
"""Is told the stage under way (embed, index or rank), and how much of it is done."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A BEIR collection: ``corpus`` maps ids to title and text, ``judged`` queries to graded documents."""

    corpus: Mapping[str, tuple[str, str]]
    queries: Mapping[str, str]
    judged: Mapping[str, Judgements]


def silent(stage: str, done: dict[str, Any]) -> None:
    """Follow nothing."""


async def evaluate(folder: Path, settings: Settings, follow: Follow = silent) -> dict[str, Any]:
    """nDCG@10, recall@10 and MRR of each method, the mean over the judged queries."""
    started = time.perf_counter()
    dataset = read_dataset(folder)
    model = embedder(settings)
    with tempfile.TemporaryDirectory(prefix="plotlot-eval-") as scratch:
        server = EmbeddedPostgres(Path(scratch))
        conninfo = await asyncio.to_thread(server.start)
        try:
            await asyncio.to_thread(migrate, conninfo)
            async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
                ids = await index(connection, dataset, model, follow)
                rankings = await rank(connection, dataset, model, ids, follow)
        finally:
            await asyncio.to_thread(server.stop)
    return {
        "methods": {method: scores(rankings[method], dataset.judged) for method in METHODS},
        "queries": len(dataset.judged),
        "seconds": round(time.perf_counter() - started, 2),
        "queries_scored": {
            query: {method: query_scores(rankings[method][query], grades) for method in METHODS}
            for query, grades in dataset.judged.items()
        },
    }


def read_dataset(folder: Path) -> Dataset:
    """The test split of a BEIR folder. Raises UnreadableDocument naming the file at fault."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows(folder / "qrels" / "test.tsv"):
        judged[row["query-id"]][row["corpus-id"]] = int(row["score"])
    corpus = {each["_id"]: (each.get("title", ""), each["text"]) for each in lines(folder / "corpus.jsonl")}
    queries = {each["_id"]: each["text"] for each in lines(folder / "queries.jsonl")}
    asked = {query: dict(grades) for query, grades in judged.items() if query in queries}
    if not asked or not corpus:
        raise UnreadableDocument(f"{folder} judges no query: queries.jsonl and qrels/test.tsv share no id")
    return Dataset(corpus, {query: queries[query] for query in asked}, asked)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file."""
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        try:
            if line.strip():
                yield json.loads(line)
        except ValueError as error:
            raise UnreadableDocument(f"{path} line {number} is not JSON") from error


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file with a header."""
    yield from csv.DictReader(text_of(path).splitlines(), delimiter="\t")


def text_of(path: Path) -> str:
    """The text of a file of the collection. Raises UnreadableDocument."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDocument(
            f"cannot read {path}: a BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv"
        ) from error


async def index(
    connection: psycopg.AsyncConnection, dataset: Dataset, model: Embedder, follow: Follow
) -> dict[int, str]:
    """Index the corpus as one document with a chunk for each of its own; their ids by where they start."""
    document, chunks, ids = as_document(dataset)
    texts = [f"{title} {text}" for title, text in dataset.corpus.values()]
    vectors = await asyncio.to_thread(embed, model, texts, follow)
    follow("index", {})
    async with connection.transaction():
        town = await ensure_municipality(connection, TOWN)
        generation = await ensure_generation(connection, model.model, model.dimensions)
        await save_document(connection, "evaluation", town, document, "evaluation")
        await index_document(connection, [generation], town, "evaluation", document, chunks, vectors)
    await connection.execute("ANALYZE chunks, postings")
    return ids


def as_document(dataset: Dataset) -> tuple[Document, list[Chunk], dict[int, str]]:
    """The corpus as one document, a chunk for each of its own documents with the title as heading."""
    chunks: list[Chunk] = []
    ids: dict[int, str] = {}
    texts: list[str] = []
    start = 0
    for ordinal, (name, (title, text)) in enumerate(dataset.corpus.items()):
        chunks.append(
            Chunk(ordinal=ordinal, section=0, heading_path=title, start=start, end=start + len(text))
        )
        ids[start] = name
        texts.append(f"{text}\n")
        start += len(text) + 1
    whole = Section(0, None, "document", "", "", 0, start, 0)
    return Document("corpus", "corpus", "text/plain", "", "".join(texts), (whole,)), chunks, ids


def embed(model: Embedder, texts: Sequence[str], follow: Follow) -> list[bytes]:
    """Vectors of texts as inference sends them."""
    vectors: list[bytes] = []
    for first in range(0, len(texts), EMBED_BATCH):
        follow("embed", {"done": first, "total": len(texts)})
        batch = model.embed(texts[first : first + EMBED_BATCH]).vectors
        vectors += [vector.astype("<f4").tobytes() for vector in batch]
    return vectors


async def rank(
    connection: psycopg.AsyncConnection,
    dataset: Dataset,
    model: Embedder,
    ids: Mapping[int, str],
    follow: Follow,
) -> dict[str, dict[str, list[str]]]:
    """The ranking of each query by each method, a query's own id left out."""
    town = await ensure_municipality(connection, TOWN)
    generation = await live_generation(connection)
    assert generation is not None, "the corpus was indexed before"
    scope = Scope(generation, town)
    vectors = await asyncio.to_thread(embed, model, list(dataset.queries.values()), silent)
    rankings: dict[str, dict[str, list[str]]] = {method: {} for method in METHODS}
    for done, ((query, text), vector) in enumerate(zip(dataset.queries.items(), vectors, strict=True)):
        follow("rank", {"done": done, "total": len(vectors)})
        for method in METHODS:
            asked = Query(text, vector_literal(vector), RANKED, method)
            found = await search(connection, scope, asked)
            rankings[method][query] = [ids[result.start] for result in found if ids[result.start] != query]
    return rankings


def scores(rankings: Mapping[str, Sequence[str]], judged: Mapping[str, Judgements]) -> dict[str, float]:
    """The mean of each measure over the judged queries."""
    each = [query_scores(rankings[query], grades) for query, grades in judged.items()]
    return {name: round(fmean(scored[name] for scored in each), 4) for name in MEASURES}


def query_scores(ranking: Sequence[str], grades: Judgements) -> dict[str, float]:
    """Each measure of one query's ranking."""
    return {name: measure(ranking, grades) for name, measure in MEASURES.items()}
