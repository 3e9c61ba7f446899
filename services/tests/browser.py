"""A headless Chromium, driven over the DevTools protocol."""

import base64
import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
START_SECONDS = 30.0
ANSWER_SECONDS = 30.0
LEFT = "Inspected target navigated or closed"


def chromium() -> str | None:
    """Where a Chromium is installed, if one is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser(executable: str, profile: Path) -> Iterator["Browser"]:
    """A running Chromium with a fresh profile; ended with the block."""
    arguments = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--no-first-run", "--disable-extensions", "--disable-background-networking",
                 "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank")  # fmt: skip
    process = subprocess.Popen([executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Browser(_port(profile / "DevToolsActivePort", process))
    finally:
        process.terminate()
        process.wait(10)


def _port(file: Path, process: "subprocess.Popen[bytes]") -> int:
    """The port that Chromium chose, once it has written it down."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(0.05)
    raise RuntimeError(f"Chromium did not open a debugging port (exit code {process.poll()})")


class Browser:
    """Opens pages."""

    def __init__(self, port: int) -> None:
        self._port = port

    @contextmanager
    def page(self) -> Iterator["Page"]:
        """A fresh page, closed with the block."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request) as answer:
            target = json.load(answer)
        connection = websocket.create_connection(
            target["webSocketDebuggerUrl"], suppress_origin=True, timeout=ANSWER_SECONDS
        )
        try:
            yield Page(connection)
        finally:
            connection.close()
            urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json/close/{target['id']}").close()


class PageLeft(RuntimeError):
    """The page was left for another while it was asked."""


class Page:
    """One page: what it is told, what it shows, and what it complains of."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._loads = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv())
            if message.get("id") == number:
                if "error" in message:
                    kind = PageLeft if message["error"].get("message") == LEFT else RuntimeError
                    raise kind(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loads += 1
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.complaints.append(str(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        before = self._loads
        self.send("Page.navigate", url=address)
        self.wait(lambda: self.run("document.readyState") == "complete" and self._loads > before)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script[:500]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition: Callable[[], Any], seconds: float = ANSWER_SECONDS) -> Any:
        """The first true value of a condition."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(PageLeft):
                if value := condition():
                    return value
            time.sleep(0.02)
        raise TimeoutError(f"not within {seconds:g} s; the page says: {self.text()[:500]}")

    def text(self, selector: str = "body") -> str:
        """The text that a reader sees."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def path(self) -> str:
        """The path of the address."""
        return str(self.run("location.pathname"))

    def fill(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run("document.activeElement.select?.()")
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int = 0) -> None:
        """Press a key."""
        extra = {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **extra)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a mouse does."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView();"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    def painted_ms(self) -> float:
        """Milliseconds from the navigation to the first contentful paint (Paint Timing), once there is one."""
        last = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        return float(self.wait(lambda: self.run(last)))

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Show the page on a screen of this size."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=width < 600,
        )  # fmt: skip

    def media(self, medium: str = "", **features: str) -> None:
        """Show the page as a medium or with preferences, e.g. ``prefers_color_scheme="dark"``."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.send("Emulation.setEmulatedMedia", media=medium, features=named)

    def without_script(self) -> None:
        """Run no script of the page from its next load on."""
        self.send("Emulation.setScriptExecutionDisabled", value=True)

    def screenshot(self, file: Path, whole: bool = True) -> None:
        """Keep what is seen as a PNG."""
        answer = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True)["data"])
