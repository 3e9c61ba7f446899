"""Codes in a folder."""

from pathlib import Path

import pytest
from fakes.fetching import DirectFetch, pages

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.publishers.folder import Folder, municipality_of
from plotlot.ingestion.publishers.publisher import PageGone

FETCH = DirectFetch(pages({}))


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    for name in (
        "amber_on_the_hill_qx/code.md",
        "birch_oh/a/1.txt",
        "birch_oh/2.pdf",
        "birch_oh/2.layout.txt",
    ):
        file = tmp_path / "towns" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text")
    (tmp_path / "towns" / "manifest.json").write_text("[]")
    (tmp_path / "towns" / "pictures").mkdir()
    return tmp_path / "towns"


async def test_folders_that_are_called_as_towns_are_listed(towns: Path) -> None:
    publisher = Folder("here", towns, 1_000)
    (town,) = await publisher.towns(FETCH, "qx")
    assert (town.municipality, town.reference) == ("Amber on the Hill, QX", "amber_on_the_hill_qx")
    assert (await publisher.described(FETCH, town)).product == "1 files"


async def test_files_are_read_but_those_made_of_another(towns: Path) -> None:
    publisher = Folder("here", towns, 1_000)
    pieces = await publisher.code(FETCH, ListedTown("Birch, OH", "here", "birch_oh"))
    assert [piece.name for piece in pieces] == ["2.pdf", "a/1.txt"]


async def test_nothing_outside_of_the_folder_is_read(towns: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (towns / "birch_oh" / "link.txt").symlink_to(secret)
    publisher = Folder("here", towns, 1_000)
    pieces = await publisher.code(FETCH, ListedTown("Birch, OH", "here", "birch_oh"))
    assert "link.txt" not in [piece.name for piece in pieces]
    for reference in ("..", "../..", "nowhere_qx"):
        with pytest.raises(PageGone):
            await publisher.code(FETCH, ListedTown("Birch, OH", "here", reference))


async def test_a_file_that_is_too_large_is_not_read(towns: Path) -> None:
    with pytest.raises(SourceUnavailable, match="more than"):
        await Folder("here", towns, 3).code(FETCH, ListedTown("Birch, OH", "here", "birch_oh"))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("essex_junction_vt", "Essex Junction, VT"),
        ("Miami, FL", "Miami, FL"),
        ("docs", ""),
        ("manifest.json", ""),
    ],
)
def test_municipalities_of_folders(folder: str, name: str) -> None:
    assert municipality_of(folder) == name
