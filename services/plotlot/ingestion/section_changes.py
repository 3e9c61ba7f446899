"""Which sections of a town's code changed: noted where another state of it takes its place, whoever brings it in."""

import asyncio
from collections.abc import Iterable, Sequence
from hashlib import sha256

import psycopg

from plotlot.domain.coverage import Place, SectionChange, section_changes
from plotlot.domain.documents import Document
from plotlot.store.documents import load_documents


async def note_changes(
    connection: psycopg.AsyncConnection, town: int, before: Sequence[str], now: Sequence[str]
) -> tuple[SectionChange, ...]:
    """Keep what became of a town's sections as its documents change; nothing where none served before."""
    found = await changes_between(connection, before, now) if before else ()
    await connection.cursor().executemany(
        "INSERT INTO section_changes (municipality_id, document, section, change) VALUES (%s, %s, %s, %s)",
        [(town, *one.place, one.change) for one in found],
    )
    return found


async def changes_between(
    connection: psycopg.AsyncConnection, before: Iterable[str], now: Iterable[str]
) -> tuple[SectionChange, ...]:
    """What became of the sections; documents that stayed are not read."""
    old, new = set(before), set(now)
    gone, come = ({}, {})  # type: dict[Place, str], dict[Place, str]
    for documents, digests in ((sorted(old - new), gone), (sorted(new - old), come)):
        async for _, document in load_documents(connection, documents):
            digests |= await asyncio.to_thread(section_digests, document)
    return section_changes(gone, come)


def section_digests(document: Document) -> dict[Place, str]:
    """The digest of the words of sections' own texts at each place; where several have one path, of all of them."""
    texts: dict[Place, list[str]] = {}
    for section in document.sections[1:]:
        place = (document.name, document.section_path(section.ordinal))
        texts.setdefault(place, []).append(" ".join(document.own_text(section.ordinal).split()))
    return {place: digest_of("\0".join(own)) for place, own in texts.items()}


def digest_of(text: str) -> str:
    """Tells texts apart."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
