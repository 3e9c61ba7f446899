"""Keeps readings of a code's next state that need not be read: all of one, or those districts that nothing bears on."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from plotlot.domain.districts import district_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.carrying import Carrying, Read
from plotlot.extraction.code import code_digest
from plotlot.extraction.engine import Districts
from plotlot.extraction.engines import Engines
from plotlot.extraction.store import StoredReading, list_readings, load_standards, save_reading
from plotlot.store.documents import load_documents
from plotlot.store.pool import Database

Code = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Old:
    """A reading of the state that serves, with what the next state bears on of it."""

    reading: StoredReading
    read: Sequence[Read]
    affected: frozenset[str] | None


class CarryingOver:
    """From the state of a code that serves to another one; each by ids and digests of its documents."""

    def __init__(self, database: Database, engines: Engines, town: int, serving: Code, code: Code) -> None:
        self._database, self._engines, self._town = database, engines, town
        self._serving, self._code = serving, code
        self._digest = code_digest(code)
        self._carrying: Carrying | None = None
        self._olds: Mapping[str, _Old] = {}

    async def unaffected(self) -> dict[str, int]:
        """Keep the readings that no changed section bears on: the districts of each, by the name it was read under."""
        if not self._serving or code_digest(self._serving) == self._digest:
            return {}
        await self._look()
        free = {name: old for name, old in self._olds.items() if old.affected == frozenset()}
        return {name: await self._keep(name, old) for name, old in free.items()}

    async def affected_in_part(self, name: str, now: StoredReading) -> dict[str, int]:
        """Keep what stands of the other readings whose districts are read one by one, where ``now``, read under a name,
        found the same districts as before; the rest of them is read when it is asked for."""
        own = self._olds.get(name)
        if own is None or _districts(own.reading) != _districts(now):
            return {}
        return {
            other: await self._keep(other, old)
            for other, old in self._olds.items()
            if other != name and old.affected and not self._engines.reads_whole(other)
        }

    async def _look(self) -> None:
        """Load the readings and the documents that are not of both states."""
        before, now = ({document for document, _ in code} for code in (self._serving, self._code))
        async with self._database.connection(reads=True) as connection:
            readings = await list_readings(connection, self._town, code_digest(self._serving))
            done = await list_readings(connection, self._town, self._digest)
            wanted = {name: reading for name, reading in readings.items() if name not in done}
            if not wanted:
                return
            read = {name: await _loaded(connection, reading) for name, reading in wanted.items()}
            gone = await _documents(connection, before - now)
            come = await _documents(connection, now - before)
        self._carrying = carrying = await asyncio.to_thread(Carrying, gone, come)
        self._olds = {
            name: _Old(reading, read[name], await asyncio.to_thread(carrying.affected, read[name]))
            for name, reading in wanted.items()
        }

    async def _keep(self, name: str, old: _Old) -> int:
        """Store what stands of a reading as one of the new state: how many districts do."""
        assert self._carrying is not None, "it was looked at"
        assert old.affected is not None, "not all of it is to be read anew"
        kept = [
            one
            for one in old.read
            if one.standards is not None and district_key(one.district.code) not in old.affected
        ]
        standards = {
            one.district.code: [self._carrying.moved(each) for each in one.standards or ()] for one in kept
        }
        dropped = old.reading.dropped if not old.affected else sum(one.dropped for one in kept)
        reading = Districts([one.district for one in old.read], standards, dropped)
        async with self._database.connection() as connection:
            serving = code_digest(self._serving)
            await save_reading(connection, self._town, self._digest, name, reading, serving)
        return len(kept)


async def _loaded(connection: psycopg.AsyncConnection, reading: StoredReading) -> list[Read]:
    return [
        Read(
            District(one.code, one.name),
            await load_standards(connection, reading.id, one.ordinal) if one.read else None,
            one.dropped,
        )
        for one in reading.districts
    ]


async def _documents(connection: psycopg.AsyncConnection, ids: Iterable[str]) -> dict[str, Document]:
    return {stored: document async for stored, document in load_documents(connection, sorted(ids))}


def _districts(reading: StoredReading) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in reading.districts]
