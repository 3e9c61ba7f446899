"""What extraction reads from a code, before it serves and while it does: how many districts, and which fields they have."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.domain.expectations import Read
from plotlot.rpc.errors import calling

if TYPE_CHECKING:
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceAsyncStub

log = logging.getLogger(__name__)


class Standards(Protocol):
    """Reads codes."""

    async def of_serving(self, municipality: str) -> Read | None:
        """What was read of the code that serves; None where that was not read."""

    async def read(self, municipality: str, documents: Sequence[str]) -> Read:
        """What is read of a code of stored documents. Raises UnavailableError where nobody can read now."""


class ExtractedStandards:
    """Asks the extraction service."""

    def __init__(self, extraction: "ExtractionServiceAsyncStub") -> None:
        self._extraction = extraction

    async def of_serving(self, municipality: str) -> Read | None:
        """What was read of the code that serves; None where that was not read."""
        request = extraction_pb2.CountStandardsRequest(municipalities=[municipality])
        with calling("extraction"):
            response = await self._extraction.CountStandards(request)
        return next((read_of(counts) for counts in response.counts), None)

    async def read(self, municipality: str, documents: Sequence[str]) -> Read:
        """What is read of a code of stored documents. Raises UnavailableError where nobody can read now."""
        request = extraction_pb2.ReadCodeRequest(municipality=municipality, documents=documents)
        with calling("extraction"):
            response = await self._extraction.ReadCode(request)
        districts, carried = response.counts.districts, response.carried
        log.info("%s: %d districts were read, %d of them carried over", municipality, districts, carried)
        return read_of(response.counts)


def read_of(counts: extraction_pb2.StandardCounts) -> Read:
    """Counts as expectations have them."""
    return Read(counts.districts, {field.field: field.districts for field in counts.fields})
