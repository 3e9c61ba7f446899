"""Scores the reader against values that people checked: one row, one district, one field."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from plotlot.domain.documents import Document
from plotlot.domain.errors import InputError, UnreadableDocument
from plotlot.domain.quotes import quote_stands, verify
from plotlot.domain.standards import District, Standard, Status, least_conditioned
from plotlot.evaluation.towns import TOWN_FILE, town_of
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document

log = logging.getLogger(__name__)

TOLERANCE = 0.01
_USE_PARTS = {
    "one_or_two_family": {"one_family", "two_family"},
    "residential": {"one_family", "two_family", "multi_family"},
}


class Reading(Protocol):
    """What an engine read from a code, wherever it ran."""

    @property
    def standards(self) -> Mapping[str, Sequence[Standard]]:
        """The standards of each district, by its code."""

    def district(self, code: str) -> District | None:
        """The district of a code, however it is written; None where none was found."""


@dataclass(slots=True)
class Counts:
    """True and false positives and misses."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def scores(self) -> dict[str, float]:
        """Precision, recall and F1; a score without cases is 0."""
        shown, wanted = self.right + self.wrong, self.right + self.missed
        precision = self.right / shown if shown else 0.0
        recall = self.right / wanted if wanted else 0.0
        both = precision + recall
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / both, 4) if both else 0.0,
        }


@dataclass(slots=True)
class Tally:
    """Counts over all rows and by group."""

    micro: Counts = field(default_factory=Counts)
    by_field: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_town: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_format: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    def add(self, row: Mapping[str, Any], outcome: str) -> None:
        """Count one row's outcome."""
        for counts in (
            self.micro,
            self.by_field[row["field"]],
            self.by_town[row["municipality"]],
            self.by_format[Path(row["file"]).suffix.lstrip(".").lower()],
        ):
            counts.right += outcome == "right"
            counts.wrong += outcome in ("wrong", "spurious")
            counts.missed += outcome in ("wrong", "missed") and row["status"] == "stated"


def parse_folder(folder: Path, named: Collection[str]) -> list[Document]:
    """Every document of a town's folder. Raises UnreadableDocument where one that is named cannot be read."""
    if missing := sorted(name for name in named if not (folder / name).is_file()):
        raise UnreadableDocument(f"there is no file {folder / missing[0]}: check --documents")
    documents = []
    for path in files_of(folder):
        try:
            documents.append(parse_document(path.name, path.read_bytes()))
        except InputError as error:
            if path.name in named:
                raise
            log.warning("left out: %s", error.message)
    return documents


def files_of(folder: Path) -> list[Path]:
    """The files of a town's code: those that its ``town.json`` names, else all of the folder."""
    if (folder / TOWN_FILE).is_file():
        return list(town_of(folder / TOWN_FILE).files)
    return sorted(path for path in folder.iterdir() if path.is_file())


def compatible(conditions: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether a standard's conditions do not exclude the case that a row asks about."""
    for kind, value in wanted.items():
        known = conditions.get(kind, value)
        if known != value and value not in _USE_PARTS.get(known, ()):
            return False
    return True


def shown_standard(reading: Reading, district: str, name: str, wanted: Mapping[str, str]) -> Standard | None:
    """The standard that the reader shows first for a field of a district, or None."""
    found = reading.district(district)
    if found is None:
        return None
    standards = [
        standard
        for standard in reading.standards[found.code]
        if standard.field == name
        and standard.status is not Status.NOT_STATED
        and compatible(standard.conditions, wanted)
    ]
    matching = [s for s in standards if wanted and all(s.conditions.get(k) == v for k, v in wanted.items())]
    return least_conditioned(matching or standards, name)


def outcome_of(row: Mapping[str, Any], shown: Standard | None) -> str:
    """``right``, ``wrong``, ``missed``, ``spurious``, or ``agreed`` where nothing is counted."""
    value = shown.value if shown is not None else None
    if row["status"] == "not_stated":
        return "spurious" if value is not None else "agreed"
    if row["status"] == "formula":
        if value is not None:
            return "spurious"
        return "agreed" if shown is not None and shown.formula is not None else "unread"
    if shown is None:
        return "missed"
    accepted = [row["value"], *row.get("also", [])]
    close = value is not None and any(abs(value - one) <= TOLERANCE * abs(one) + 1e-9 for one in accepted)
    return "right" if close and shown.unit == row["unit"] else "wrong"


def _citations(readings: Iterable[tuple[Reading, Sequence[Document]]]) -> dict[str, int]:
    shown = verified = 0
    for reading, documents in readings:
        texts = {document.text_sha256: document.text for document in documents}
        for standards in reading.standards.values():
            for standard in standards:
                if standard.citation is None:
                    continue
                shown += 1
                text = texts.get(standard.citation.document_sha256, "")
                stands = quote_stands(standard.citation, text)
                verified += stands and verify(standard, text).holds
    return {"shown": shown, "verified": verified}


def evaluate(rows: Sequence[Mapping[str, Any]], documents: Path) -> dict[str, Any]:
    """Read every town that the rows name and compare; the report is ready for JSON."""
    parsed = parsed_towns(rows, documents)
    return compared(rows, parsed, {town: read_code(code) for town, code in parsed.items()})


def parsed_towns(rows: Sequence[Mapping[str, Any]], documents: Path) -> dict[str, list[Document]]:
    """The documents of each folder that the rows name files of."""
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        named[folder_of(row)].add(Path(row["file"]).name)
    return {town: parse_folder(documents / town, files) for town, files in sorted(named.items())}


def folder_of(row: Mapping[str, Any]) -> str:
    """The folder of the code that a row is about."""
    return Path(row["file"]).parent.as_posix()


def compared(
    rows: Sequence[Mapping[str, Any]],
    parsed: Mapping[str, Sequence[Document]],
    readings: Mapping[str, Reading],
) -> dict[str, Any]:
    """Readings of towns, by their folders, beside the rows."""
    tally = Tally()
    cases = []
    for row in rows:
        reading = readings[folder_of(row)]
        shown = shown_standard(reading, row["district"], row["field"], row.get("conditions") or {})
        outcome = outcome_of(row, shown)
        tally.add(row, outcome)
        cases.append({"gold": dict(row), "shown": _plain(shown), "outcome": outcome})
    return {
        "micro": tally.micro.scores(),
        "by_field": {name: counts.scores() for name, counts in sorted(tally.by_field.items())},
        "by_town": {town: counts.scores() for town, counts in sorted(tally.by_town.items())},
        "by_format": {name: counts.scores() for name, counts in sorted(tally.by_format.items())},
        "districts": {"recall": _district_recall(rows, readings)},
        "citations": _citations((readings[town], parsed[town]) for town in parsed),
        "cases": cases,
    }


def _district_recall(rows: Sequence[Mapping[str, Any]], readings: Mapping[str, Reading]) -> float:
    wanted = {(folder_of(row), row["district"]) for row in rows}
    found = sum(readings[town].district(code) is not None for town, code in wanted)
    return round(found / len(wanted), 4) if wanted else 0.0


def _plain(standard: Standard | None) -> dict[str, Any] | None:
    if standard is None:
        return None
    quote = standard.citation.quote if standard.citation else ""
    return {
        "value": standard.value,
        "unit": standard.unit,
        "status": str(standard.status),
        "conditions": dict(standard.conditions),
        "confidence": standard.confidence,
        "formula": standard.formula is not None,
        "quote": quote,
    }
