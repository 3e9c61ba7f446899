"""Backups of a real Postgres: made while it is written to, put back elsewhere, and told when they are not what they were."""

import asyncio
import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from integration.conftest import TOWN, Stack, announced, load_example, plotlot, stopping
from psycopg.conninfo import make_conninfo

from plotlot.backups import programs
from plotlot.backups.creating import create, keep_newest
from plotlot.backups.folders import PARTIAL, Folder
from plotlot.backups.locations import found
from plotlot.backups.logins import BYPASSES, HELD
from plotlot.backups.manifest import Manifest
from plotlot.backups.places import MANIFEST
from plotlot.backups.programs import Programs
from plotlot.backups.restoring import Restored, compared, manifest_in, restore
from plotlot.domain.errors import BackupFailed, InvalidBackup, InvalidRequest, UnknownBackup
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
OWNER = "tables_owner"
# Rows of two tenants and of the installation, in tables whose policies ask in different ways.
ROWS = """
INSERT INTO municipalities (id, key, name, tenant) OVERRIDING SYSTEM VALUE VALUES
    (1, 'ashby, oh', 'Ashby, OH', 'local'), (-1, E'ashby, oh\nacme', 'Ashby, OH', 'acme'),
    (-2, E'ashby, oh\nbeta', 'Ashby, OH', 'beta');
INSERT INTO documents (id, municipality_id, name, title, media_type, source_sha256, text_sha256, text, tables,
    page_starts, warnings, parser)
    SELECT 'd' || id, id, 'code', 'Code', 'text/plain', '', '', repeat('yards ', 5000) || id, '[]', '{0,3}', '{}', '1'
    FROM municipalities;
INSERT INTO sections (document_id, ordinal, kind, label, heading, start, "end", body_start)
    SELECT id, n, 'section', n || '.', 'Yards', 0, 5, 0 FROM documents, generate_series(1, 50) AS n;
INSERT INTO analyses (id, bundle, request, report, drawing, tenant)
    SELECT 'a' || tenant, 'b', '{"address": "Ä 1"}', '{"units": 2.5}', '<svg/>', tenant FROM municipalities;
INSERT INTO jobs (id, tenant, client, kind, bundle, status, total)
    SELECT 'j' || tenant, tenant, '', 'batch', 'b', 'queued', 1 FROM municipalities;
INSERT INTO job_files (job_id, content) SELECT id, '\\xdeadbeef' FROM jobs;
INSERT INTO audit (tenant, who, action, status) SELECT tenant, 'owner', 'key.create', 201 FROM municipalities;
"""


@dataclass
class Server:
    """A Postgres of the tests' own, and new databases on it."""

    conninfo: str
    made: int = 0

    def database(self, owner: str = "plotlot", schema: bool = True, like: str = "dbname=template1") -> str:
        """A database: empty, with PlotLot's tables or none, or like another."""
        self.made += 1
        name, template = f"copy{self.made}", psycopg.conninfo.conninfo_to_dict(like)["dbname"]
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}".encode())
        if owner != "plotlot":  # who may make no extensions gets them from whoever may
            execute(
                make_conninfo(self.conninfo, dbname=name), "CREATE EXTENSION vector; CREATE EXTENSION pg_trgm"
            )
        login = make_conninfo(self.conninfo, dbname=name, user=owner)
        if schema:
            migrate(login)
        return login

    def filled(self, owner: str = "plotlot") -> str:
        """A database with rows of three tenants."""
        login = self.database(owner)
        with psycopg.connect(make_conninfo(login, user="plotlot")) as connection:
            connection.execute(ROWS.encode())
        return login


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests here, with a login that owns tables and is held by row-level security."""
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("backups"))
    conninfo = embedded.start()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE".encode())
    yield Server(conninfo)
    embedded.stop()


@pytest.fixture(scope="module")
def source(server: Server) -> str:
    """A database that nobody changes."""
    return server.filled()


def backed_up(conninfo: str, folder: Path) -> tuple[Path, Manifest]:
    """A backup in a folder."""
    made = asyncio.run(create(conninfo, Folder(folder), NOW, 2))
    return folder / made.name, made


@pytest.fixture(scope="module")
def backup(source: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """A backup of that database."""
    return backed_up(source, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def copy(server: Server, backup: tuple[Path, Manifest]) -> str:
    """A database with that backup's rows."""
    into = server.database(schema=False)
    assert put_back(backup[0], into).differences == ()
    return into


