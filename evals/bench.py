"""``make bench``: measures what docs/benchmarks.md promises, beside its floor, and writes that page.

Each timing stands beside the least that the same work can take on the same machine in the same run: the
bare SQL, the bare model. Figures on real codes need the folder of checked values (PLOTLOT_DATA).
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import psutil
import psycopg
from real_codes import real_codes

from plotlot.api.inference.v1 import inference_pb2, inference_pb2_grpc
from plotlot.inference.engines import embedder
from plotlot.inference.minilm_embedder import MiniLmEmbedder
from plotlot.settings import Settings
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

END = "<!-- bench: end; what follows is kept -->"
ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "larkfield"
TOWN = "Larkfield, OH"
PARCEL_SQL = "SELECT * FROM parcels WHERE id = %s"
STANDARDS_SQL = (
    "SELECT s.*, d.text_sha256 FROM standards s LEFT JOIN documents d ON d.id = s.document_id"
    " JOIN districts USING (reading_id) WHERE districts.ordinal = s.district AND code = %s"
)
KEEP_SQL = (
    "INSERT INTO analyses (id, bundle, request, report, drawing)"
    " VALUES (gen_random_uuid()::text, 'bench', '{}', %s, '')"
)


@dataclass(frozen=True)
class Row:
    """A measured figure, what it is held to, and its floor where it has one."""

    name: str
    figure: str
    target: str = ""
    floor: str = ""
    ratio: str = ""


def timed(work: Callable[[], Any], repeats: int, warm: int = 5) -> list[float]:
    """Milliseconds of each repeat, after some that do not count."""
    for _ in range(warm):
        work()
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    return spent


def beside(name: str, ours: list[float], floor: list[float], floor_name: str, target: str = "") -> Row:
    """A row of a timing and its floor, by their medians."""
    mine, least = statistics.median(ours), statistics.median(floor)
    tail = statistics.quantiles(ours, n=20)[-1]
    return Row(
        name,
        f"p50 {mine:.1f} ms, p95 {tail:.1f} ms",
        target,
        f"{least:.2f} ms {floor_name}",
        f"{mine / least:.1f}",
    )


@contextmanager
def running(
    data: Path, grpc_address: str = "", cached: bool = False, auth: str = ""
) -> Iterator[tuple[httpx.Client, psutil.Process, float]]:
    """``plotlot up`` on a free port, gRPC at an address where one is given, and the seconds until it was ready.

    Unless ``cached``, every question is answered anew.
    """
    started = time.perf_counter()
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", "up", "--port", "0"]
    env = {**os.environ, "PLOTLOT_ANSWER_CACHE": str(cached).lower()}
    given = {"PLOTLOT_GRPC_ADDRESS": grpc_address, "PLOTLOT_AUTH": auth}
    env |= {name: value for name, value in given.items() if value}
    process = subprocess.Popen(
        [*command, "--data", str(data)], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=env
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        if "serves http" not in line:
            raise SystemExit(f"plotlot up did not start: {line}{process.stderr.read()}")
        with httpx.Client(base_url=line.split()[2].rstrip(";"), timeout=120) as client:
            client.get("/readyz").raise_for_status()
            yield client, psutil.Process(process.pid), time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)


def resident_megabytes(process: psutil.Process, data: Path) -> float:
    """Proportional set size of the process and of its Postgres: shared pages count once."""
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    family = [process, *process.children(recursive=True)]
    postgres = psutil.Process(postmaster)
    family += [postgres, *postgres.children(recursive=True)]
    each = {member.pid: member.memory_full_info().pss for member in family if member.is_running()}
    return sum(each.values()) / 1e6


def load_example(client: httpx.Client) -> None:
    """The example town, through the door."""
    for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
        files = {"file": (name, (EXAMPLE / name).read_bytes())}
        client.post(path, files=files, data={"municipality": TOWN}).raise_for_status()


def analysis_rows(client: httpx.Client, conninfo: str, repeats: int) -> list[Row]:
    """An analysis end to end, its stages, and the bare SQL that it needs."""
    features = json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]
    properties = features[0]["properties"]
    parcel = str(next(properties[name] for name in ("id", "parcel_id", "PARCEL_ID") if name in properties))
    reports: list[dict[str, Any]] = []

    def analyze() -> None:
        answer = client.post("/v1/analyses", json={"parcel_id": parcel, "municipality": TOWN})
        answer.raise_for_status()
        reports.append(answer.json())

    ours = timed(analyze, repeats)
    report = json.dumps(reports[-1])
    with psycopg.connect(conninfo, autocommit=True) as connection:

        def bare() -> None:
            connection.execute(PARCEL_SQL, (parcel,)).fetchall()
            connection.execute(STANDARDS_SQL, (reports[-1]["district"],)).fetchall()
            connection.execute(KEEP_SQL, (report,))

        floor = timed(bare, repeats)
    rows = [
        beside("analysis, warm, end to end over HTTP", ours, floor, "its SQL through psycopg", "p50 < 300 ms")
    ]
    for stage in reports[-1]["timings_ms"]:
        spent = statistics.median(each["timings_ms"][stage] for each in reports[5:])
        rows.append(Row(f"- stage {stage}", f"p50 {spent:.1f} ms"))
    return rows


def district_rows(client: httpx.Client, conninfo: str, repeats: int) -> list[Row]:
    """One district of an indexed code, from the reading that is kept, beside its bare SQL."""
    districts = client.get(f"/v1/municipalities/{TOWN}/districts").raise_for_status().json()["districts"]
    code = districts[0]["code"]
    path = f"/v1/municipalities/{TOWN}/districts/{code}/standards"
    ours = timed(lambda: client.get(path).raise_for_status(), repeats)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        floor = timed(lambda: connection.execute(STANDARDS_SQL, (code,)).fetchall(), repeats)
    name = "standards of one district of an indexed code, over HTTP"
    return [beside(name, ours, floor, "its SQL through psycopg", "p50 < 100 ms")]


def search_rows(client: httpx.Client, conninfo: str, repeats: int) -> list[Row]:
    """A search over HTTP beside its one statement and its one embedding."""
    import asyncio

    from plotlot.retrieval.search import Query, Scope, search
    from plotlot.store.generations import live_generation, vector_literal

    question = "minimum rear yard of a corner lot"
    body = {"query": question, "municipality": TOWN}
    ours = timed(lambda: client.post("/v1/search", json=body).raise_for_status(), repeats)
    model = embedder(Settings())
    vector = vector_literal(model.embed([question]).vectors[0].astype("<f4").tobytes())

    async def bare() -> list[float]:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            cursor = await connection.execute("SELECT id FROM municipalities LIMIT 1")
            row = await cursor.fetchone()
            assert row is not None
            generation = await live_generation(connection)
            assert generation is not None
            scope = Scope(generation, row[0])
            spent = []
            for _ in range(repeats):
                started = time.perf_counter()
                model.embed([question])
                await search(connection, scope, Query(question, vector, 10))
                spent.append((time.perf_counter() - started) * 1000)
        return spent

    floor = asyncio.run(bare())
    return [beside("search, warm, over HTTP", ours, floor, "one embedding and one statement")]


def embedding_rows(address: str, repeats: int) -> list[Row]:
    """Embedding through gRPC beside the same tokens straight through ONNX Runtime."""
    model = embedder(Settings())
    assert isinstance(model, MiniLmEmbedder)
    sentence = "The minimum front yard setback shall be twenty feet in the residential district. "
    texts = [sentence * (1 + number % 8) for number in range(32)]
    with grpc.insecure_channel(address) as channel:
        stub = inference_pb2_grpc.InferenceServiceStub(channel)
        request = inference_pb2.EmbedRequest(texts=texts)
        ours = timed(lambda: stub.Embed(request, timeout=60), repeats, warm=1)
    session, tokenizer = model._session, model._tokenizer
    encoded = [tokenizer.encode(text) for text in texts]

    def bare() -> None:
        for encoding in encoded:
            feed = {
                "input_ids": np.array([encoding.ids], np.int64),
                "attention_mask": np.array([encoding.attention_mask], np.int64),
            }
            session.run(None, feed)

    floor = timed(bare, repeats, warm=1)
    return [beside("embedding 32 texts over gRPC", ours, floor, "ONNX Runtime, one text at a time")]


def start_and_memory_rows(folder: Path, repeats: int) -> list[Row]:
    """Cold and warm start, memory, and everything that needs the running stack."""
    with running(folder) as (client, process, cold):
        idle = resident_megabytes(process, folder)
        load_example(client)
        client.get(f"/v1/municipalities/{TOWN}/districts").raise_for_status()
        conninfo = psycopg.conninfo.make_conninfo(
            host=str(folder / "postgres"), user="plotlot", dbname="plotlot"
        )
        rows = analysis_rows(client, conninfo, repeats) + district_rows(client, conninfo, repeats)
        rows += search_rows(client, conninfo, repeats)
        used = resident_megabytes(process, folder)
    with running(folder) as (client, process, warm):
        again = resident_megabytes(process, folder)
    return [
        *rows,
        Row("start on an empty folder, until ready", f"{cold:.2f} s"),
        Row("second start on the same data, until ready", f"{warm:.2f} s", "< 2 s"),
        Row("- of it the store, while services are imported", f"{store_start(folder):.2f} s"),
        Row("memory of the idle stack with its Postgres", f"{max(idle, again):.0f} MB", "< 700 MB"),
        Row("memory after the work above, the model loaded", f"{used:.0f} MB"),
    ]


def store_start(folder: Path) -> float:
    """Seconds until the embedded Postgres of a folder answers, its schema checked."""
    server = EmbeddedPostgres(folder)
    started = time.perf_counter()
    migrate(server.start())
    seconds = time.perf_counter() - started
    server.stop()
    return seconds


def inference_rows(repeats: int) -> list[Row]:
    """Embedding through a served inference."""
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", "serve", "inference"]
    address = "127.0.0.1:50963"
    env = {**os.environ, "PLOTLOT_GRPC_ADDRESS": address}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stderr is not None
        process.stderr.readline()
        return embedding_rows(address, max(repeats // 10, 3))
    finally:
        process.terminate()
        process.wait(30)


def quality_rows(data: Path) -> list[Row]:
    """Extraction and retrieval against checked values."""
    import asyncio

    from plotlot.evaluation import extraction, retrieval
    from plotlot.evaluation.gold import load_gold

    found = extraction.evaluate(load_gold(data / "gold" / "dev.jsonl"), data / "ordinances")
    micro, citations = found["micro"], found["citations"]
    rows = [
        Row("extraction, development gold: micro F1", f"{micro['f1']:.3f}", ">= 0.80"),
        Row("extraction, development gold: precision", f"{micro['precision']:.3f}", ">= 0.90"),
        Row("extraction, development gold: recall", f"{micro['recall']:.3f}"),
        Row("extraction, districts found", f"{found['districts']['recall']:.3f}"),
        Row("citations shown that verify", f"{citations['verified']} of {citations['shown']}", "100 %"),
    ]
    judged = asyncio.run(retrieval.evaluate(data / "retrieval" / "scifact", Settings()))
    for method, figures in judged["methods"].items():
        words = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        rows.append(Row(f"SciFact, {method}", words))
    return [*rows, Row("SciFact, index and 300 queries", f"{judged['seconds']:.0f} s")]


def ordinance_rows(data: Path) -> list[Row]:
    """Every real ordinance through its parser."""
    from plotlot.domain.documents import check_document
    from plotlot.ingestion.parsers import parse_document

    listed = json.loads((data / "ordinances" / "manifest.json").read_text())
    started, characters, failed = time.perf_counter(), 0, 0
    for entry in listed:
        path = data / "ordinances" / entry["file"]
        try:
            document = parse_document(path.name, path.read_bytes())
            check_document(document)
            characters += len(document.text)
        except Exception as error:
            failed += 1
            print(f"{entry['file']}: {error}", file=sys.stderr)
    seconds = time.perf_counter() - started
    return [
        Row("real ordinances parsed, spans checked", f"{len(listed) - failed} of {len(listed)}", "all"),
        Row("- characters a second", f"{characters / seconds / 1000:,.0f} thousand"),
    ]


def reading_rows(data: Path) -> list[Row]:
    """The first reading of each real code, whole, as it is made once after indexing; parsing not counted."""
    from plotlot.domain.errors import InputError
    from plotlot.extraction.reader.assemble import read_code
    from plotlot.ingestion.parsers import parse_document

    found = []
    for folder in sorted(path for path in (data / "ordinances").iterdir() if path.is_dir()):
        documents = []
        for path in sorted(folder.iterdir()):
            with suppress(InputError):
                documents.append(parse_document(path.name, path.read_bytes()))
        started = time.perf_counter()
        read_code(documents)
        seconds = time.perf_counter() - started
        found.append((seconds, sum(len(one.text) for one in documents), folder.name))
    spent, characters = sum(one[0] for one in found), sum(one[1] for one in found)
    longest, size, name = max(found)
    return [
        Row(
            "first reading of a whole code, all districts",
            f"{spent / characters * 1e6:.1f} s a million characters",
        ),
        Row(f"- the slowest, {name}, {size / 1e6:.2f} million characters", f"{longest:.1f} s"),
    ]


def page(rows: list[Row], before: str) -> str:
    """The page of figures; what stands below them on the page before stays."""
    lines = [
        "# Benchmarks",
        "",
        "As measured by `make bench`, which writes this page. Machines differ and are noisy: trust the",
        "ratios, which compare with the least that the same work takes on the same machine in the same run.",
        "",
        f"Machine: {os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, {platform.system()},"
        f" Python {platform.python_version()}.",
        "",
        "| what | figure | held to | floor | ratio to the floor |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {row.name} | {row.figure} | {row.target} | {row.floor} | {row.ratio} |" for row in rows]
    return "\n".join([*lines, "", END]) + (before.split(END, 1)[1] if END in before else "\n")


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--quick", action="store_true", help="leave out the figures on real codes")
    options = parser.parse_args()
    data = real_codes()
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as folder:
        rows = start_and_memory_rows(Path(folder), options.repeats)
    rows += inference_rows(options.repeats)
    if (data / "gold" / "dev.jsonl").is_file() and not options.quick:
        rows += ordinance_rows(data) + reading_rows(data) + quality_rows(data)
    for row in rows:
        print(f"{row.name:52} {row.figure:28} {row.target:14} {row.floor:42} {row.ratio}")
    if not options.quick:
        path = ROOT / "docs" / "benchmarks.md"
        path.write_text(page(rows, path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
