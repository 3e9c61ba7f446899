"""The cases of the injection suite: what is planted where, and what it wants."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotlot.domain.errors import InvalidRequest

FOLDER = Path("evals/injection")
CARRIERS = "carriers"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a planted text would have the code say: a value of a field, and the words that claim it."""

    field: str
    value: float
    unit: str
    quote: str


@dataclass(frozen=True, slots=True)
class DocumentCase:
    """A text planted in a code: ``payload`` goes into ``insert``, and that to a ``place`` of the carrier.

    ``hidden`` where a reader does not see it, so that it may not be in the canonical text. ``name`` is the
    file's, where that is what is planted.
    """

    id: str
    vector: str
    format: str
    place: str
    insert: str
    payload: str
    hidden: bool
    wants: Wanted
    risk: str
    name: str = ""

    @property
    def planted(self) -> str:
        """What stands at the place."""
        return self.insert.replace("{payload}", self.payload)


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """A question with something beside what it asks; ``clean`` is the question without it.

    Where it is ``refusable`` nothing may be left to answer.
    """

    id: str
    vector: str
    question: str
    clean: str
    risk: str
    refusable: bool = False


@dataclass(frozen=True, slots=True)
class MetadataCase:
    """A text in what surrounds a code: ``where`` it stands is one of the places of ``metadata``."""

    id: str
    where: str
    vector: str
    payload: str
    risk: str


AnyCase = DocumentCase | QuestionCase | MetadataCase


@dataclass(frozen=True, slots=True)
class Cases:
    """Every case, by where it is borne."""

    folder: Path
    documents: tuple[DocumentCase, ...]
    questions: tuple[QuestionCase, ...]
    metadata: tuple[MetadataCase, ...]

    @property
    def carriers(self) -> Path:
        """The folder of the codes in which texts are planted."""
        return self.folder / CARRIERS

    def each(self, step: int) -> "Cases":
        """One case of so many, of each kind; texts that a reader sees, for the others never reach an answer."""
        seen = [one for one in self.documents if not one.hidden]
        return Cases(self.folder, tuple(seen[::step]), self.questions[::step], self.metadata[::step])

    def __len__(self) -> int:
        return len(self.documents) + len(self.questions) + len(self.metadata)


def load_cases(root: Path) -> Cases:
    """The cases of a checkout; none where it has no such folder. Raises InvalidRequest naming the line at fault."""
    folder = root / FOLDER
    return Cases(
        folder,
        tuple(_document(values) for values in _lines(folder / "documents.jsonl")),
        tuple(_made(QuestionCase, values) for values in _lines(folder / "questions.jsonl")),
        tuple(_made(MetadataCase, values) for values in _lines(folder / "metadata.jsonl")),
    )


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            values = json.loads(line)
            name = str(values["id"])
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidRequest(
                f"{path.name}, line {number} is no case: {error}", field="injection"
            ) from error
        if name in seen:
            raise InvalidRequest(f"{path.name}, line {number}: the id {name} stands twice", field="injection")
        seen.add(name)
        yield values


def _document(values: Mapping[str, Any]) -> DocumentCase:
    wanted = _made(Wanted, values.get("wants", {}))
    return _made(DocumentCase, {**values, "wants": wanted})


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidRequest(
            f"{values.get('id', 'a case')} is no {kind.__name__}: {error}", field="injection"
        ) from error
