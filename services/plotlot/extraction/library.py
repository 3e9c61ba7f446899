"""Readings of codes, made once for each state of a code and kept."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

from rapidfuzz import fuzz, process

from plotlot.domain.bundles import Extraction
from plotlot.domain.districts import district_key
from plotlot.domain.documents import Document
from plotlot.domain.errors import UnknownDistrict
from plotlot.domain.standards import District, Standard
from plotlot.extraction.presenting import Shown, shown
from plotlot.extraction.store import (
    StoredDistrict,
    StoredReading,
    find_reading,
    load_standards,
    save_reading,
)
from plotlot.store.documents import current_code, load_document, load_texts
from plotlot.store.municipalities import municipality_id, unknown_municipality
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics


class CodeReading(Protocol):
    """What an engine reads from a whole code."""

    @property
    def districts(self) -> Sequence[District]:
        """Every district that the code defines."""

    @property
    def standards(self) -> Mapping[str, Sequence[Standard]]:
        """The standards of each district, by its code."""

    @property
    def dropped(self) -> int:
        """Values whose citation did not verify."""


ReadCode = Callable[[Sequence[Document], Mapping[str, str]], CodeReading]
"""Documents, and their stored ids by name, to a reading."""


class Library:
    """Answers from kept readings; reads a code where its current state was not read yet."""

    def __init__(self, database: Database, engine: str, read_code: ReadCode, metrics: Metrics) -> None:
        self._database = database
        self.engine = engine
        self._read_code = read_code
        self._metrics = metrics
        self._reading = asyncio.Lock()

    async def districts(self, municipality: str) -> StoredReading:
        """The reading of a municipality's current code."""
        async with self._database.connection() as connection:
            town = await municipality_id(connection, municipality)
            code = await current_code(connection, town)
            if not code:  # its parcels were imported, and nothing was read
                raise unknown_municipality(municipality, [])
            digest = code_digest(code)
            found = await find_reading(connection, town, digest, self.engine)
        if found is None:
            async with self._reading:
                found = await self._read(town, code, digest)
        return found

    async def standards(
        self, municipality: str, district: str, parameters: Extraction
    ) -> tuple[StoredDistrict, Shown]:
        """The standards of one district. Raises UnknownDistrict with those that are near."""
        reading = await self.districts(municipality)
        wanted = district_key(district)
        for candidate in reading.districts:
            if district_key(candidate.code) == wanted:
                async with self._database.connection() as connection:
                    read = await load_standards(connection, reading.id, candidate.ordinal)
                    # Whole quotes were verified when they were read: only those that are cut need the texts.
                    cited = {one.citation.document for one in read if one.citation}
                    texts = await load_texts(connection, cited) if parameters.longest_quote else {}
                return candidate, shown(read, parameters, texts)
        raise unknown_district(district, municipality, [found.code for found in reading.districts])

    async def _read(self, town: int, code: Sequence[tuple[str, str]], digest: str) -> StoredReading:
        async with self._database.connection() as connection:
            found = await find_reading(connection, town, digest, self.engine)
            if found is not None:
                return found
            documents = [await load_document(connection, document) for document, _ in code]
        ids = {document.name: stored for document, (stored, _) in zip(documents, code, strict=True)}
        reading = await asyncio.to_thread(self._read_code, documents, ids)
        self._count(reading)
        async with self._database.connection() as connection:
            await save_reading(
                connection,
                town,
                digest,
                self.engine,
                reading.districts,
                reading.standards,
                reading.dropped,
            )
            stored = await find_reading(connection, town, digest, self.engine)
        assert stored is not None
        return stored

    def _count(self, reading: CodeReading) -> None:
        shown = sum(
            standard.citation is not None
            for standards in reading.standards.values()
            for standard in standards
        )
        self._metrics.citations.labels("verified").inc(shown)
        self._metrics.citations.labels("dropped").inc(reading.dropped)


def code_digest(code: Sequence[tuple[str, str]]) -> str:
    """Digest of a code's current documents and their texts."""
    return sha256("\n".join(" ".join(document) for document in code).encode()).hexdigest()


def unknown_district(district: str, municipality: str, codes: Sequence[str]) -> UnknownDistrict:
    """The error for a district that the code does not define."""
    near = [match[0] for match in process.extract(district, codes, scorer=fuzz.WRatio, limit=3)]
    known = f"; it defines {', '.join(codes[:20])}" if codes else "; no district was found in it"
    return UnknownDistrict(
        f"the code of {municipality} defines no district {district!r}{known}",
        field="district",
        suggestions=near,
    )
