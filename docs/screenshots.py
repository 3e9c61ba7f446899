"""``make screenshots``: writes docs/images/page, the real page on the example town in a real Chromium.

Needs services/tests and evals on PYTHONPATH, where the browser is driven and the example town is served.
"""

import base64
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load_example, running
from browser import Browser, Page, browser, chromium
from PIL import Image

FOLDER = Path(__file__).parent / "images" / "page"
MOST_BYTES = 150_000
QUALITIES = (90, 80, 70, 60, 50)
PHONE, DESKTOP = (390, 844), (1280, 900)
REPORT = "/analyze?address=100%20S%20Main%20Street"
QUESTION = "/ask?question=How%20tall%20may%20a%20fence%20in%20a%20front%20yard%20be%3F"


@dataclass(frozen=True)
class Shot:
    """A page as far as the screen goes."""

    name: str
    path: str
    size: tuple[int, int] = DESKTOP
    colours: str = "light"
    below: str = ""  # the element that it is scrolled to
    typed: str = ""  # what is typed into the address box


SHOTS = (
    Shot("home", "/", typed="100"),
    Shot("report", REPORT),
    Shot("report-dark", REPORT, colours="dark"),
    Shot("report-phone", REPORT, PHONE),
    Shot("standards", REPORT, below="#standards"),
    Shot("ask", QUESTION),
    Shot("ask-phone-dark", QUESTION, PHONE, "dark"),
    Shot("towns", "/towns"),
)


@contextmanager
def served() -> Iterator[tuple[str, Browser]]:
    """The address of a PlotLot with the example town, and a browser."""
    executable = chromium()
    if executable is None:
        raise SystemExit("no Chromium on the path: install chromium")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        running(Path(data)) as (client, _, _),
        browser(executable, Path(profile)) as opened,
    ):
        load_example(client)
        yield str(client.base_url).rstrip("/"), opened


def taken(page: Page, url: str, shot: Shot) -> bytes:
    """A picture of a page, as PNG."""
    page.size(*shot.size, scale=2 if shot.size == PHONE else 1.5)
    page.media(prefers_color_scheme=shot.colours, prefers_reduced_motion="reduce")
    page.send("Emulation.setScrollbarsHidden", hidden=True)
    page.open(f"{url}{shot.path}")
    if shot.typed:
        page.fill("#address", shot.typed)
        page.wait(lambda: page.run("!document.querySelector('[role=listbox]').hidden"))
    if shot.below:
        page.run(f"document.querySelector({shot.below!r}).scrollIntoView()")
    page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")
    return base64.b64decode(page.send("Page.captureScreenshot")["data"])


def as_webp(png: bytes) -> bytes:
    """The picture as WebP, in the best quality that stays small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in QUALITIES:
        kept = io.BytesIO()
        picture.save(kept, "WEBP", quality=quality, method=6)
        if kept.tell() <= MOST_BYTES:
            break
    return kept.getvalue()


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as (url, opened):
        for shot in SHOTS:
            with opened.page() as page:
                (FOLDER / f"{shot.name}.webp").write_bytes(as_webp(taken(page, url, shot)))


if __name__ == "__main__":
    main()
