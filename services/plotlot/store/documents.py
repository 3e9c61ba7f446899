"""Documents with their sections and tables: written by ingestion, read by extraction."""

import json
from collections.abc import Collection
from typing import Any

import psycopg

from plotlot.domain.documents import Cell, Document, Footnote, Section, Span, Table
from plotlot.store.copying import copy_rows
from plotlot.store.municipalities import CODE_OF, key_of, unknown

_COLUMNS = (
    "id, name, title, media_type, source_sha256, text, tables, page_starts, effective_date, warnings,"
    " text_sha256"
)
_CODE = f"""
SELECT town.id, documents.id, text_sha256
FROM (SELECT {CODE_OF} AS id) AS town
     LEFT JOIN documents ON municipality_id = town.id AND superseded_at IS NULL
ORDER BY name, documents.id
"""
_SECTION_COLUMNS = 'ordinal, parent, kind, label, heading, start, "end", body_start, page, anchor'
ANCHOR = """
coalesce((
    SELECT anchor FROM sections WHERE document_id = {document} AND anchor <> '' AND start <= {start} AND "end" > {start}
    ORDER BY start DESC, ordinal DESC LIMIT 1
), '')
"""
"""What the publisher finds a place of a document by: the anchor of the innermost section there that has one."""


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
    """A stored document, equal to the one that was saved."""
    cursor = await connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = %s", (document,))
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(document)
    _, name, title, media_type, source, text, tables, pages, effective, warnings, digest = row
    sections = await connection.execute(
        f"SELECT {_SECTION_COLUMNS} FROM sections WHERE document_id = %s ORDER BY ordinal",
        (document,),
    )
    return Document(
        name=name,
        title=title,
        media_type=media_type,
        source_sha256=source,
        text=text,
        sections=tuple(Section(*values) for values in await sections.fetchall()),
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
        f"INSERT INTO documents (municipality_id, parser, {_COLUMNS}) VALUES ({', '.join(['%s'] * 13)})",
        (
            municipality,
            parser,
            document_id,
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
        ),
    )
    rows = ((document_id, *section_row(section)) for section in document.sections)
    await copy_rows(connection, "sections", f"document_id, {_SECTION_COLUMNS}", rows)


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
