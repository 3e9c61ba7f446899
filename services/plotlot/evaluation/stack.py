"""A whole PlotLot for an evaluation: every service in this process on an empty embedded database, spoken to by REST."""

import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import ServiceUnavailable
from plotlot.evaluation.towns import Town
from plotlot.runtime.bundles import release_bundle
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

# What the settings may name and an evaluation must not touch: other databases, caches, gateways and ports.
ELSEWHERE = dict.fromkeys(("database_url", "redis_url", "candidate_url", "grpc_address", "metrics_port"))


class AnswerFailed(Exception):
    """The gateway answered with a problem."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running gateway and the bundle that it serves."""

    client: httpx.AsyncClient
    bundle: str
    engine: str

    async def ingest(self, towns: Iterable[Town], lenient: bool = False) -> None:
        """Ingest the code of every town. Raises ServiceUnavailable for a file that is refused, unless ``lenient``."""
        for town in towns:
            for path in town.files:
                answer = await self.client.post(
                    "/v1/documents",
                    files={"file": (path.name, path.read_bytes())},
                    data={"municipality": town.name},
                )
                if answer.status_code >= 400 and not lenient:
                    raise ServiceUnavailable(
                        f"{town.name}: {path.name} was not ingested: {answer.text[:300]}"
                    )

    async def post(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """The JSON answer and the milliseconds it took. Raises AnswerFailed."""
        started = time.perf_counter()
        try:
            answer = await self.client.post(path, json=body)
        except httpx.HTTPError as error:
            raise AnswerFailed(f"{type(error).__name__}: {error}") from error
        spent = (time.perf_counter() - started) * 1000
        if answer.status_code >= 400:
            raise AnswerFailed(f"{answer.status_code}: {answer.text[:300]}")
        return answer.json(), spent


@asynccontextmanager
async def open_stack(settings: Settings, bundle: Bundle | None = None) -> AsyncIterator[Stack]:
    """Every service, in a folder that is removed afterwards, whatever database the settings name.

    It serves the bundle given, else that of the settings.
    """
    with tempfile.TemporaryDirectory(prefix="plotlot-eval-") as folder:
        own = settings.model_copy(update={**ELSEWHERE, "data_dir": Path(folder)})
        if bundle is not None:
            own = own.model_copy(update={"bundle_file": written(bundle, Path(folder) / "bundle.json")})
        bundle = release_bundle(own)
        engine = bundle.parameters.extraction.engine
        async with Runtime(own) as runtime:
            assert runtime.app is not None
            transport = httpx.ASGITransport(app=runtime.app)
            timeout = own.ingest_deadline_seconds
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost", timeout=timeout
            ) as client:
                yield Stack(client, bundle.id, engine)


def written(bundle: Bundle, path: Path) -> Path:
    """The file of a bundle."""
    path.write_text(bundle.as_file(), encoding="utf-8")
    return path
