"""What a generation of the index holds of what is stored, by town; and whether what was cited can still be looked up."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby

import psycopg

from plotlot.domain.generation_checks import SHOWN, Citations, Held, Span, Town, overlaps

# Towns of tenants are told of together: their names are their owners'.
_TOWNS = """
WITH stored AS (
    SELECT municipality_id, count(*) AS documents, coalesce(sum("end"), 0) AS characters
    FROM documents LEFT JOIN sections ON document_id = documents.id AND ordinal = 0
    WHERE superseded_at IS NULL GROUP BY municipality_id
), held AS (
    SELECT chunks.municipality_id, count(DISTINCT document_id) AS documents, count(*) AS chunks,
           count(*) FILTER (WHERE vector_dims(embedding) = dimensions AND l2_norm(embedding) > 0) AS vectors,
           sum("end" - start) AS characters
    FROM chunks JOIN documents ON documents.id = document_id JOIN generations ON generations.id = generation
    WHERE generation = %(generation)s AND superseded_at IS NULL GROUP BY chunks.municipality_id
)
SELECT CASE WHEN municipalities.id > 0 THEN municipalities.name ELSE '' END AS municipality,
       sum(stored.documents)::bigint, sum(stored.characters)::bigint, coalesce(sum(held.documents), 0)::bigint,
       coalesce(sum(held.chunks), 0)::bigint, coalesce(sum(held.vectors), 0)::bigint,
       coalesce(sum(scope_sizes.chunks), 0)::bigint, coalesce(sum(held.characters), 0)::bigint
FROM stored JOIN municipalities ON municipalities.id = stored.municipality_id
     LEFT JOIN held ON held.municipality_id = municipalities.id
     LEFT JOIN scope_sizes ON scope_sizes.municipality_id = municipalities.id AND scope_sizes.generation = %(generation)s
GROUP BY 1 ORDER BY 1
"""
# Wherever in a kept answer somebody is quoted: of reports, of rows of batches, and of what was read of codes.
_CITED = """
SELECT DISTINCT cited ->> 'document', (cited ->> 'start')::int, (cited ->> 'end')::int, cited ->> 'quote'
FROM (SELECT report AS kept FROM analyses UNION ALL SELECT outcome FROM job_rows WHERE outcome IS NOT NULL) AS answers,
     jsonb_path_query(kept, '$.**{0 to 8} ? (@.document.type() == "string" && @.quote.type() == "string"
                                             && @.start.type() == "number" && @.end.type() == "number")') AS cited
UNION
SELECT document_id, start, "end", quote FROM standards WHERE document_id IS NOT NULL
ORDER BY 1, 2, 3
"""
_DOCUMENT = "SELECT text, superseded_at IS NULL, municipality_id > 0 FROM documents WHERE id = %s"
_SPANS = 'SELECT start, "end" FROM chunks WHERE generation = %s AND document_id = %s'
Cited = tuple[str, int, int, str]


async def towns_held(connection: psycopg.AsyncConnection, generation: int, against: int | None) -> list[Town]:
    """Every town that has a document, by name; those of tenants as one without a name."""
    others = {} if against is None else {row[0]: Held(*row[3:]) for row in await _towns(connection, against)}
    return [
        Town(*row[:3], Held(*row[3:]), others.get(row[0], None if against is None else Held()))
        for row in await _towns(connection, generation)
    ]


async def _towns(
    connection: psycopg.AsyncConnection, generation: int
) -> list[tuple[str, int, int, int, int, int, int, int]]:
    cursor = await connection.execute(_TOWNS, {"generation": generation})
    return await cursor.fetchall()


async def citations_held(connection: psycopg.AsyncConnection, generation: int) -> Citations:
    """Whether each quote of what is kept stands where it is said to, and is found by the generation. In a transaction."""
    checked = orphaned = unindexed = 0
    examples: list[str] = []
    orphans: list[str] = []
    async for document, cited in _by_document(connection):
        broken, missed, shared = await _of_document(connection, generation, document, cited)
        checked += len(cited)
        orphaned += len(broken)
        unindexed += len(missed)
        if shared:
            examples += [f"{document} [{start}:{end}]" for _, start, end, _ in missed]
            orphans += [f"{document} [{start}:{end}]" for _, start, end, _ in broken]
    return Citations(checked, orphaned, unindexed, tuple(examples[:SHOWN]), tuple(orphans[:SHOWN]))


async def _of_document(
    connection: psycopg.AsyncConnection, generation: int, document: str, cited: Sequence[Cited]
) -> tuple[list[Cited], list[Cited], bool]:
    """Of a document's quotes those that are orphaned and those that are not indexed; whether everybody may see it."""
    row = await (await connection.execute(_DOCUMENT, (document,))).fetchone()
    if row is None:
        return list(cited), [], True
    text, is_current, shared = row
    broken = [each for each in cited if text[each[1] : each[2]] != each[3]]
    if not is_current:  # it is read where it is cited, and searched no more
        return broken, [], shared
    spans: list[Span] = await (await connection.execute(_SPANS, (generation, document))).fetchall()
    missed = [each for each in cited if each not in broken and not overlaps(spans, each[1], each[2])]
    return broken, missed, shared


async def _by_document(connection: psycopg.AsyncConnection) -> AsyncIterator[tuple[str, list[Cited]]]:
    """Quotes by the document that they are of, as they come from the database."""
    async with connection.cursor("cited") as cursor:
        await cursor.execute(_CITED)
        open_one: list[Cited] = []
        while rows := await cursor.fetchmany(1_000):
            for document, group in groupby([*open_one, *rows], key=lambda row: row[0]):
                if open_one and open_one[0][0] != document:
                    yield open_one[0][0], open_one
                open_one = list(group)
        if open_one:
            yield open_one[0][0], open_one
