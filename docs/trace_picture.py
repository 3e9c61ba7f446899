"""``make trace-picture``: writes docs/images/trace.webp, a real trace of a question in MLflow's own page.

Needs services/tests, evals and docs on PYTHONPATH: there the browser is driven, and PlotLot is served. The model that the
question is asked of is one that plays its part; all else is what runs anywhere.
"""

import base64
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from bench import TOWN, load_example, running
from browser import Page, browser, chromium
from integration.conftest import FreePort
from screenshots import as_webp
from scripted_engine import MODEL, scripted_engine

from plotlot.evaluation.tracking_server import server_command

PICTURE = Path(__file__).parent / "images" / "trace.webp"
START_SECONDS, SHOWN_SECONDS = 180.0, 60.0
SIZE = (1400, 760)
WIDE = 950  # where the time line is to end
DIVIDER = """[...document.querySelectorAll('div')].find((one) => getComputedStyle(one).cursor.includes('resize')
    && one.clientHeight > 500 && one.getBoundingClientRect().x < 600).getBoundingClientRect().x"""
QUESTION = {"question": "How tall may a fence in a front yard be?", "municipality": TOWN}


@contextmanager
def mlflow(folder: Path) -> Iterator[str]:
    """The address of a running MLflow."""
    port = FreePort()()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        server_command(folder, "127.0.0.1", port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx.get(f"{url}/health", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def quoting(body: dict[str, Any]) -> str:
    """What the model answers: the sentence of the first passage that is about fences."""
    asked = json.loads(body["messages"][-1]["content"])
    for passage in asked["passages"]:
        for sentence in passage["text"].split(". "):
            if "fence" in sentence.lower():
                return json.dumps({"quotes": [{"passage": passage["number"], "text": sentence.strip()}]})
    return json.dumps({"quotes": []})


def told(url: str, folder: Path) -> None:
    """Ask PlotLot, which sends its trace to MLflow."""
    sending = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{url}/v1/traces",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-mlflow-experiment-id=0",
        "OTEL_TRACES_SAMPLER": "always_on",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "PLOTLOT_GENERATION_MODEL": MODEL,
    }
    with scripted_engine() as engine, patch.dict("os.environ", sending, PLOTLOT_GENERATION_URL=engine.url):
        engine.answers = quoting
        with running(folder) as (client, _, _):
            load_example(client)
            client.post("/v1/ask", json={**QUESTION, "question": "How tall may a house be?"})
            client.post("/v1/ask", json=QUESTION).raise_for_status()
            before, until = "", time.monotonic() + SHOWN_SECONDS
            while (last := newest(url)) != before or time.monotonic() > until:  # until no more come
                before = last
                time.sleep(5.0)


def newest(url: str) -> str:
    """The id of the trace that began last."""
    listed = httpx.get(f"{url}/api/2.0/mlflow/traces", params={"experiment_ids": "0"}, timeout=60)
    return str(
        max(listed.raise_for_status().json()["traces"], key=lambda one: one["timestamp_ms"])["request_id"]
    )


def taken(page: Page, url: str) -> bytes:
    """A picture of the trace as a time line, once it is shown, as PNG."""
    page.size(*SIZE, scale=1.5)
    page.open(f"{url}/#/experiments/0/traces?selectedEvaluationId={newest(url)}")
    page.wait(lambda: f"chat {MODEL}" in page.text(), SHOWN_SECONDS)
    for button in ("Full screen", "Show execution timeline"):
        page.run(f"document.querySelector('[aria-label=\"{button}\"]').click()")
        settle(page)
    drag(page, float(page.run(DIVIDER)) + 4, WIDE)
    settle(page)
    return base64.b64decode(page.send("Page.captureScreenshot")["data"])


def drag(page: Page, start: float, end: float) -> None:
    """Move what lies at one place of the page to the right, or left, of it."""
    for kind, x in (
        ("mousePressed", start),
        ("mouseMoved", start + 5),
        ("mouseMoved", end),
        ("mouseReleased", end),
    ):
        page.send(
            "Input.dispatchMouseEvent", type=kind, x=x, y=SIZE[1] - 60, button="left", buttons=1, clickCount=1
        )


def settle(page: Page) -> None:
    """Wait until what moves has moved."""
    page.run("new Promise((done) => setTimeout(() => done(0), 1500))")


def main() -> None:
    """Take the picture anew."""
    executable = chromium()
    if executable is None:
        raise SystemExit("no Chromium on the path: install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with mlflow(folder / "mlflow") as url, browser(executable, folder / "profile") as opened:
            told(url, folder / "data")
            with opened.page() as page:
                PICTURE.write_bytes(as_webp(taken(page, url)))


if __name__ == "__main__":
    main()
