"""A cross-encoder on any server with ``POST /rerank``.

Two forms are in use. Text Embeddings Inference serves one model and takes ``{"query", "texts"}``; vLLM, llama.cpp,
Jina and Cohere take ``{"model", "query", "documents"}``. With a model's name the second is spoken, else the first.
"""

import math
from collections.abc import Sequence
from typing import Any

import httpx

from plotlot.domain.errors import ServiceUnavailable

BATCH_TEXTS = 32  # what Text Embeddings Inference takes by default
CONNECT_SECONDS = 1.0


class RerankServer:
    """Asks the server in batches, and checks what comes back."""

    def __init__(self, url: str, model: str = "", api_key: str = "", timeout_seconds: float = 2.0) -> None:
        base = url.rstrip("/")
        self._url = base if base.endswith("/rerank") else f"{base}/rerank"
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
        self._client = httpx.AsyncClient(timeout=timeout, headers=headers)

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score a text, in their order. Raises ServiceUnavailable naming what the server said."""
        found: list[float] = []
        for first in range(0, len(texts), BATCH_TEXTS):
            batch = list(texts[first : first + BATCH_TEXTS])
            found += self._scores(await self._ask(question, batch), len(batch))
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, question: str, batch: list[str]) -> Any:
        try:
            response = await self._client.post(self._url, json=self._request(question, batch))
        except httpx.HTTPError as error:
            raise self._unavailable(f"cannot be reached: {error or type(error).__name__}") from error
        if not response.is_success:
            raise self._unavailable(f"said {response.status_code}: {response.text[:200].strip()}")
        try:
            return response.json()
        except ValueError as error:
            raise self._unavailable("did not answer in JSON") from error

    def _request(self, question: str, batch: list[str]) -> dict[str, Any]:
        if self._model:
            return {"model": self._model, "query": question, "documents": batch}
        return {"query": question, "texts": batch, "truncate": True}

    def _scores(self, answer: Any, count: int) -> list[float]:
        """The scores in the order of ``index``: they come best first."""
        try:
            rows = answer["results"] if isinstance(answer, dict) else answer
            by_index = {row["index"]: float(row.get("relevance_score", row.get("score"))) for row in rows}
            scores = [by_index[index] for index in range(count)]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._unavailable(f"did not send one score for each of {count} texts") from error
        if not all(math.isfinite(score) for score in scores):
            raise self._unavailable("sent scores that are no numbers")
        return scores

    def _unavailable(self, what: str) -> ServiceUnavailable:
        return ServiceUnavailable(f"the reranker at {self._url} {what}; see PLOTLOT_RERANK_URL")
