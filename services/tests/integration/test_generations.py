"""Generations of the index on a real Postgres: built while documents come and go, cut short, used, retired."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import numpy as np
import psycopg
import pytest

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable, UnknownGeneration, UnknownMunicipality
from plotlot.ingestion.building import build
from plotlot.ingestion.index import MOST_COVERED_DIMENSIONS, make_generation
from plotlot.ingestion.pipeline import Ingested, Pipeline
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.ingestion.servicer import IngestionServicer
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.generation_checks import save_check
from plotlot.store.generations import (
    GenerationCounts,
    empty_generation,
    hold_writing,
    list_generations,
    searched_generation,
)
from plotlot.store.migrate import migrate
from plotlot.store.pool import Database

ASHBY, BRAMLEY = "Ashby, OH", "Bramley, OH"
CODE = "Sec. 1. R-1 District\n\nThe front yard shall be {} feet deep.\n"


class Inference:
    """Inference as ingestion sees it; ``meanwhile`` runs before the next texts are embedded."""

    def __init__(self, model: str = "words") -> None:
        self.model = model
        self.embedded = 0
        self.meanwhile: Callable[[], Awaitable[Any]] | None = None

    async def ListModels(self, request: Any) -> inference_pb2.ListModelsResponse:
        model = inference_pb2.Model(name=self.model, task="embed", dimensions=8)
        return inference_pb2.ListModelsResponse(models=[model])

    async def Embed(self, request: inference_pb2.EmbedRequest) -> inference_pb2.EmbedResponse:
        assert request.model in ("", self.model)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        self.embedded += len(request.texts)
        vector = np.full(8, 8**-0.5, "<f4").tobytes()
        return inference_pb2.EmbedResponse(
            vectors=[vector for _ in request.texts], dimensions=8, model=self.model
        )


class Ingestion:
    """Ingestion on a database."""

    def __init__(self, database: Database, inference: Inference) -> None:
        self.database = database
        self.inference = inference
        self.servicer = IngestionServicer(database, inference, 10**6)  # type: ignore[arg-type]

    async def ingest(self, town: str, name: str, depth: int = 20) -> Ingested:
        pipeline = Pipeline(self.database, self.servicer._embeddings)
        events = pipeline.ingest(town, name, "text/plain", CODE.format(depth).encode())
        return [event async for event in events][-1]  # type: ignore[return-value]

    async def build(self, *towns: str) -> GenerationCounts:
        events = build(self.database, self.servicer._embeddings, towns)
        return [event async for event in events][-1]  # type: ignore[return-value]

    async def use(self, number: int, anyway: int = 0) -> ingestion_pb2.Generation:
        request = ingestion_pb2.UseGenerationRequest(generation=number, anyway=anyway)
        return (await self.servicer.UseGeneration(request, None)).generation

    async def retire(self, number: int, anyway: int = 0) -> ingestion_pb2.Generation:
        request = ingestion_pb2.RetireGenerationRequest(generation=number, anyway=anyway)
        return (await self.servicer.RetireGeneration(request, None)).generation

    async def statuses(self) -> dict[int, str]:
        async with self.database.connection() as connection:
            return {one.generation: one.status for one in await list_generations(connection)}

    async def held(self, number: int) -> set[tuple[str, str]]:
        """The documents of a generation with the depth that they state."""
        rows = await self.rows(
            "SELECT documents.name, substring(chunks.text from '(\\d+) feet') FROM chunks"
            " JOIN documents ON documents.id = document_id WHERE generation = %s",
            number,
        )
        return {(name, depth) for name, depth in rows if depth}

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.database.connection() as connection:
            return await (await connection.execute(statement.encode(), values)).fetchall()


@pytest.fixture(scope="module")
async def conninfo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg"))
    yield await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.stop)


@pytest.fixture
async def ingestion(conninfo: str) -> AsyncIterator[Ingestion]:
    """Ingestion with a document of each of two towns, in a database of its own."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("DROP DATABASE IF EXISTS generations WITH (FORCE)")
        await connection.execute("CREATE DATABASE generations")
    own = psycopg.conninfo.make_conninfo(conninfo, dbname="generations")
    await asyncio.to_thread(migrate, own)
    database = Database(4)
    await database.open(own)
    try:
        found = Ingestion(database, Inference())
        await found.ingest(ASHBY, "ashby.txt")
        await found.ingest(BRAMLEY, "bramley.txt")
        yield found
    finally:
        await database.close()


def names(held: Iterable[tuple[str, str]]) -> set[str]:
    return {name for name, _ in held}


