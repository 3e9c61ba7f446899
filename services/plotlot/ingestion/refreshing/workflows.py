"""Refreshes as durable workflows of DBOS: what was done is known to the database, and whoever starts next goes on.

A run starts a workflow for each town, which fetches in a line of its publisher's host and is then read and indexed in
another line, so that a slow publisher keeps nobody from embedding. Steps tell one another ids and digests; all that is
large lies in tables of ours.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from plotlot.domain.errors import (
    EgressRefused,
    InvalidRequest,
    PlotLotError,
    ServiceUnavailable,
    SourceUnavailable,
    StoreUnavailable,
    UnavailableError,
)
from plotlot.ingestion.publishers.publisher import PageGone
from plotlot.ingestion.refreshing.progress import SLOTS
from plotlot.ingestion.refreshing.stages import Stages
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.store.migrate import in_a_line

if TYPE_CHECKING:
    from psycopg import AsyncConnection

NAME = "plotlot-refresh"
SCHEMA = "plotlot_workflows"
VERSION = "1"  # of the workflows' steps and their order; a run is taken over only by code of the same
FETCHING, INDEXING = "fetching", "indexing"
POLL_SECONDS = 0.2
# Of a step. What is ours comes back: a database that is started anew, a service that is deployed. Publishers were asked
# several times by the step itself.
ATTEMPTS, ATTEMPTS_AT_PUBLISHERS = 8, 2
LONGEST_PAUSE_SECONDS = 30.0
MOST_RECOVERIES = 50  # of one workflow; one that ends its process each time is put aside then
GIVEN_UP = ["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR"]
AT_WORK = ["PENDING", "ENQUEUED"]
ENDED = ["SUCCESS", "CANCELLED", *GIVEN_UP]
KEPT = timedelta(days=7)  # what DBOS knows of runs that are over, for an operator who may want to look at it
FORGOTTEN_AT_ONCE = 1_000
PUT_ASIDE = "its workflow was given up: what took it up ended each time; see the log"
MOST_WORKERS = 64


class SlotLost(ServiceUnavailable):
    """This worker's slot went with its connection, and another worker has it now."""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Towns at a time: of one host, by all workers; indexed by each worker."""

    by_host: int = 4
    indexing: int = 2


