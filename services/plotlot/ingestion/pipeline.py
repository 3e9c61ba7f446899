"""One document from bytes to the index: parse, chunk, embed, then write everything in one transaction."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Protocol

import psycopg

from plotlot.domain.access import LOCAL
from plotlot.domain.chunks import Chunk, chunk_document
from plotlot.domain.documents import Document, check_document
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.municipalities import municipality_key
from plotlot.ingestion.index import drop_superseded, index_document, written_generations
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.scans import OCR_MODES, Ocr, was_cut_short
from plotlot.ingestion.section_changes import note_changes
from plotlot.rpc.context import current_tenant
from plotlot.store.documents import save_document, serving
from plotlot.store.generations import hold_writing
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database

PARSER = "parsers/6"
EMBED_BATCH = 64
PROGRESS_SECONDS = 0.25
_NO_OCR = Ocr()
# Once a day: what shows when a document was fetched is then told anew, and answers that were kept of its town are not.
_STILL_SO = """
UPDATE documents SET retrieved_at = now()
WHERE id = %s AND parser = %s AND superseded_at IS NULL AND retrieved_at < now() - interval '1 day'
"""
# They go with the document that they cite, and a reading without them would be found as if it had read none.
_FORGET_READINGS = """
DELETE FROM readings WHERE municipality_id = %(town)s
    AND EXISTS (SELECT FROM standards WHERE reading_id = readings.id AND document_id = %(document)s)
"""
BATCHES_AT_ONCE = 2  # while one is on its way, the model works on the other


class EmbeddingClient(Protocol):
    """What the pipeline asks of inference."""

    async def model(self) -> tuple[str, int]:
        """Name and dimensions of the embedding model."""

    async def embed(self, texts: list[str], model: str = "") -> list[bytes]:
        """One little-endian float32 vector a text, by that model, or else by the default one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A stage under way: parse, ocr, chunk, embed or index."""

    stage: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a document."""

    document: str
    title: str
    changed: bool
    characters: int = 0
    sections: int = 0
    tables: int = 0
    chunks: int = 0
    warnings: tuple[str, ...] = field(default=())


