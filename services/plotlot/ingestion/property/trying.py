"""Whether the sources of a configuration answer, and have the fields that are asked for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from yarl import URL

from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.property.configuration import Geocoder, ParcelLayer, PropertySources, ZoningLayer
from plotlot.ingestion.property.esri import document_in, names_in
from plotlot.ingestion.property.layers import Asking, Asks


@dataclass(frozen=True, slots=True)
class Trial:
    """A server that was asked; ``problem`` is empty where it can be used."""

    server: str
    host: str
    problem: str = ""


async def tried(sources: PropertySources, client: Asks) -> Sequence[Trial]:
    """Every server, asked what it has: no address is sent."""
    asking = Asking(client, keep=False)
    return await asyncio.gather(*(_tried(asking, server) for server in sources.servers))


async def _tried(asking: Asking, server: Geocoder | ParcelLayer | ZoningLayer) -> Trial:
    host = URL(server.url).host or ""
    try:
        if isinstance(server, Geocoder):
            await _knows_benchmark(asking, server)
        else:
            await _has_fields(asking, server)
    except SourceUnavailable as error:
        return Trial(server.name, host, error.message)
    return Trial(server.name, host)


async def _has_fields(asking: Asking, layer: ParcelLayer | ZoningLayer) -> None:
    """Raises SourceUnavailable where the layer lacks a field that is asked for."""
    answer = await asking.get(URL(layer.url).with_query(f="json"), layer.name)
    document = document_in(answer.content, layer.name)
    if not document.get("fields"):
        raise SourceUnavailable(f"{layer.name} lists no fields: {layer.url} is no layer")
    names_in(document, (), layer.name, layer.fields)


async def _knows_benchmark(asking: Asking, geocoder: Geocoder) -> None:
    """Raises SourceUnavailable where the geocoder has no data under the configured name."""
    answer = await asking.get(URL(f"{geocoder.url}/benchmarks"), geocoder.name)
    listed = document_in(answer.content, geocoder.name).get("benchmarks")
    names = (
        [each.get("benchmarkName") for each in listed if isinstance(each, dict)]
        if isinstance(listed, list)
        else []
    )
    if geocoder.benchmark not in names:
        raise SourceUnavailable(
            f"{geocoder.name} has no benchmark {geocoder.benchmark}, but {', '.join(map(str, names))}"
        )
