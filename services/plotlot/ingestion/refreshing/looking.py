"""Looks at a code that was fetched beside the one that serves: all that is expected of it, and what changed."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from plotlot.domain.access import LOCAL
from plotlot.domain.coverage import ListedTown, Misgiving, Place, SectionChange, section_changes
from plotlot.domain.documents import Document
from plotlot.domain.expectations import Look, Signs, repeated_share, signs_of, unmet, unmet_of_reading
from plotlot.ingestion.refreshing.standards import Standards
from plotlot.ingestion.section_changes import digest_of, section_digests
from plotlot.store.documents import load_documents
from plotlot.store.pool import Database


class OwnExpectations(Protocol):
    """What an operator expects of codes besides."""

    def misgivings(self, documents: Sequence[Document]) -> list[Misgiving]:
        """What is not so of all documents of a code."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to say against a code, what changed in it, and of what parsers warned."""

    misgivings: tuple[Misgiving, ...]
    changes: tuple[SectionChange, ...]
    warnings: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one document shows."""

    signs: Signs
    digests: dict[Place, str]
    texts: tuple[tuple[str, int], ...]


class Looking:
    """Looks at documents in the store. ``standards`` are read where that is set up; ``own`` is what an operator expects."""

    def __init__(
        self, database: Database, standards: Standards | None = None, own: OwnExpectations | None = None
    ) -> None:
        self._database, self._standards, self._own = database, standards, own

    async def compare(self, town: ListedTown, before: Sequence[str], now: Sequence[str]) -> Found:
        """What the documents ``now`` are beside those that serve; documents of both are not looked at anew."""
        gone = await self._seen(set(before) - set(now))
        come = await self._seen(set(now) - set(before))
        today, dated = await self._dates(town.municipality)
        old = replace(_look(gone), dated=dated if before else None)
        new = replace(_look(come), dated=_day(town.dated))
        found = [*unmet(old, new, today), *await self._unmet_of_own(now)]
        if before and not found:  # nothing is read of what is held back anyway
            found += await self._unmet_of_reading(town.municipality, now)
        changes = section_changes(_together(gone), _together(come)) if before else ()
        return Found(tuple(found), changes, await self._warnings(now))

    async def read(self, municipality: str, documents: Sequence[str]) -> None:
        """Have the standards of a code read that nothing was there to compare with."""
        if self._standards is not None and await self._standards.of_serving(municipality) is None:
            await self._standards.read(municipality, documents)

    async def _unmet_of_reading(self, municipality: str, documents: Sequence[str]) -> tuple[Misgiving, ...]:
        if self._standards is None:
            return ()
        before = await self._standards.of_serving(municipality)
        now = await self._standards.read(municipality, documents)
        return tuple(unmet_of_reading(before, now))

    async def _unmet_of_own(self, documents: Sequence[str]) -> list[Misgiving]:
        if self._own is None:
            return []
        async with self._database.connection(LOCAL, reads=True) as connection:
            loaded = [document async for _, document in load_documents(connection, documents)]
        return await asyncio.to_thread(self._own.misgivings, loaded)

    async def _seen(self, documents: Collection[str]) -> list[_Seen]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            return [
                await asyncio.to_thread(_seen, document)
                async for _, document in load_documents(connection, sorted(documents))
            ]

    async def _dates(self, municipality: str) -> tuple[date, date | None]:
        """The database's day, by which all workers count, and that of the supplement which serves."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT current_date, (SELECT dated FROM covered_towns WHERE municipality = %s)",
                (municipality,),
            )
            row = await cursor.fetchone()
        assert row is not None, "it has no condition"
        return row[0], _day(row[1] or "")

    async def _warnings(self, documents: Sequence[str]) -> int:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT coalesce(sum(cardinality(warnings)), 0) FROM documents WHERE id = ANY(%s)",
                (list(documents),),
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else 0


def _seen(document: Document) -> _Seen:
    texts = (document.own_text(section.ordinal).strip() for section in document.sections[1:])
    return _Seen(
        signs_of(document),
        section_digests(document),
        tuple((digest_of(text), len(text)) for text in texts),
    )


def _look(seen: Sequence[_Seen]) -> Look:
    return Look(tuple(one.signs for one in seen), repeated_share(text for one in seen for text in one.texts))


def _together(seen: Iterable[_Seen]) -> dict[Place, str]:
    return {place: digest for one in seen for place, digest in one.digests.items()}


def _day(written: str) -> date | None:
    """A day as a publisher writes it; None where it is none."""
    with suppress(ValueError):
        return date.fromisoformat(written[:10])
    return None