class Pipeline:
    """Ingests documents into the store."""

    def __init__(self, database: Database, embeddings: EmbeddingClient, *, ocr: Ocr = _NO_OCR) -> None:
        self._database = database
        self._embeddings = embeddings
        self._ocr = ocr

    async def ingest(
        self, municipality: str, name: str, media_type: str, content: bytes, ocr: str = ""
    ) -> AsyncIterator[Progress | Ingested]:
        """Progress of each stage, the outcome last. Nothing is written unless all of it is.

        ``ocr`` is one of OCR_MODES, or empty for the pipeline's own.
        """
        if not municipality_key(municipality):
            raise InvalidRequest("say which municipality, e.g. 'Miami, FL'", field="municipality")
        document_id = document_identity(municipality, name, content, current_tenant())
        reading = replace(self._ocr, mode=ocr_mode(ocr or self._ocr.mode))
        stored = await self._stored(document_id, parser_name(reading.mode))
        if stored is not None:
            yield stored
            return
        yield Progress("parse")
        async with aclosing(parsed(name, content, media_type, reading)) as events:
            async for event in events:
                if isinstance(event, Progress):
                    yield event
                else:
                    document = event
        yield Progress("chunk")
        chunks = await asyncio.to_thread(chunk_document, document)
        vectors: list[bytes] = []
        yield Progress("embed", 0, len(chunks))
        async for batch in embedded(self._embeddings, document, chunks):
            vectors += batch
            yield Progress("embed", len(vectors), len(chunks))
        yield Progress("index", 0, len(chunks))
        await self._write(
            municipality, document_id, document, chunks, vectors, parser_name(reading.mode, document)
        )
        yield Ingested(
            document_id,
            document.title,
            True,
            len(document.text),
            len(document.sections) - 1,
            len(document.tables),
            len(chunks),
            document.warnings,
        )

    async def _write(
        self,
        municipality: str,
        document_id: str,
        document: Document,
        chunks: list[Chunk],
        vectors: list[bytes],
        parser: str,
    ) -> None:
        model, dimensions = await self._embeddings.model()
        async with self._database.connection() as connection:
            await hold_writing(connection)
            town = await ensure_municipality(connection, municipality)
            await lock_code(connection, town)
            generations = await written_generations(connection, model, dimensions)
            before = await serving(connection, town)
            await connection.execute(_FORGET_READINGS, {"town": town, "document": document_id})
            await connection.execute("DELETE FROM documents WHERE id = %s", (document_id,))
            await save_document(connection, document_id, town, document, parser)
            await note_changes(connection, town, before, await serving(connection, town))
            await index_document(connection, generations, town, document_id, document, chunks, vectors)
            await drop_superseded(connection, town)

    async def _stored(self, document_id: str, parser: str) -> Ingested | None:
        """The outcome of ingesting it before, where this parser did and it is still current: as of today, that is."""
        async with self._database.connection() as connection:
            await connection.execute(_STILL_SO, (document_id, parser))
            cursor = await connection.execute(
                "SELECT title, length(text),"
                " (SELECT count(*) - 1 FROM sections WHERE document_id = documents.id),"
                " jsonb_array_length(tables),"
                " (SELECT count(*) FROM chunks JOIN generations ON generations.id = generation"
                " WHERE document_id = documents.id AND status = 'live'), warnings"
                " FROM documents WHERE id = %s AND parser = %s AND superseded_at IS NULL",
                (document_id, parser),
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        title, characters, sections, tables, chunks, warnings = row
        return Ingested(document_id, title, False, characters, sections, tables, chunks, tuple(warnings))


def document_identity(municipality: str, name: str, content: bytes, tenant: str = LOCAL) -> str:
    """The id of a document: the same bytes under the same name in the same town of a tenant have the same id."""
    digest = sha256(content).hexdigest()
    owner = () if tenant == LOCAL else (tenant,)
    named = "\0".join((municipality_key(municipality), name, digest, *owner))
    return "doc-" + sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def ocr_mode(name: str) -> str:
    """The mode by its name. Raises InvalidRequest for another."""
    if name not in OCR_MODES:
        raise InvalidRequest(f"ocr is {' or '.join(OCR_MODES)}, not {name!r}", field="ocr")
    return name


def parser_name(mode: str, document: Document | None = None) -> str:
    """What a document is kept as read by; one that OCR had no time for is read anew when it comes again."""
    cut_short = document is not None and was_cut_short(document.warnings)
    return "+".join(
        [PARSER, *([] if mode == "off" else [f"ocr-{mode}"]), *(["cut-short"] if cut_short else [])]
    )


async def parsed(name: str, content: bytes, media_type: str, ocr: Ocr) -> AsyncGenerator[Progress | Document]:
    """Pages as OCR is done with them, the document last; nothing more is read once nobody listens."""
    told: deque[tuple[int, int]] = deque()
    stopped = threading.Event()
    heard = replace(ocr, told=lambda done, total: told.append((done, total)), stopped=stopped.is_set)
    work = asyncio.create_task(asyncio.to_thread(parse, name, content, media_type, ocr=heard))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=PROGRESS_SECONDS)
            while told:
                yield Progress("ocr", *told.popleft())
        yield work.result()
    finally:
        stopped.set()
        work.cancel()


def parse(name: str, content: bytes, media_type: str, *, ocr: Ocr | None = None) -> Document:
    """The parsed document, its spans checked."""
    document = parse_document(name, content, media_type, ocr=ocr)
    check_document(document)
    return document


async def embedded(
    embeddings: EmbeddingClient, document: Document, chunks: Sequence[Chunk], model: str = ""
) -> AsyncIterator[list[bytes]]:
    """The vectors of a document's chunks, in order, a batch at a time; the next is under way meanwhile."""
    asked: deque[asyncio.Task[list[bytes]]] = deque()
    try:
        for first in range(0, len(chunks), EMBED_BATCH):
            texts = [embedded_text(document, chunk) for chunk in chunks[first : first + EMBED_BATCH]]
            asked.append(asyncio.create_task(embeddings.embed(texts, model)))
            if len(asked) == BATCHES_AT_ONCE:
                yield await asked.popleft()
        while asked:
            yield await asked.popleft()
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def lock_code(connection: psycopg.AsyncConnection, municipality: int) -> None:
    """Let nobody else write the municipality's documents or their chunks until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (1, municipality))


def embedded_text(document: Document, chunk: Chunk) -> str:
    """What is embedded of a document's chunk."""
    return text_embedded(chunk.heading_path, document.text[chunk.start : chunk.end])


def text_embedded(heading_path: str, text: str) -> str:
    """What is embedded of a text: where it stands, then its words without layout."""
    words = " ".join(text.split())
    return f"{heading_path}\n{words}" if heading_path else words
