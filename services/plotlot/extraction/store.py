"""Readings in the store: what an engine read from one state of a municipality's code, whole or by district."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from plotlot.domain.districts import district_key
from plotlot.domain.standards import Citation, Formula, Standard, Status
from plotlot.extraction.engine import CodeReading
from plotlot.store.copying import copy_rows
from plotlot.store.documents import ANCHOR

# What a reading comes to, in one object, so that lists of towns count no standards.
COUNTS = """(
    SELECT jsonb_build_object('districts', count(*), 'districts_read', count(read_at), 'dropped', coalesce(sum(dropped), 0))
    FROM districts WHERE reading_id = readings.id
) || (
    SELECT jsonb_build_object(
        'stated', count(*) FILTER (WHERE status = 'stated'), 'not_stated', count(*) FILTER (WHERE status = 'not_stated'),
        'conflicting', count(*) FILTER (WHERE status = 'conflicting'),
        'delegated', count(*) FILTER (WHERE status = 'delegated'), 'verified', count(document_id)
    ) FROM standards WHERE reading_id = readings.id
) || (
    SELECT jsonb_build_object('by_field', coalesce(jsonb_object_agg(field, districts), '{}'))
    FROM (
        SELECT field, count(DISTINCT district) AS districts FROM standards
        WHERE reading_id = readings.id AND status <> 'not_stated' GROUP BY field
    ) AS fields
)"""
_STANDARD_COLUMNS = (
    "reading_id, district, ordinal, field, status, value, unit, conditions, confidence, engine,"
    ' quoted_value, quoted_unit, formula, note, document_id, section, page, start, "end", quote'
)

# One statement, so that a reading that goes is not taken for one without districts.
_READING = """
SELECT r.id, r.dropped, d.ordinal, d.code, d.name,
       count(s.field) FILTER (WHERE s.status <> 'not_stated'), d.read_at IS NOT NULL, d.dropped
FROM readings r LEFT JOIN districts d ON d.reading_id = r.id
     LEFT JOIN standards s ON (s.reading_id, s.district) = (d.reading_id, d.ordinal)
WHERE r.municipality_id = %s AND r.code_digest = %s AND r.engine = %s
GROUP BY r.id, d.reading_id, d.ordinal ORDER BY d.ordinal
"""


@dataclass(frozen=True, slots=True)
class StoredDistrict:
    """A district of a reading, how many standards it states, and how many of its values alone were dropped.

    Where it was not ``read`` yet, neither is known.
    """

    ordinal: int
    code: str
    name: str
    stated: int
    read: bool = True
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading without its standards."""

    id: int
    dropped: int
    districts: tuple[StoredDistrict, ...]

    def district(self, spelling: str) -> StoredDistrict | None:
        """The district that a spelling means, or None."""
        wanted = district_key(spelling)
        return next((one for one in self.districts if district_key(one.code) == wanted), None)


async def find_reading(
    connection: psycopg.AsyncConnection, municipality: int, digest: str, engine: str
) -> StoredReading | None:
    """The reading of this state of the code by this engine, or None."""
    cursor = await connection.execute(_READING, (municipality, digest, engine))
    rows = await cursor.fetchall()
    if not rows:
        return None
    reading, dropped = rows[0][:2]
    districts = tuple(StoredDistrict(*values) for _, _, *values in rows if values[0] is not None)
    return StoredReading(reading, dropped + sum(district.dropped for district in districts), districts)


async def list_readings(
    connection: psycopg.AsyncConnection, municipality: int, digest: str
) -> dict[str, StoredReading]:
    """The readings of this state of the code, by the names that engines read under."""
    cursor = await connection.execute(
        "SELECT engine FROM readings WHERE municipality_id = %s AND code_digest = %s ORDER BY id",
        (municipality, digest),
    )
    names = [name for (name,) in await cursor.fetchall()]
    found = {name: await find_reading(connection, municipality, digest, name) for name in names}
    return {name: reading for name, reading in found.items() if reading is not None}