async def test_a_generation_is_built_beside_the_live_one_and_holds_the_same(ingestion: Ingestion) -> None:
    built = await ingestion.build()
    assert (built.generation, built.status, built.documents, built.documents_in_all) == (2, "ready", 2, 2)
    assert await ingestion.statuses() == {1: "live", 2: "ready"}
    assert await ingestion.held(2) == await ingestion.held(1)
    counts = "SELECT count(*) FROM postings WHERE generation = %s"
    assert await ingestion.rows(counts, 1) == await ingestion.rows(counts, 2) != [(0,)]


async def test_a_generation_names_the_version_of_its_texts(ingestion: Ingestion) -> None:
    async def versions() -> list[str]:
        async with ingestion.database.connection() as connection:
            return [one.data_version for one in await list_generations(connection)]

    (first,) = await versions()
    assert first.startswith("data-")
    await ingestion.build()
    assert await versions() == [first, first], "the same texts, whichever generation holds them"
    await ingestion.ingest(ASHBY, "ashby.txt", depth=30)
    live, ready = await versions()
    assert live == ready != first
    await ingestion.ingest(ASHBY, "ashby.txt")
    assert await versions() == [first, first]


async def test_a_generation_of_one_town_says_what_it_lacks_and_cannot_go_live(ingestion: Ingestion) -> None:
    built = await ingestion.build(BRAMLEY)
    assert names(await ingestion.held(2)) == {"bramley.txt"}
    assert (built.documents, built.documents_in_all) == (1, 2)
    assert (built.municipalities, built.municipalities_in_all) == (1, 2)
    with pytest.raises(InvalidRequest, match="1 of 2 documents"):
        await ingestion.use(2)
    assert await ingestion.statuses() == {1: "live", 2: "ready"}


async def test_a_town_that_is_not_here_leaves_nothing(ingestion: Ingestion) -> None:
    with pytest.raises(UnknownMunicipality):
        await ingestion.build("Nowhere, OH")
    assert await ingestion.statuses() == {1: "live"}


async def test_what_is_ingested_later_stands_in_every_generation_that_is_live_or_ready(
    ingestion: Ingestion,
) -> None:
    await ingestion.build()
    await ingestion.build()
    await ingestion.retire(3)
    await ingestion.ingest(ASHBY, "more.txt")
    await ingestion.ingest(ASHBY, "ashby.txt", depth=30)
    now = {("ashby.txt", "30"), ("more.txt", "20"), ("bramley.txt", "20")}
    assert await ingestion.held(1) == await ingestion.held(2) == now
    assert await ingestion.held(3) == set()


async def test_a_document_counts_its_chunks_once_however_many_generations_hold_it(
    ingestion: Ingestion,
) -> None:
    first = await ingestion.ingest(ASHBY, "more.txt")
    await ingestion.build()
    again = await ingestion.ingest(ASHBY, "more.txt")
    assert (again.changed, again.chunks) == (False, first.chunks)


async def test_a_build_holds_also_what_was_ingested_and_superseded_while_it_ran(
    ingestion: Ingestion,
) -> None:
    async def meanwhile() -> None:
        await ingestion.ingest(ASHBY, "ashby.txt", depth=40)
        await ingestion.ingest(BRAMLEY, "new.txt", depth=50)

    ingestion.inference.meanwhile = meanwhile
    await ingestion.build()
    now = {("ashby.txt", "40"), ("bramley.txt", "20"), ("new.txt", "50")}
    assert await ingestion.held(2) == await ingestion.held(1) == now


async def test_a_build_is_not_ready_before_those_who_write_documents_now_are_done(
    ingestion: Ingestion,
) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with ingestion.database.connection() as writer:
        await hold_writing(writer)
        building = asyncio.create_task(ingestion.build())
        while not building.done() and await ingestion.rows(waiting) == [(0,)]:
            await asyncio.sleep(0.02)
        assert await ingestion.statuses() == {1: "live", 2: "building"}
    assert (await building).status == "ready"


async def test_ingestion_and_builds_at_the_same_time_end_with_whole_generations(ingestion: Ingestion) -> None:
    await asyncio.gather(
        ingestion.build(),
        *(ingestion.ingest(town, f"{number}.txt") for number in range(4) for town in (ASHBY, BRAMLEY)),
        ingestion.build(),
    )
    assert await ingestion.statuses() == {1: "live", 2: "ready", 3: "ready"}
    live = await ingestion.held(1)
    assert len(live) == 6
    assert await ingestion.held(2) == await ingestion.held(3) == live
    async with ingestion.database.connection() as connection:
        counts = await list_generations(connection)
    assert {(one.documents, one.documents_in_all) for one in counts} == {(10, 10)}


