"""Documents with their sections and tables: written by ingestion, read by extraction."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from plotlot.domain.documents import Cell, Document, Footnote, Section, Span, Table
from plotlot.store.copying import copy_rows
from plotlot.store.municipalities import CODE_OF, key_of, unknown

READ_AT_ONCE = 32  # documents: a town's chapters, mostly
_COLUMNS = (
    "id, name, title, media_type, source_sha256, text, tables, page_starts, effective_date, warnings,"
    " text_sha256"
)
_INSERT = (
    f"INSERT INTO documents (municipality_id, parser, superseded_at, {_COLUMNS})"
    f" VALUES ({', '.join(['%s'] * 14)})"
)
_CODE = f"""
SELECT town.id, documents.id, text_sha256
FROM (SELECT {CODE_OF} AS id) AS town
     LEFT JOIN documents ON municipality_id = town.id AND superseded_at IS NULL
ORDER BY name, documents.id
"""
SECTION_COLUMNS = 'ordinal, parent, kind, label, heading, start, "end", body_start, page, anchor'
ANCHOR = """
coalesce((
    SELECT anchor FROM sections WHERE document_id = {document} AND anchor <> '' AND start <= {start} AND "end" > {start}
    ORDER BY start DESC, ordinal DESC LIMIT 1
), '')
"""
"""What the publisher finds a place of a document by: the anchor of the innermost section there that has one."""
PAGE = "(SELECT nullif(count(*), 0) FROM unnest(page_starts) AS page_start WHERE page_start <= {start})"
"""The page on which a place of a document stands; null where it has none."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that was read, the id to store it under, and the parser that read it."""

    id: str
    document: Document
    parser: str


async def current_code(
    connection: psycopg.AsyncConnection, municipality: str
) -> tuple[int, list[tuple[str, str]]]:
    """The municipality whose code answers for a name, with ids and text digests of its current documents in the order
    of their names. Raises UnknownMunicipality with the names that are near."""
    cursor = await connection.execute(_CODE.encode(), {"key": key_of(municipality)})
    rows = await cursor.fetchall()
    if rows[0][0] is None:
        raise await unknown(connection, municipality)
    return int(rows[0][0]), [(document, digest) for _, document, digest in rows if document is not None]


async def serving(connection: psycopg.AsyncConnection, municipality: int) -> list[str]:
    """The ids of a municipality's documents that serve."""
    cursor = await connection.execute(
        "SELECT id FROM documents WHERE municipality_id = %s AND superseded_at IS NULL ORDER BY id",
        (municipality,),
    )
    return [document for (document,) in await cursor.fetchall()]


async def stored_code(
    connection: psycopg.AsyncConnection, municipality: int, documents: Collection[str]
) -> list[tuple[str, str]]:
    """Ids and text digests of a municipality's documents, serving or not, in the order that ``current_code`` has."""
    cursor = await connection.execute(
        "SELECT id, text_sha256 FROM documents WHERE municipality_id = %s AND id = ANY(%s) ORDER BY name, id",
        (municipality, list(documents)),
    )
    return await cursor.fetchall()


async def load_document(connection: psycopg.AsyncConnection, document: str) -> Document:
    """A stored document, equal to the one that was saved. Raises LookupError."""
    (loaded,) = [each async for _, each in load_documents(connection, [document])]
    return loaded


async def load_documents(
    connection: psycopg.AsyncConnection, documents: Sequence[str]
) -> AsyncIterator[tuple[str, Document]]:
    """Stored documents with their ids, in the order of those; some are held at a time. Raises LookupError."""
    for first in range(0, len(documents), READ_AT_ONCE):
        some = list(documents[first : first + READ_AT_ONCE])
        cursor = await connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ANY(%s)", (some,))
        rows = {row[0]: row for row in await cursor.fetchall()}
        cursor = await connection.execute(
            f"SELECT document_id, {SECTION_COLUMNS} FROM sections WHERE document_id = ANY(%s)"
            " ORDER BY document_id, ordinal",
            (some,),
        )
        sections: dict[str, list[Section]] = {}
        for identity, *values in await cursor.fetchall():
            sections.setdefault(identity, []).append(Section(*values))
        for identity in some:
            if identity not in rows:
                raise LookupError(identity)
            yield identity, _document(rows[identity], sections.get(identity, ()))


