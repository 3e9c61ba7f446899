"""Manifests: kept and read again, and what two contents differ in."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plotlot.backups.manifest import (
    Contents,
    Counter,
    Difference,
    DumpFile,
    Manifest,
    Origin,
    Table,
    as_json,
    differences,
    from_json,
)
from plotlot.domain.errors import InvalidBackup

LOTS = Table("public.lots", ("id", "area"), 3, "ab")
CONTENTS = Contents((LOTS, Table("public.yards", ("id",), 0, "00")), (Counter("public.lots_id_seq", 7),))
MANIFEST = Manifest(
    "plotlot-20260301T120000Z",
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    1.5,
    Origin("0.1.0", ("0001.sql", "0002.sql"), "18.6", "18.6", {"vector": "0.8"}, {"1": "live"}, ("b",), "x"),
    CONTENTS,
    (DumpFile("dump/toc.dat", 10, "aa"), DumpFile("dump/1.dat", 5, "bb")),
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert from_json(as_json(MANIFEST)) == MANIFEST
    assert (MANIFEST.size, MANIFEST.schema, MANIFEST.contents.rows) == (15, "0002.sql", 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seconds": 2.0}, "was changed"),
        ({"format": 2}, "format 2, and this PlotLot reads 1"),
        ({"digest": "0" * 64}, "was changed"),
    ],
)
def test_one_that_was_changed_is_told(change: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidBackup, match=words):
        from_json(json.dumps({**json.loads(as_json(MANIFEST)), **change}))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", as_json(MANIFEST)[:-20]])
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(InvalidBackup, match="is not one, or only a part"):
        from_json(text)


def with_lots(**changes: object) -> Contents:
    return replace(CONTENTS, tables=(replace(LOTS, **changes), CONTENTS.tables[1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "name", "how"),
    [
        (with_lots(rows=2), "public.lots", "has 2 rows, and 3 in the backup"),
        (with_lots(rows=1), "public.lots", "has 1 row, and 3 in the backup"),
        (with_lots(checksum="cd"), "public.lots", "has as many rows as in the backup, 3, and other values in some"),
        (with_lots(columns=("id",)), "public.lots", "has no column area"),
        (replace(CONTENTS, tables=CONTENTS.tables[:1]), "public.yards", "is missing"),
        (
            replace(CONTENTS, tables=(*CONTENTS.tables, Table("public.more", ("id",), 1, "ff"))),
            "public.more",
            "is not in the backup, and has 1 row",
        ),
        (replace(CONTENTS, counters=()), "public.lots_id_seq", "is missing"),
        (
            replace(CONTENTS, counters=(Counter("public.lots_id_seq", 6),)),
            "public.lots_id_seq",
            "stands at 6, and at 7 in the backup",
        ),
    ],
)  # fmt: skip
def test_a_difference_says_where_and_how(found: Contents, name: str, how: str) -> None:
    assert differences(CONTENTS, found) == [Difference(name, how)]


def test_what_came_since_is_no_difference() -> None:
    later = Contents(
        (*CONTENTS.tables, Table("public.new", ("id",), 0, "00")), (Counter("public.lots_id_seq", 9),)
    )
    assert differences(CONTENTS, later) == []