async def save_reading(
    connection: psycopg.AsyncConnection,
    municipality: int,
    digest: str,
    engine: str,
    reading: CodeReading,
    keeps: str = "",
) -> None:
    """Store a reading; where another process was quicker, keep that one. Those of earlier states go, but for the one
    whose digest is to be kept, as it serves yet."""
    cursor = await connection.execute(
        "INSERT INTO readings (municipality_id, code_digest, engine, dropped) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (municipality, digest, engine, reading.dropped),
    )
    row = await cursor.fetchone()
    if row is None:
        return
    await connection.execute(
        "DELETE FROM readings WHERE municipality_id = %s AND code_digest <> ALL(%s) AND id < %s",
        (municipality, [digest, keeps], row[0]),
    )
    read_at = datetime.now(UTC)
    districts = (
        (
            row[0],
            ordinal,
            district_key(found.code),
            found.code,
            found.name,
            read_at if found.code in reading.standards else None,
        )
        for ordinal, found in enumerate(reading.districts)
    )
    await copy_rows(connection, "districts", "reading_id, ordinal, key, code, name, read_at", districts)
    standards = [
        (ordinal, reading.standards[found.code])
        for ordinal, found in enumerate(reading.districts)
        if found.code in reading.standards
    ]
    await _copy_standards(connection, row[0], standards)
    await _count(connection, row[0])


async def save_district(
    connection: psycopg.AsyncConnection,
    reading: int,
    district: int,
    standards: Sequence[Standard],
    dropped: int,
) -> None:
    """Store the standards of a district; where another process was quicker, or the reading went, do nothing."""
    cursor = await connection.execute(
        "UPDATE districts SET read_at = now(), dropped = %s"
        " WHERE reading_id = %s AND ordinal = %s AND read_at IS NULL RETURNING ordinal",
        (dropped, reading, district),
    )
    if await cursor.fetchone() is not None:
        await _copy_standards(connection, reading, [(district, standards)])
        # Whoever saves another district of it waits, and then counts both.
        await connection.execute("SELECT FROM readings WHERE id = %s FOR UPDATE", (reading,))
        await _count(connection, reading)


async def _count(connection: psycopg.AsyncConnection, reading: int) -> None:
    await connection.execute(f"UPDATE readings SET counts = {COUNTS} WHERE id = %s".encode(), (reading,))


async def _copy_standards(
    connection: psycopg.AsyncConnection, reading: int, districts: Iterable[tuple[int, Sequence[Standard]]]
) -> None:
    rows = (
        (reading, district, position, *standard_row(standard))
        for district, standards in districts
        for position, standard in enumerate(standards)
    )
    await copy_rows(connection, "standards", _STANDARD_COLUMNS, rows)


_STANDARDS = f"""
SELECT s.*, d.text_sha256, d.title, d.effective_date, d.retrieved_at,
       {ANCHOR.format(document="s.document_id", start="s.start")} AS anchor
FROM standards s LEFT JOIN documents d ON d.id = s.document_id
WHERE reading_id = %s AND district = %s ORDER BY ordinal
"""


async def load_standards(connection: psycopg.AsyncConnection, reading: int, district: int) -> list[Standard]:
    """The standards of a district in the order in which they were read."""
    cursor = await connection.cursor(row_factory=dict_row).execute(
        _STANDARDS.encode(),
        (reading, district),
    )
    return [standard_from_row(row) for row in await cursor.fetchall()]


def standard_row(standard: Standard) -> tuple[Any, ...]:
    """A standard in the order of its columns, after those of its district."""
    citation = standard.citation
    cited = (
        (
            citation.document,
            citation.section,
            citation.page,
            citation.start,
            citation.end,
            citation.quote,
        )
        if citation
        else (None,) * 6
    )
    return (
        standard.field,
        standard.status.value,
        standard.value,
        standard.unit,
        json.dumps(dict(standard.conditions)),
        standard.confidence,
        standard.engine,
        standard.quoted_value,
        standard.quoted_unit,
        json.dumps(asdict(standard.formula)) if standard.formula else None,
        standard.note,
        *cited,
    )


def standard_from_row(row: Mapping[str, Any]) -> Standard:
    """The standard that ``standard_row`` wrote."""
    citation = None
    if row["document_id"] is not None:
        citation = Citation(
            document=row["document_id"],
            document_sha256=row["text_sha256"],
            section=row["section"],
            page=row["page"],
            start=row["start"],
            end=row["end"],
            quote=row["quote"],
            document_title=row["title"],
            effective_date=row["effective_date"].isoformat() if row["effective_date"] else "",
            retrieved_at=row["retrieved_at"].astimezone(UTC).isoformat(timespec="seconds"),
            anchor=row["anchor"],
        )
    return Standard(
        field=row["field"],
        status=Status(row["status"]),
        value=row["value"],
        unit=row["unit"],
        citation=citation,
        engine=row["engine"],
        confidence=row["confidence"],
        conditions=row["conditions"],
        quoted_value=row["quoted_value"],
        quoted_unit=row["quoted_unit"],
        formula=Formula(**row["formula"]) if row["formula"] else None,
        note=row["note"],
    )
