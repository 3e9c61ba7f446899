"""Calls the REST API: each method is one operation, or one that is followed until its end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

import httpx

from plotlot.client.answers import (
    Analysis,
    Answer,
    BatchRow,
    Document,
    Job,
    Municipality,
    Outcome,
    Refresh,
    SearchResult,
    StartedRefresh,
    Suggestion,
    TownState,
)
from plotlot.client.problems import Problem, Unreachable
from plotlot.client.sending import TRIES, Sender, document_in

Json = dict[str, Any]
Event = tuple[str, Json]
LINES, EVENTS = "application/x-ndjson", "text/event-stream"
TIMEOUT_SECONDS = 60.0


class Client:
    """A PlotLot at a URL. Every method raises Problem or Unreachable."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        api_key: str = "",
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        tries: int = TRIES,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``tries`` is how often a request is sent in all; a write has a key, and is carried out once."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_seconds, transport=transport)
        self._sender = Sender(self._http, tries, sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def analyze(
        self,
        address: str = "",
        *,
        parcel_id: str = "",
        municipality: str = "",
        facts: Mapping[str, float | str] | None = None,
        on_stage: Callable[[str, float], None] | None = None,
    ) -> Analysis:
        """What may be built on a lot; ``facts`` are taken instead of what its source says, as
        ``{"lot_kind": "corner"}``. ``on_stage`` is told each stage and its milliseconds as it ends."""
        body: Json = {"address": address, "parcel_id": parcel_id, "municipality": municipality}
        body |= {"facts": dict(facts)} if facts else {}
        if on_stage is None:
            return cast(Analysis, self._post("/v1/analyses", body))
        for name, data in self._events("POST", "/v1/analyses", json=body):
            if name == "result":
                return cast(Analysis, data)
            on_stage(str(data["name"]), float(data["milliseconds"]))
        raise Unreachable("/v1/analyses: the answer ended before its result")

    def analysis(self, analysis_id: str) -> Analysis:
        """An analysis as it was answered."""
        return cast(Analysis, self._get(f"/v1/analyses/{_part(analysis_id)}"))

    def changes(self, analysis_id: str) -> Json:
        """What asking again today would change of an analysis."""
        return self._get(f"/v1/analyses/{_part(analysis_id)}/changes")

    def map_geojson(self, analysis_id: str) -> Json:
        """The lot, its envelope, lot lines and streets as GeoJSON."""
        return self._get(f"/v1/analyses/{_part(analysis_id)}/map.geojson")

    def compare(self, *analysis_ids: str) -> Json:
        """Up to four analyses side by side."""
        return self._decoded("GET", "/v1/comparisons", params={"id": list(analysis_ids)})

    def pdf(self, analysis_id: str) -> bytes:
        """The report of an analysis as a PDF."""
        return self._sender.send("GET", f"/v1/analyses/{_part(analysis_id)}/report.pdf").content

    def share(self, analysis_id: str, expires_in_days: float | None = None) -> Json:
        """A link that shows an analysis to whoever has it: its ``url`` is told this once."""
        return self._post(f"/v1/analyses/{_part(analysis_id)}/shares", {"expires_in_days": expires_in_days})

    def unshare(self, analysis_id: str, share_id: str) -> Json:
        """Take a link back."""
        return self._decoded("DELETE", f"/v1/analyses/{_part(analysis_id)}/shares/{_part(share_id)}")

    def ask(self, question: str, municipality: str = "") -> Answer:
        """The answer to a question in words."""
        return cast(Answer, self._post("/v1/ask", {"question": question, "municipality": municipality}))

    def ask_events(self, question: str, municipality: str = "") -> Iterator[Event]:
        """The answer as it comes: ``text`` for each part, ``result`` at the end."""
        body = {"question": question, "municipality": municipality}
        for name, data in self._events("POST", "/v1/ask", json=body):
            yield name, data
            if name == "result":
                return
        raise Unreachable("/v1/ask: the answer ended before its result")

    def search(
        self, query: str, municipality: str = "", limit: int = 10, **refined: Any
    ) -> list[SearchResult]:
        """The sections that a query is about; ``refined`` are further fields of the operation."""
        body = {"query": query, "municipality": municipality, "limit": limit, **refined}
        return cast(list[SearchResult], self._post("/v1/search", body)["results"])

    def addresses(self, typed: str, municipality: str = "", limit: int = 8) -> list[Suggestion]:
        """The parcels that an address still being typed may mean."""
        asked = {"q": typed, "municipality": municipality, "limit": limit}
        return cast(list[Suggestion], self._decoded("GET", "/v1/addresses", params=asked)["addresses"])

    def municipalities(self) -> Iterator[Municipality]:
        """Every municipality with a code."""
        yield from self._listed("/v1/municipalities", "municipalities")

    def documents(self, municipality: str = "") -> Iterator[Document]:
        """Every document, of one municipality or of all."""
        yield from self._listed("/v1/documents", "documents", {"municipality": municipality})

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """A part of a document's text by the offsets that citations have, up to 20,000 characters."""
        asked = {"start": start} if end is None else {"start": start, "end": end}
        found = self._decoded("GET", f"/v1/documents/{_part(document_id)}/text", params=asked)
        return cast(str, found["text"])

    def jobs(self) -> Iterator[Job]:
        """Every job, the newest first."""
        yield from self._listed("/v1/jobs", "jobs")

    def ingest(self, file: Path, municipality: str) -> Json:
        """Ingest a document of a municipality's code."""
        files = {"file": (file.name, file.read_bytes())}
        return self._decoded("POST", "/v1/documents", files=files, data={"municipality": municipality})

    def import_parcels(self, file: Path, municipality: str) -> Json:
        """Import parcels from GeoJSON or CSV, all or none."""
        files = {"file": (file.name, file.read_bytes())}
        return self._decoded("POST", "/v1/parcels", files=files, data={"municipality": municipality})

    def batch(self, rows: Sequence[BatchRow]) -> Job:
        """Begin to analyse many lots; ``results`` follows it."""
        content = "".join(json.dumps(row) + "\n" for row in rows)
        headers = {"Content-Type": LINES, "Prefer": "respond-async"}
        return cast(
            Job, self._decoded("POST", "/v1/analyses:batch", content=content.encode(), headers=headers)
        )

    def job(self, job_id: str) -> Job:
        """How far a job is."""
        return cast(Job, self._get(f"/v1/jobs/{_part(job_id)}"))

    def cancel(self, job_id: str) -> Job:
        """Stop a job before its next row."""
        return cast(Job, self._decoded("DELETE", f"/v1/jobs/{_part(job_id)}"))

    def results(self, job_id: str, after: int = 0) -> Iterator[Outcome]:
        """Each row as it is answered, in order; goes on by itself where the stream breaks off."""
        for name, data in self._followed(f"/v1/jobs/{_part(job_id)}/results", "job", "row", after):
            if name == "row":
                yield cast(Outcome, data)

    def discover(self, state: str, county: str = "", anew: bool = False) -> Json:
        """The towns of a state whose codes are published; ``anew`` asks publishers however lately they were asked."""
        return self._post("/v1/coverage:discover", {"state": state, "county": county, "anew": anew})

    def coverage(self, state: str = "", stage: str = "") -> Iterator[TownState]:
        """Every town that is listed or was refreshed, as it was left; of one state, at one stage."""
        asked = {name: value for name, value in (("state", state), ("stage", stage)) if value}
        yield from self._listed("/v1/coverage", "towns", asked)

    def start_refresh(self, **wanted: Any) -> StartedRefresh:
        """Begin to refresh the towns of a ``state`` and perhaps a ``county``, ``towns`` by name, or those that ``failed``;
        ``accept`` takes codes also where they look wrong."""
        return cast(StartedRefresh, self._post("/v1/refreshes", wanted))

    def refreshes(self) -> Iterator[Refresh]:
        """Every refresh, the newest first."""
        yield from self._listed("/v1/refreshes", "refreshes")

    def refresh(self, refresh_id: str) -> Refresh:
        """How far a refresh is."""
        return cast(Refresh, self._get(f"/v1/refreshes/{_part(refresh_id)}"))

    def refresh_towns(self, refresh_id: str) -> Iterator[TownState]:
        """The towns of a refresh by name."""
        yield from self._listed(f"/v1/refreshes/{_part(refresh_id)}/towns", "towns")

    def refresh_events(self, refresh_id: str, after: int = 0) -> Iterator[Event]:
        """``town`` for each that changes after a step, at last ``refresh``; goes on by itself where the stream breaks
        off."""
        yield from self._followed(f"/v1/refreshes/{_part(refresh_id)}/events", "refresh", "step", after)

    def cancel_refresh(self, refresh_id: str) -> Refresh:
        """End a refresh; towns that it did not come to stay as they were."""
        return cast(Refresh, self._decoded("DELETE", f"/v1/refreshes/{_part(refresh_id)}"))

    def feedback(self, kind: str, **remark: Any) -> str:
        """Say that a value is wrong_number, wrong_section, missing or other; the id of the remark."""
        return str(self._post("/v1/feedback", {"kind": kind, **remark})["id"])

    def settle(self, remark_id: str, outcome: str) -> Json:
        """Say what became of a remark: accepted, dismissed, or open again."""
        return self._post(f"/v1/feedback/{_part(remark_id)}/settle", {"outcome": outcome})

    def releases(self, limit: int = 20) -> list[Json]:
        """Releases, the newest first."""
        return cast(list[Json], self._decoded("GET", "/v1/releases", params={"limit": limit})["releases"])

    def _get(self, path: str) -> Json:
        return self._decoded("GET", path)

    def _post(self, path: str, body: Json) -> Json:
        return self._decoded("POST", path, json=body)

    def _decoded(self, method: str, path: str, **options: Any) -> Json:
        response = self._sender.send(method, path, **options)
        return document_in(response.content, response)

    def _listed(self, path: str, name: str, asked: Json | None = None) -> Iterator[Any]:
        """Every item of every page."""
        page = self._decoded("GET", path, params=asked or {})
        while True:
            yield from page[name]
            if not page["next"]:
                return
            page = self._decoded("GET", page["next"])

    def _followed(self, path: str, end: str, place: str, after: int) -> Iterator[Event]:
        """Events up to the one called ``end``; where they break off, those go on whose ``place`` is after the last.

        Raises Unreachable after streams that brought nothing, not even a comment, so many times in a row.
        """
        broken = 0

        def heard() -> None:
            nonlocal broken
            broken = 0

        while True:
            cut = Unreachable(f"{path}: the stream ended before the {end}")  # by a proxy
            try:
                for name, data in self._events("GET", path, heard, headers={"Last-Event-ID": str(after)}):
                    yield name, data
                    if name == end:
                        return
                    after = data[place]
            except Unreachable as error:
                cut = error
            broken += 1
            if broken >= TRIES:
                raise cut
            self._sender.pause(broken)

    def _events(
        self, method: str, path: str, heard: Callable[[], None] | None = None, **options: Any
    ) -> Iterator[Event]:
        """Events as they come; ``heard`` is called for each line, comments too.

        Raises Problem for an event that says so, Unreachable where the stream breaks off.
        """
        headers = {**options.pop("headers", {}), "Accept": EVENTS}
        try:
            with self._sender.opened(method, path, headers=headers, **options) as answer:
                for name, data in events_in(noted(answer.iter_lines(), heard)):
                    if name == "problem":
                        raise Problem(data, int(data.get("status", 500)))
                    yield name, data
        except httpx.HTTPError as error:
            raise Unreachable(f"{path}: the stream broke off: {error}") from error


def noted(lines: Iterator[str], heard: Callable[[], None] | None) -> Iterator[str]:
    """The lines, with somebody told of each before it is read."""
    for line in lines:
        if heard is not None:
            heard()
        yield line


def _part(identifier: str) -> str:
    """An id as one part of a path, whatever stands in it."""
    return quote(identifier, safe="")


def events_in(lines: Iterator[str]) -> Iterator[Event]:
    """Server-sent events whose data is JSON; comments are left out."""
    name, data = "message", []
    for line in lines:
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield name, json.loads("\n".join(data))
            name, data = "message", []
