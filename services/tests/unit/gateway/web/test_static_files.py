"""The styles and scripts: at which address, for how long kept, and how they import one another."""

import re
from pathlib import Path

import httpx
import pytest
from fake_gateway import fake_app

from plotlot.gateway.web.static_files import static_files


def client_of() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(fake_app()), base_url="http://test")


async def test_what_a_page_links_is_served_and_kept() -> None:
    async with client_of() as client:
        page = (await client.get("/")).text
        linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        answers = {address.rsplit("/", 1)[1]: await client.get(address) for address in linked}
    assert {"plotlot.css", "home.js"} <= set(answers)
    assert all(answer.status_code == 200 for answer in answers.values())
    assert all("immutable" in answer.headers["cache-control"] for answer in answers.values())
    assert answers["home.js"].headers["content-type"].startswith("text/javascript")


async def test_another_releases_version_is_answered_and_not_kept() -> None:
    async with client_of() as client:
        answer = await client.get("/static/of-another-release/plotlot.css")
        missing = await client.get("/static/of-another-release/..%2frendering.py")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert missing.status_code == 404


def test_the_version_is_that_of_all_names_and_contents(tmp_path: Path) -> None:
    def version(**contents: str) -> str:
        folder = tmp_path / "-".join(contents.values())
        folder.mkdir()
        for name, text in contents.items():
            (folder / f"{name}.js").write_text(text)
        return static_files(folder).version

    assert len({version(a="x", b="y"), version(a="y", b="x"), version(a="xy"), version(b="xy1")}) == 4


def test_a_page_can_link_only_what_is_there() -> None:
    with pytest.raises(KeyError):
        static_files().address("absent.js")


def test_scripts_import_only_what_lies_beside_them() -> None:
    files = static_files()
    for name in files.contents:
        for imported in re.findall(r'from "([^"]+)"', files.text(name)):
            assert imported.removeprefix("./") in files.contents, f"{name} imports {imported}"
