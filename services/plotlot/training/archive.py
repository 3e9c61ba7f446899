"""The coded towns that a reader is trained on: each town's text, and rows of what people coded from it."""

import json
import tarfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from plotlot.domain.errors import InvalidRequest
from plotlot.extraction.learned.evidence import FIELDS

_SQFT_PER_ACRE = 43_560.0
_NEAR = 0.011
_MOST_BYTES = 50_000_000
ROWS = "rows.jsonl"
USES: Mapping[str, tuple[str, ...]] = {
    "": ("1_family",),
    "one_family": ("1_family",),
    "one_or_two_family": ("1_family", "2_family"),
    "two_family": ("2_family",),
    "three_family": ("3_family",),
    "four_family": ("4_family",),
    "multi_family": ("3_family", "4_family"),
}
"""The rows that speak of a condition's use, by the use."""


@dataclass(frozen=True, slots=True)
class Row:
    """One coded value; ``sure`` where a search of the text found it beside its field and district."""

    district: str
    district_name: str
    field: str
    use: str
    values: tuple[float, ...]
    acres: float | None
    sure: bool

    def accepts(self, value: float) -> bool:
        """Whether a value read is the coded one, whose acres are rounded to a hundredth."""
        if self.acres is not None and round(value / _SQFT_PER_ACRE, 2) == round(self.acres, 2):
            return True
        return any(abs(value - one) <= max(_NEAR * abs(one), 1e-9) for one in self.values)


@dataclass(frozen=True, slots=True)
class Town:
    """A town's text as it was published, and its rows."""

    name: str
    slug: str
    content: bytes
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The towns of an archive in order of name, and the archive's digest."""

    sha256: str
    towns: tuple[Town, ...]


def load_archive(path: Path) -> Archive:
    """Read an archive of ``text/*.txt`` and ``rows.jsonl``. Raises InvalidRequest where it is none."""
    content = path.read_bytes()
    try:
        with tarfile.open(path) as archive:
            files = {
                member.name.removeprefix("./"): archive.extractfile(member).read()  # type: ignore[union-attr]
                for member in archive.getmembers()
                if member.isfile() and member.size <= _MOST_BYTES
            }
        rows = [json.loads(line) for line in files[ROWS].decode().splitlines() if line.strip()]
        return Archive(sha256(content).hexdigest(), _towns(files, rows))
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise InvalidRequest(f"{path.name} is no archive of coded towns: {error}", field="data") from error


def _towns(files: Mapping[str, bytes], rows: Sequence[Mapping[str, Any]]) -> tuple[Town, ...]:
    by_text: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_text[row["text_file"]].append(row)
    return tuple(
        Town(
            name=of_town[0]["municipality"],
            slug=Path(name).stem,
            content=files[name],
            rows=tuple(_row(row) for row in of_town if _is_usable(row)),
        )
        for name, of_town in sorted(by_text.items())
        if name in files
    )


def _is_usable(row: Mapping[str, Any]) -> bool:
    """Whether a row is evidence: no implausible value, no derived field, no overlay, no case of bedrooms."""
    doubtful = row.get("suspect") or row.get("overlay") or row.get("bedrooms")
    return row["field"] in FIELDS and not doubtful


def _row(row: Mapping[str, Any]) -> Row:
    printed = tuple(float(value) for value in row.get("sqft_candidates") or ())
    return Row(
        district=row["district"],
        district_name=row.get("district_name") or "",
        field=row["field"],
        use=row["use"],
        values=(*printed, float(row["value"])),
        acres=float(row["acres"]) if row.get("acres") is not None else None,
        sure=bool(row.get("strict_match")),
    )