def put_back(folder: Path, conninfo: str, overwrite: str | None = None) -> Restored:
    """Restore a backup as the command does."""
    return asyncio.run(restore(folder, manifest_in(folder), conninfo, overwrite, 2))


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(statement.encode())


def test_what_is_restored_is_what_was_backed_up(server: Server, backup: tuple[Path, Manifest]) -> None:
    folder, made = backup
    into = server.database(schema=False)
    restored = put_back(folder, into)
    assert restored.differences == ()
    assert list(restored.seconds) == ["restore", "analyze", "compare", "migrate"]
    counted = {table.name: table.rows for table in made.contents.tables}
    assert counted["public.sections"] == 150
    assert (counted["public.documents"], counted["public.analyses"]) == (3, 3)
    with psycopg.connect(into) as connection:
        connection.execute("SET ROLE plotlot_service; SET plotlot.tenant = 'acme'")
        assert connection.execute("SELECT id FROM analyses").fetchall() == [("aacme",)]
        new = connection.execute(
            "INSERT INTO audit (tenant, who, action, status) VALUES ('acme', '', '', 0) RETURNING id"
        )
        assert new.fetchone() == (4,), "a sequence goes on where it was"


def test_it_goes_into_tables_without_rows_too(server: Server, backup: tuple[Path, Manifest]) -> None:
    assert put_back(backup[0], server.database()).differences == ()


def test_an_owner_whom_policies_hold_backs_up_every_tenants_rows(server: Server, tmp_path: Path) -> None:
    login = server.filled(OWNER)
    with psycopg.connect(login) as held:
        assert held.execute("SELECT count(*) FROM analyses").fetchone() == (1,), "policies hold the owner"
    folder, seen = backed_up(login, tmp_path / "owner")
    _, everything = backed_up(make_conninfo(login, user="plotlot"), tmp_path / "superuser")
    assert (seen.origin.seen_as, everything.origin.seen_as) == (HELD, BYPASSES)
    assert seen.contents == everything.contents
    into = server.database(OWNER, schema=False)
    assert put_back(folder, into).differences == ()
    assert asyncio.run(compared(make_conninfo(into, user="plotlot"), everything)) == ()


def test_every_policy_shows_upkeep_every_row(source: str) -> None:
    with psycopg.connect(source) as connection:
        policies = connection.execute(
            "SELECT tablename, qual FROM pg_policies WHERE cmd IN ('SELECT', 'ALL')"
        ).fetchall()
    # Those that ask for a row of another table are as open as that one's policy.
    closed = [table for table, seen in policies if "'*'" not in seen and "EXISTS" not in seen]
    assert len(policies) > 15
    assert closed == [], "the tenant * must see these too, or backups by the tables' owner lack rows"


