"""The real thing in this process: every service on an embedded Postgres, with the example town."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from browser import Browser, Page, browser, chromium
from page_checks import DESKTOP

from plotlot.cli.serving import listen, server_for
from plotlot.runtime import Runtime
from plotlot.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "larkfield"
TOWN = "Larkfield, OH"
START_SECONDS = 60.0


class Serving:
    """A runtime and its HTTP server, on a thread with an event loop of its own."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self._listening = listen("127.0.0.1", 0)
        self._server: uvicorn.Server | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._settings = Settings(data_dir=data, public_url=self.url, **settings)

    def start(self) -> None:
        """Serve, once everything is up."""
        self._thread.start()
        if not self._started.wait(START_SECONDS):
            raise TimeoutError("PlotLot did not start")

    def stop(self) -> None:
        """Stop serving, and everything behind it."""
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._listening.close()

    async def _run(self) -> None:
        try:
            async with Runtime(self._settings) as runtime:
                assert runtime.app is not None
                self._server = server_for(runtime.app)
                self._started.set()
                await self._server.serve(sockets=[self._listening])
        finally:
            self._started.set()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running PlotLot that knows the example town."""
    serving = Serving(tmp_path_factory.mktemp("data"))
    serving.start()
    try:
        with httpx.Client(base_url=serving.url, timeout=60) as client:
            for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
                content = (EXAMPLE / name).read_bytes()
                answer = client.post(path, files={"file": (name, content)}, data={"municipality": TOWN})
                assert answer.status_code == 200, answer.text
        yield serving.url
    finally:
        serving.stop()


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A running Chromium."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium on the path: install chromium to test the page in a browser")
    with browser(executable, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """A fresh page on a desktop's screen, in a browser that knows nobody."""
    with chrome.page() as opened:
        opened.send("Network.clearBrowserCookies")
        opened.size(*DESKTOP)
        yield opened
