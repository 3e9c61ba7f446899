"""The best results put in order by a model that reads the question and the text together, where there is one.

Without it search goes on: a reranker that fails is counted, left alone for a moment, and the answer says so.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from plotlot.domain.errors import UnavailableError
from plotlot.retrieval.search import Result
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

REST_SECONDS = 5.0  # during which a reranker that failed is not asked
NONE_CONFIGURED = "the bundle asks for reranking, but no reranker is configured: set PLOTLOT_RERANK_URL"


class Reranker(Protocol):
    """Scores texts by how well each answers a question."""

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score a text, in their order; higher is better. Raises ServiceUnavailable."""


class Reranking:
    """Asks a reranker, or does without."""

    def __init__(
        self, reranker: Reranker | None, metrics: Metrics, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reranker = reranker
        self._metrics = metrics
        self._clock = clock
        self._rests_until = 0.0
        self._why = ""

    async def apply(self, question: str, results: Sequence[Result], most: int) -> tuple[list[Result], str]:
        """The results, the first ``most`` put in order, and what was wrong where they were not."""
        if not most or not results:
            return list(results), ""
        if self._reranker is None:
            return list(results), NONE_CONFIGURED
        started = self._clock()
        if started < self._rests_until:
            return self._without(results, "skipped")
        first, rest = results[:most], results[most:]
        try:
            scores = await self._reranker.scores(question, [text_of(result) for result in first])
        except UnavailableError as error:
            self._rests_until = self._clock() + REST_SECONDS
            self._why = error.message
            log.warning("results are not reranked: %s", error.message)
            return self._without(results, "failed")
        self._metrics.rerank_seconds.observe(self._clock() - started)
        self._metrics.rerank.labels("done").inc()
        return [*in_order(first, scores), *rest], ""

    def _without(self, results: Sequence[Result], result: str) -> tuple[list[Result], str]:
        self._metrics.rerank.labels(result).inc()
        return list(results), f"not reranked: {self._why}"


def in_order(results: Sequence[Result], scores: Sequence[float]) -> list[Result]:
    """Results with their new scores, best first; equals stay in the order they came in."""
    scored = [replace(result, rerank=score) for result, score in zip(results, scores, strict=True)]
    return sorted(scored, key=lambda result: -(result.rerank or 0.0))


def text_of(result: Result) -> str:
    """What the model reads of a chunk: where it stands, then its words without layout."""
    words = " ".join(result.text.split())
    return f"{result.section}\n{words}" if result.section else words