@pytest.mark.parametrize(
    ("change", "name", "how"),
    [
        ("UPDATE sections SET heading = 'yards' WHERE ordinal = 7", "public.sections", "other values"),
        ("UPDATE audit SET who = 'somebody'", "public.audit", "other values"),
        ("DELETE FROM job_files WHERE job_id = 'jacme'", "public.job_files", "2 rows, and 3"),
        ("INSERT INTO bundles (id, manifest) VALUES ('new', '')", "public.bundles", "1 row, and 0"),
        ("DROP TABLE job_files", "public.job_files", "is missing"),
        ("ALTER TABLE analyses DROP COLUMN drawing", "public.analyses", "no column drawing"),
        ("CREATE TABLE more AS SELECT 1 AS one", "public.more", "not in the backup, and has 1 row"),
        ("ALTER SEQUENCE audit_id_seq RESTART", "public.audit_id_seq", "stands at"),
    ],
)
def test_what_differs_is_named(
    server: Server, copy: str, backup: tuple[Path, Manifest], change: str, name: str, how: str
) -> None:
    changed = server.database(schema=False, like=copy)
    execute(changed, f"ALTER TABLE audit DISABLE TRIGGER audit_unchanged; {change}")
    differences = asyncio.run(compared(changed, backup[1]))
    assert [(each.name, how in each.how) for each in differences] == [(name, True)], differences


def test_a_column_that_came_later_is_no_difference(
    server: Server, copy: str, backup: tuple[Path, Manifest]
) -> None:
    later = server.database(schema=False, like=copy)
    execute(later, "ALTER TABLE sections ADD COLUMN seen boolean DEFAULT false")
    assert asyncio.run(compared(later, backup[1])) == ()


def test_a_database_with_rows_is_replaced_where_it_is_named_alone(
    server: Server, backup: tuple[Path, Manifest]
) -> None:
    full = server.filled()
    name = psycopg.conninfo.conninfo_to_dict(full)["dbname"]
    execute(full, "DELETE FROM sections; CREATE VIEW headings AS SELECT heading FROM sections")
    with pytest.raises(InvalidRequest, match=f"{name} is not empty: .*analyses.*--overwrite {name}"):
        put_back(backup[0], full)
    with pytest.raises(InvalidRequest, match=f"is that of the database {name}, and another"):
        put_back(backup[0], full, overwrite="another")
    with (
        psycopg.connect(full, application_name="plotlot"),
        pytest.raises(InvalidRequest, match="is used by plotlot"),
    ):
        put_back(backup[0], full, overwrite=str(name))
    left_alone(server, str(name))
    assert put_back(backup[0], full, overwrite=str(name)).differences == ()


def left_alone(server: Server, name: str) -> None:
    """Wait until nobody is connected to a database: who left is there for a moment more."""
    until = time.monotonic() + 30
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        query = "SELECT FROM pg_stat_activity WHERE datname = %s"
        while connection.execute(query, (name,)).fetchone() is not None and time.monotonic() < until:
            time.sleep(0.05)


def damaged(backup: Path, to: Path) -> Path:
    """A copy of a backup, to be damaged."""
    return Path(shutil.copytree(backup, to / backup.name))


