"""The real thing: every service in one process on an embedded Postgres, with the example town, and a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import Browser, Page, browser, chromium
from integration.conftest import FreePort, Stack, announced, load_example, plotlot, stopping
from page_checks import DESKTOP


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[str]:
    """The address of a PlotLot in a process of its own, with these settings."""
    port = FreePort()()
    url = f"http://127.0.0.1:{port}"
    env = {f"PLOTLOT_{name.upper()}": value for name, value in settings.items()}
    process = plotlot("up", "--port", str(port), "--data", str(data), env={**env, "PLOTLOT_PUBLIC_URL": url})
    with stopping(process):
        announced(process, "serves http")
        yield url


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running PlotLot that knows the example town."""
    data = tmp_path_factory.mktemp("data")
    with serving(data) as url:
        load_example(Stack(url, {}, data))
        yield url


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
