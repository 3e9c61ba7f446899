"""Embeddings from any server that speaks the OpenAI API: ``POST /v1/embeddings``."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from plotlot.domain.errors import ServiceUnavailable
from plotlot.inference.embedding import Embeddings, unit_length

BATCH_TEXTS = 64
ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504))  # statuses that may pass by themselves


class OpenAiEmbedder:
    """Asks in batches, tries again what may pass, and checks what comes back."""

    engine = "openai-compatible"

    def __init__(
        self,
        url: str,
        model: str,
        dimensions: int,
        api_key: str = "",
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self._url = url.rstrip("/").removesuffix("/v1") + "/v1/embeddings"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=TIMEOUT, headers=headers)
        self._wait = wait

    def load(self) -> None:
        """Nothing: the server holds the model, and is asked again and again where it is away."""

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """One vector a text, in order; raises ServiceUnavailable naming what the server said."""
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        tokens = 0
        for first in range(0, len(texts), BATCH_TEXTS):
            batch = list(texts[first : first + BATCH_TEXTS])
            answer = self._ask(batch)
            vectors[first : first + len(batch)] = self._vectors(answer, len(batch))
            tokens += token_count(answer)
        return Embeddings(unit_length(vectors), tokens)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, batch: list[str]) -> Any:
        request = {"model": self.model, "input": batch, "encoding_format": "float"}
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                response = self._client.post(self._url, json=request)
            except httpx.HTTPError as error:
                if last:
                    raise self._unavailable(f"cannot be reached: {error or type(error).__name__}") from error
                self._wait(BACKOFF_SECONDS * 2**attempt)
                continue
            if response.is_success:
                return self._json(response)
            if last or response.status_code not in PASSING:
                raise self._unavailable(f"said {response.status_code}: {response.text[:200].strip()}")
            self._wait(seconds_to_wait(response, attempt))
        raise AssertionError("every attempt returns or raises")

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise self._unavailable("did not answer in JSON") from error

    def _vectors(self, answer: Any, count: int) -> NDArray[np.float32]:
        """The vectors in the order of their ``index``, which need not be the order they came in."""
        try:
            by_index = {item["index"]: item["embedding"] for item in answer["data"]}
            vectors = np.array([by_index[index] for index in range(count)], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._unavailable(f"did not send one vector for each of {count} texts") from error
        if vectors.shape != (count, self.dimensions) or not np.isfinite(vectors).all():
            sent = vectors.shape[1] if vectors.ndim == 2 else 0
            raise self._unavailable(
                f"sent vectors of {sent} numbers for {self.model}, not {self.dimensions} finite ones; "
                "set PLOTLOT_EMBEDDING_DIMENSIONS to what the model gives"
            )
        return vectors

    def _unavailable(self, what: str) -> ServiceUnavailable:
        return ServiceUnavailable(f"the embedding server at {self._url} {what}; see PLOTLOT_EMBEDDING_URL")


def token_count(answer: Any) -> int:
    """The tokens that the server counted; 0 where it does not say."""
    usage = answer.get("usage") or {}
    return int(usage.get("total_tokens") or usage.get("prompt_tokens") or 0)


def seconds_to_wait(response: httpx.Response, attempt: int) -> float:
    """What the server asks for in ``Retry-After``, else twice as long as the time before."""
    asked = response.headers.get("retry-after", "")
    seconds = float(asked) if asked.isdecimal() else BACKOFF_SECONDS * 2**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)
