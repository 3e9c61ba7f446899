"""Readings of codes, made once for each state of a code by each engine, and kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from plotlot.domain.bundles import Extraction
from plotlot.domain.errors import InvalidRequest, UnknownDistrict
from plotlot.domain.municipalities import municipality_key
from plotlot.extraction.carrying_over import CarryingOver
from plotlot.extraction.code import StoredCode, code_digest
from plotlot.extraction.counts import StandardCounts, count_reading, count_standards
from plotlot.extraction.engines import Engines
from plotlot.extraction.presenting import Shown, shown
from plotlot.extraction.store import StoredDistrict, StoredReading
from plotlot.rpc.flights import Flights
from plotlot.store.documents import current_code, load_texts, stored_code
from plotlot.store.municipalities import unknown_municipality
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics


class Library:
    """Answers from kept readings; reads a code where its current state was not read yet."""

    def __init__(self, database: Database, engines: Engines, metrics: Metrics) -> None:
        self._database = database
        self._engines = engines
        self._metrics = metrics
        self._flights: Flights[Any] = Flights()

    async def districts(self, municipality: str, parameters: Extraction) -> StoredReading:
        """The reading of a municipality's current code by the engine that the parameters name."""
        engine = self._engines.named(parameters.engine)
        code = await self._code(municipality)
        return await code.reading(engine, parameters)

    async def standards(
        self, municipality: str, district: str, parameters: Extraction
    ) -> tuple[StoredDistrict, Shown]:
        """The standards of one district. Raises UnknownDistrict with those that are near."""
        engine = self._engines.named(parameters.engine)
        code = await self._code(municipality)
        reading, found = await code.district(engine, parameters, district)
        if found is None:
            raise unknown_district(district, municipality, [one.code for one in reading.districts])
        read = await code.standards_in(reading, found)
        # Whole quotes were verified when they were read: only those that are cut need the texts.
        cited = {one.citation.document for one in read if one.citation} if parameters.longest_quote else ()
        texts = {}
        if cited:
            async with self._database.connection(reads=True) as connection:
                texts = await load_texts(connection, cited)
        return found, shown(read, parameters, texts)

    async def counts(
        self, municipalities: Sequence[str], parameters: Extraction
    ) -> Mapping[str, StandardCounts]:
        """How much the engine that the parameters name read of codes so far; those it did not read are left out."""
        engine = await self._engines.named(parameters.engine).reading_name(parameters)
        keys = {name: municipality_key(name) for name in municipalities}
        async with self._database.connection(reads=True) as connection:
            found = await count_standards(connection, list(keys.values()), engine)
        return {name: found[key] for name, key in keys.items() if key in found}

    async def read_code(
        self, municipality: str, documents: Sequence[str], parameters: Extraction
    ) -> tuple[StandardCounts, int]:
        """What a code of stored documents comes to, which need not serve yet, and how many of its districts were carried over
        from the state that does. Raises InvalidRequest for documents that are not there."""
        async with self._database.connection(reads=True) as connection:
            town, serving = await current_code(connection, municipality)
            code = await stored_code(connection, town, documents)
        if len(code) != len(set(documents)) or not code:
            raise InvalidRequest("documents of the code are not stored", field="documents")
        engine = self._engines.named(parameters.engine)
        name = await engine.reading_name(parameters)
        stored = StoredCode(
            self._database, self._flights, self._metrics, town, code, serving=code_digest(serving)
        )
        over = CarryingOver(self._database, self._engines, town, serving, code)
        carried = await over.unaffected()
        reading = await stored.reading(engine, parameters)
        carried |= await over.affected_in_part(name, reading)
        async with self._database.connection(reads=True) as connection:
            return await count_reading(connection, reading.id), carried.get(name, 0)

    async def close(self, grace_seconds: float) -> None:
        """Let what is being read be read, for a time, then give it up."""
        await self._flights.close(grace_seconds)

    async def _code(self, municipality: str) -> StoredCode:
        async with self._database.connection(reads=True) as connection:
            town, current = await current_code(connection, municipality)
        if not current:  # its parcels were imported, and nothing was read
            raise unknown_municipality(municipality, [])
        return StoredCode(self._database, self._flights, self._metrics, town, current)


def unknown_district(district: str, municipality: str, codes: Sequence[str]) -> UnknownDistrict:
    """The error for a district that the code does not define."""
    near = [match[0] for match in process.extract(district, codes, scorer=fuzz.WRatio, limit=3)]
    known = f"; it defines {', '.join(codes[:20])}" if codes else "; no district was found in it"
    return UnknownDistrict(
        f"the code of {municipality} defines no district {district!r}{known}",
        field="district",
        suggestions=near,
    )
