"""The learned reader as an engine: documents in, a reading of the whole code out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Document
from plotlot.extraction.learned.candidates import Candidate, candidates, find
from plotlot.extraction.learned.decode import choices, read
from plotlot.extraction.learned.features import Rows, describe
from plotlot.extraction.learned.model import Model
from plotlot.extraction.reader.assemble import CodeReading
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.districts import discover
from plotlot.extraction.reader.renditions import distinct


@dataclass(frozen=True)
class Described:
    """A code with its districts, its candidates, and one row of features for each."""

    documents: tuple[Document, ...]
    index: DistrictIndex
    candidates: tuple[Candidate, ...]
    rows: Rows


def described(documents: Sequence[Document]) -> Described:
    """All that a model may be asked of a code."""
    kept = tuple(distinct(documents))
    index = discover(kept)
    found = find(kept, index)
    every = tuple(candidates(found))
    return Described(kept, index, every, describe(found, every, kept, index))


def reading_of(model: Model, code: Described, ids: Mapping[str, str]) -> CodeReading:
    """What a model makes of a code that was described."""
    found = choices(code.candidates, model.score(code.rows))
    return read(model, found, code.documents, code.index.districts, ids)


def read_code(model: Model) -> Callable[[Sequence[Document], Mapping[str, str] | None], CodeReading]:
    """The engine of a model: documents, and their stored ids by name, to a reading."""

    def engine(documents: Sequence[Document], ids: Mapping[str, str] | None = None) -> CodeReading:
        return reading_of(model, described(documents), ids or {})

    return engine
