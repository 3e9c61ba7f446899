"""Judged queries of a collection as cases, so that they can be compared one by one."""

from collections.abc import Mapping
from typing import Any

from plotlot.evaluation.runs import Case

MEASURES = ("ndcg@10", "recall@10", "mrr")


def collection_cases(name: str, result: Mapping[str, Any]) -> list[Case]:
    """A case for each query of ``evaluation.retrieval.evaluate``; each collection is as a town of its own."""
    return [
        Case(
            id=f"retrieval/{name}/{query}",
            town=name,
            slice=name,
            kind="judged",
            scores={
                f"{name}.{method}.{measure}": scores[measure]
                for method, scores in by_method.items()
                for measure in MEASURES
            },
        )
        for query, by_method in result["queries_scored"].items()
    ]
