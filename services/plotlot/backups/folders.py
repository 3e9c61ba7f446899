"""Backups in a folder: written under another name, and renamed once they are whole and on the disk."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from plotlot.backups.manifest import from_json
from plotlot.backups.places import MANIFEST, Kept, began
from plotlot.domain.errors import BackupFailed, InvalidBackup

PARTIAL = ".partial"
LOCK = ".lock"


class Folder:
    """A folder of this machine, or of a volume; one process at a time writes into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A folder beside, renamed at the end. What killed processes left is removed first."""
        with self._errors(), self._alone():
            for left in self._folder.glob(f"*{PARTIAL}"):
                shutil.rmtree(left)
            partial = self._folder / f"{name}{PARTIAL}"
            partial.mkdir(mode=0o700)
            try:
                yield partial
                on_disk(partial)
                partial.rename(self._folder / name)
                on_disk(self._folder)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise

    def kept(self) -> Sequence[Kept]:
        """Every backup by its name, and those that are or were being written."""
        with self._errors():
            folders = sorted(self._folder.iterdir()) if self._folder.exists() else []
            return [self._one(folder.name) for folder in folders if began(folder.name.removesuffix(PARTIAL))]

    @contextlib.contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The backup where it is."""
        with self._errors():
            yield self._folder / name

    def remove(self, name: str) -> None:
        """Remove its manifest first: half removed, it is no backup."""
        with self._errors():
            (self._folder / name / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(self._folder / name)

    def _one(self, name: str) -> Kept:
        if name.endswith(PARTIAL):
            return Kept(name, None, "it is being written, or was never finished")
        try:
            return Kept(name, from_json((self._folder / name / MANIFEST).read_bytes()))
        except FileNotFoundError:
            return Kept(name, None, "it has no manifest")
        except InvalidBackup as error:
            return Kept(name, None, error.message)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupFailed(
                    f"another process writes a backup into {self._folder}; wait for it"
                ) from error
            yield
        finally:
            os.close(lock)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self._folder
            raise BackupFailed(f"{where}: {error.strerror or error}") from error


def on_disk(folder: Path) -> None:
    """Wait until a folder's files, and the folder, are on the disk."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
