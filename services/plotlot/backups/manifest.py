"""What a backup says of itself: what it holds, by what it was made, and how its rows are told from others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from plotlot.domain.errors import InvalidBackup

FORMAT = 1
NAME_FORMAT = "plotlot-%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table: how many, and 128 bits that depend on every value of these columns and on no order."""

    name: str
    columns: tuple[str, ...]
    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Counter:
    """A sequence, and how far it is: restored, it may be further, for sequences are in no snapshot."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Every table and sequence of a database."""

    tables: tuple[Table, ...]
    counters: tuple[Counter, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A file of the dump, by its path below the backup."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from: versions, what the index and the releases were, and who could see the rows."""

    plotlot: str
    migrations: tuple[str, ...]
    server: str
    client: str
    extensions: Mapping[str, str]
    generations: Mapping[str, str]  # status by number
    bundles: tuple[str, ...]
    seen_as: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete backup. ``taken_at`` is the moment of its snapshot: what was written later is not in it."""

    name: str
    taken_at: datetime
    seconds: float
    origin: Origin
    contents: Contents
    files: tuple[DumpFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def schema(self) -> str:
        """The last migration."""
        return max(self.origin.migrations, default="")


@dataclass(frozen=True, slots=True)
class Difference:
    """A table or sequence that is not as the backup has it, and how."""

    name: str
    how: str


def as_json(manifest: Manifest) -> str:
    """The manifest as it is kept, with a digest of itself."""
    document = {
        "format": FORMAT,
        **asdict(manifest),
        "taken_at": manifest.taken_at.isoformat(),
    }
    return json.dumps({**document, "digest": digest(document)}, indent=1, sort_keys=True) + "\n"


def from_json(text: str | bytes) -> Manifest:
    """A manifest that was kept. Raises InvalidBackup where it is none, was changed, or is of a newer PlotLot."""
    try:
        document = json.loads(text)
        told = document.pop("digest")
        written = document.pop("format")
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise InvalidBackup("the manifest is not one, or only a part of one") from error
    if written != FORMAT:
        raise InvalidBackup(f"the manifest is of format {written}, and this PlotLot reads {FORMAT}")
    if told != digest({"format": written, **document}):
        raise InvalidBackup("the manifest was changed after it was written")
    return built(document)


def built(document: Mapping[str, Any]) -> Manifest:
    """The manifest of a document whose digest is right."""
    origin, contents = document["origin"], document["contents"]
    return Manifest(
        name=document["name"],
        taken_at=datetime.fromisoformat(document["taken_at"]),
        seconds=document["seconds"],
        origin=Origin(
            **{
                **origin,
                "migrations": tuple(origin["migrations"]),
                "bundles": tuple(origin["bundles"]),
            }
        ),
        contents=Contents(
            tuple(Table(**{**table, "columns": tuple(table["columns"])}) for table in contents["tables"]),
            tuple(Counter(**counter) for counter in contents["counters"]),
        ),
        files=tuple(DumpFile(**file) for file in document["files"]),
    )


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document, whatever its spacing and the order of its keys."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def differences(expected: Contents, found: Contents) -> list[Difference]:
    """How what was found differs from what is expected, by name; none where it is the same."""
    return sorted(
        [*tables_that_differ(expected.tables, found.tables), *counters_behind(expected, found)],
        key=lambda difference: difference.name,
    )


def tables_that_differ(expected: Sequence[Table], found: Sequence[Table]) -> list[Difference]:
    """Tables that are missing, have other rows, or are here alone and have any."""
    here = {table.name: table for table in found}
    wanted = {table.name for table in expected}
    different = [
        Difference(table.name, how)
        for table in expected
        if (how := difference_of(table, here.get(table.name)))
    ]
    return different + [
        Difference(table.name, f"is not in the backup, and has {counted(table.rows)}")
        for table in found
        if table.name not in wanted and table.rows
    ]


def difference_of(expected: Table, found: Table | None) -> str:
    """How one table differs; empty where it does not."""
    if found is None:
        return "is missing"
    if lacking := sorted(set(expected.columns) - set(found.columns)):
        return f"has no column {', '.join(lacking)}"
    if found.rows != expected.rows:
        return f"has {counted(found.rows)}, and {expected.rows:,} in the backup"
    if found.checksum != expected.checksum:
        return f"has as many rows as in the backup, {expected.rows:,}, and other values in some"
    return ""


def counters_behind(expected: Contents, found: Contents) -> list[Difference]:
    """Sequences that are missing, or would give out again what was given out."""
    here = {counter.name: counter.value for counter in found.counters}
    return [
        Difference(
            counter.name,
            "is missing"
            if counter.name not in here
            else f"stands at {here[counter.name]:,}, and at {counter.value:,} in the backup",
        )
        for counter in expected.counters
        if here.get(counter.name, -1) < counter.value
    ]


def counted(rows: int) -> str:
    """Rows in words."""
    return "1 row" if rows == 1 else f"{rows:,} rows"
