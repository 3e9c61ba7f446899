"""An engine that reads a whole code at once, by computing alone."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from plotlot.domain.bundles import Extraction
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.engine import Code, CodeReading, DistrictReading

ReadCode = Callable[[Sequence[Document], Mapping[str, str]], CodeReading]
"""Documents, and their stored ids by name, to a reading; safe to call from several threads."""


class WholeCodeEngine:
    """Runs a function on a thread. ``reads_as`` is what its readings are kept under, where that says more."""

    def __init__(self, name: str, read_code: ReadCode, reads_as: str = "") -> None:
        self.name = name
        self._read_code = read_code
        self.reads_as = reads_as or name

    async def reading_name(self, parameters: Extraction) -> str:
        """The same for every bundle."""
        return self.reads_as

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        """The districts of a code and all their standards."""
        documents, ids = await code.documents()
        return await asyncio.to_thread(self._read_code, documents, ids)

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        """Never needed: nothing was left out."""
        raise AssertionError(f"{self.name} reads whole codes")
