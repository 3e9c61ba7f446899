"""Generations of the index on a real Postgres: built while documents come and go, cut short, used, retired."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable, UnknownGeneration, UnknownMunicipality
from plotlot.ingestion.builders import SILENT_SECONDS, fail_abandoned
from plotlot.ingestion.building import build, still_building
from plotlot.ingestion.index import MOST_COVERED_DIMENSIONS, make_generation
from plotlot.ingestion.pipeline import Ingested, Pipeline
from plotlot.ingestion.refreshing.towns import Towns
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
BUILDER = Path(__file__).resolve().parents[1] / "killed_builder.py"
SECONDS = 30
SILENT = "UPDATE generations SET worked_on_at = now() - make_interval(secs => %s)"
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

    async def conninfo(self) -> str:
        async with self.database.connection() as connection:
            return connection.info.dsn

    async def listed(self) -> dict[int, str]:
        """The generations with their statuses, as the service tells them."""
        return {one.generation: one.status for one in await self.generations()}

    async def reasons(self) -> dict[int, str]:
        """Why they failed, as the service tells it; empty where they did not."""
        return {one.generation: one.reason for one in await self.generations()}

    async def generations(self) -> list[ingestion_pb2.Generation]:
        answer = await self.servicer.ListGenerations(ingestion_pb2.ListGenerationsRequest(), None)
        return list(answer.generations)

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
    assert await ingestion.statuses() == {1: "live", 2: "failed"}
    reasons = await ingestion.reasons()
    assert reasons[2].startswith("killed; remove it with `plotlot index retire 2`, and build another")
    assert reasons[1] == ""
    async with ingestion.database.connection() as connection:
        with pytest.raises(ServiceUnavailable, match=r"1 \(live\)"):
            await searched_generation(connection, 2)
    with pytest.raises(InvalidRequest, match="failed"):
        await ingestion.use(2)
    await ingestion.ingest(ASHBY, "more.txt")
    assert await ingestion.held(2) == set()
    retired = await ingestion.retire(2)
    assert (retired.status, retired.reason) == ("retired", "")


async def test_a_build_whose_asker_goes_away_has_failed(ingestion: Ingestion) -> None:
    begun = asyncio.Event()

    async def gone() -> None:
        begun.set()
        await asyncio.Event().wait()

    ingestion.inference.meanwhile = gone
    building = asyncio.create_task(ingestion.build())
    await begun.wait()
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    assert await ingestion.rows(
        "SELECT status, split_part(reason, ';', 1) FROM generations WHERE id = 2"
    ) == [("failed", "its process was stopped, or whoever asked for it went away")]


async def test_a_build_whose_process_is_killed_is_found_out_and_only_that(ingestion: Ingestion) -> None:
    heard = "SELECT worked_on_at FROM generations WHERE id = %s"

    async def killed() -> None:
        builder = await asyncio.create_subprocess_exec(
            sys.executable, str(BUILDER), await ingestion.conninfo(), stdout=asyncio.subprocess.PIPE
        )
        assert builder.stdout is not None
        assert await builder.stdout.readline() == b"embeds\n"
        assert await ingestion.statuses() == {1: "live", 2: "building", 3: "building"}
        while await ingestion.rows(heard, 3) == [(None,)]:
            await asyncio.sleep(0.02)
        os.kill(builder.pid, signal.SIGKILL)
        assert await builder.wait() == -signal.SIGKILL
        assert await ingestion.listed() == {1: "live", 2: "building", 3: "building"}, "it may go on yet"
        await ingestion.rows(f"{SILENT} WHERE id = 3 RETURNING 1", SILENT_SECONDS + 1)
        assert await ingestion.listed() == {1: "live", 2: "building", 3: "failed"}

    ingestion.inference.meanwhile = killed
    assert (await ingestion.build()).generation == 2
    reason = (await ingestion.reasons())[3]
    assert reason.startswith("nobody builds it since 20")
    assert "`plotlot index retire 3`" in reason
    assert (await ingestion.retire(3)).status == "retired"


async def test_a_build_that_is_written_to_is_not_given_up_and_one_of_the_release_before_has_a_day(
    ingestion: Ingestion,
) -> None:
    async with ingestion.database.connection() as connection:
        begun = [await make_generation(connection, "words", 8, "building") for _ in range(2)]
    await ingestion.rows(f"{SILENT} WHERE id = %s RETURNING 1", SILENT_SECONDS + 1, begun[0].id)
    async with ingestion.database.connection() as writer:
        await still_building(writer, begun[0])
        assert await fail_abandoned(ingestion.database) == []
    assert await fail_abandoned(ingestion.database) == [begun[0].id]
    await ingestion.rows(
        "UPDATE generations SET created_at = now() - interval '25 hours' WHERE id = %s RETURNING 1",
        begun[1].id,
    )
    assert await fail_abandoned(ingestion.database) == [begun[1].id]


async def test_one_that_builds_on_when_it_was_given_up_ends(ingestion: Ingestion) -> None:
    async def given_up() -> None:
        while await ingestion.rows("SELECT worked_on_at FROM generations WHERE id = 2") == [(None,)]:
            await asyncio.sleep(0.02)
        await ingestion.rows(f"{SILENT} WHERE id = 2 RETURNING 1", SILENT_SECONDS + 1)
        assert await fail_abandoned(ingestion.database) == [2]

    ingestion.inference.meanwhile = given_up
    with pytest.raises(ServiceUnavailable, match="build another"):
        await ingestion.build()
    assert await ingestion.held(2) == set()
    ((reason,),) = await ingestion.rows("SELECT reason FROM generations WHERE id = 2")
    assert reason.startswith("nobody builds it since"), "the first reason stays"


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


class Kept:
    """Vectors that are kept, and what a run or time does to them."""

    def __init__(self, ingestion: Ingestion) -> None:
        self.ingestion = ingestion
        self.vectors = KeptVectors(ingestion.database, ingestion.servicer._embeddings)

    async def count(self) -> int:
        ((kept,),) = await self.ingestion.rows("SELECT count(*) FROM kept_vectors")
        return int(kept)

    async def embed(self, *texts: str) -> None:
        async for _ in self.vectors.embed(texts):
            pass

    async def age(self, days: float) -> None:
        """Let all have been used so many days earlier."""
        await self.ingestion.rows(
            "UPDATE kept_vectors SET used_at = used_at - make_interval(secs => %s) RETURNING 1", days * 86_400
        )

    async def begin(self, run: str, days_ago: float = 0) -> None:
        await self.ingestion.rows(
            "INSERT INTO refreshes (id, scope, begun_at) VALUES (%s, 'state OH', now() - make_interval(secs => %s))"
            " RETURNING 1",
            run,
            days_ago * 86_400,
        )

    async def end(self, run: str) -> None:
        await self.ingestion.rows("UPDATE refreshes SET ended_at = now() WHERE id = %s RETURNING 1", run)

    async def prune(self) -> int:
        """As at the end of a run that leaves no trace."""
        return await self.vectors.prune("")


@pytest.fixture
def kept(ingestion: Ingestion) -> Kept:
    return Kept(ingestion)


async def test_vectors_stay_that_a_generation_needs_and_others_for_a_week(kept: Kept) -> None:
    await kept.ingestion.build()
    needed = await kept.count()
    await kept.embed("of a code that was staged")
    await kept.age(6.9)
    assert await kept.prune() == 0
    await kept.age(0.2)
    assert (await kept.prune(), await kept.count()) == (1, needed)
    for town, name in ((ASHBY, "ashby.txt"), (BRAMLEY, "bramley.txt")):
        await kept.ingestion.ingest(town, name, depth=30)
    assert await kept.prune() == needed, "of the codes that were superseded"


async def test_vectors_go_of_a_model_whose_generation_was_retired(kept: Kept) -> None:
    kept.ingestion.inference.model = "others"
    other = await kept.ingestion.build()
    await kept.age(8)
    assert await kept.prune() == 0
    await kept.ingestion.retire(other.generation)
    assert (await kept.prune() > 0, await kept.count()) == (True, 0)


async def test_a_vector_that_is_used_stays_for_another_week(kept: Kept) -> None:
    await kept.embed("used again", "left alone")
    await kept.age(8)
    await kept.vectors.of(["used again"])
    embedded = kept.ingestion.inference.embedded
    assert await kept.prune() == 1
    await kept.vectors.of(["used again"])
    assert kept.ingestion.inference.embedded == embedded


@pytest.mark.parametrize("used_before", [0.0, 0.9])
async def test_what_a_long_run_used_stays_until_it_has_ended(kept: Kept, used_before: float) -> None:
    """Marks are set once a day: what was used within a day before the run is not marked anew by it."""
    await kept.embed("of a code that the run stages")
    await kept.age(10 + used_before)
    await kept.begin("run-1", days_ago=10)
    assert await kept.prune() == 0
    await kept.end("run-1")
    assert await kept.prune() == 1


async def test_what_a_build_uses_stays_until_it_has_ended_or_nobody_works_on_it(kept: Kept) -> None:
    await kept.embed("of a document that the build has not written")
    async with kept.ingestion.database.connection() as connection:
        begun = await make_generation(connection, "words", 8, "building")
    await kept.ingestion.rows(
        "UPDATE generations SET created_at = created_at - interval '10 days', worked_on_at = now()"
        " WHERE id = %s RETURNING 1",
        begun.id,
    )
    await kept.age(10)
    assert await kept.prune() == 0
    await kept.ingestion.rows(f"{SILENT} WHERE id = %s RETURNING 1", SILENT_SECONDS + 1, begun.id)
    assert await kept.prune() == 1
    assert await kept.ingestion.statuses() == {1: "live", begun.id: "failed"}


async def test_runs_begin_and_use_vectors_while_others_are_removed(kept: Kept) -> None:
    await kept.ingestion.build()
    await kept.embed("used as it goes", "goes")
    await kept.age(8)
    async with kept.ingestion.database.connection(EVERY_TENANT) as other:
        await other.execute("SELECT FROM kept_vectors FOR UPDATE")  # as somebody does who marks them all
        assert await asyncio.wait_for(kept.prune(), SECONDS) == 0
    towns, listed = Towns(kept.ingestion.database), [(ListedTown(ASHBY, "ours", ASHBY), "")]
    async with kept.ingestion.database.connection(EVERY_TENANT) as pruning:
        await pruning.execute("SELECT pg_advisory_xact_lock(hashtext('kept vectors'))")
        assert await kept.prune() == 0, "somebody does so now"
        assert await asyncio.wait_for(towns.begin("run-1", "state OH", listed, False), SECONDS) == (
            "run-1",
            True,
        )
    assert await kept.prune() == 2


async def test_vectors_are_pruned_by_one_run_a_day(kept: Kept) -> None:
    for run in ("run-1", "run-2"):
        await kept.begin(run)
        await kept.embed(f"of {run}")
        await kept.age(8)
    await kept.end("run-2")
    assert await kept.vectors.prune("run-1") == 2
    await kept.embed("of a code that was staged")
    await kept.age(8)
    assert await kept.vectors.prune("run-2") == 0
    await kept.ingestion.rows(
        "UPDATE refreshes SET vectors_pruned_at = vectors_pruned_at - interval '25 hours' RETURNING 1"
    )
    assert await kept.vectors.prune("run-2") == 1


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