class Workflows:
    """The workflows of one process; there is one of these in a process, for DBOS is. Close it."""

    def __init__(self, conninfo: str, stages: Stages, towns: Towns, concurrency: Concurrency) -> None:
        self._conninfo, self._stages, self._towns = conninfo, stages, towns
        self._concurrency = concurrency
        self._run: Callable[[str], Any] | None = None
        self._slot: AsyncConnection | None = None
        self._number = 0
        self._under_way = UnderWay()

    async def open(self) -> None:
        """Become a worker, and take up what the last one in the same slot left. Raises InvalidRequest without DBOS."""
        dbos = _dbos()
        slot = await self._take_slot()
        with _quiet():
            dbos.DBOS(config=configuration(self._conninfo, slot))
            self._run = registered(self._stages, self._towns, self._under_way)
            # Not on the loop, as launch would: they build indexes, and wait for transactions that the loop has open.
            await asyncio.to_thread(dbos.DBOS.migrate, database_url(self._conninfo), schema=SCHEMA)
            dbos.DBOS.launch()
            by_host, indexing = self._concurrency.by_host, self._concurrency.indexing
            await dbos.DBOS.register_queue_async(
                FETCHING, partition_concurrency=by_host, polling_interval_sec=POLL_SECONDS
            )
            await dbos.DBOS.register_queue_async(
                INDEXING, worker_concurrency=indexing, polling_interval_sec=POLL_SECONDS
            )

    async def close(self) -> None:
        """Stop working; what is under way is cut short, and taken up by whoever comes next."""
        await self._under_way.end()
        if self._run is not None:
            with _quiet():
                await asyncio.to_thread(_dbos().DBOS.destroy, destroy_registry=True)
            # DBOS made its threads those of the loop, and took them with it.
            asyncio.get_running_loop().set_default_executor(
                ThreadPoolExecutor(thread_name_prefix="after-dbos")
            )
        if self._slot is not None:
            await self._slot.close()

    async def hold(self) -> None:
        """See that the slot is still held, which it is not once its connection was lost. Raises SlotLost, StoreUnavailable."""
        from psycopg import OperationalError

        assert self._slot is not None, "held before it was opened"
        try:
            await self._slot.execute("SELECT")
            return
        except OperationalError:
            await self._slot.close()
        self._slot = await self._connected()
        if not await _lock(self._slot, self._number):
            raise SlotLost(f"another worker has the slot {self._number} since the database went away")

    async def begin(self, run: str) -> None:
        """Start a run whose towns are known; again does nothing."""
        dbos = _dbos()
        assert self._run is not None, "begun before it was opened"
        with dbos.SetWorkflowID(run):
            await dbos.DBOS.start_workflow_async(self._run, run)

    async def put_aside(self, run: str) -> None:
        """Let towns fail whose workflows are given up: whatever took them up ended, each time."""
        given_up = set(await self._named(run, GIVEN_UP))
        if not given_up:
            return
        at_work = set(await self._named(run, AT_WORK))
        for state in await self._towns.of_run(run):
            names = {name_of(run, state.municipality, kind) for kind in (FETCHING, INDEXING)}
            # The workflow of the run itself may have been given up before it came to all of its towns.
            lost = names & given_up or (run in given_up and not names & at_work)
            if lost and not state.has_ended:
                await self._towns.reach(run, state.municipality, "failed", reason=PUT_ASIDE)

    async def end_if_over(self, run: str) -> None:
        """End a run whose towns have all ended, and whose workflow has, also where that was given up."""
        if not all(state.has_ended for state in await self._towns.of_run(run)):
            return
        if run not in await self._named(run, AT_WORK):
            await self._towns.end(run)

    async def leave(self, run: str) -> None:
        """End what workers do for a run that was cancelled, each workflow before its next step or within it."""
        if names := await self._named(run, AT_WORK):
            await _dbos().DBOS.cancel_workflows_async(names)

    async def _named(self, beginning: str, statuses: list[str]) -> list[str]:
        """The ids of workflows at some statuses whose names begin so."""
        found = await _dbos().DBOS.list_workflows_async(
            status=statuses, workflow_id_prefix=beginning, load_input=False, load_output=False
        )
        return [each.workflow_id for each in found]

    async def adopt(self) -> int:
        """Take up what workers left that are gone, whose slots nobody took since; how many workflows."""
        dbos, adopted = _dbos(), 0
        waiting = await dbos.DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        for slot in sorted(
            {each.executor_id for each in waiting if each.executor_id} - {dbos.DBOS.executor_id}
        ):
            number = int(slot.rpartition("-")[2])
            assert self._slot is not None, "adopted before it was opened"
            if not await _lock(self._slot, number):
                continue
            adopted += len(await asyncio.to_thread(dbos.DBOS._recover_pending_workflows, [slot]))
            await self._slot.execute("SELECT pg_advisory_unlock(%s, %s)", (SLOTS, number))
        return adopted

    async def _take_slot(self) -> str:
        """The first slot that no living worker holds; a killed one's lock goes with its connection."""
        self._slot = await self._connected()
        for number in range(1, MOST_WORKERS + 1):
            if await _lock(self._slot, number):
                self._number = number
                return f"worker-{number}"
        raise InvalidRequest(f"{MOST_WORKERS} processes refresh towns already")

    async def _connected(self) -> "AsyncConnection":
        from psycopg import AsyncConnection, OperationalError

        try:
            return await AsyncConnection.connect(self._conninfo, autocommit=True)
        except OperationalError as error:
            raise StoreUnavailable(f"the database went away: {in_a_line(error)}") from error


class UnderWay:
    """The workflows that run here. Without it, they would go on for a moment when DBOS has ended: their steps would fail
    for want of threads, and towns with them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ended = False

    async def take(self, function: Callable[..., Awaitable[Any]], given: tuple[Any, ...]) -> Any:
        """Run a workflow; once it has ended, none begins."""
        task = asyncio.current_task()
        assert task is not None, "a workflow is a task"
        if self._ended:
            raise asyncio.CancelledError("this worker has ended")
        self._tasks.add(task)
        try:
            return await function(*given)
        finally:
            self._tasks.discard(task)

    async def end(self) -> None:
        """Cut short what runs."""
        self._ended = True
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(set(self._tasks))


def registered(stages: Stages, towns: Towns, under_way: UnderWay) -> Callable[[str], Any]:
    """Make the workflows known to DBOS; the one of a whole run."""
    dbos = _dbos()

    def step(function: Callable[..., Awaitable[Any]]) -> Any:
        async def taken(*given: Any, **named: Any) -> Any:  # a method cannot be marked as a step
            return await tried(lambda: function(*given, **named))

        return dbos.DBOS.step(name=function.__name__, preemptible=True)(taken)

    def workflow(name: str) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
        def marked(function: Callable[..., Awaitable[Any]]) -> Any:
            async def run(*given: Any) -> Any:
                return await under_way.take(function, given)

            return dbos.DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(run)

        return marked

    fetch, parse, verify = step(stages.fetch), step(stages.parse), step(stages.verify)
    embed, swap, reach = step(stages.embed), step(stages.swap), step(towns.reach)
    finish, hosts_of = step(stages.finish), step(_hosts_of(towns))

    @workflow(INDEXING)
    async def index_town(run: str, municipality: str) -> None:
        try:
            documents = await parse(run, municipality)
            if await verify(run, municipality, documents):
                await embed(run, municipality, documents)
                await swap(run, municipality, documents)
        except Exception as error:
            await reach(run, municipality, "failed", reason=reason_of(error))

    @workflow(FETCHING)
    async def fetch_town(run: str, municipality: str) -> bool:
        try:
            changed = bool(await fetch(run, municipality))
        except Exception as error:
            await reach(run, municipality, "failed", reason=reason_of(error))
            return False
        if changed:
            with dbos.SetWorkflowID(name_of(run, municipality, INDEXING)):
                await dbos.DBOS.enqueue_workflow_async(INDEXING, index_town, run, municipality)
        return changed

    @workflow("refresh")
    async def refresh(run: str) -> None:
        handles = {}
        for municipality, host in await hosts_of(run):
            options = dbos.SetEnqueueOptions(queue_partition_key=host or "here")
            with dbos.SetWorkflowID(name_of(run, municipality, FETCHING)), options:
                handles[municipality] = await dbos.DBOS.enqueue_workflow_async(
                    FETCHING, fetch_town, run, municipality
                )
        for municipality, handle in handles.items():
            if await handle.get_result():
                await dbos.DBOS.get_result_async(name_of(run, municipality, INDEXING))
        await finish(run)

    started: Callable[[str], Any] = refresh
    return started


def _hosts_of(towns: Towns) -> Callable[[str], Awaitable[list[list[str]]]]:
    async def hosts_of(run: str) -> list[list[str]]:
        return [[state.municipality, state.host] for state in await towns.of_run(run) if not state.has_ended]

    return hosts_of


def name_of(run: str, municipality: str, kind: str) -> str:
    """The id of a town's workflow: started twice, it is one."""
    return f"{run}/{municipality}/{kind}"