async def test_a_build_that_is_cut_short_is_listed_named_by_no_bundle_and_can_be_removed(
    ingestion: Ingestion,
) -> None:
    async def killed() -> None:
        raise ServiceUnavailable("killed")

    ingestion.inference.meanwhile = killed
    with pytest.raises(ServiceUnavailable, match="killed"):
        await ingestion.build()
    assert await ingestion.statuses() == {1: "live", 2: "building"}
    async with ingestion.database.connection() as connection:
        with pytest.raises(ServiceUnavailable, match=r"1 \(live\)"):
            await searched_generation(connection, 2)
    with pytest.raises(InvalidRequest, match="building"):
        await ingestion.use(2)
    await ingestion.ingest(ASHBY, "more.txt")
    assert await ingestion.held(2) == set()
    assert (await ingestion.retire(2)).status == "retired"


async def test_a_build_that_is_retired_while_it_runs_ends_and_leaves_nothing(ingestion: Ingestion) -> None:
    async def retire() -> None:
        await ingestion.retire(2)

    ingestion.inference.meanwhile = retire
    with pytest.raises(InvalidRequest, match="retired while it was built"):
        await ingestion.build()
    assert await ingestion.statuses() == {1: "live", 2: "retired"}
    assert await ingestion.held(2) == set()


async def test_a_generation_goes_live_and_back(ingestion: Ingestion) -> None:
    await ingestion.build()
    assert (await ingestion.use(2, anyway=2)).status == "live"
    assert await ingestion.statuses() == {1: "ready", 2: "live"}
    async with ingestion.database.connection() as connection:
        found = [await searched_generation(connection, number) for number in (None, 1, 2)]
    assert [one.id for one in found if one] == [2, 1, 2]
    await ingestion.use(1)
    await ingestion.use(1)
    assert await ingestion.statuses() == {1: "live", 2: "ready"}


async def test_one_that_was_not_checked_or_failed_goes_live_only_where_it_is_named_twice(
    ingestion: Ingestion,
) -> None:
    async def checked(passed: bool) -> None:
        async with ingestion.database.connection() as connection:
            await save_check(connection, 2, passed, {})

    await ingestion.build()
    for said, anyway in (("never checked", 0), ("never checked", 1)):
        with pytest.raises(InvalidRequest, match=said):
            await ingestion.use(2, anyway)
    await checked(True)
    await checked(False)
    with pytest.raises(InvalidRequest, match="its check failed"):
        await ingestion.use(2)
    assert await ingestion.statuses() == {1: "live", 2: "ready"}
    await checked(True)
    assert (await ingestion.use(2)).check == "passed"
    assert (await ingestion.use(1)).check == ""  # it served before
    await checked(False)
    assert (await ingestion.use(2)).status == "live"


async def test_one_that_a_bundle_names_is_retired_only_where_it_is_named_twice(ingestion: Ingestion) -> None:
    def registered(bundle: str, generation: int) -> str:
        manifest = json.dumps({"parameters": {"index": {"generation": generation}}})
        return f"INSERT INTO bundles (id, manifest) VALUES ('{bundle}', '{manifest}')"

    async def write(statement: str) -> None:
        async with ingestion.database.connection() as connection:
            await connection.execute(statement.encode())

    def released(stable: str, candidate: str) -> str:
        return (
            "INSERT INTO releases (id, stable, candidate, guardrails, shadow, stage, opened_at, closed_at)"
            f" VALUES ('{stable}{candidate}', '{stable}', '{candidate}', '{{}}', '{{}}', 'promoted', clock_timestamp(), now())"
        )

    for _ in range(2):
        await ingestion.build()
    for bundle, generation in (("first", 2), ("second", 3), ("third", 1)):
        await write(registered(bundle, generation))
    await write(released("first", "second"))
    with pytest.raises(InvalidRequest, match="named by first"):  # a release may be taken back
        await ingestion.retire(2)
    await write(released("second", "third"))
    assert (await ingestion.retire(2)).status == "retired"
    with pytest.raises(InvalidRequest, match="--anyway 3"):
        await ingestion.retire(3, anyway=2)
    assert (await ingestion.retire(3, anyway=3)).chunks == 0


async def test_one_whose_model_inference_does_not_serve_cannot_go_live(ingestion: Ingestion) -> None:
    ingestion.inference.model = "others"
    built = await ingestion.build()
    assert built.embedding_model == "others"
    ingestion.inference.model = "words"
    with pytest.raises(ServiceUnavailable, match="others"):
        await ingestion.use(2, anyway=2)
    await ingestion.ingest(ASHBY, "more.txt")
    assert names(await ingestion.held(2)) == {"ashby.txt", "bramley.txt"}


