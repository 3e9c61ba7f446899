"""Parts of the texts of stored documents, as they are opened to be read."""

from dataclasses import dataclass

import psycopg

from plotlot.domain.documents import Section
from plotlot.store.document_lists import unknown_document
from plotlot.store.documents import PAGE, SECTION_COLUMNS

_PAGE = PAGE.format(start="%(start)s")
_TEXT = f"""
SELECT substr(text, %(start)s + 1, %(length)s), text_sha256, {_PAGE}
FROM documents WHERE id = %(document)s
"""
_SECTIONS = f"SELECT {SECTION_COLUMNS} FROM sections WHERE document_id = %s AND ordinal >= %s ORDER BY ordinal LIMIT %s"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a document's text from a place on, the digest of the whole text, and the page where the part begins."""

    text: str
    text_sha256: str
    page: int | None


async def text_part(connection: psycopg.AsyncConnection, document: str, start: int, length: int) -> TextPart:
    """So many characters of a document from a place on, fewer at its end. Raises UnknownDocument."""
    values = {"document": document.replace("\0", ""), "start": start, "length": length}
    row = await (await connection.execute(_TEXT.encode(), values)).fetchone()
    if row is None:
        raise unknown_document(document)
    return TextPart(*row)


async def sections_of(
    connection: psycopg.AsyncConnection, document: str, first: int = 0, limit: int | None = None
) -> list[Section]:
    """The sections of a document in their order, from an ordinal on; none where it is not there."""
    cursor = await connection.execute(_SECTIONS.encode(), (document.replace("\0", ""), first, limit))
    return [Section(*row) for row in await cursor.fetchall()]
