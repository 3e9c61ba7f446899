"""Two towns for retrieval: their codes, their parcels, and inference without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document, Section
from plotlot.domain.parcels import Parcel
from plotlot.ingestion.index import ensure_generation, index_document
from plotlot.ingestion.parcel_store import save_parcels
from plotlot.retrieval.reranking import Reranking
from plotlot.retrieval.servicer import RetrievalServicer
from plotlot.retrieval.vectors import QueryVectors
from plotlot.store.cache import MemoryCache
from plotlot.store.documents import save_document
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

ASHBY, BRAMLEY = "Ashby, OH", "Bramley, OH"
SECTIONS = {
    ASHBY: [
        ("Yards", "The front yard shall be not less than twenty-five feet deep."),
        ("Signs", "A sign shall not flash, and no sign shall stand in a front yard."),
        ("Height", "No building shall exceed thirty-five feet in height."),
        ("Parking", "Two spaces shall be provided for each dwelling."),
    ],
    BRAMLEY: [("Yards", "A front yard of ten feet is enough in Bramley.")],
}
PARCELS = {
    ASHBY: [("A-1", "12 Mill Street"), ("A-2", "14 Mill Street"), ("A-3", "100 North Main Street Apt 1")],
    BRAMLEY: [("B-1", "12 Mill Street"), ("A-2", "3 Oak Court"), ("B-3", "100 N Main St Unit 2")],
}


def embed(text: str) -> bytes:
    """A vector of hashed words: likeness without a model."""
    vector = np.full(8, 0.01, "<f4")
    for word in text.lower().replace(".", "").split():
        vector[sum(map(ord, word)) % 8] += 1
    return (vector / np.linalg.norm(vector)).astype("<f4").tobytes()


class Inference:
    """Inference as retrieval sees it."""

    model = "words"
    calls = 0

    async def Embed(self, request: inference_pb2.EmbedRequest) -> inference_pb2.EmbedResponse:
        self.calls += 1
        vectors = [embed(text) for text in request.texts]
        return inference_pb2.EmbedResponse(vectors=vectors, dimensions=8, model=self.model)


@dataclass(frozen=True)
class Retrieval:
    """A servicer on a database."""

    servicer: RetrievalServicer
    database: Database

    async def search(
        self, query: str, municipality: str = "", limit: int = 10, method: str = "FUSED", **refined: Any
    ) -> Sequence[retrieval_pb2.SearchResult]:
        request = retrieval_pb2.SearchRequest(
            query=query,
            municipality=municipality,
            limit=limit,
            method=retrieval_pb2.Method.Value(f"METHOD_{method}"),
            **refined,
        )
        return (await self.servicer.Search(request, None)).results

    async def find(self, address: str = "", parcel: str = "", town: str = "") -> retrieval_pb2.Parcel:
        request = retrieval_pb2.FindParcelRequest(address=address, parcel_id=parcel, municipality=town)
        return (await self.servicer.FindParcel(request, None)).parcel


async def load(connection: psycopg.AsyncConnection, town: str) -> None:
    """Index a town's sections, a page each, and store its parcels."""
    chunks, sections, text = [], [], ""
    for ordinal, (heading, body) in enumerate(SECTIONS[town]):
        start = len(text) + len(heading) + 1
        text += f"{heading}\n{body}\n"
        sections.append(Section(ordinal + 1, 0, "section", "", heading, start, len(text), start))
        chunks.append(
            Chunk(ordinal=ordinal, section=ordinal + 1, heading_path=heading, start=start, end=len(text) - 1)
        )
    whole = Section(0, None, "document", "", "", 0, len(text), 0)
    pages = tuple(section.start for section in sections)
    document = Document("code.txt", f"Code of {town}", "text/plain", "", text, (whole, *sections), (), pages)
    municipality = await ensure_municipality(connection, town)
    generation = await ensure_generation(connection, "words", 8)
    await save_document(connection, f"doc-{town}", municipality, document, "test")
    vectors = [embed(f"{chunk.heading_path} {text[chunk.start : chunk.end]}") for chunk in chunks]
    await index_document(connection, [generation], municipality, f"doc-{town}", document, chunks, vectors)
    await save_parcels(
        connection,
        municipality,
        [Parcel(id=each, municipality=town, address=at) for each, at in PARCELS[town]],
    )


def servicer_of(database: Database, inference: Inference) -> RetrievalServicer:
    vectors = QueryVectors(inference, MemoryCache(Metrics()))
    return RetrievalServicer(database, vectors, Reranking(None, Metrics()))
