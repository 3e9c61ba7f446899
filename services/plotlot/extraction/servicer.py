"""ExtractionService: translates, and calls the library of readings."""

import grpc

from plotlot.api.extraction.v1 import extraction_pb2, extraction_pb2_grpc
from plotlot.extraction.counts import StandardCounts
from plotlot.extraction.library import Library
from plotlot.extraction.store import StoredDistrict
from plotlot.rpc.context import current_parameters
from plotlot.rpc.standards import standard_to_message


class ExtractionServicer(extraction_pb2_grpc.ExtractionServiceServicer):
    """Serves plotlot.api.extraction.v1.ExtractionService."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def ListDistricts(
        self, request: extraction_pb2.ListDistrictsRequest, context: grpc.aio.ServicerContext
    ) -> extraction_pb2.ListDistrictsResponse:
        """The districts that a municipality's code defines."""
        reading = await self._library.districts(request.municipality, current_parameters().extraction)
        return extraction_pb2.ListDistrictsResponse(
            districts=[district_to_message(district) for district in reading.districts],
            dropped=reading.dropped,
        )

    async def GetStandards(
        self, request: extraction_pb2.GetStandardsRequest, context: grpc.aio.ServicerContext
    ) -> extraction_pb2.GetStandardsResponse:
        """The standards of one district, as the bundle's parameters show them."""
        parameters = current_parameters().extraction
        district, found = await self._library.standards(request.municipality, request.district, parameters)
        return extraction_pb2.GetStandardsResponse(
            district=district_to_message(district),
            standards=[standard_to_message(standard) for standard in found.standards],
            dropped=found.dropped + district.dropped,
        )

    async def CountStandards(
        self, request: extraction_pb2.CountStandardsRequest, context: grpc.aio.ServicerContext
    ) -> extraction_pb2.CountStandardsResponse:
        """How much was read of codes so far."""
        found = await self._library.counts(request.municipalities, current_parameters().extraction)
        return extraction_pb2.CountStandardsResponse(
            counts=[counts_to_message(municipality, counts) for municipality, counts in found.items()]
        )

    async def ReadCode(
        self, request: extraction_pb2.ReadCodeRequest, context: grpc.aio.ServicerContext
    ) -> extraction_pb2.ReadCodeResponse:
        """What a code of stored documents comes to."""
        parameters = current_parameters().extraction
        counts, carried = await self._library.read_code(request.municipality, request.documents, parameters)
        return extraction_pb2.ReadCodeResponse(
            counts=counts_to_message(request.municipality, counts), carried=carried
        )


def counts_to_message(municipality: str, counts: StandardCounts) -> extraction_pb2.StandardCounts:
    """The counts of a municipality as their message."""
    return extraction_pb2.StandardCounts(
        municipality=municipality,
        districts=counts.districts,
        districts_read=counts.districts_read,
        stated=counts.stated,
        not_stated=counts.not_stated,
        conflicting=counts.conflicting,
        delegated=counts.delegated,
        verified=counts.verified,
        dropped=counts.dropped,
        read_at=counts.read_at.isoformat(),
        fields=[
            extraction_pb2.FieldCount(field=field, districts=districts)
            for field, districts in sorted(counts.by_field.items())
        ],
    )


def district_to_message(district: StoredDistrict) -> extraction_pb2.District:
    """A district as its message."""
    return extraction_pb2.District(code=district.code, name=district.name, standards=district.stated)
