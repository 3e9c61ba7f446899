"""What the readers of tables, labels and sentences hand to the assembly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Literal

from plotlot.domain.documents import Span
from plotlot.domain.standards import FIELD_UNITS, Formula, Status

Source = Literal["table", "sentence", "label"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value read at one place of a document, before it is tied to a district and checked.

    ``value`` is in the field's unit. ``districts`` holds codes as written; empty means every
    district of the scope of the place (its section, or the whole code when ``general``).
    ``span`` is the quote: contiguous, and the number must be readable from it.
    """

    field: str
    value: float | None
    span: Span
    source: Source
    quoted_value: str = ""
    quoted_unit: str = ""
    formula: Formula | None = None
    conditions: Mapping[str, str] = with_default(default_factory=dict)
    districts: tuple[str, ...] = ()
    general: bool = False
    status: Status = Status.STATED
    section: int = 0
    confidence: float = 0.9
    note: str = ""

    @property
    def unit(self) -> str:
        """The unit of ``value``."""
        return FIELD_UNITS[self.field]


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What the readers know of the code around a document.

    ``named`` gives the district codes that a text names, in order, spelled as the code defines
    them; ``scope`` the districts that the place at an offset speaks of (empty: none in
    particular).
    """

    named: Callable[[str], tuple[str, ...]]
    scope: Callable[[int], tuple[str, ...]]
