"""The other services, as the gateway calls them: values in, values out, errors of ours."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.addresses import parse_address
from plotlot.domain.errors import UnknownAddress, UnknownParcel
from plotlot.domain.parcels import Parcel
from plotlot.domain.standards import Standard
from plotlot.gateway.searching.refinements import Refinements
from plotlot.rpc.errors import calling
from plotlot.rpc.parcels import parcel_from_message
from plotlot.rpc.standards import standard_from_message

if TYPE_CHECKING:
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceAsyncStub
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceAsyncStub
    from plotlot.api.retrieval.v1.retrieval_pb2_grpc import RetrievalServiceAsyncStub

PIECE_BYTES = 1 << 20
NEAR = 5  # near misses that an answer names


@dataclass(frozen=True, slots=True)
class DistrictStandards:
    """A district as the code writes it, with its standards; ``dropped`` are those whose quote did not verify."""

    code: str
    name: str
    standards: tuple[Standard, ...]
    dropped: int = 0

    def citations(self) -> dict[str, int]:
        """How many citations verified, and how many were dropped for not doing so."""
        return {"verified": sum(one.citation is not None for one in self.standards), "dropped": self.dropped}


class Clients:
    """One stub for each service that the gateway calls."""

    def __init__(
        self,
        retrieval: "RetrievalServiceAsyncStub",
        extraction: "ExtractionServiceAsyncStub",
        inference: "InferenceServiceAsyncStub",
        ingestion: "IngestionServiceAsyncStub",
        looks_up: bool = False,
    ) -> None:
        """``looks_up`` where ingestion may ask sources outside for parcels that nobody imported."""
        self._retrieval = retrieval
        self._extraction = extraction
        self._inference = inference
        self._ingestion = ingestion
        self._looks_up = looks_up

    async def find_parcel(self, address: str, parcel_id: str, municipality: str) -> Parcel:
        """The one parcel: an imported one, else one that is looked up outside, where that is set up.

        Raises UnknownAddress, UnknownParcel, AmbiguousAddress, or SourceUnavailable where nobody outside could say.
        """
        try:
            return await self._imported(address, parcel_id, municipality)
        except (UnknownAddress, UnknownParcel) as unknown:
            if not self._looks_up or not is_whole(address, parcel_id, municipality):
                raise
            try:
                return await self._looked_up(address, parcel_id, municipality)
            except (UnknownAddress, UnknownParcel) as error:
                near = tuple(dict.fromkeys((*error.suggestions, *unknown.suggestions)))
                raise type(error)(error.message, field=error.field, suggestions=near[:NEAR]) from None

    async def _imported(self, address: str, parcel_id: str, municipality: str) -> Parcel:
        """The one parcel of those that were imported."""
        with calling("retrieval"):
            response = await self._retrieval.FindParcel(
                retrieval_pb2.FindParcelRequest(
                    address=address, parcel_id=parcel_id, municipality=municipality
                )
            )
        return parcel_from_message(response.parcel)

    async def _looked_up(self, address: str, parcel_id: str, municipality: str) -> Parcel:
        """The one parcel by the sources outside. Raises as ``find_parcel`` does."""
        with calling("ingestion"):
            response = await self._ingestion.LookUpParcel(
                ingestion_pb2.LookUpParcelRequest(
                    address=address, parcel_id=parcel_id, municipality=municipality
                )
            )
        return parcel_from_message(response.parcel)

    async def search(
        self, query: str, municipality: str, limit: int, generation: int = 0
    ) -> retrieval_pb2.SearchResponse:
        """The best chunks for a query, in a generation of the index where one is named."""
        held = Refinements(generation=generation)
        return await self.refined_search(query, municipality, limit, retrieval_pb2.METHOD_FUSED, held)

    async def refined_search(
        self,
        query: str,
        municipality: str,
        limit: int,
        method: retrieval_pb2.Method.ValueType,
        refinements: Refinements,
    ) -> retrieval_pb2.SearchResponse:
        """The best chunks for a query, and what retrieval had to leave out."""
        with calling("retrieval"):
            return await self._retrieval.Search(
                retrieval_pb2.SearchRequest(
                    query=query,
                    municipality=municipality,
                    limit=limit,
                    method=method,
                    **refinements.asked(),
                )
            )

    async def municipalities(
        self, after: str = "", limit: int = 0, only: str = ""
    ) -> list[retrieval_pb2.Municipality]:
        """Municipalities with a code, by name: those after one, at most ``limit`` where it is not 0, or one alone."""
        request = retrieval_pb2.ListMunicipalitiesRequest(after=after, limit=limit, municipality=only)
        with calling("retrieval"):
            return list((await self._retrieval.ListMunicipalities(request)).municipalities)

    async def town_names(self) -> list[str]:
        """The names of all municipalities with a code, which takes less than what is counted of them."""
        request = retrieval_pb2.ListMunicipalitiesRequest(names_only=True)
        with calling("retrieval"):
            return [town.name for town in (await self._retrieval.ListMunicipalities(request)).municipalities]

    async def suggestions(self, text: str, municipality: str, limit: int) -> list[retrieval_pb2.Suggestion]:
        """The parcels that an address still being typed may mean."""
        request = retrieval_pb2.SuggestAddressesRequest(text=text, municipality=municipality, limit=limit)
        with calling("retrieval"):
            return list((await self._retrieval.SuggestAddresses(request)).suggestions)

    async def standard_counts(self, towns: Sequence[str]) -> dict[str, extraction_pb2.StandardCounts]:
        """What was read of codes so far, by municipality; those not read yet are left out."""
        request = extraction_pb2.CountStandardsRequest(municipalities=towns)
        with calling("extraction"):
            response = await self._extraction.CountStandards(request)
        return {counts.municipality: counts for counts in response.counts}

    async def districts(self, municipality: str) -> list[extraction_pb2.District]:
        """The districts that a code defines."""
        with calling("extraction"):
            response = await self._extraction.ListDistricts(
                extraction_pb2.ListDistrictsRequest(municipality=municipality)
            )
        return list(response.districts)

    async def standards(self, municipality: str, district: str) -> DistrictStandards:
        """The standards of one district."""
        with calling("extraction"):
            response = await self._extraction.GetStandards(
                extraction_pb2.GetStandardsRequest(municipality=municipality, district=district)
            )
        return DistrictStandards(
            response.district.code,
            response.district.name,
            tuple(standard_from_message(message) for message in response.standards),
            response.dropped,
        )

    async def generate(
        self, question: str, passages: list[inference_pb2.Passage]
    ) -> inference_pb2.GenerateResponse:
        """An answer from passages; empty where they hold none."""
        with calling("inference"):
            return await self._inference.Generate(
                inference_pb2.GenerateRequest(question=question, passages=passages)
            )

    async def ingest(
        self, municipality: str, name: str, media_type: str, pieces: AsyncIterator[bytes], ocr: str = ""
    ) -> AsyncIterator[ingestion_pb2.IngestDocumentResponse]:
        """Ingest a document; progress as it comes, the result last."""
        header = ingestion_pb2.IngestDocumentHeader(
            municipality=municipality, name=name, media_type=media_type, ocr=ocr
        )

        async def requests() -> AsyncIterator[ingestion_pb2.IngestDocumentRequest]:
            yield ingestion_pb2.IngestDocumentRequest(header=header)
            async for piece in pieces:
                yield ingestion_pb2.IngestDocumentRequest(content=piece)

        with calling("ingestion"):
            async for response in self._ingestion.IngestDocument(requests()):
                yield response

    async def import_parcels(
        self, municipality: str, name: str, pieces: AsyncIterator[bytes]
    ) -> ingestion_pb2.ImportParcelsResponse:
        """Import parcels, all or none."""
        header = ingestion_pb2.ImportParcelsHeader(municipality=municipality, name=name)

        async def requests() -> AsyncIterator[Any]:
            yield ingestion_pb2.ImportParcelsRequest(header=header)
            async for piece in pieces:
                yield ingestion_pb2.ImportParcelsRequest(content=piece)

        with calling("ingestion"):
            return await self._ingestion.ImportParcels(requests())

    async def build_generation(
        self, municipalities: Sequence[str]
    ) -> AsyncIterator[ingestion_pb2.BuildGenerationResponse]:
        """Build a generation of the index; progress as it comes, the generation last."""
        request = ingestion_pb2.BuildGenerationRequest(municipalities=municipalities)
        with calling("ingestion"):
            async for response in self._ingestion.BuildGeneration(request):
                yield response

    async def generations(self) -> list[ingestion_pb2.Generation]:
        """The generations of the index, the oldest first."""
        with calling("ingestion"):
            response = await self._ingestion.ListGenerations(ingestion_pb2.ListGenerationsRequest())
        return list(response.generations)

    async def use_generation(self, generation: int, anyway: int = 0) -> ingestion_pb2.Generation:
        """Make a generation the live one; ``anyway`` names it again where no check of it passed."""
        request = ingestion_pb2.UseGenerationRequest(generation=generation, anyway=anyway)
        with calling("ingestion"):
            return (await self._ingestion.UseGeneration(request)).generation

    async def retire_generation(self, generation: int, anyway: int = 0) -> ingestion_pb2.Generation:
        """Take a generation out of use, and remove what it holds; ``anyway`` names it again where a bundle does."""
        request = ingestion_pb2.RetireGenerationRequest(generation=generation, anyway=anyway)
        with calling("ingestion"):
            return (await self._ingestion.RetireGeneration(request)).generation


def is_whole(address: str, parcel_id: str, municipality: str) -> bool:
    """Whether a parcel can be told from all others: an id in a town; a house number and a street, in a town or ZIP code."""
    if parcel_id.strip():
        return bool(municipality.strip())
    parsed = parse_address(address)
    named = municipality or parsed.town or parsed.state or address.strip(" .,")[-5:].isdigit()
    return bool(parsed.number and parsed.street and named)
