"""Where backups are kept. Each is a folder of its own, and complete once its manifest is there."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from plotlot.backups.manifest import NAME_FORMAT, Manifest

MANIFEST = "manifest.json"
DUMP = "dump"
ABANDONED = timedelta(days=1)  # nobody writes so long on one backup: what is unfinished for longer, stays so


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup as it was found: its manifest, or what is wrong with it."""

    name: str
    manifest: Manifest | None
    problem: str = ""


class Place(Protocol):
    """A folder, or a part of a bucket. Every method raises BackupFailed where it cannot be reached or is full."""

    def writing(self, name: str) -> AbstractContextManager[Path]:
        """A folder to write a backup into; left without an error it is kept, else nothing of it passes for one."""

    def kept(self) -> Sequence[Kept]:
        """Every backup, the oldest first, those that were never finished among them."""

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """The folder of a backup on this machine."""

    def remove(self, name: str) -> None:
        """Remove a backup, or what there is of it."""


def began(name: str) -> datetime | None:
    """When a backup of that name was begun, in UTC; None where the name is no backup's."""
    try:
        return datetime.strptime(name, NAME_FORMAT)
    except ValueError:
        return None


def superseded(kept: Sequence[Kept], keep: int, now: datetime) -> list[str]:
    """What goes where ``keep`` complete backups are to stay, the newest; and what was abandoned unfinished."""
    complete = [one.name for one in kept if one.manifest]
    unfinished = [
        one.name
        for one in kept
        if not one.manifest and (at := began(one.name)) and now.replace(tzinfo=None) - at > ABANDONED
    ]
    return [*complete[:-keep], *unfinished]
