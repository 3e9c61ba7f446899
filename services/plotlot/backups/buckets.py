"""Backups in a bucket of S3, or of what speaks its language: the manifest is sent last, and makes a backup of it.

Who may write there is found as AWS's own tools find it: the environment (``AWS_ACCESS_KEY_ID``, ``AWS_REGION``,
``AWS_ENDPOINT_URL``), a role for the pod, or that of the machine.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotlot.backups.manifest import from_json
from plotlot.backups.places import MANIFEST, Kept, began
from plotlot.domain.errors import BackupFailed, InvalidBackup, InvalidRequest

if TYPE_CHECKING:
    from obstore.store import S3Store

S3 = "s3://"
MISSING = "backups in S3 need the optional part `s3`: install plotlot[s3]"


class Bucket:
    """A part of a bucket, by ``s3://BUCKET/PREFIX``."""

    def __init__(self, location: str) -> None:
        name, _, prefix = location.removeprefix(S3).rstrip("/").partition("/")
        if not name:
            raise InvalidRequest(f"{location} names no bucket: write s3://BUCKET/PREFIX")
        self._location = location.rstrip("/")
        self._store = opened(name, prefix)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A folder of this machine, whose files are sent at the end."""
        import obstore

        with tempfile.TemporaryDirectory(prefix="plotlot-backup-") as scratch:
            folder = Path(scratch)
            yield folder
            paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
            with self._errors():
                for path in sorted(paths, key=lambda path: path == folder / MANIFEST):
                    obstore.put(self._store, f"{name}/{path.relative_to(folder).as_posix()}", path)

    def kept(self) -> Sequence[Kept]:
        """Every backup by its name."""
        import obstore

        with self._errors():
            folders = obstore.list_with_delimiter(self._store)["common_prefixes"]
            names = sorted(folder.rstrip("/").rpartition("/")[2] for folder in folders)
            return [self._one(name) for name in names if began(name)]

    @contextlib.contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The backup, brought to this machine."""
        import obstore

        with tempfile.TemporaryDirectory(prefix="plotlot-backup-") as scratch:
            with self._errors():
                for path in self._paths(name):
                    to = Path(scratch) / path.removeprefix(f"{name}/")
                    to.parent.mkdir(parents=True, exist_ok=True)
                    with open(to, "wb") as file:
                        for part in obstore.get(self._store, path).stream():
                            file.write(part)
            yield Path(scratch)

    def remove(self, name: str) -> None:
        """Remove its manifest first: half removed, it is no backup."""
        import obstore

        with self._errors():
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, f"{name}/{MANIFEST}")
            if paths := self._paths(name):
                obstore.delete(self._store, paths)

    def _paths(self, name: str) -> list[str]:
        import obstore

        return [entry["path"] for batch in obstore.list(self._store, prefix=f"{name}/") for entry in batch]

    def _one(self, name: str) -> Kept:
        import obstore

        try:
            return Kept(name, from_json(bytes(obstore.get(self._store, f"{name}/{MANIFEST}").bytes())))
        except FileNotFoundError:
            return Kept(name, None, "it is being sent, or was never finished")
        except InvalidBackup as error:
            return Kept(name, None, error.message)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as error:
            raise BackupFailed(f"{self._location}: {first_line(error)}") from error


def opened(name: str, prefix: str) -> "S3Store":
    """The store, whose client finds its credentials itself. Raises InvalidRequest naming the extra, or a setting."""
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        raise InvalidRequest(MISSING) from error
    options: dict[str, Any] = {"prefix": prefix} if prefix else {}
    try:
        return S3Store(name, **options)
    except (BaseError, ValueError) as error:
        raise InvalidRequest(f"s3://{name}: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """What the client says, without the report for its makers."""
    return " ".join(str(error).partition("\n\n")[0].split())
