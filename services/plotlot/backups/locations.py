"""Which place a location means, and which backup in it."""

from pathlib import Path

from plotlot.backups.buckets import S3, Bucket
from plotlot.backups.folders import Folder
from plotlot.backups.places import Place, began
from plotlot.domain.errors import InvalidBackup, UnknownBackup


def place_at(location: str) -> Place:
    """The place that a location names: a folder, or ``s3://BUCKET/PREFIX``."""
    if location.startswith(S3):
        return Bucket(location)
    return Folder(Path(location))


def found(location: str) -> tuple[Place, str]:
    """The place and the name of the backup that a location means: itself, or the newest complete one in it.

    Raises UnknownBackup, or InvalidBackup where the location is that of one that was never finished.
    """
    parent, _, name = location.rstrip("/").rpartition("/")
    if began(name) is not None:
        place = place_at(parent or "/" if location.startswith("/") else parent or ".")
        named = next((kept for kept in place.kept() if kept.name == name), None)
        if named is None:
            raise UnknownBackup(f"there is no backup {location}")
        if named.manifest is None:
            raise InvalidBackup(f"{location} is no backup that can be used: {named.problem}")
        return place, name
    place = place_at(location)
    complete = [kept.name for kept in place.kept() if kept.manifest]
    if not complete:
        raise UnknownBackup(f"there is no complete backup in {location}")
    return place, complete[-1]
