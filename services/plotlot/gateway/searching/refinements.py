"""What a search asks for besides its words: which chunks take part, and what is shown beside each."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Refinements:
    """Only documents in force by a day, or since one; only chunks on a district; chunks beside each result.

    ``generation`` of the index, where an answer began with one; 0 is the bundle's, else the live one.
    """

    effective_by: date | None = None
    effective_since: date | None = None
    district: str = ""
    neighbours: int = 0
    within_section: bool = False
    generation: int = 0

    def asked(self) -> dict[str, Any]:
        """Those that were asked for, as JSON has them: a gateway that knows none can be asked for the rest."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: str(value) if isinstance(value, date) else value for name, value in values.items() if value
        }