def _document(row: Sequence[Any], sections: Sequence[Section]) -> Document:
    _, name, title, media_type, source, text, tables, pages, effective, warnings, digest = row
    return Document(
        name=name,
        title=title,
        media_type=media_type,
        source_sha256=source,
        text=text,
        sections=tuple(sections),
        tables=tuple(table_from_record(record) for record in tables),
        page_starts=tuple(pages),
        effective_date=effective.isoformat() if effective else None,
        warnings=tuple(warnings),
        text_sha256=digest,
    )


async def load_texts(connection: psycopg.AsyncConnection, documents: Collection[str]) -> dict[str, str]:
    """The canonical texts of documents, by their ids."""
    cursor = await connection.execute("SELECT id, text FROM documents WHERE id = ANY(%s)", (list(documents),))
    return dict(await cursor.fetchall())


async def save_document(
    connection: psycopg.AsyncConnection, document_id: str, municipality: int, document: Document, parser: str
) -> None:
    """Store a document as the current one of its name, superseding the one before."""
    await connection.execute(
        "UPDATE documents SET superseded_at = now()"
        " WHERE municipality_id = %s AND name = %s AND superseded_at IS NULL",
        (municipality, document.name),
    )
    await connection.execute(
        _INSERT, document_row(NewDocument(document_id, document, parser), municipality, None)
    )
    rows = ((document_id, *section_row(section)) for section in document.sections)
    await copy_rows(connection, "sections", f"document_id, {SECTION_COLUMNS}", rows)


async def save_beside(
    connection: psycopg.AsyncConnection, municipality: int, documents: Sequence[NewDocument]
) -> None:
    """Store documents that do not serve, beside those that do; one that is stored already stays."""
    ids = [each.id for each in documents]
    cursor = await connection.execute(
        "SELECT now(), ARRAY(SELECT id FROM documents WHERE id = ANY(%s))", (ids,)
    )
    row = await cursor.fetchone()
    assert row is not None, "it has no condition"
    now, stored = row
    new = [each for each in documents if each.id not in stored]
    rows = [document_row(each, municipality, now) for each in new]
    await connection.cursor().executemany(_INSERT, rows)
    sections = ((each.id, *section_row(section)) for each in new for section in each.document.sections)
    await copy_rows(connection, "sections", f"document_id, {SECTION_COLUMNS}", sections)


def document_row(read: NewDocument, municipality: int, superseded_at: datetime | None) -> tuple[Any, ...]:
    """A document in the order of its columns."""
    document = read.document
    return (
        municipality,
        read.parser,
        superseded_at,
        read.id,
        document.name,
        document.title,
        document.media_type,
        document.source_sha256,
        document.text,
        json.dumps([table_record(table) for table in document.tables]),
        list(document.page_starts),
        document.effective_date,
        list(document.warnings),
        document.text_sha256,
    )


def section_row(section: Section) -> tuple[Any, ...]:
    """A section in the order of its columns."""
    return (
        section.ordinal,
        section.parent,
        section.kind,
        section.label,
        section.heading,
        section.start,
        section.end,
        section.body_start,
        section.page,
        section.anchor,
    )


def table_record(table: Table) -> dict[str, Any]:
    """A table as JSON; spans are pairs."""
    return {
        "ordinal": table.ordinal,
        "span": [table.start, table.end],
        "size": [table.rows, table.columns],
        "caption": [table.caption.start, table.caption.end] if table.caption else None,
        "footnotes": [[note.mark, note.span.start, note.span.end] for note in table.footnotes],
        "cells": [
            [
                cell.row,
                cell.column,
                cell.row_span,
                cell.column_span,
                cell.header,
                [[span.start, span.end] for span in cell.spans],
            ]
            for cell in table.cells
        ],
    }


def table_from_record(record: dict[str, Any]) -> Table:
    """The table that ``table_record`` wrote."""
    cells = tuple(
        Cell(row, column, tuple(Span(*span) for span in spans), row_span, column_span, header)
        for row, column, row_span, column_span, header, spans in record["cells"]
    )
    return Table(
        ordinal=record["ordinal"],
        start=record["span"][0],
        end=record["span"][1],
        rows=record["size"][0],
        columns=record["size"][1],
        cells=cells,
        caption=Span(*record["caption"]) if record["caption"] else None,
        footnotes=tuple(Footnote(mark, Span(start, end)) for mark, start, end in record["footnotes"]),
    )
