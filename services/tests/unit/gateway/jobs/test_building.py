"""A document that is ingested as a job: each stage is told, and of the rest a few a second; a generation as JSON."""

from collections.abc import AsyncIterator
from typing import Any, cast

from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.gateway.jobs.building import TELL_SECONDS, Building
from plotlot.gateway.jobs.building_events import generation_json

Answered = ingestion_pb2.IngestDocumentResponse
ASKED = {"job": "job-1", "municipality": "T", "name": "code.txt", "media_type": "", "ocr": ""}


class Ingesting:
    """Clients whose ingestion takes a while."""

    def __init__(self) -> None:
        self.now = 0.0
        self.content = b""

    async def ingest(
        self, municipality: str, name: str, kind: str, pieces: AsyncIterator[bytes], ocr: str
    ) -> AsyncIterator[Answered]:
        self.content = b"".join([piece async for piece in pieces])
        for stage, done, after in (
            ("parse", 0, 0.0),
            ("index", 1, 0.0),
            ("index", 2, 0.1),
            ("index", 9, 1.0),
        ):
            self.now += after
            yield Answered(progress=ingestion_pb2.Progress(stage=stage, done=done, total=9))
        yield Answered(result=ingestion_pb2.DocumentResult(document="doc-1", changed=True))


class Files:
    async def content(self, job: str) -> bytes:
        return b"A lot" * 500_000


async def test_stages_are_told_as_they_begin_and_then_now_and_then() -> None:
    clients, told = Ingesting(), []

    async def tell(progress: dict[str, Any]) -> None:
        told.append((progress["stage"], progress["done"]))

    building = Building(cast(Any, clients), cast(Any, Files()), lambda: clients.now)
    outcome = await building.ingest(ASKED, tell)
    assert (outcome["document"], outcome["name"], len(clients.content)) == ("doc-1", "code.txt", 2_500_000)
    assert TELL_SECONDS > 0.1
    assert told == [("parse", 0), ("index", 1), ("index", 9)]


def test_all_that_ingestion_tells_of_a_generation_is_told() -> None:
    failed = generation_json(ingestion_pb2.Generation(generation=2, status="failed", reason="killed"))
    assert (failed["status"], failed["reason"]) == ("failed", "killed")
    assert set(failed) == set(ingestion_pb2.Generation.DESCRIPTOR.fields_by_name)
