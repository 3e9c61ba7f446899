"""How refreshes end before their time, and who goes on with what others left: real workflows on a real Postgres."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator

import psycopg
import pytest
from fakes.state import State, made_state, published
from refreshing_stand import Databases, Stand, databases_below
from refreshing_worker import at_work, ended, working

from plotlot.ingestion.refreshing.progress import SLOTS, Progress
from plotlot.ingestion.refreshing.refreshes import Refreshes, Scope
from plotlot.ingestion.refreshing.workflows import PUT_ASIDE

SECONDS = 120
RUN = "run-1"
OPEN_WORKFLOWS = (
    "SELECT count(*) FROM plotlot_workflows.workflow_status"
    f" WHERE status IN ('PENDING', 'ENQUEUED') AND starts_with(workflow_uuid, '{RUN}')"
)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with databases_below(tmp_path_factory.mktemp("ends")) as made:
        yield made


@pytest.fixture
def stand(databases: Databases) -> Iterator[Stand]:
    """Three towns, whose publisher is away once they are listed where a test says so."""
    state = made_state(towns=3, sections=6, chapters=2)
    with published(state) as server:
        yield Stand(databases(), server, state)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(SECONDS):
        while not await holds():
            await asyncio.sleep(0.05)


async def begun(refreshes: Refreshes, state: State) -> None:
    """Begin the refresh of a state whose publisher goes away then."""
    await refreshes.start(RUN, Scope(state="QX"))
    state.away = True


def at(progress: Progress, stage: str) -> Callable[[], Awaitable[bool]]:
    """Whether a town of the run is at a stage."""

    async def look() -> bool:
        return stage in (await progress.run(RUN)).stages

    return look


def give_up(stand: Stand, names: str) -> None:
    """Let DBOS have given up workflows, as it does with those that ended their process each time."""
    with psycopg.connect(stand.conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE plotlot_workflows.workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"
            " WHERE workflow_uuid LIKE %s",
            (names,),
        )


async def test_a_refresh_that_is_cancelled_leaves_towns_as_they_were(stand: Stand) -> None:
    async with working(*stand.arguments[:3], works=False) as (refreshes, towns, worker):
        await begun(refreshes, stand.state)
        async with at_work(worker):
            await until(at(refreshes.progress, "fetching"))
            run, left = await refreshes.cancel(RUN)
            assert (left, run.cancelled, dict(run.stages)) == (3, True, {"cancelled": 3})
            assert (await refreshes.cancel(RUN))[1] == 0

            async def left_alone() -> bool:
                return stand.one(OPEN_WORKFLOWS) == 0

            await until(left_alone)
        found = await towns.of_run(RUN)
        assert {each.reason for each in found} == {"an operator ended the run"}
        assert len({each.step for each in found}) == 3
    assert stand.one("SELECT count(*) FROM documents") == 0
    stand.state.away = False
    assert {each.stage for each in (await stand.refresh()).values()} == {"current"}


async def test_what_is_cancelled_before_anybody_worked_on_it_is_never_asked_for(stand: Stand) -> None:
    async with working(*stand.arguments[:3], works=False) as (refreshes, towns, worker):
        await refreshes.start(RUN, Scope(state="QX"))
        await refreshes.cancel(RUN)
        async with at_work(worker):
            await refreshes.start("run-2", Scope(towns=[f"{stand.state.towns[0].name}, QX"]))
            (other,) = await ended(refreshes, towns, "run-2")
        assert other.stage == "current"
        assert {each.stage for each in await towns.of_run(RUN)} == {"cancelled"}
    assert stand.one("SELECT count(DISTINCT municipality_id) FROM documents") == 1


async def test_a_town_whose_workflow_was_given_up_is_put_aside_and_tried_again(stand: Stand) -> None:
    lost = f"{stand.state.towns[1].name}, QX"
    async with working(*stand.arguments[:3], works=False) as (refreshes, _, worker):
        await begun(refreshes, stand.state)
        async with at_work(worker):
            await until(at(refreshes.progress, "fetching"))
    give_up(stand, f"{RUN}/{lost}/%")
    stand.state.away = False
    async with working(*stand.arguments[:3]) as (refreshes, towns, _):
        found = {each.municipality: each for each in await ended(refreshes, towns, RUN)}
        assert (found[lost].stage, found[lost].reason) == ("failed", PUT_ASIDE)
        assert [each.stage for each in found.values()].count("current") == 2
        again, _ = await refreshes.start("run-2", Scope(failed=True))
        (town,) = await ended(refreshes, towns, again.id)
        assert (town.municipality, town.stage) == (lost, "current")


async def test_a_refresh_that_was_given_up_itself_ends_with_all_its_towns_put_aside(stand: Stand) -> None:
    async with working(*stand.arguments[:3], works=False) as (refreshes, _, worker):
        await begun(refreshes, stand.state)
        async with at_work(worker):
            await until(at(refreshes.progress, "fetching"))
    give_up(stand, f"{RUN}%")
    async with working(*stand.arguments[:3]) as (refreshes, towns, _):
        found = await ended(refreshes, towns, RUN)
        assert {(each.stage, each.reason) for each in found} == {("failed", PUT_ASIDE)}


async def test_what_a_killed_worker_left_is_taken_up_by_another_that_is_at_work(stand: Stand) -> None:
    process = stand.start()
    try:
        async with working(*stand.arguments[:3], works=False) as (refreshes, towns, worker):

            async def listed() -> bool:
                return bool(await refreshes.progress.runs(None, 1))

            await until(listed)
            stand.state.away = True
            (run,) = await refreshes.progress.runs(None, 1)

            async def both() -> bool:
                return await refreshes.progress.workers() == 2

            async with at_work(worker):
                await until(both)
                os.kill(process.pid, signal.SIGKILL)
                stand.state.away = False
                found = await ended(refreshes, towns, run.id)
                assert {each.stage for each in found} == {"current"}
                assert await refreshes.progress.workers() == 1
    finally:
        process.kill()
        process.communicate()
    assert stand.one(
        "SELECT count(*) FROM plotlot_workflows.workflow_status WHERE status <> 'SUCCESS' AND workflow_uuid LIKE '%/%'"
    ) == 0  # fmt: skip


async def test_a_worker_whose_connection_was_cut_holds_its_slot_again(stand: Stand) -> None:
    async with working(*stand.arguments[:3]) as (refreshes, towns, _):

        async def one() -> bool:
            return await refreshes.progress.workers() == 1

        await until(one)
        cut = stand.one(
            f"SELECT min(pg_terminate_backend(pid)::int) FROM pg_locks WHERE locktype = 'advisory' AND classid = {SLOTS}"
        )
        assert cut == 1
        await until(one)
        await refreshes.start(RUN, Scope(state="QX"))
        assert {each.stage for each in await ended(refreshes, towns, RUN)} == {"current"}


async def test_a_code_that_was_held_back_is_taken_where_an_operator_accepts_it(stand: Stand) -> None:
    await stand.refresh()
    shrunk = stand.state.towns[0]
    name = f"{shrunk.name}, QX"
    shrunk.chapters, shrunk.revision = shrunk.chapters[:1], 2
    async with working(*stand.arguments[:3]) as (refreshes, towns, _):
        for scope, stage, kept in (
            (Scope(towns=[name]), "quarantined", 2),
            (Scope(failed=True), "quarantined", 2),
            (Scope(towns=[name], accepted=True), "current", 1),
        ):
            run, new = await refreshes.start(f"run-{scope.words()}", scope)
            (town,) = await ended(refreshes, towns, run.id)
            assert (new, town.stage) == (True, stage), town.reason
            documents = stand.one(
                "SELECT count(*) FROM documents JOIN municipalities ON municipalities.id = municipality_id"
                f" WHERE superseded_at IS NULL AND municipalities.name = '{name}'"
            )
            assert documents == kept
        assert not [each for each in await towns.latest() if each.stage != "current"]
