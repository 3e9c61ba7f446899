"""RetrievalService: translates, embeds the query by inference, and calls the stores."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import grpc
import psycopg

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.mentions import mention_pattern
from plotlot.domain.municipalities import municipality_key
from plotlot.retrieval.municipalities import Listed, MunicipalityCounts, list_municipalities, list_names
from plotlot.retrieval.parcels import parcel_at, parcel_with_id
from plotlot.retrieval.reranking import Reranking
from plotlot.retrieval.scopes import Filters, Scope, live_scope, scope_of
from plotlot.retrieval.search import Query, Result, search
from plotlot.retrieval.suggestions import MOST_SUGGESTED, suggest
from plotlot.retrieval.vectors import QueryVectors
from plotlot.rpc.context import current_parameters
from plotlot.rpc.parcels import parcel_to_message
from plotlot.store.generations import another_model, another_model_asked, searched_generation, vector_literal
from plotlot.store.municipalities import municipality_id, shelves
from plotlot.store.pool import Database

Embedded = inference_pb2.EmbedResponse

MOST_RESULTS = 100
MOST_CHARACTERS = 10_000
MOST_NEIGHBOURS = 5
METHODS = {
    retrieval_pb2.METHOD_UNSPECIFIED: "fused",
    retrieval_pb2.METHOD_FUSED: "fused",
    retrieval_pb2.METHOD_BM25: "bm25",
    retrieval_pb2.METHOD_VECTOR: "vector",
}


class RetrievalServicer(retrieval_pb2_grpc.RetrievalServiceServicer):
    """Serves plotlot.api.retrieval.v1.RetrievalService."""

    def __init__(self, database: Database, vectors: QueryVectors, reranking: Reranking) -> None:
        self._database = database
        self._vectors = vectors
        self._reranking = reranking

    async def Search(
        self, request: retrieval_pb2.SearchRequest, context: grpc.aio.ServicerContext
    ) -> retrieval_pb2.SearchResponse:
        """The best chunks by the bundle's parameters; the query is embedded while its scope is looked up."""
        parameters = current_parameters()
        text, filters = checked_query(request), filters_of(request)
        asked = Query(
            text,
            None,
            max(request.limit, parameters.retrieval.rerank),
            METHODS[request.method],
            parameters.retrieval,
            request.neighbours,
            request.within_section,
        )
        embedding = asyncio.create_task(self._vectors.embed(text)) if asked.method != "bm25" else None
        try:
            scope, found = await self._found(asked, request, filters, embedding)
        finally:
            if embedding:
                embedding.cancel()
        results, warning = await self._reranking.apply(text, found, parameters.retrieval.rerank)
        return retrieval_pb2.SearchResponse(
            results=[result_to_message(result) for result in results[: request.limit]],
            warnings=filter(None, [warning]),
            generation=scope.generation.id if scope else 0,
        )

    async def FindParcel(
        self, request: retrieval_pb2.FindParcelRequest, context: grpc.aio.ServicerContext
    ) -> retrieval_pb2.FindParcelResponse:
        """The one parcel at an address or with an id."""
        address, parcel_id = printable(request.address), printable(request.parcel_id)
        if not address and not parcel_id:
            raise InvalidRequest("give an address or a parcel's id", field="address")
        async with self._database.connection(reads=True) as connection:
            towns = await shelves(connection, request.municipality) if request.municipality else None
            if parcel_id:
                found = await parcel_with_id(connection, parcel_id, towns)
            else:
                found = await parcel_at(connection, address, towns)
        return retrieval_pb2.FindParcelResponse(parcel=parcel_to_message(found.as_parcel))

    async def ListMunicipalities(
        self, request: retrieval_pb2.ListMunicipalitiesRequest, context: grpc.aio.ServicerContext
    ) -> retrieval_pb2.ListMunicipalitiesResponse:
        """Municipalities with an ingested code, by name."""
        listed = Listed(printable(request.after), request.limit, municipality_key(request.municipality))
        async with self._database.connection(reads=True) as connection:
            if request.names_only:
                named = await list_names(connection, listed)
                found = [retrieval_pb2.Municipality(name=name) for name in named]
            else:
                counted = await list_municipalities(connection, listed)
                found = [municipality_to_message(municipality) for municipality in counted]
        return retrieval_pb2.ListMunicipalitiesResponse(municipalities=found)

    async def SuggestAddresses(
        self, request: retrieval_pb2.SuggestAddressesRequest, context: grpc.aio.ServicerContext
    ) -> retrieval_pb2.SuggestAddressesResponse:
        """The parcels that an address still being typed may mean."""
        if not 1 <= request.limit <= MOST_SUGGESTED:
            raise InvalidRequest(f"ask for 1 to {MOST_SUGGESTED} suggestions", field="limit")
        async with self._database.connection(reads=True) as connection:
            towns = await shelves(connection, request.municipality) if request.municipality else None
            found = await suggest(connection, printable(request.text), towns, request.limit)
        return retrieval_pb2.SuggestAddressesResponse(
            suggestions=[
                retrieval_pb2.Suggestion(
                    address=each.address, municipality=each.municipality, parcel_id=each.parcel_id
                )
                for each in found
            ]
        )

    async def _found(
        self,
        asked: Query,
        request: retrieval_pb2.SearchRequest,
        filters: Filters,
        embedding: asyncio.Task[Embedded] | None,
    ) -> tuple[Scope | None, list[Result]]:
        """The scope and its results, by one connection where the vector is there by then: none is held to wait for it."""
        async with self._database.connection(reads=True) as connection:
            scope = await scope_asked(connection, request.municipality, filters, request.generation)
            if scope is None:
                return None, []
            if embedding is None or embedding.done():
                vector = await self._vector(asked.text, await embedding, scope) if embedding else None
                return scope, await search(connection, scope, replace(asked, vector=vector))
        vector = await self._vector(asked.text, await embedding, scope)
        async with self._database.connection(reads=True) as connection:
            return scope, await search(connection, scope, replace(asked, vector=vector))

    async def _vector(self, text: str, embedded: Embedded, scope: Scope) -> str:
        """The vector as the index has them; asked for anew where inference changed its model since."""
        generation = scope.generation
        if not generation.has_vectors_of(embedded.model, embedded.dimensions):
            embedded = await self._vectors.computed(text)
        if not generation.has_vectors_of(embedded.model, embedded.dimensions):
            raise another_model(generation, embedded.model)
        return vector_literal(embedded.vectors[0])


