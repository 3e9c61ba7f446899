"""Which parts of a code a model is shown for a district and a group of fields, within a budget of tokens."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from plotlot.domain.chunks import Chunk, chunk_document
from plotlot.domain.districts import in_family
from plotlot.domain.documents import Document
from plotlot.domain.instructions import without_planted
from plotlot.domain.quantities import find_quantities
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.districts import discover
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.renditions import distinct
from plotlot.extraction.reader.scopes import ASIDE, Scopes
from plotlot.extraction.reader.vocabulary import uses_named

LONGEST_PASSAGE = 1_600
CHARACTERS_PER_TOKEN = (
    3.2  # English in ordinances, figures and tables included; fewer than most tokenizers need
)
_MARKS_TOKENS = 40
_DRAWN = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_PADDING = re.compile(r"[ \t]{2,}")
_RULE = re.compile(r"-{4,}")
_OWN_PLACE, _OWN_NAME, _OTHERS_PLACE, _OTHERS_NAME = 6.0, 4.0, -4.0, -2.0
_FIELD, _HEADED, _TABLED, _NUMBERLESS, _ASIDE = 2.0, 2.0, 1.0, -3.0, -3.0
_TOGETHER = 0.5
CODE_WIDE = frozenset({"parking_per_unit"})
"""Fields that codes state for all districts in one place."""


@dataclass(frozen=True)
class Passage:
    """A piece of a document, with what it speaks of."""

    document: Document
    chunk: Chunk
    index: DistrictIndex
    place: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its characters in the canonical text."""
        return self.document.text[self.chunk.start : self.chunk.end]

    @cached_property
    def shown(self) -> str:
        """Its characters without what is said to machines, and without the padding of tables drawn with bars."""
        own = without_planted(self.text)
        return _DRAWN.sub(lambda line: _RULE.sub("---", _PADDING.sub(" ", line[0])), own)

    @cached_property
    def names(self) -> frozenset[str]:
        """The districts that it names, or that its table does."""
        cells = [name for text in self.cells for name in self.index.find(text)]
        return frozenset([*self.index.find(self.text, strict=True), *cells])

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields that it names."""
        return frozenset(mention.field for mention in fields_named(self.text))

    @cached_property
    def headed(self) -> frozenset[str]:
        """The fields that its headings name."""
        return frozenset(mention.field for mention in fields_named(self.chunk.heading_path))

    @cached_property
    def has_numbers(self) -> bool:
        """Whether it holds a quantity: a number with its unit, or in a table any."""
        return any(found.unit or self.cells for found in find_quantities(self.text))

    @property
    def tokens(self) -> int:
        """About how many tokens it takes to show."""
        characters = len(self.shown) + len(self.chunk.heading_path)
        return int(characters / CHARACTERS_PER_TOKEN) + _MARKS_TOKENS

    @property
    def tables(self) -> list[str]:
        """The texts of the tables that it is a part of."""
        return [
            self.document.text[table.start : table.end]
            for table in self.document.tables
            if table.start < self.chunk.end and self.chunk.start < table.end
        ]

    @cached_property
    def cells(self) -> list[str]:
        """The texts of table cells in it that are short enough to name districts."""
        inside = (
            self.document.cell_text(cell)
            for table in self.document.tables
            if table.start < self.chunk.end and self.chunk.start < table.end
            for cell in table.cells
            if any(self.chunk.start <= span.start < self.chunk.end for span in cell.spans)
        )
        return [text for text in inside if 0 < len(text) <= 80]


class Surveyed:
    """A code's districts and passages, found once for all that is asked about them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = distinct(documents)
        self.index = discover(self.documents)
        self._by_document = [self._passages_of(document) for document in self.documents]

    def _passages_of(self, document: Document) -> list[Passage]:
        scopes = Scopes(document, self.index)
        return [
            Passage(document, chunk, self.index, tuple(scopes.at(chunk.start)))
            for chunk in chunk_document(document, LONGEST_PASSAGE)
        ]

    def passages(self, district: District, fields: Sequence[str], most_tokens: int) -> list[Passage]:
        """Those that are likeliest to state the fields for the district, in the order of the code.

        The fields take turns, each with its likeliest passage that is not chosen yet, until the budget is spent.
        """
        turns = [self._ranked(district.code, field, fields) for field in fields]
        chosen: set[tuple[int, int]] = set()
        left = most_tokens
        for places in zip_longest(*turns):
            for place in filter(None, places):
                wanted = {place, *self._companions(place)} - chosen
                cost = sum(self._at(one).tokens for one in wanted)
                if cost <= left:
                    chosen |= wanted
                    left -= cost
        return [self._at(place) for place in sorted(chosen)]

    def _ranked(self, district: str, field: str, fields: Sequence[str]) -> list[tuple[int, int]]:
        """Where a field may be stated, the likeliest place first; where all are stated together before others."""
        scored = [
            (worth + _TOGETHER * len(passage.fields & set(fields)), place)
            for place, passage in self._each()
            if (worth := score(passage, district, (field,))) > 0
        ]
        return [place for _, place in sorted(scored, key=lambda pair: (-pair[0], pair[1]))]

    def _each(self) -> Iterator[tuple[tuple[int, int], Passage]]:
        for number, passages in enumerate(self._by_document):
            for ordinal, passage in enumerate(passages):
                yield (number, ordinal), passage

    def _at(self, place: tuple[int, int]) -> Passage:
        return self._by_document[place[0]][place[1]]

    def _companions(self, place: tuple[int, int]) -> Iterable[tuple[int, int]]:
        """Without which a piece of a table is not understood: its beginning, and its notes."""
        passages = self._by_document[place[0]]
        starts = [passage.chunk.start for passage in passages]
        piece = passages[place[1]].chunk
        for table in passages[0].document.tables:
            if table.start < piece.end and piece.start < table.end:
                for offset in (table.start, *(note.span.start for note in table.footnotes)):
                    yield place[0], max(bisect_right(starts, offset) - 1, 0)


def score(passage: Passage, district: str, fields: Sequence[str]) -> float:
    """How likely a passage is to state one of the fields for a district; 0 or less is not worth showing."""
    wanted = set(fields)
    named = len(wanted & passage.fields)
    headed = len(wanted & passage.headed)
    if not named and not headed:
        return 0.0
    worth = _FIELD * named + _HEADED * bool(headed) + _TABLED * bool(passage.cells)
    worth += _NUMBERLESS * (not passage.has_numbers)
    own = any(one == district or in_family(district, one) for one in passage.place)
    if wanted <= CODE_WIDE and not own:
        # Stated once for all districts, by uses, under a heading of its own.
        worth += _OWN_PLACE * bool(headed and set(uses_named(passage.text)) - {"nonresidential"})
        return worth + _OTHERS_PLACE * bool(passage.place)
    if own:
        return worth + _OWN_PLACE
    if district in passage.names:
        about = _OWN_NAME
    else:
        about = _OTHERS_PLACE if passage.place else _OTHERS_NAME * bool(passage.names)
    # A sign's height, a shed's yard: unless the place is the district's own.
    return worth + about + _ASIDE * bool(ASIDE.search(passage.chunk.heading_path))
