"""Files of checked values: one JSON object a line."""

import json
from pathlib import Path
from typing import Any

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.standards import FIELD_UNITS

REQUIRED = ("municipality", "district", "field", "status", "file")


def load_gold(path: Path) -> list[dict[str, Any]]:
    """The rows of a file. Raises InvalidRequest naming the line that cannot be used."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # quotes may hold other ends of lines
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path.name} is not text in UTF-8", field="gold") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            rows.append(checked_row(line, f"{path.name}, line {number}"))
    if not rows:
        raise InvalidRequest(f"{path.name} holds no rows", field="gold")
    return rows


def checked_row(line: str, place: str) -> dict[str, Any]:
    """One row with what an evaluation needs of it."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InvalidRequest(f"{place} is not JSON: {error}", field="gold") from error
    missing = [name for name in REQUIRED if not isinstance(row, dict) or not isinstance(row.get(name), str)]
    if missing:
        raise InvalidRequest(f"{place} lacks {', '.join(missing)}", field="gold")
    if row["field"] not in FIELD_UNITS:
        raise InvalidRequest(f"{place} names an unknown field {row['field']!r}", field="gold")
    if row["status"] == "stated" and not isinstance(row.get("value"), int | float):
        raise InvalidRequest(f"{place} is stated but has no value", field="gold")
    found: dict[str, Any] = row
    return found