async def scope_asked(
    connection: psycopg.AsyncConnection, municipality: str, filters: Filters, generation: int = 0
) -> Scope | None:
    """The scope that a request, or else its bundle, names; None before the first ingestion."""
    parameters = current_parameters()
    named = generation or parameters.index.generation
    if named is None:
        scope = await live_scope(connection, municipality, filters)
    else:
        town = await municipality_id(connection, municipality) if municipality else None
        searched = await searched_generation(connection, named)
        scope = await scope_of(connection, searched, town, filters) if searched else None
    if generation:  # asked for by its number: it is of the model that it is of
        return scope
    if scope is not None and parameters.embedding_model not in ("", scope.generation.embedding_model):
        raise another_model_asked(scope.generation, parameters.embedding_model)
    return scope


def checked_query(request: retrieval_pb2.SearchRequest) -> str:
    """The query's text. Raises InvalidRequest naming the field at fault."""
    text = printable(request.query)
    if not text:
        raise InvalidRequest("say what to search for", field="query")
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest(f"a query has at most {MOST_CHARACTERS} characters", field="query")
    if not 1 <= request.limit <= MOST_RESULTS:
        raise InvalidRequest(f"ask for 1 to {MOST_RESULTS} results", field="limit")
    if not 0 <= request.neighbours <= MOST_NEIGHBOURS:
        raise InvalidRequest(f"a result has 0 to {MOST_NEIGHBOURS} neighbours on a side", field="neighbours")
    return text


def filters_of(request: retrieval_pb2.SearchRequest) -> Filters:
    """What is left out of the search. Raises InvalidRequest naming the field at fault."""
    district = printable(request.district)
    if district and not request.municipality:
        raise InvalidRequest("a district is that of a municipality: name it too", field="municipality")
    if district and mention_pattern(district) is None:
        raise InvalidRequest(f"{district!r} is no district's code", field="district")
    return Filters(day_of(request, "effective_by"), day_of(request, "effective_since"), district)


def day_of(request: retrieval_pb2.SearchRequest, field: str) -> date | None:
    """The day that a field names, where it names one. Raises InvalidRequest."""
    text = getattr(request, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidRequest(f"{field} is a day, as 2026-07-01, not {text!r}", field=field) from None


def printable(text: str) -> str:
    """Text without the characters that nobody types and Postgres may refuse."""
    return "".join(" " if each == "\0" else each for each in text).strip(" \t\r\n\u200b\ufeff")


def result_to_message(result: Result) -> retrieval_pb2.SearchResult:
    """A search result as its message."""
    return retrieval_pb2.SearchResult(
        chunk=result.chunk,
        score=result.score,
        section=result.section,
        document=result.document,
        start=result.start,
        end=result.end,
        text=result.text,
        bm25=result.bm25,
        cosine=result.cosine,
        municipality=result.municipality,
        document_sha256=result.document_sha256,
        page=result.page,
        document_title=result.document_title,
        rerank=result.rerank,
        neighbours=[retrieval_pb2.Neighbour(**neighbour) for neighbour in result.neighbours],
        effective_date=result.effective_date.isoformat() if result.effective_date else "",
        retrieved_at=result.retrieved_at.isoformat() if result.retrieved_at else "",
        anchor=result.anchor,
    )


def municipality_to_message(counts: MunicipalityCounts) -> retrieval_pb2.Municipality:
    """A municipality as its message."""
    return retrieval_pb2.Municipality(
        name=counts.name,
        documents=counts.documents,
        sections=counts.sections,
        chunks=counts.chunks,
        parcels=counts.parcels,
        effective_date=counts.effective_date.isoformat() if counts.effective_date else "",
        retrieved_at=counts.retrieved_at.isoformat(),
        indexed_at=counts.indexed_at.isoformat() if counts.indexed_at else "",
        warnings=counts.warnings,
        refreshed=refreshed_to_message(counts.refreshed) if counts.refreshed else None,
    )


def refreshed_to_message(row: Mapping[str, Any]) -> retrieval_pb2.Refreshed:
    """What a town's refreshes came to as its message."""
    told = ("publisher", "product", "supplement", "dated", "stage", "reason")
    moments = ("refreshed_at", "checked_at", "swapped_at", "unwell_since")
    counts = ("sections", "added", "changed", "removed", "unreadable")
    message = retrieval_pb2.Refreshed(kinds=row["kinds"])
    for name in (*told, *moments):
        setattr(message, name, row[name] or "")
    for name in counts:
        setattr(message, name, row["counts"].get(name, 0))
    return message
