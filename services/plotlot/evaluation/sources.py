"""What an evaluation runs on: what the checkout holds, and a folder of real codes where one is given."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from plotlot.domain.errors import UnreadableDocument
from plotlot.evaluation.data_versions import dvc_versions
from plotlot.evaluation.gold import load_gold
from plotlot.evaluation.golden import Question, load_questions
from plotlot.evaluation.runs import digest_of
from plotlot.evaluation.towns import Town, own_towns, stored_towns

GOLDEN = Path("evals/golden")
STANDARDS = Path("evals/standards")
DEV = Path("gold/dev.jsonl")
TOWNS = (Path("examples"), Path("evals/towns"))


@dataclass(frozen=True, slots=True)
class Checked:
    """Checked values by the name of where they come from, and the folder that their files are relative to."""

    name: str
    folder: Path
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Sources:
    """A checkout with ``evals`` and ``examples``; ``data`` has ordinances, gold and retrieval, or is None.

    ``only`` are the ids of the towns asked for, by name; none means all.
    """

    root: Path
    data: Path | None = None
    split: str = ""
    only: Sequence[str] = ()

    @cached_property
    def asked(self) -> list[Question]:
        """Every golden question whose town's code is here."""
        return [question for question in self._all if question.municipality in self.towns]

    @cached_property
    def left_out(self) -> list[str]:
        """The towns that questions are about, and whose code is not here."""
        return sorted({each.municipality for each in self._all} - set(self.towns))

    @cached_property
    def _all(self) -> list[Question]:
        paths = sorted((self.root / GOLDEN).glob("*.jsonl"))
        if not paths:
            raise UnreadableDocument(
                f"there are no golden questions in {self.root / GOLDEN}: run this in a checkout"
            )
        return [
            question
            for question in load_questions(paths)
            if self.split in ("", question.split) and (not self.only or question.municipality in self.only)
        ]

    @cached_property
    def towns(self) -> Mapping[str, Town]:
        """The towns by name: those of the checkout, and those of the data that questions are about."""
        own = own_towns(self.root / folder for folder in TOWNS)
        if self.data is None:
            return own
        wanted: dict[str, list[str]] = defaultdict(list)
        for question in self._all:
            wanted[question.municipality] += [Path(each.document).name for each in question.evidence]
        elsewhere = {name: files for name, files in wanted.items() if name not in own}
        return {**stored_towns(self.data / "ordinances", elsewhere, elsewhere), **own}

    def standards(self) -> list[Checked]:
        """Lists of checked values: those of the checkout as one, and the gold of the data."""
        own = [row for path in sorted((self.root / STANDARDS).glob("*.jsonl")) for row in load_gold(path)]
        found = [Checked(STANDARDS.as_posix(), self.root, own)] if own else []
        if self.data is not None and (self.data / DEV).is_file():
            found.append(Checked(DEV.as_posix(), self.data / "ordinances", load_gold(self.data / DEV)))
        return found

    def collections(self) -> list[Path]:
        """Folders of judged queries in BEIR form."""
        folder = self.data / "retrieval" if self.data is not None else None
        return [path.parent for path in sorted(folder.glob("*/corpus.jsonl"))] if folder else []

    def digests(self, towns: Iterable[Town]) -> dict[str, str]:
        """What was measured on, by name, as SHA-256; and what DVC calls it, where that is what versions it."""
        found = {
            path.relative_to(self.root).as_posix(): digest_of([path])
            for folder in (GOLDEN, STANDARDS)
            for path in sorted((self.root / folder).glob("*.jsonl"))
        }
        found |= {town.name: digest_of(town.files) for town in towns}
        if self.data is not None and (gold := self.data / DEV).is_file():
            found[DEV.as_posix()] = digest_of([gold])
        for folder in (self.root / GOLDEN, self.data):
            found |= dvc_versions(folder) if folder is not None else {}
        return found
