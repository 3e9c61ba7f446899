"""The whole way through ``plotlot up``: a search beside its statement, ingestion beside the bare embedding."""

import asyncio
import http.client
import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
from bench import running
from search_corpus import MODEL, QUESTIONS, RESULTS, WARM, Corpus, as_service, drawn
from synthetic_codes import DIMENSIONS, Town

from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.domain.chunks import chunk_document
from plotlot.inference.engines import embedder
from plotlot.ingestion.index import ensure_generation
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.pipeline import embedded_text
from plotlot.retrieval.scopes import scope_of
from plotlot.retrieval.search import Query, search
from plotlot.settings import Settings
from plotlot.store.generations import vector_literal

ROOT = Path(__file__).resolve().parent.parent
INGESTED, INGESTED_BYTES = 3, range(80_000, 160_000)


@dataclass(frozen=True)
class Way:
    """The whole way to a search in a town, its questions known and new, beside its statement; milliseconds."""

    share: float
    statement: float
    grpc: float
    http: float
    grpc_new: float
    http_new: float
    embedding: float


def ways(conninfo: str, data: Path, corpus: Corpus) -> list[Way]:
    """The whole way in towns of several widths. Each way asks the same questions, a question of each in turn."""
    found = []
    with serving(data) as (client, address), grpc.insecure_channel(address) as channel:
        stub = retrieval_pb2_grpc.RetrievalServiceStub(channel)
        for name, town in corpus.towns.items():
            if name.startswith("Width") and town.share in (0.001, 0.01, 0.05, 0.1, 0.2):
                found.append(asyncio.run(way(conninfo, client, stub, corpus, town)))
                print(f"  {found[-1]}", file=sys.stderr)
    return found


async def way(conninfo: str, client: httpx.Client, stub: Any, corpus: Corpus, town: Town) -> Way:
    """The whole way in one town. Vectors of the words, by the model: retrieval embeds them once and keeps them."""
    model = embedder(Settings())
    texts = [question.text for question in drawn(corpus, town.name, QUESTIONS + WARM)]
    literals = {
        text: vector_literal(model.embed([text]).vectors[0].astype("<f4").tobytes()) for text in texts
    }
    spent: dict[str, list[float]] = {
        name: [] for name in ("grpc_new", "grpc", "statement", "http", "embedding")
    }

    # The standard library's client: another would add half a millisecond of its own to every search.
    plain = http.client.HTTPConnection(str(client.base_url.host), client.base_url.port)

    def over_grpc(text: str) -> None:
        stub.Search(
            retrieval_pb2.SearchRequest(query=text, municipality=town.name, limit=RESULTS), timeout=60
        )

    def over_http(text: str) -> None:
        body = json.dumps({"query": text, "municipality": town.name})
        plain.request("POST", "/v1/search", body, {"content-type": "application/json"})
        answer = plain.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the search was answered {answer.status}: {content[:200]!r}")

    async with as_service(conninfo) as connection:
        generation = await ensure_generation(connection, MODEL, DIMENSIONS)
        scope = await scope_of(connection, generation, corpus.ids[town.name])
        for text in texts:
            for kind, work in (
                ("grpc_new", over_grpc), ("grpc", over_grpc), ("http", over_http),
                ("embedding", lambda text: model.embed([text])),
            ):  # fmt: skip
                spent[kind].append(clocked(work, text))
            started = time.perf_counter()
            await search(connection, scope, Query(text, literals[text], RESULTS))
            spent["statement"].append((time.perf_counter() - started) * 1000)
    p50 = {name: statistics.median(values[WARM:]) for name, values in spent.items()}
    return Way(town.share, **p50, http_new=p50["http"] + p50["grpc_new"] - p50["grpc"])


@dataclass(frozen=True)
class Ingestion:
    """Chunks a second of ``plotlot``'s whole ingestion, and of the bare embedding of the same chunks."""

    chunks: int
    whole: float
    bare: float


def ingestion(data: Path) -> Ingestion:
    """Ordinances through the door, and their chunks embedded alone, a document of each in turn."""
    model = embedder(Settings())
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as folder, serving(Path(folder)) as (client, _):
        send(client, "warm.md", b"# Yards\n\nA front yard of ten feet.\n")
        model.embed(["warm"])
        chunks, bare, whole = 0, 0.0, 0.0
        for name, content in ordinances(data):
            document = parse_document(name, content)
            texts = [embedded_text(document, chunk) for chunk in chunk_document(document)]
            chunks += len(texts)
            bare += clocked(lambda texts: model.embed(texts), texts)
            whole += clocked(lambda name, content=content: send(client, name, content), name)
    return Ingestion(chunks, 1000 * chunks / whole, 1000 * chunks / bare)


def ordinances(data: Path) -> Iterator[tuple[str, bytes]]:
    """Some real codes of middling length, else those of our own, each several times over to be as long."""
    manifest = data / "ordinances" / "manifest.json"
    if manifest.is_file():
        files = [data / "ordinances" / entry["file"] for entry in json.loads(manifest.read_text())]
        fitting = [
            file for file in files if file.suffix in (".txt", ".md") and len_of(file) in INGESTED_BYTES
        ]
        yield from ((file.name, file.read_bytes()) for file in fitting[:INGESTED])
        return
    own = [
        *sorted((ROOT / "evals" / "towns").glob("*/*.md")),
        ROOT / "examples" / "larkfield" / "ordinance.md",
    ]
    for file in own:
        text = file.read_text(encoding="utf-8")
        yield file.name, "".join(f"# Part {again}\n\n{text}\n" for again in range(5)).encode()


def len_of(file: Path) -> int:
    """A file's length in bytes."""
    return file.stat().st_size


def send(client: httpx.Client, name: str, content: bytes) -> None:
    """Ingest a document."""
    files = {"file": (name, content)}
    client.post("/v1/documents", files=files, data={"municipality": "Larkfield, OH"}).raise_for_status()


@contextmanager
def serving(data: Path) -> Iterator[tuple[httpx.Client, str]]:
    """``plotlot up`` on a folder: a client of its HTTP, and the address of its gRPC."""
    address = f"127.0.0.1:{free_port()}"
    with running(data, address) as (client, _, _):
        yield client, address


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clocked(work: Callable[[Any], Any], text: Any) -> float:
    """Milliseconds of one piece of work."""
    started = time.perf_counter()
    work(text)
    return (time.perf_counter() - started) * 1000
