"""The form of an upload: what it says of OCR reaches ingestion."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.gateway.clients import Clients
from plotlot.gateway.routes.documents import router


class Ingestion:
    """Takes down the header of what it is sent."""

    def __init__(self) -> None:
        self.headers: list[ingestion_pb2.IngestDocumentHeader] = []

    async def IngestDocument(self, requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """One document."""
        async for request in requests:
            if request.HasField("header"):
                self.headers.append(request.header)
        yield ingestion_pb2.IngestDocumentResponse(result=ingestion_pb2.DocumentResult(document="doc-1"))


@pytest.mark.parametrize(
    ("form", "status", "ocr"),
    [
        ({}, 200, [""]),
        ({"ocr": "auto"}, 200, ["auto"]),
        ({"ocr": ""}, 200, [""]),
        ({"ocr": "always"}, 422, []),
    ],
)
def test_an_upload_says_whether_scans_are_read(form: dict[str, str], status: int, ocr: list[str]) -> None:
    ingestion, none = Ingestion(), None
    app = FastAPI()
    app.include_router(router(Clients(none, none, none, ingestion), none, 1000, none))  # type: ignore[arg-type]
    answer = TestClient(app).post(
        "/v1/documents",
        data={"municipality": "Millbrook, OH", **form},
        files={"file": ("code.txt", b"A lot")},
    )
    assert answer.status_code == status, answer.text
    assert [header.ocr for header in ingestion.headers] == ocr
