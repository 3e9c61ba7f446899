"""One state of a municipality's code in the store, with what each engine has read from it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

from plotlot.domain.bundles import Extraction
from plotlot.domain.documents import Document
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.standards import District, Standard
from plotlot.extraction.engine import Engine
from plotlot.extraction.store import (
    StoredDistrict,
    StoredReading,
    find_reading,
    load_standards,
    save_district,
    save_reading,
)
from plotlot.rpc.context import current_request
from plotlot.rpc.flights import Flights
from plotlot.store.documents import load_documents
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

Result = TypeVar("Result")


class StoredCode:
    """Finds readings, and makes those that are missing: each once, whoever asks for it at the same time."""

    def __init__(
        self,
        database: Database,
        flights: Flights[Any],
        metrics: Metrics,
        town: int,
        current: Sequence[tuple[str, str]],
        serving: str = "",
    ) -> None:
        """``serving`` is the digest of the state that serves, where this is another one."""
        self.digest = code_digest(current)
        self._serving = serving
        self._database = database
        self._flights = flights
        self._metrics = metrics
        self._town = town
        self._current = current
        self._loading = asyncio.Lock()
        self._documents: list[Document] | None = None

    async def documents(self) -> tuple[Sequence[Document], Mapping[str, str]]:
        """The documents, loaded once, and their stored ids by name."""
        async with self._loading:
            if self._documents is None:
                async with self._database.connection() as connection:
                    self._documents = [
                        document
                        async for _, document in load_documents(
                            connection, [stored for stored, _ in self._current]
                        )
                    ]
        pairs = zip(self._documents, self._current, strict=True)
        return self._documents, {document.name: stored for document, (stored, _) in pairs}

    async def reading(self, engine: Engine, parameters: Extraction) -> StoredReading:
        """The reading by an engine; a district of it may not be read yet."""
        name = await engine.reading_name(parameters)
        found = await self._find(name)
        if found is not None:
            return found
        key = (self._town, self.digest, name)
        read: StoredReading = await self._flights.join(
            key,
            lambda: found_or_made(lambda: self._find(name), lambda: self._read(engine, name, parameters)),
        )
        return read

    async def district(
        self, engine: Engine, parameters: Extraction, spelling: str
    ) -> tuple[StoredReading, StoredDistrict | None]:
        """The reading by an engine, and the district in it that a spelling means, read now where it was not yet."""
        reading = await self.reading(engine, parameters)
        found = reading.district(spelling)
        if found is None or found.read:
            return reading, found
        number, unread = reading.id, found
        await self._flights.join(
            (number, unread.ordinal),
            lambda: found_or_made(
                lambda: self._find_district(engine, parameters, unread.ordinal),
                lambda: self._read_district(engine, parameters, number, unread),
            ),
        )
        reading = await self.reading(engine, parameters)
        return reading, reading.district(spelling)

    async def standards_in(self, reading: StoredReading, district: StoredDistrict) -> list[Standard]:
        """The standards of a district that was read."""
        async with self._database.connection(reads=True) as connection:
            found = await load_standards(connection, reading.id, district.ordinal)
        if not found:  # every field of a district has at least one, if only to say that it is not stated
            raise ServiceUnavailable("the code changed while it was read; try again")
        return found

    async def districts(self, engine: Engine, parameters: Extraction) -> Sequence[District]:
        """The districts that an engine found."""
        reading = await self.reading(engine, parameters)
        return [District(found.code, found.name) for found in reading.districts]

    async def standards(self, engine: Engine, parameters: Extraction, district: str) -> Sequence[Standard]:
        """What an engine read for a district; nothing where it found no such district."""
        reading, found = await self.district(engine, parameters, district)
        return await self.standards_in(reading, found) if found else ()

    async def _find(self, name: str) -> StoredReading | None:
        async with self._database.connection(reads=True) as connection:
            return await find_reading(connection, self._town, self.digest, name)

    async def _read(self, engine: Engine, name: str, parameters: Extraction) -> StoredReading:
        reading = await engine.read(self, parameters)
        for standards in reading.standards.values():
            self._count(standards)
        self._metrics.citations.labels("dropped").inc(reading.dropped)
        async with self._database.connection() as connection:
            await save_reading(connection, self._town, self.digest, name, reading, self._serving)
            stored = await find_reading(connection, self._town, self.digest, name)
        assert stored is not None
        return stored

    async def _find_district(self, engine: Engine, parameters: Extraction, ordinal: int) -> int | None:
        """The ordinal of a district that was read."""
        now = await self._find(await engine.reading_name(parameters))
        read = {district.ordinal for district in now.districts if district.read} if now else set()
        return ordinal if ordinal in read else None

    async def _read_district(
        self, engine: Engine, parameters: Extraction, reading: int, district: StoredDistrict
    ) -> int:
        wanted = District(district.code, district.name)
        read = await engine.read_district(self, wanted, parameters)
        self._count(read.standards)
        self._metrics.citations.labels("dropped").inc(read.dropped)
        async with self._database.connection() as connection:
            await save_district(connection, reading, district.ordinal, read.standards, read.dropped)
        return district.ordinal

    def _count(self, standards: Sequence[Standard]) -> None:
        self._metrics.citations.labels("verified").inc(sum(one.citation is not None for one in standards))


def code_digest(code: Sequence[tuple[str, str]]) -> str:
    """Digest of a code's current documents and their texts."""
    return sha256("\n".join(" ".join(document) for document in code).encode()).hexdigest()


async def found_or_made(
    find: Callable[[], Coroutine[Any, Any, Result | None]], make: Callable[[], Coroutine[Any, Any, Result]]
) -> Result:
    """What is made only where it is not found: what was under way when the caller looked may have ended since.

    It has the time that it takes: whoever asked may leave.
    """
    request = current_request.get()
    if request is not None:  # of this task alone: it has a copy of its caller's context
        current_request.set(replace(request, deadline=None, hurried=False))
    found = await find()
    return found if found is not None else await make()
