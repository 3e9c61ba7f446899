"""The pinned commands in processes of their own: what they print, what they leave, how they end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from integration.conftest import EXAMPLE, TOWN, one_process, plotlot

COMMAND = [sys.executable, "-c", "from plotlot.cli import main; main()"]


def run(*arguments: str, data: Path, url: str | None = None) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("PLOTLOT_")}
    if url:
        env["PLOTLOT_URL"] = url
    command = [*COMMAND, *arguments, "--data", str(data)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the example town, filled by the command line."""
    data = tmp_path_factory.mktemp("town")
    ingested = run("ingest", str(EXAMPLE / "ordinance.md"), "-m", TOWN, "--json", data=data)
    assert ingested.returncode == 0, ingested.stderr
    assert ingested.stderr == ""
    assert len(json.loads(ingested.stdout)["districts"]) >= 4
    imported = run("parcels", "import", str(EXAMPLE / "parcels.geojson"), "-m", TOWN, "--json", data=data)
    assert json.loads(imported.stdout)["added"] >= 10
    return data


def parcels() -> list[dict]:
    return json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]


def test_standards_have_the_pinned_shape(town: Path) -> None:
    result = run("standards", "-m", TOWN, "-d", "r 1", "--json", data=town)
    document = json.loads(result.stdout)
    assert result.returncode == 0
    assert {"municipality", "district", "bundle", "standards"} <= set(document)
    assert document["district"] == "R-1"
    stated = [item for item in document["standards"] if item["status"] == "stated"]
    assert len(stated) >= 8
    for item in stated:
        assert {"field", "status", "value", "unit", "conditions", "confidence", "engine"} <= set(item)
        citation = item["citation"]
        assert set(citation) == {
            "document", "document_sha256", "section", "page", "start", "end", "quote", "document_title",
            "effective_date", "retrieved_at", "anchor",
        }  # fmt: skip


def test_an_analysis_has_the_pinned_shape_and_a_page(town: Path, tmp_path: Path) -> None:
    page, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    files = ("--html", str(page), "--pdf", str(printed))
    result = run("analyze", "12 Elm St", "-m", TOWN, "--json", *files, data=town)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    pinned = {"parcel", "district", "standards", "envelope", "yield", "verdict", "assumptions"}
    assert pinned | {"timings_ms", "municipality", "bundle"} <= set(report)
    found = report["yield"]
    assert {"units_low", "units_high", "binding_constraint", "constraints"} <= set(found)
    assert "<svg" in page.read_text()
    assert "http://" not in page.read_text().replace("http://www.w3.org/2000/svg", "")
    assert printed.read_bytes().startswith(b"%PDF")


def test_a_stated_fact_is_taken_instead_of_the_sources(town: Path) -> None:
    result = run("analyze", "12 Elm St", "-m", TOWN, "--json", "--fact", "lot_kind=corner", data=town)
    assert json.loads(result.stdout)["facts"]["lot_kind"]["origin"] == "reader"


def test_search_has_the_pinned_shape(town: Path) -> None:
    result = run("search", "accessory buildings", "-m", TOWN, "-k", "3", "--json", data=town)
    results = json.loads(result.stdout)["results"]
    assert 1 <= len(results) <= 3
    assert {"chunk", "score", "section", "document", "start", "end", "text"} <= set(results[0])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["analyze", "1 Nowhere Road", "-m", TOWN], 3, "Nowhere"),
        (["analyze", "100 Main", "-m", TOWN], 3, "Main"),
        (["standards", "-m", "Larkfeild, OH", "-d", "R-1"], 3, "Larkfield, OH"),
        (["standards", "-m", TOWN, "-d", "ZZ-9"], 3, "R-1"),
        (["ask", "What is the boiling point of tungsten?", "-m", TOWN], 3, ""),
        (["search", "x", "-m", "Elsewhere, OH"], 3, "Elsewhere"),
    ],
)
def test_what_is_not_here_is_3_and_says_what_is_near(
    town: Path, arguments: list[str], code: int, words: str
) -> None:
    result = run(*arguments, data=town)
    assert result.returncode == code, result.stderr
    assert words in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_one_unreadable_file_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "good.txt").write_text(
        "ARTICLE 1. ZONING\n\nSec. 1. R-1 District\n\nFront yard: 20 feet minimum.\n"
    )
    result = run("ingest", str(folder), "-m", "Both, OH", "--json", data=tmp_path / "data")
    document = json.loads(result.stdout)
    assert result.returncode == 4
    assert [each["name"] for each in document["documents"]] == ["good.txt"]
    assert [each["name"] for each in document["failed"]] == ["bad.pdf"]


