"""What answers were like, and what was kept of them."""

from plotlot.telemetry.making import Making


class AnswerMetrics:
    """Of the services that answer: gateway, extraction, retrieval; and of every cache."""

    def __init__(self, make: Making) -> None:
        self.citations = make.counter(
            "citations", "Citations of read values, by whether they verified.", "result"
        )
        self.analyses = make.counter("analyses", "Analyses by verdict.", "verdict")
        self.rerank = make.counter(
            "rerank",
            "Searches whose results a reranker was to put in order: done, failed, or skipped after a failure.",
            "result",
        )
        self.rerank_seconds = make.histogram("rerank_seconds", "Time that reranking took.")
        self.cache_lookups = make.counter("cache_lookups", "Looks into the cache, by hit or miss.", "result")
        self.cache_failures = make.counter(
            "cache_failures",
            "Times that the shared cache failed or was too slow, and was left alone for a moment.",
        )
        self.answer_cache = make.counter(
            "answer_cache",
            "Answers by operation: hit, stale, shared (made for another who asked the same), miss, bypass.",
            "operation",
            "result",
        )
