"""What documents are stored, without their texts."""

from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from plotlot.domain.errors import UnknownDocument

_SELECT = """
SELECT documents.id, municipalities.name AS municipality, documents.name, title, media_type, source_sha256,
       text_sha256, coalesce((
           SELECT "end" FROM sections WHERE document_id = documents.id AND ordinal = 0  -- long texts are not read
       ), length(text)) AS characters, warnings, parser, documents.effective_date,
       documents.retrieved_at, superseded_at
FROM documents JOIN municipalities ON municipalities.id = municipality_id
"""
_PAGE = (
    _SELECT
    + """
WHERE (%(municipality)s = '' OR municipalities.name = %(municipality)s)
  AND (%(superseded)s OR superseded_at IS NULL)
  AND (%(town)s::text IS NULL OR (municipalities.name, documents.name, documents.id) > (%(town)s, %(name)s, %(id)s))
ORDER BY municipalities.name, documents.name, documents.id LIMIT %(limit)s
"""
)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it was ingested; ``superseded_at`` where a newer one took its place."""

    id: str
    municipality: str
    name: str
    title: str
    media_type: str
    source_sha256: str
    text_sha256: str
    characters: int
    warnings: list[str]
    parser: str
    effective_date: date | None
    retrieved_at: datetime
    superseded_at: datetime | None


async def list_documents(
    connection: psycopg.AsyncConnection,
    municipality: str,
    superseded: bool,
    after: tuple[str, str, str] | None,
    limit: int,
) -> list[StoredDocument]:
    """Documents by municipality and name; ``after`` is municipality, name and id of the last one seen."""
    town, name, document = after or (None, None, None)
    values = {
        "municipality": municipality,
        "superseded": superseded,
        "town": town,
        "name": name,
        "id": document,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(StoredDocument)) as cursor:
        await cursor.execute(_PAGE.encode(), values)
        return await cursor.fetchall()


async def stored_document(connection: psycopg.AsyncConnection, document: str) -> StoredDocument:
    """A document by its id. Raises UnknownDocument."""
    async with connection.cursor(row_factory=class_row(StoredDocument)) as cursor:
        await cursor.execute(f"{_SELECT} WHERE documents.id = %s".encode(), (document.replace("\0", ""),))
        found = await cursor.fetchone()
    if found is None:
        raise unknown_document(document)
    return found


def unknown_document(document: str) -> UnknownDocument:
    """That no document has an id."""
    return UnknownDocument(f"there is no document {document!r} here", field="document")
