"""Codes in a folder: one folder a town, called as the town with its state behind it, with the files of its code."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.publishers.publisher import Fetch, PageGone, Piece

_TOWN = re.compile(r"(?P<name>.+?)[ ,_-]+(?P<state>[A-Za-z]{2})")
_SMALL = frozenset(("and", "by", "de", "la", "of", "on", "the"))
_RENDERED = (".txt", ".md")


class Folder:
    """A folder of towns on this machine; ``most_bytes`` is the largest file that is read."""

    def __init__(self, name: str, path: Path, most_bytes: int) -> None:
        self._name, self._path, self._most_bytes = name, path, most_bytes

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return self._name

    @property
    def host(self) -> str:
        """It asks nobody."""
        return ""

    async def towns(self, fetch: Fetch, state: str) -> list[ListedTown]:
        """The folders that are called as towns of a state."""
        try:
            folders = await asyncio.to_thread(
                lambda: sorted(one for one in self._path.iterdir() if one.is_dir())
            )
        except OSError as error:
            raise SourceUnavailable(f"{self._name}: {self._path} cannot be read ({error.strerror})") from None
        named = [(one.name, municipality_of(one.name)) for one in folders]
        return [
            ListedTown(municipality, self._name, name)
            for name, municipality in named
            if municipality.endswith(f", {state.upper()}")
        ]

    async def described(self, fetch: Fetch, town: ListedTown) -> ListedTown:
        """The town with the number of its files and the day of the newest."""
        files = await asyncio.to_thread(self._files, town)
        newest = max((file.stat().st_mtime for file in files), default=0.0)
        day = datetime.fromtimestamp(newest, UTC).date().isoformat() if files else ""
        return replace(town, product=f"{len(files)} files", dated=day)

    async def edition(self, fetch: Fetch, town: ListedTown) -> str:
        """Nothing: to read its files costs no more."""
        return ""

    async def code(self, fetch: Fetch, town: ListedTown) -> list[Piece]:
        """Every file, by its path below the town's folder."""
        return await asyncio.to_thread(self._read, town)

    def _read(self, town: ListedTown) -> list[Piece]:
        pieces = []
        for file in self._files(town):
            if file.stat().st_size > self._most_bytes:
                raise SourceUnavailable(
                    f"{file.name} has more than {self._most_bytes / 1e6:g} MB: raise PLOTLOT_MAX_DOCUMENT_BYTES"
                )
            name = file.relative_to(self._path / town.reference).as_posix()
            pieces.append(Piece(name, "", file.read_bytes(), file.as_uri()))
        return pieces

    def _files(self, town: ListedTown) -> list[Path]:
        """The files of a town. A text that was made of a file beside it is left out: it says the same again."""
        folder = (self._path / town.reference).resolve()
        if folder.parent != self._path.resolve() or not folder.is_dir():
            raise PageGone(f"{self._name} has no folder {town.reference!r}")
        files = sorted(
            file
            for file in folder.rglob("*")
            if file.is_file() and not file.name.startswith(".") and file.resolve().is_relative_to(folder)
        )
        originals = {file.with_suffix("") for file in files if file.suffix.lower() not in _RENDERED}
        return [file for file in files if not _is_rendering(file, originals)]


def _is_rendering(file: Path, originals: set[Path]) -> bool:
    """Whether it is ``name.txt`` or ``name.layout.txt`` beside ``name.pdf``."""
    if file.suffix.lower() not in _RENDERED:
        return False
    stem = file.with_suffix("")
    return stem in originals or (stem.suffix != "" and stem.with_suffix("") in originals)


def municipality_of(folder: str) -> str:
    """The municipality that a folder is called after: ``essex_junction_vt`` is Essex Junction, VT; empty for none."""
    match = _TOWN.fullmatch(folder.strip())
    if match is None:
        return ""
    words = re.split(r"[ _]+", match["name"])
    named = [
        word if word.lower() in _SMALL and place else word[:1].upper() + word[1:]
        for place, word in enumerate(words)
    ]
    return f"{' '.join(named)}, {match['state'].upper()}"
