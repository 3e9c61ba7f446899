"""`plotlot bench inference` prints a row for each load."""

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from plotlot.cli import main
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace


@pytest.fixture
def engine() -> Iterator[str]:
    """The URL of an engine that runs on a loop of its own."""
    loop = asyncio.new_event_loop()
    fake = FakeEngine(Pace(token_seconds=0.001))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(fake.start(), loop).result(10)
    asyncio.run_coroutine_threadsafe(fake.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_each_load_has_its_figures(engine: str) -> None:
    arguments = [
        "bench",
        "inference",
        "--url",
        engine,
        "-c",
        "2",
        "-r",
        "500",
        "-n",
        "4",
        "--max-tokens",
        "3",
    ]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)["results"]
    assert [row["load"] for row in rows] == ["2 users", "500 requests/s"]
    assert all(row["answered"] == 4 and row["first_token_ms"]["p50"] > 0 for row in rows)
    printed = CliRunner().invoke(main, arguments)
    assert "2 users" in printed.output


def test_nothing_that_answers_is_a_failure() -> None:
    result = CliRunner().invoke(
        main, ["bench", "inference", "--url", "http://127.0.0.1:1", "-c", "1", "-n", "2"]
    )
    assert result.exit_code == 1
    assert "0/2" in result.output


def test_what_is_no_target_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["bench", "inference", "--url", "ftp://x"])
    assert result.exit_code == 2
    assert "grpc://host:port" in result.output
