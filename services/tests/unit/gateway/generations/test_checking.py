"""What a check makes of what searches find: recall beside the other generation, by hand or as it was kept."""

from collections.abc import Sequence
from typing import Any

import pytest

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.generation_checks import Probe, Recall
from plotlot.gateway.generations.checking import Checking, digest_of, measured
from plotlot.gateway.generations.probes import words_of

PROBES = [
    Probe("Ashby, OH", f"question {number}", "doc-1", 100 * number, 100 * number + 50) for number in range(6)
]


class Clients:
    """Retrieval where a generation finds the places of some questions by fusion, and of others by vectors."""

    def __init__(self, fused: dict[int, set[int]], away: Sequence[int] = ()) -> None:
        self.fused, self.away = fused, away

    async def refined_search(
        self, query: str, municipality: str, limit: int, method: Any, refinements: Any
    ) -> retrieval_pb2.SearchResponse:
        if refinements.generation in self.away:
            raise ServiceUnavailable("its model is not served")
        number = int(query.rpartition(" ")[2])
        there = method == retrieval_pb2.METHOD_VECTOR or number in self.fused[refinements.generation]
        place = 100 * number if there else 9_000
        found = retrieval_pb2.SearchResult(document="doc-1", start=place + 40, end=place + 60)
        return retrieval_pb2.SearchResponse(results=[found], generation=refinements.generation)


class Kept(Checking):
    """A check whose other generation was checked before."""

    def __init__(self, clients: Any, recall: dict[str, Any] | None = None) -> None:
        super().__init__(None, clients)  # type: ignore[arg-type]
        self.recall = recall

    async def newest(self, generation: int) -> dict[str, Any] | None:
        return None if self.recall is None else {"recall": self.recall}


async def compared(checking: Checking) -> Recall:
    ours = await checking._answered(PROBES, 10, 2)
    return await checking._compared(
        measured(Recall(10, len(PROBES), digest_of(PROBES)), ours), ours, PROBES, 1
    )


async def test_recall_is_that_of_both_by_the_same_questions() -> None:
    recall = await compared(Kept(Clients({1: {0, 1, 2}, 2: {0, 1, 2, 3}})))
    assert (recall.fused, recall.fused_against) == (4 / 6, 3 / 6)
    assert (recall.vector, recall.vector_against) == (1, 1)
    assert recall.agreement == 5 / 6  # of what neither finds, both find the same


async def test_where_the_other_model_is_away_its_last_check_by_the_same_questions_counts() -> None:
    clients = Clients({2: {0, 1}}, away=[1])
    kept = {"results": 10, "asked": digest_of(PROBES), "fused": 0.9, "vector": 0.8, "unmeasured": ""}
    recall = await compared(Kept(clients, kept))
    assert (recall.fused_against, recall.vector_against, recall.agreement) == (0.9, 0.8, None)
    others: list[dict[str, Any] | None] = [None, {**kept, "asked": "others"}, {**kept, "results": 5}]
    for other in [*others, {**kept, "unmeasured": "away"}]:
        with pytest.raises(ServiceUnavailable):
            await compared(Kept(clients, other))


def test_a_section_is_asked_for_by_its_longest_words_in_their_order() -> None:
    text = "The minimum front yard shall be twenty-five feet in residential districts and cut"
    assert words_of(text) == "minimum front shall twenty-five residential districts"
