"""The engine that asks several engines and shows what becomes of their readings together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plotlot.domain.bundles import Extraction
from plotlot.domain.districts import district_key
from plotlot.domain.errors import NoGenerator, ServiceUnavailable
from plotlot.domain.standards import District
from plotlot.extraction.engine import Code, CodeReading, DistrictReading, Districts, Engine
from plotlot.extraction.ensemble import ENGINE, Read, merged


@dataclass(frozen=True, slots=True)
class Member:
    """An engine, and the fields that are taken from it, each from a confidence on; None takes all."""

    engine: Engine
    joins: Mapping[str, float] | None = None


class EnsembleEngine:
    """Merges the kept readings of its members, the first the surest; a model joins where one is served."""

    name = ENGINE

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members

    async def reading_name(self, parameters: Extraction) -> str:
        """The engine with what each member's readings are kept under. Raises ServiceUnavailable for one alone."""
        return f"{self.name}: {' + '.join(name for _, name in await self._present(parameters))}"

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        """The districts that any member found, in the order of the first."""
        found: dict[str, District] = {}
        for member, _ in await self._present(parameters):
            for district in await code.districts(member.engine, parameters):
                found.setdefault(district_key(district.code), district)
        return Districts(tuple(found.values()), {})

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        """What the members' readings come to together."""
        members = [member for member, _ in await self._present(parameters)]
        readings = await asyncio.gather(
            *(code.standards(member.engine, parameters, district.code) for member in members)
        )
        pairs = zip(members, readings, strict=True)
        return DistrictReading(
            merged([Read(member.engine.name, standards, member.joins) for member, standards in pairs])
        )

    async def _present(self, parameters: Extraction) -> list[tuple[Member, str]]:
        """The members that can read here, each with what its readings are kept under."""
        present = []
        for member in self._members:
            try:
                present.append((member, await member.engine.reading_name(parameters)))
            except NoGenerator:
                continue
        if len(present) < 2:
            alone = ", ".join(member.engine.name for member, _ in present) or "none"
            raise ServiceUnavailable(
                f"{self.name} needs two engines, and here is {alone}: set PLOTLOT_GENERATION_URL where inference runs, "
                "or PLOTLOT_READER_MODEL for extraction"
            )
        return present
