"""Search results as JSON."""

from typing import Any

from plotlot.api.retrieval.v1 import retrieval_pb2


def result_json(result: retrieval_pb2.SearchResult) -> dict[str, Any]:
    """A result under the names of the REST API."""
    return {
        "chunk": result.chunk,
        "score": result.score,
        "bm25": result.bm25 if result.HasField("bm25") else None,
        "cosine": result.cosine if result.HasField("cosine") else None,
        "municipality": result.municipality,
        "section": result.section,
        "document": result.document,
        "document_title": result.document_title,
        "document_sha256": result.document_sha256,
        "effective_date": result.effective_date or None,
        "retrieved_at": result.retrieved_at or None,
        "anchor": result.anchor,
        "page": result.page if result.HasField("page") else None,
        "start": result.start,
        "end": result.end,
        "text": result.text,
        **({"rerank": result.rerank} if result.HasField("rerank") else {}),
        **({"neighbours": [neighbour_json(each) for each in result.neighbours]} if result.neighbours else {}),
    }


def neighbour_json(neighbour: retrieval_pb2.Neighbour) -> dict[str, Any]:
    """A chunk beside a result."""
    return {
        "chunk": neighbour.chunk,
        "section": neighbour.section,
        "start": neighbour.start,
        "end": neighbour.end,
        "text": neighbour.text,
        "distance": neighbour.distance,
    }