async def forget_workflows(towns: Towns, now: datetime) -> int:
    """Remove the workflows of runs that ended a while ago; how many. In a process that has DBOS running.

    Of a run that goes on none is removed, however long ago a town of it ended: it would be started anew.
    """
    dbos, before = _dbos().DBOS, now - KEPT
    ended = await dbos.list_workflows_async(
        status=ENDED,
        completed_before=before.isoformat(),
        load_input=False,
        load_output=False,
        limit=FORGOTTEN_AT_ONCE,
    )
    names = [each.workflow_id for each in ended]
    over = await towns.over({run_of(name) for name in names}, before)
    needless = [name for name in names if run_of(name) in over]
    if needless:
        await dbos.delete_workflows_async(needless)
    return len(needless)


def run_of(workflow: str) -> str:
    """The run that a workflow is of, its own or that of a town."""
    return workflow.partition("/")[0]


async def tried(
    step: Callable[[], Awaitable[Any]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Any:
    """What a step comes to, taken again where it may succeed a little later.

    DBOS could do so too, and would then keep, in the place of the last error, that there were so many.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await step()
        except UnavailableError as error:
            if attempt >= attempts_after(error):
                raise
            await sleep(min(2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS))


def attempts_after(error: UnavailableError) -> int:
    """How often a step is taken in all that ends so."""
    if isinstance(error, (PageGone, EgressRefused)):
        return 1
    return ATTEMPTS_AT_PUBLISHERS if isinstance(error, SourceUnavailable) else ATTEMPTS


def reason_of(error: Exception) -> str:
    """Why a town failed, in words, also where the error comes back from the database."""
    if isinstance(error, PlotLotError):
        return error.message
    words = " ".join(str(error).split()) or type(error).__name__
    return words if type(error).__name__ == "PortableWorkflowError" else f"{type(error).__name__}: {words}"


def configuration(conninfo: str, executor: str) -> Any:
    """How DBOS runs here: in a schema of its own, with values as JSON, telling nobody, looking for news by asking."""
    dbos = _dbos()
    return {
        "name": NAME,
        "system_database_url": database_url(conninfo),
        "dbos_system_schema": SCHEMA,
        "sys_db_pool_size": 5,
        "executor_id": executor,
        "application_version": VERSION,
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": POLL_SECONDS,
        "serializer": dbos.DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "enable_otlp": False,
        "max_executor_threads": 32,
    }


def database_url(conninfo: str) -> str:
    """A connection string of libpq as SQLAlchemy writes it."""
    from psycopg.conninfo import conninfo_to_dict
    from sqlalchemy import URL

    named = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    port = named.pop("port", None)
    url = URL.create(
        "postgresql+psycopg",
        username=named.pop("user", None),
        password=named.pop("password", None),
        database=named.pop("dbname", None),
        port=int(port) if port else None,
        query=named,
    )
    return url.render_as_string(hide_password=False)


async def _lock(connection: "AsyncConnection", number: int) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (SLOTS, number))
    row = await cursor.fetchone()
    return bool(row and row[0])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the words that DBOS has for a person at a terminal."""
    import logging

    logging.getLogger("dbos").setLevel(logging.ERROR)
    yield


def _dbos() -> Any:
    try:
        import dbos
    except ImportError:
        raise InvalidRequest("durable workflows need DBOS: install plotlot[workflows]") from None
    return dbos
