"""The example of refreshes as a flow of Prefect, against a made-up state; skipped where Prefect is not installed."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from fakes.state import made_state, published
from refreshing_stand import Stand, databases_below
from refreshing_worker import DIMENSIONS, HashingEmbedder

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.extraction.v1.extraction_pb2_grpc import (
    ExtractionServiceServicer,
    add_ExtractionServiceServicer_to_server,
)
from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.inference.v1.inference_pb2_grpc import (
    InferenceServiceServicer,
    add_InferenceServiceServicer_to_server,
)

FLOW = Path(__file__).resolve().parents[3] / "examples" / "prefect" / "refreshes.py"


class Hashing(InferenceServiceServicer):
    """Inference that hashes."""

    async def ListModels(
        self, request: inference_pb2.ListModelsRequest, context: object
    ) -> inference_pb2.ListModelsResponse:
        model = inference_pb2.Model(name="hashing", task="embed", dimensions=DIMENSIONS)
        return inference_pb2.ListModelsResponse(models=[model])

    async def Embed(
        self, request: inference_pb2.EmbedRequest, context: object
    ) -> inference_pb2.EmbedResponse:
        vectors = await HashingEmbedder().embed(list(request.texts))
        return inference_pb2.EmbedResponse(vectors=vectors, dimensions=DIMENSIONS, model="hashing")


class Unread(ExtractionServiceServicer):
    """Extraction that finds no district."""

    async def CountStandards(
        self, request: extraction_pb2.CountStandardsRequest, context: object
    ) -> extraction_pb2.CountStandardsResponse:
        return extraction_pb2.CountStandardsResponse()

    async def ReadCode(
        self, request: extraction_pb2.ReadCodeRequest, context: object
    ) -> extraction_pb2.ReadCodeResponse:
        return extraction_pb2.ReadCodeResponse()


@pytest.fixture
async def services() -> AsyncIterator[str]:
    server = grpc.aio.server()
    add_InferenceServiceServicer_to_server(Hashing(), server)
    add_ExtractionServiceServicer_to_server(Unread(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def test_a_state_is_refreshed_by_a_flow_and_one_that_was_killed_goes_on(
    services: str, tmp_path: Path
) -> None:
    pytest.importorskip("prefect", reason="Prefect is not installed: pip install 'prefect>=3.8'")
    import asyncio

    state = made_state(towns=3, sections=12, chapters=3, fault_share=0.2)
    with databases_below(tmp_path / "pg") as databases, published(state) as server:
        stand = Stand(databases(), server, state)
        settings = {
            "PLOTLOT_DATABASE_URL": stand.conninfo,
            "PLOTLOT_PUBLISHERS": stand.arguments[1],
            "PLOTLOT_EGRESS_OWN_HOSTS": server.host,
            "PLOTLOT_PUBLISHER_REQUESTS_PER_SECOND": "500",
            "PLOTLOT_INFERENCE_ADDRESS": services,
            "PLOTLOT_EXTRACTION_ADDRESS": services,
            "PREFECT_HOME": str(tmp_path / "prefect"),
        }

        async def started() -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                str(FLOW),
                state.abbreviation,
                env={**os.environ, **settings},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

        first = await started()
        while stand.progress() < 10:
            assert first.returncode is None, await first.communicate()
            await asyncio.sleep(0.01)
        first.kill()
        await first.communicate()
        again = await started()
        out, err = await again.communicate()
        assert again.returncode == 0, err.decode()
        told = dict(line.rsplit(": ", 1) for line in out.decode().splitlines() if ": " in line)
        assert {told[f"{town.name}, QX"] for town in state.towns} == {"current"}
        assert stand.one("SELECT count(*) FROM refreshes") == 1
        assert stand.one("SELECT count(*) FROM documents WHERE superseded_at IS NULL") == 3 * 3