async def test_a_retired_generation_leaves_no_chunk_no_posting_and_no_index(ingestion: Ingestion) -> None:
    await ingestion.build()
    retired = await ingestion.retire(2)
    assert (retired.status, retired.chunks) == ("retired", 0)
    assert (await ingestion.retire(2)).status == "retired"
    for table in ("chunks", "postings"):
        assert await ingestion.rows(f"SELECT DISTINCT generation FROM {table}") == [(1,)]
    indexes = await ingestion.rows("SELECT indexname FROM pg_indexes WHERE indexname ~ '_[0-9]+$' ORDER BY 1")
    assert indexes == [("chunks_embedding_1",), ("chunks_vectors_1",)]


async def test_vectors_that_fit_an_index_are_in_one_of_their_own_and_go_with_their_generation(
    ingestion: Ingestion,
) -> None:
    named = "SELECT indexname FROM pg_indexes WHERE indexname ~ '_[0-9]+$' AND indexname !~ '_1$' ORDER BY 1"
    async with ingestion.database.connection() as connection:
        small = await make_generation(connection, "small", MOST_COVERED_DIMENSIONS, "retired")
        large = await make_generation(connection, "large", MOST_COVERED_DIMENSIONS + 1, "retired")
    ours = [f"chunks_embedding_{small.id}", f"chunks_embedding_{large.id}", f"chunks_vectors_{small.id}"]
    assert [name for (name,) in await ingestion.rows(named)] == sorted(ours)
    for generation in (small, large):
        async with ingestion.database.connection() as connection:
            await empty_generation(connection, generation.id)
    assert await ingestion.rows(named) == []


async def test_a_text_is_embedded_once_for_every_build_of_a_model(ingestion: Ingestion) -> None:
    await ingestion.build()
    embedded = ingestion.inference.embedded
    await ingestion.build()
    assert ingestion.inference.embedded == embedded
    ingestion.inference.model = "others"
    await ingestion.build()
    assert ingestion.inference.embedded > embedded
    assert await ingestion.held(4) == await ingestion.held(1)


async def test_vectors_are_kept_that_some_generation_needs_and_made_anew_where_they_went(
    ingestion: Ingestion,
) -> None:
    vectors = KeptVectors(ingestion.database, ingestion.servicer._embeddings)
    kept = "SELECT count(*) FROM kept_vectors"
    await ingestion.build()
    ((needed,),) = await ingestion.rows(kept)
    async for _ in vectors.embed(["of a code that was staged"]):
        pass
    async with ingestion.database.connection() as connection:
        await connection.execute("INSERT INTO refreshes (id, scope) VALUES ('run-1', 'state OH')")
    assert await vectors.prune() == 0  # the run may index it yet
    async with ingestion.database.connection() as connection:
        await connection.execute("UPDATE refreshes SET ended_at = now()")
    assert (await vectors.prune(), await ingestion.rows(kept)) == (1, [(needed,)])
    assert await vectors.prune() == 0
    assert len(await vectors.of(["of a code that was staged"])) == 1
    async with ingestion.database.connection() as connection:
        begun = await make_generation(connection, "words", 8, "building")
    assert await vectors.prune() == 0  # the build may index it yet
    await ingestion.retire(begun.id)
    assert await vectors.prune() == 1
    for town, name in ((ASHBY, "ashby.txt"), (BRAMLEY, "bramley.txt")):
        await ingestion.ingest(town, name, depth=30)
    assert await vectors.prune() == needed  # of the codes that were superseded
    ingestion.inference.model = "others"
    other = await ingestion.build()
    assert await vectors.prune() == 0
    await ingestion.retire(other.generation)
    assert await vectors.prune() > 0
    assert await ingestion.rows(kept) == [(0,)]


class Pruned(KeptVectors):
    """Vectors that are removed once as soon as they are kept."""

    def __init__(self, ingestion: Ingestion) -> None:
        super().__init__(ingestion.database, ingestion.servicer._embeddings)
        self._left = [ingestion]

    async def embed(self, texts: Sequence[str], model: str = "") -> AsyncIterator[tuple[int, int]]:
        """As those that stay."""
        async for counts in super().embed(texts, model):
            yield counts
        while self._left:
            assert await self._left.pop().rows("DELETE FROM kept_vectors RETURNING digest") != []


async def test_vectors_that_are_pruned_as_they_are_asked_for_are_made_again(ingestion: Ingestion) -> None:
    assert len(await Pruned(ingestion).of(["front yard", "rear yard", "front yard"])) == 3


async def test_the_live_one_and_one_that_never_was_are_not_retired(ingestion: Ingestion) -> None:
    with pytest.raises(InvalidRequest, match="plotlot index use"):
        await ingestion.retire(1)
    with pytest.raises(UnknownGeneration) as raised:
        await ingestion.retire(7)
    assert raised.value.suggestions == ("1 (live)",)
