"""A session with a gateway: what commands call, wherever the gateway runs."""

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from plotlot.cli.problems import ProblemError
from plotlot.cli.serving import serving
from plotlot.domain.errors import ServiceUnavailable
from plotlot.gateway.identity.middleware import as_owner
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

OnProgress = Callable[[str, dict[str, Any]], None]


class Session:
    """Calls a gateway. Every method raises ProblemError or ServiceUnavailable."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON at a path."""
        return decoded(await self._send("GET", path))

    async def file(self, path: str) -> bytes:
        """What is at a path, to be kept as a file."""
        response = await self._send("GET", path)
        if response.status_code >= 400:
            raise ProblemError(problem_of(response))
        return response.content

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON answer to a JSON body."""
        return decoded(await self._send("POST", path, json=body))

    async def send(self, path: str, content: bytes) -> dict[str, Any]:
        """The JSON answer to JSON, or lines of it, as somebody wrote it."""
        headers = {"Content-Type": "application/x-ndjson"}
        return decoded(await self._send("POST", path, content=content, headers=headers))

    async def delete(self, path: str) -> dict[str, Any]:
        """The JSON answer to a DELETE."""
        return decoded(await self._send("DELETE", path))

    async def lines(self, path: str) -> AsyncIterator[str]:
        """The lines of JSON at a path, as they come."""
        async with self._answered("GET", path, {"Accept": "application/x-ndjson"}) as response:
            async for line in response.aiter_lines():
                yield line

    async def upload(self, path: str, file: Path, name: str, municipality: str) -> dict[str, Any]:
        """The JSON answer to a file."""
        with file.open("rb") as content:
            response = await self._send(
                "POST", path, files={"file": (name, content)}, data={"municipality": municipality}
            )
        return decoded(response)

    async def events(self, path: str, on_progress: OnProgress, **body: Any) -> dict[str, Any]:
        """The outcome of a streamed answer, its progress told on the way."""
        outcome: dict[str, Any] = {}
        async for name, data in self._sent("POST", path, **body):
            if name == "result":
                outcome = data
            else:
                on_progress(name, data)
        if not outcome:
            raise ServiceUnavailable(
                f"{self._client.base_url}: the answer ended before its result; try again"
            )
        return outcome

    async def followed(self, path: str, after: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The events at a path after one, as (name, data); where the stream breaks off there are no more."""
        try:
            async for event in self._sent("GET", path, headers={"Last-Event-ID": str(after)}):
                yield event
        except ServiceUnavailable as error:
            if not isinstance(error.__cause__, httpx.RemoteProtocolError):
                raise

    async def _sent(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **body: Any
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The events of an answer as (name, data). Raises ProblemError where one is a problem."""
        accepting = {"Accept": "text/event-stream", **(headers or {})}
        async with self._answered(method, path, accepting, **body) as response:
            async for name, data in sent_events(response.aiter_lines()):
                if name == "problem":
                    raise ProblemError(data)
                yield name, data

    @asynccontextmanager
    async def _answered(
        self, method: str, path: str, headers: Mapping[str, str], **body: Any
    ) -> AsyncIterator[httpx.Response]:
        """An answer to be read as it comes."""
        try:
            async with self._client.stream(method, path, headers=headers, **body) as response:
                if response.status_code >= 400:
                    await response.aread()
                    raise ProblemError(problem_of(response))
                yield response
        except httpx.HTTPError as error:
            raise unreachable(self._client, error) from error

    async def _send(self, method: str, path: str, **body: Any) -> httpx.Response:
        try:
            return await self._client.request(method, path, **body)
        except httpx.HTTPError as error:
            raise unreachable(self._client, error) from error


@asynccontextmanager
async def open_session(settings: Settings) -> AsyncIterator[Session]:
    """A session with the gateway of the settings, or with all services in this process."""
    timeout = httpx.Timeout(settings.ingest_deadline_seconds, connect=5.0)
    if settings.url:
        headers = (
            {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"} if settings.api_key else {}
        )
        async with httpx.AsyncClient(base_url=settings.url, timeout=timeout, headers=headers) as client:
            yield Session(client)
        return
    # Its services are this command's alone: beside a service in its pod, they leave that one's ports to it.
    private = settings.model_copy(update={"grpc_address": None, "metrics_port": None})
    with tempfile.TemporaryDirectory(prefix="plotlot-") as folder:
        path = str(Path(folder) / "http.sock")
        async with Runtime(private) as runtime:
            assert runtime.app is not None
            async with serving(as_owner(runtime.app), path):
                transport = httpx.AsyncHTTPTransport(uds=path)
                async with httpx.AsyncClient(
                    base_url="http://plotlot", transport=transport, timeout=timeout
                ) as client:
                    yield Session(client)


def district_path(municipality: str, district: str) -> str:
    """The path of a district's standards."""
    return f"/v1/municipalities/{quote(municipality, safe='')}/districts/{quote(district, safe='')}/standards"


def districts_path(municipality: str) -> str:
    """The path of a municipality's districts."""
    return f"/v1/municipalities/{quote(municipality, safe='')}/districts"


def decoded(response: httpx.Response) -> dict[str, Any]:
    """The JSON of an answer. Raises ProblemError where it is one."""
    if response.status_code >= 400:
        raise ProblemError(problem_of(response))
    answer: dict[str, Any] = response.json()
    return answer


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """The problem document of a failed answer, whoever wrote it."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict) and "detail" in document:
        return {"status": response.status_code, **document}
    return {
        "status": response.status_code,
        "detail": f"{response.url} answered {response.status_code}: is that a PlotLot gateway?",
    }


def unreachable(client: httpx.AsyncClient, error: Exception) -> ServiceUnavailable:
    """The error for a gateway that does not answer."""
    return ServiceUnavailable(
        f"the gateway at {client.base_url} does not answer ({type(error).__name__}): "
        "start it with 'plotlot up', or unset PLOTLOT_URL"
    )


async def sent_events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Server-sent events as (name, data)."""
    name, data = "message", ""
    async for line in lines:
        if not line:
            if data:
                yield name, json.loads(data)
            name, data = "message", ""
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
