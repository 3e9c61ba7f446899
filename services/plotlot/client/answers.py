"""What the API answers, as types; what is not named here is in the answers too."""

from typing import Any, NotRequired, TypedDict


class Units(TypedDict):
    """How many units fit; an interval where facts are missing."""

    units_low: int | None
    units_high: int | None
    binding_constraint: str | None


class Fact(TypedDict):
    """A fact of a lot as it was taken, and where from; ``instead_of`` is what it would be without the reader."""

    value: float | str | None
    origin: str
    instead_of: NotRequired[float | str | None]


Analysis = TypedDict(
    "Analysis",
    {
        "id": str,
        "bundle": str,
        "municipality": str,
        "parcel": dict[str, Any],
        "facts": NotRequired[dict[str, Fact]],
        "rerun_of": NotRequired[str | None],
        "district": str,
        "district_name": str,
        "standards": list[dict[str, Any]],
        "envelope": dict[str, Any] | None,
        "yield": Units,
        "verdict": str,
        "assumptions": list[str],
        "warnings": list[str],
    },
)


class Answer(TypedDict):
    """An answer in words, or a refusal with its reason."""

    question: str
    refused: bool
    reason: str
    answer: str
    quotes: list[dict[str, Any]]
    standards: list[dict[str, Any]]


class SearchResult(TypedDict):
    """A chunk of a code; ``start`` and ``end`` count code points of the document's text."""

    municipality: str
    section: str
    document: str
    text: str
    start: int
    end: int
    score: float


class Suggestion(TypedDict):
    """A parcel that may be meant by what was typed."""

    address: str
    municipality: str
    parcel_id: str


class Municipality(TypedDict):
    """A municipality with an ingested code; ``coverage`` and ``quality`` are None until the code was read."""

    name: str
    documents: int
    parcels: int
    effective_date: str | None
    retrieved_at: str | None
    indexed_at: str | None
    coverage: dict[str, Any] | None
    quality: dict[str, Any] | None
    feedback: dict[str, dict[str, int]]


class Document(TypedDict):
    """A document as it was ingested."""

    id: str
    municipality: str
    name: str
    title: str
    effective_date: str | None
    superseded_at: str | None


class Job(TypedDict):
    """A job as it stands: queued, running, succeeded, failed or cancelled."""

    id: str
    status: str
    total: int
    done: int
    refused: int


class BatchRow(TypedDict, total=False):
    """One lot of a batch; ``ref`` is the caller's own name of it."""

    ref: str
    address: str
    parcel_id: str
    municipality: str


class Outcome(TypedDict):
    """What became of a row: ``answered`` with its figures, or ``refused`` with a problem."""

    row: int
    ref: str
    status: str
    analysis: NotRequired[str]
    units_low: NotRequired[int | None]
    units_high: NotRequired[int | None]
    verdict: NotRequired[str]
    problem: NotRequired[dict[str, Any]]


class Refresh(TypedDict):
    """A refresh as it stands: running, ended or cancelled; ``stages`` counts its towns, ``workers`` who works."""

    id: str
    scope: str
    status: str
    begun_at: str
    ended_at: str | None
    total: int
    done: int
    stages: dict[str, int]
    steps: int
    workers: int


class StartedRefresh(Refresh):
    """A refresh as it was begun; ``new`` unless it is the one of the same towns that goes on."""

    new: bool


class TownState(TypedDict):
    """A town in a refresh, or as its last one left it: why it was not taken, and what was counted of it."""

    municipality: str
    county: str
    publisher: str
    product: str
    supplement: str
    dated: str
    stage: str
    reason: str
    counts: dict[str, int]
    accepted: bool
    changed_at: str | None
    refresh: str | None
    step: int
