"""A search index of synthetic codes as ingestion writes it, and questions about it."""

import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import psycopg
from numpy.typing import NDArray
from synthetic_codes import DIMENSIONS, Question, Town, Writer, towns_of

from plotlot.domain.access import LOCAL
from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document, Section
from plotlot.ingestion.index import ensure_generation, index_document
from plotlot.retrieval.search import Query
from plotlot.store.documents import save_document
from plotlot.store.generations import vector_literal
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import first_words
from plotlot.store.service_role import ROLE

MODEL = "all-MiniLM-L6-v2"
DOCUMENT_CHUNKS = 500
QUESTIONS = 60
WARM = 5
RESULTS = 10


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


@asynccontextmanager
async def as_service(conninfo: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection that row-level security holds to the rows of a tenant, as it holds the services."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute(first_words(ROLE, LOCAL, reads=True), prepare=False)
        yield connection


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
