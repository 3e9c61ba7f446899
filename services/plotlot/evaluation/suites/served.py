"""Standards as a running PlotLot answers them: whichever engine its bundle names, a model's too."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from plotlot.domain.bundles import Bundle, bundle_from
from plotlot.domain.districts import district_key
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.standards import Citation, District, Formula, Standard, Status
from plotlot.evaluation.extraction import Reading, compared, files_of, folder_of, parsed_towns
from plotlot.evaluation.stack import Stack
from plotlot.evaluation.towns import Town


@dataclass(frozen=True)
class ServedReading:
    """The standards that were answered for the districts asked about."""

    standards: Mapping[str, Sequence[Standard]]

    def district(self, code: str) -> District | None:
        """The district of a code, where it was answered."""
        key = district_key(code)
        return next((District(known) for known in self.standards if district_key(known) == key), None)


def with_engine(bundle: Bundle, engine: str) -> Bundle:
    """The bundle with another engine."""
    parameters = bundle.parameters
    extraction = replace(parameters.extraction, engine=engine)
    return bundle_from(replace(bundle, parameters=replace(parameters, extraction=extraction)).manifest())


async def served_result(stack: Stack, rows: Sequence[Mapping[str, Any]], documents: Path) -> dict[str, Any]:
    """What ``evaluation.extraction.evaluate`` gives, of what the stack answers. A district without an answer lacks."""
    parsed = await asyncio.to_thread(parsed_towns, rows, documents)
    readings: dict[str, Reading] = {}
    for folder in parsed:
        name = next(row["municipality"] for row in rows if folder_of(row) == folder)
        await stack.ingest([Town(name, tuple(files_of(documents / folder)))], lenient=True)
        wanted = sorted({row["district"] for row in rows if folder_of(row) == folder})
        readings[folder] = await served_reading(stack, name, wanted)
    return compared(rows, parsed, readings)


async def served_reading(stack: Stack, town: str, wanted: Sequence[str]) -> ServedReading:
    """The standards of some districts of a town. Raises ServiceUnavailable where the engine does not answer."""
    found: dict[str, list[Standard]] = {}
    for district in wanted:
        path = f"/v1/municipalities/{quote(town, safe='')}/districts/{quote(district, safe='')}/standards"
        answer = await stack.client.get(path)
        if answer.status_code >= 500:
            raise ServiceUnavailable(f"{town}, {district}: {answer.text[:300]}")
        if answer.status_code < 400:
            document = answer.json()
            found[document["district"]] = [standard_of(one) for one in document["standards"]]
    return ServedReading(found)


def standard_of(values: Mapping[str, Any]) -> Standard:
    """A standard of the REST API."""
    citation, formula = values["citation"], values["formula"]
    return Standard(
        field=values["field"],
        status=Status(values["status"]),
        value=values["value"],
        unit=values["unit"],
        citation=Citation(**citation) if citation else None,
        engine=values["engine"],
        confidence=values["confidence"],
        conditions=values["conditions"],
        quoted_value=values["quoted_value"],
        quoted_unit=values["quoted_unit"],
        formula=Formula(**formula) if formula else None,
        note=values["note"],
    )
