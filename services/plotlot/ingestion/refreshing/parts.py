"""What refreshes are made of, put together over a database, publishers and embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.pipeline import EmbeddingClient
from plotlot.ingestion.publishers.publisher import Publisher
from plotlot.ingestion.publishers.registry import registry
from plotlot.ingestion.refreshing.answers import KeptAnswers
from plotlot.ingestion.refreshing.codes import Codes
from plotlot.ingestion.refreshing.fetching import Asks, RunFetch
from plotlot.ingestion.refreshing.listing import Discoverer
from plotlot.ingestion.refreshing.looking import Looking
from plotlot.ingestion.refreshing.refreshes import Sources
from plotlot.ingestion.refreshing.stages import Stages
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.store.pool import Database


@dataclass(frozen=True, slots=True)
class Believed:
    """For how long publishers are: which towns they have, and that a code is of the edition that serves."""

    towns: timedelta
    editions: timedelta


@dataclass(frozen=True, slots=True)
class RefreshParts:
    """Whom to ask for towns, and what is done to each."""

    sources: Sources
    stages: Stages


def refresh_parts(
    database: Database,
    publishers: Sequence[Publisher],
    client: Asks,
    embeddings: EmbeddingClient,
    looking: Looking,
    ocr: Ocr,
    believed: Believed,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> RefreshParts:
    """The parts; ``looking`` is how codes are compared, ``ocr`` reads scans, publishers are ``believed`` for so long."""
    answers, vectors = KeptAnswers(database), KeptVectors(database, embeddings)

    def fetch(run: str) -> RunFetch:
        return RunFetch(run, client, answers)

    known = registry()
    discoverer = Discoverer(publishers, fetch, database, known, believed.towns, now)
    sources = Sources(discoverer, known, {each.name: each.host for each in publishers})
    codes = Codes(database, embeddings, vectors)
    towns, named = Towns(database), {each.name: each for each in publishers}
    stages = Stages(named, fetch, answers, towns, codes, vectors, looking, ocr, believed.editions)
    return RefreshParts(sources, stages)