def test_the_same_answers_come_from_a_running_gateway(town: Path, tmp_path: Path) -> None:
    own = json.loads(run("standards", "-m", TOWN, "-d", "R-1", "--json", data=town).stdout)
    with one_process(town) as stack:
        arguments = ("standards", "-m", TOWN, "-d", "R-1", "--json")
        asked = json.loads(run(*arguments, data=tmp_path / "unused", url=stack.url).stdout)
    assert asked == own
    assert not (tmp_path / "unused").exists()


def test_a_port_in_use_is_told(town: Path) -> None:
    with one_process(town) as stack:
        port = stack.url.rpartition(":")[2]
        result = run("up", "--port", port, data=town)
    assert result.returncode == 1
    assert "--port" in result.stderr


def long_code(folder: Path, sections: int = 400) -> Path:
    """A code that takes seconds to ingest."""
    code = folder / "long.txt"
    words = "Words of the section. " * 60
    code.write_text("\n\n".join(f"Sec. {number}. Topic {number}\n\n{words}" for number in range(sections)))
    return code


def embeddings(client: httpx.Client) -> int:
    """The batches of texts that were embedded so far."""
    pattern = r'plotlot_rpc_requests_total\{.*method="Embed".*\} (\d+)'
    return sum(int(found) for found in re.findall(pattern, client.get("/metrics").text))


def towns(client: httpx.Client) -> list[str]:
    return [town["name"] for town in client.get("/v1/municipalities").json()["municipalities"]]


def test_an_ingestion_killed_midway_leaves_nothing_half_written(tmp_path: Path) -> None:
    data, code = tmp_path / "data", long_code(tmp_path)
    process = plotlot("ingest", str(code), "-m", "Long, OH", "--data", str(data))
    deadline = time.monotonic() + 60
    while not (data / "postgres" / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3)
    assert process.poll() is None, "the ingestion ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with one_process(data) as stack, stack.client() as client:
        assert towns(client) == []
        files = {"file": ("small.txt", b"Sec. 1. R-1 District\n\nThe front yard is 20 feet.\n")}
        answer = client.post("/v1/documents", files=files, data={"municipality": "Long, OH"})
        assert answer.json()["changed"] is True


def test_a_command_that_is_terminated_stops_what_it_started(tmp_path: Path) -> None:
    data, code = tmp_path / "data", long_code(tmp_path)
    running = data / "postgres" / "postmaster.pid"
    process = plotlot("ingest", str(code), "-m", "Long, OH", "--data", str(data))
    deadline = time.monotonic() + 60
    while not running.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 128 + signal.SIGTERM
    assert not running.exists()


def test_a_database_that_stops_during_an_ingestion_is_told_and_loses_nothing(tmp_path: Path) -> None:
    data, code = tmp_path / "data", long_code(tmp_path, sections=100)
    with one_process(data) as stack, stack.client() as client:
        files = {"file": ("small.txt", b"Sec. 1. R-1 District\n\nThe front yard is 20 feet.\n")}
        client.post("/v1/documents", files=files, data={"municipality": "Kept, OH"}).raise_for_status()
        before = embeddings(client)
        process = plotlot("ingest", str(code), "-m", "Lost, OH", env={"PLOTLOT_URL": stack.url})
        while embeddings(client) == before and process.poll() is None:
            time.sleep(0.05)
        os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "database" in said
    with one_process(data) as stack, stack.client() as client:
        assert towns(client) == ["Kept, OH"]
