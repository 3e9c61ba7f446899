"""Whether a generation of the search index may serve: by what it holds of what is stored, what it finds, what reports cite.

``against`` is the generation whose place it would take, looked at in the same way; None where there is none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

LEAST_SHARE_OF_TEXT = 0.98  # of the characters that the other one holds of a town
MOST_RECALL_LOST = 0.02
SHOWN = 5

Part = Literal["documents", "vectors", "text", "recall", "citations"]
PARTS: tuple[Part, ...] = ("documents", "vectors", "text", "recall", "citations")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Held:
    """What a generation holds of a town: ``vectors`` that can be compared, ``counted`` chunks by what BM25 is told."""

    documents: int = 0
    chunks: int = 0
    vectors: int = 0
    counted: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its current documents as they are stored, and as they are indexed."""

    municipality: str
    documents: int
    characters: int
    held: Held
    against: Held | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, and the place in a document that answers it: what is found there is found."""

    municipality: str
    question: str
    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares of questions whose place is among the first ``results``, by both rankings fused and by vectors alone.

    ``agreement`` is the share of the other's results that this one finds too. ``asked`` is a digest of the questions, by
    which two checks are known to have asked the same. ``unmeasured`` says why there is none.
    """

    results: int
    questions: int = 0
    asked: str = ""
    golden: int = 0
    skipped: int = 0
    fused: float = 0.0
    vector: float = 0.0
    fused_against: float | None = None
    vector_against: float | None = None
    agreement: float | None = None
    unmeasured: str = ""


@dataclass(frozen=True, slots=True)
class Citations:
    """Quotes of kept reports, answers and readings: ``orphaned`` stand no more where they are said to, ``unindexed``
    ones stand in a current document whose chunks there are none of. Some of these are ``examples``, of those ``orphans``."""

    checked: int
    orphaned: int
    unindexed: int
    examples: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a generation should not serve; of a town, or of all where it is empty."""

    part: Part
    municipality: str
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """A generation that was checked."""

    generation: int
    against: int | None
    towns: tuple[Town, ...]
    recall: Recall
    citations: Citations

    @property
    def failures(self) -> list[Failure]:
        """Everything that speaks against it."""
        in_towns = [failure for town in self.towns for failure in failures_of_town(town)]
        return [*in_towns, *failures_of_recall(self.recall), *failures_of_citations(self.citations)]

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the store whatever generation serves: quotes of a tenant alone hold nobody's index back."""
        citations = self.citations
        if not citations.orphaned:
            return []
        words = f"{citations.orphaned} of {citations.checked} quotes stand no more where they are cited"
        return [": ".join([words, *([", ".join(citations.orphans)] if citations.orphans else [])])]


def failures_of_town(town: Town) -> Iterator[Failure]:
    """What a generation lacks of a town."""
    held, name = town.held, town.municipality
    if held.documents < town.documents:
        yield Failure("documents", name, f"holds {held.documents} of {town.documents} documents")
    if held.vectors < held.chunks:
        without = held.chunks - held.vectors
        yield Failure(
            "vectors", name, f"{without} of {held.chunks} chunks have no vector that can be compared"
        )
    if held.counted != held.chunks:
        yield Failure(
            "documents", name, f"BM25 is told of {held.counted} chunks where there are {held.chunks}"
        )
    before = town.against.characters if town.against is not None else 0
    if held.documents >= town.documents and held.characters < LEAST_SHARE_OF_TEXT * before:
        yield Failure("text", name, f"holds {held.characters:,} characters, the other one {before:,}")


def failures_of_recall(recall: Recall) -> Iterator[Failure]:
    """How much less than the other one a generation finds."""
    if recall.unmeasured:
        yield Failure("recall", "", recall.unmeasured)
        return
    pairs = (
        ("fused", recall.fused, recall.fused_against),
        ("by vectors", recall.vector, recall.vector_against),
    )
    for name, found, before in pairs:
        if before is not None and found < before - MOST_RECALL_LOST:
            words = f"{name}, finds {found:.1%} of {recall.questions} questions in the first {recall.results}, the other one {before:.1%}"
            yield Failure("recall", "", words)


def failures_of_citations(citations: Citations) -> Iterator[Failure]:
    """Which quotes that were shown a generation does not find."""
    if citations.unindexed:
        words = f"{citations.unindexed} of {citations.checked} quotes stand in no chunk of it"
        yield Failure("citations", "", f"{words}: {', '.join(citations.examples)}")


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether any of the spans has a character of a place."""
    return any(begun < end and ended > start for begun, ended in spans)


def agreement(ours: Sequence[tuple[str, int, int]], theirs: Sequence[tuple[str, int, int]]) -> float:
    """The share of their results, each a document and a span, that overlap one of ours; 1 where they have none."""
    found = [
        overlaps(((begun, ended) for name, begun, ended in ours if name == document), start, end)
        for document, start, end in theirs
    ]
    return sum(found) / len(found) if found else 1.0
