"""The towns of an evaluation: their files, and the canonical texts that quotes and evidence are checked against."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plotlot.domain.documents import Document
from plotlot.domain.errors import UnreadableDocument
from plotlot.ingestion.parsers import parse_document

TOWN_FILE = "town.json"


@dataclass(frozen=True)
class Town:
    """A municipality by the name that it is ingested under, and the files of its code."""

    name: str
    files: tuple[Path, ...]

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The parsed documents by the name of their file. Raises UnreadableDocument."""
        return {path.name: parse_document(path.name, path.read_bytes()) for path in self.files}

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The canonical texts by their SHA-256."""
        return {document.text_sha256: document.text for document in self.documents.values()}


def own_towns(folders: Iterable[Path]) -> dict[str, Town]:
    """The towns that have a ``town.json`` below the folders, by name."""
    found = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/{TOWN_FILE}")):
            town = town_of(path)
            found[town.name] = town
    return found


def town_of(path: Path) -> Town:
    """The town of a ``town.json``: {"name": ..., "files": [...]}. Raises UnreadableDocument."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(path.parent / name for name in values["files"])
        name = str(values["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableDocument(f"{path} does not name a town and its files: {error}") from error
    if absent := [file for file in files if not file.is_file()]:
        raise UnreadableDocument(f"{path} names {absent[0].name}, which is not beside it")
    return Town(name, files)


def stored_towns(
    ordinances: Path, names: Iterable[str], wanted: Mapping[str, Sequence[str]]
) -> dict[str, Town]:
    """Towns of a folder of ordinances with its manifest; ``wanted`` files of a town are taken, else its originals."""
    manifest = json.loads((ordinances / "manifest.json").read_text(encoding="utf-8"))
    found = {}
    for name in sorted(set(names)):
        folder = folder_name(name)
        entries = [entry for entry in manifest if Path(entry["file"]).parent.name == folder]
        originals = [Path(entry["file"]).name for entry in entries if "derived" not in entry["format"]]
        chosen = wanted.get(name) or originals
        files = tuple(ordinances / folder / each for each in sorted(set(chosen)))
        if files and all(file.is_file() for file in files):
            found[name] = Town(name, files)
    return found


def folder_name(town: str) -> str:
    """The folder of a town's ordinances: ``Miami, FL`` lies in ``miami_fl``."""
    return re.sub(r"\W+", "_", town.casefold()).strip("_")
