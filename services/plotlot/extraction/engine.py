"""What an engine that reads codes does, and what it is given to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from plotlot.domain.bundles import Extraction
from plotlot.domain.documents import Document
from plotlot.domain.standards import District, Standard


class CodeReading(Protocol):
    """What an engine reads from a whole code."""

    @property
    def districts(self) -> Sequence[District]:
        """Every district that the code defines."""

    @property
    def standards(self) -> Mapping[str, Sequence[Standard]]:
        """The standards of each district, by its code; those that are absent are read when they are asked for."""

    @property
    def dropped(self) -> int:
        """Values whose citation did not verify."""


@dataclass(frozen=True, slots=True)
class Districts:
    """A reading of the districts alone."""

    districts: Sequence[District]
    standards: Mapping[str, Sequence[Standard]]
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class DistrictReading:
    """The standards of one district, and how many values were dropped for a citation that did not verify."""

    standards: tuple[Standard, ...]
    dropped: int = 0


class Code(Protocol):
    """One state of a municipality's code, and what was read from it."""

    @property
    def digest(self) -> str:
        """Names this state."""

    async def documents(self) -> tuple[Sequence[Document], Mapping[str, str]]:
        """The documents, and their stored ids by name."""

    async def districts(self, engine: "Engine", parameters: Extraction) -> Sequence[District]:
        """The districts that an engine found, read now where that was not done yet."""

    async def standards(self, engine: "Engine", parameters: Extraction, district: str) -> Sequence[Standard]:
        """What an engine read for a district; nothing where it found no such district."""


class Engine(Protocol):
    """Reads codes; safe to call for several codes at once."""

    @property
    def name(self) -> str:
        """Its name in bundles: what it is, and the version of how it reads."""

    async def reading_name(self, parameters: Extraction) -> str:
        """What readings are kept under: the name, and whatever else changes what is read."""

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        """The districts of a code, and the standards of those that it reads at once."""

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        """The standards of a district that ``read`` left out."""