def test_a_dump_that_was_tampered_with_is_not_restored(
    server: Server, backup: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder = damaged(backup[0], tmp_path)
    file = max((folder / "dump").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(InvalidBackup, match=f"dump/{file.name} was changed"):
        put_back(folder, server.conninfo)
    file.unlink()
    with pytest.raises(InvalidBackup, match=f"dump/{file.name} is missing"):
        put_back(folder, server.conninfo)
    manifest = folder / MANIFEST
    manifest.write_text(manifest.read_text().replace('"rows": 150', '"rows": 151'))
    with pytest.raises(InvalidBackup, match="the manifest was changed"):
        put_back(folder, server.conninfo)
    manifest.write_text(manifest.read_text()[:1000])
    with pytest.raises(InvalidBackup, match="only a part"):
        put_back(folder, server.conninfo)


def test_a_dump_with_other_rows_than_its_manifest_says_is_told(
    server: Server, copy: str, backup: tuple[Path, Manifest], tmp_path: Path
) -> None:
    other = server.database(schema=False, like=copy)
    execute(other, "DELETE FROM sections WHERE ordinal = 50")
    folder, _ = backed_up(other, tmp_path)
    restored = asyncio.run(restore(folder, backup[1], server.database(schema=False), None, 2))
    assert [each.name for each in restored.differences] == ["public.sections"]
    assert "migrate" not in restored.seconds, "what is not whole is not made ready"


def test_a_killed_backup_leaves_none_and_the_next_clears_up(source: str, tmp_path: Path) -> None:
    place, kept = Folder(tmp_path), f"{tmp_path}"
    with psycopg.connect(source) as blocking:
        blocking.execute("LOCK TABLE bundles IN ACCESS EXCLUSIVE MODE")
        process = plotlot("backup", "create", "--to", kept, env={"PLOTLOT_DATABASE_URL": source})
        with stopping(process):
            until(lambda: list(tmp_path.glob(f"*{PARTIAL}")))
            with pytest.raises(BackupFailed, match="another process writes"):
                asyncio.run(create(source, place, NOW, 1))
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert [(one.manifest, one.problem) for one in place.kept()] == [
        (None, "it is being written, or was never finished")
    ]
    with pytest.raises(UnknownBackup, match="no complete backup"):
        found(kept)
    folder, _ = backed_up(source, tmp_path)
    assert [one.name for one in place.kept()] == [folder.name]
    assert found(kept)[1] == found(str(folder))[1] == folder.name


def test_a_backup_that_is_told_to_stop_leaves_nothing(source: str, tmp_path: Path) -> None:
    with psycopg.connect(source) as blocking:
        blocking.execute("LOCK TABLE bundles IN ACCESS EXCLUSIVE MODE")
        process = plotlot("backup", "create", "--to", str(tmp_path), env={"PLOTLOT_DATABASE_URL": source})
        with stopping(process):
            until(lambda: list(tmp_path.glob(f"*{PARTIAL}")))
            process.terminate()
            assert process.wait() == 128 + signal.SIGTERM
    assert Folder(tmp_path).kept() == []


def until(happened: Callable[[], object]) -> None:
    """Wait for something that is about to happen."""
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_newest_are_kept_and_what_is_half_removed_is_no_backup(source: str, tmp_path: Path) -> None:
    place = Folder(tmp_path)
    made = [asyncio.run(create(source, place, NOW.replace(minute=minute), 1)).name for minute in range(3)]
    (tmp_path / made[1] / MANIFEST).unlink()
    assert keep_newest(place, 1, NOW) == [made[0]]
    assert keep_newest(place, 1, NOW.replace(day=3)) == [made[1]]
    assert [one.name for one in place.kept()] == [made[2]]
    with pytest.raises(UnknownBackup):
        found(str(tmp_path / made[0]))


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("postgresql://127.0.0.1:9/x", BackupFailed, "does not answer.*check its address"),
        ("http://127.0.0.1/x", InvalidRequest, "no address of a database"),
        ("dbname=absent", BackupFailed, 'database "absent" does not exist'),
        ("dbname=postgres", InvalidRequest, "holds no PlotLot"),
    ],
)
def test_a_wrong_address_is_told(server: Server, tmp_path: Path, url: str, kind: type, said: str) -> None:
    conninfo = make_conninfo(server.conninfo, dbname=url[7:]) if url.startswith("dbname") else url
    with pytest.raises(kind, match=said):
        asyncio.run(create(conninfo, Folder(tmp_path), NOW, 1))
    assert Folder(tmp_path).kept() == []


def test_a_login_that_may_not_read_is_told(server: Server, source: str, tmp_path: Path) -> None:
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(BackupFailed, match="may not read everything: permission denied for table"):
        asyncio.run(create(make_conninfo(source, user="stranger"), Folder(tmp_path), NOW, 1))


