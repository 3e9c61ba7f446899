"""ExtractionService: translates, and calls the library of readings."""

import grpc

from plotlot.api.extraction.v1 import extraction_pb2, extraction_pb2_grpc
from plotlot.domain.errors import ServiceUnavailable
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
        check_engine(current_parameters().extraction.engine, self._library.engine)
        reading = await self._library.districts(request.municipality)
        return extraction_pb2.ListDistrictsResponse(
            districts=[district_to_message(district) for district in reading.districts],
            dropped=reading.dropped,
        )

    async def GetStandards(
        self, request: extraction_pb2.GetStandardsRequest, context: grpc.aio.ServicerContext
    ) -> extraction_pb2.GetStandardsResponse:
        """The standards of one district, as the bundle's parameters show them."""
        parameters = current_parameters().extraction
        check_engine(parameters.engine, self._library.engine)
        district, found = await self._library.standards(request.municipality, request.district, parameters)
        return extraction_pb2.GetStandardsResponse(
            district=district_to_message(district),
            standards=[standard_to_message(standard) for standard in found.standards],
            dropped=found.dropped,
        )


def district_to_message(district: StoredDistrict) -> extraction_pb2.District:
    """A district as its message."""
    return extraction_pb2.District(code=district.code, name=district.name, standards=district.stated)


def check_engine(asked: str, served: str) -> None:
    """Raise ServiceUnavailable where a bundle names another engine than this code has: a fault of ours."""
    if asked not in ("", served):
        raise ServiceUnavailable(
            f"the request's bundle reads codes with {asked!r}, but this extraction has {served}: "
            "the request reached the wrong lane"
        )