def test_programs_that_are_missing_or_too_old_are_told(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Programs(tmp_path, 15, "15.18")
    monkeypatch.setattr(programs, "found", lambda: iter([older]))
    with pytest.raises(
        BackupFailed, match=r"the server is of Postgres 18, .* 15\.18, .*postgresql-client-18"
    ):
        asyncio.run(create(source, Folder(tmp_path), NOW, 1))
    monkeypatch.setattr(programs, "found", lambda: iter(()))
    with pytest.raises(BackupFailed, match=r"are not here: install .*postgresql-client-18"):
        asyncio.run(create(source, Folder(tmp_path), NOW, 1))


def test_a_disk_that_fills_up_is_told_and_nothing_stays(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pg_dump writes as long as there is room, which is none."""
    real = next(programs.found())
    for name in programs.PROGRAMS:
        (tmp_path / name).write_text(
            '#!/bin/sh\n[ "$1" = --version ] || dd if=/dev/zero of=/dev/full count=1\n'
        )
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(programs, "found", lambda: iter([replace(real, folder=tmp_path)]))
    with pytest.raises(BackupFailed, match=r"a disk is full.*make room"):
        asyncio.run(create(source, Folder(tmp_path / "kept"), NOW, 1))
    assert Folder(tmp_path / "kept").kept() == []


def test_a_password_is_in_no_command_line(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    kept: list[tuple[str, int]] = []

    async def noted(program: str, folder: Path, *arguments: str) -> None:
        called.extend(arguments)
        kept.append(await asyncio.to_thread(read, arguments[-1].removeprefix("--dbname=")))

    def read(conninfo: str) -> tuple[str, int]:
        passfile = Path(str(psycopg.conninfo.conninfo_to_dict(conninfo)["passfile"]))
        return passfile.read_text(), passfile.stat().st_mode & 0o077

    monkeypatch.setattr("plotlot.backups.creating.run", noted)
    asyncio.run(create(make_conninfo(source, password="qu:ill"), Folder(tmp_path), NOW, 1))
    assert kept == [("*:*:*:*:qu\\:ill\n", 0)]
    assert not [argument for argument in called if "ill" in argument]


def test_it_is_made_while_people_write_and_the_copy_answers(tmp_path: Path) -> None:
    first, second, kept = tmp_path / "first", tmp_path / "second", tmp_path / "kept"
    running = plotlot("up", "--port", "0", "--data", str(first))
    with stopping(running):
        url = announced(running, "serves http").split()[2].rstrip(";")
        load_example(Stack(url, {}, first))
        written, stop = [0], threading.Event()
        writer = threading.Thread(target=write, args=(url, written, stop))
        writer.start()
        until(lambda: written[0] > 2)
        made = told("backup", "create", "--to", str(kept), "--data", str(first))
        as_of = written[0]
        until(lambda: written[0] > as_of)
        stop.set()
        writer.join()
        against = psycopg.conninfo.make_conninfo(EmbeddedPostgres(first).start())
        differs = plotlot("backup", "verify", str(kept), "--against", against)
        _, words = differs.communicate()
        assert (differs.returncode, "public.audit has" in words) == (3, True), words
    restored = told("backup", "restore", str(kept), "--data", str(second))
    assert (restored["differences"], restored["rows"]) == ([], made["rows"])
    answered = told("analyze", "100 S Main Street", "--municipality", TOWN, "--data", str(second))
    assert answered["yield"]["units_high"] == 11
    listing = told("backup", "list", str(kept))["backups"]
    assert [(one["name"], one["complete"]) for one in listing] == [(made["name"], True)]


def write(url: str, written: list[int], stop: threading.Event) -> None:
    """Ask for one analysis after the other, each of which is stored."""
    with httpx.Client(base_url=url, timeout=60) as client:
        while not stop.is_set():
            answer = client.post("/v1/analyses", json={"address": "100 S Main Street", "municipality": TOWN})
            assert answer.status_code == 201, answer.text
            written[0] += 1
            time.sleep(0.02)


def told(*arguments: str) -> dict:
    """What a command says as JSON."""
    process = plotlot(*arguments, "--json")
    said, words = process.communicate()
    assert process.returncode == 0, words
    return dict(json.loads(said))
