"""A trained model on checked values of other places: whether its precision holds where it never learned."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plotlot.domain.documents import Document
from plotlot.domain.quotes import quote_stands, verify
from plotlot.domain.standards import Standard
from plotlot.evaluation.extraction import Tally, outcome_of, parse_folder, shown_standard
from plotlot.evaluation.gold import load_gold
from plotlot.extraction.learned.evidence import FIELDS
from plotlot.extraction.learned.model import Model, joins
from plotlot.extraction.learned.reading import described, reading_of
from plotlot.extraction.reader.assemble import CodeReading
from plotlot.extraction.reader.assemble import read_code as read_by_rules

Shown = Callable[[str, Mapping[str, Any]], Standard | None]


def on_gold(model: Model, gold: Path, documents: Path) -> dict[str, Any]:
    """Figures of the rules, of the model and of both on the checked rows of the fields that it knows."""
    rows = [row for row in load_gold(gold) if row["field"] in FIELDS]
    named: dict[str, set[str]] = {}
    for row in rows:
        file = Path(row["file"])
        named.setdefault(file.parent.as_posix(), set()).add(file.name)
    parsed = {town: parse_folder(documents / town, files) for town, files in sorted(named.items())}
    rules = {town: read_by_rules(code) for town, code in parsed.items()}
    learned = {town: reading_of(model, described(code), {}) for town, code in parsed.items()}

    def by(readings: Mapping[str, CodeReading]) -> Shown:
        return lambda town, row: shown_standard(
            readings[town], row["district"], row["field"], row.get("conditions") or {}
        )

    def together(town: str, row: Mapping[str, Any]) -> Standard | None:
        first = by(rules)(town, row)
        other = by(learned)(town, row)
        least = joins(model).get(row["field"])
        if first is not None or other is None or least is None:
            return first
        return other if other.confidence >= least else None

    return {
        "rules": _figures(rows, by(rules)),
        "learned": _figures(rows, by(learned)),
        "both": _figures(rows, together),
        "citations": _citations(learned, parsed),
    }


def _figures(rows: Sequence[Mapping[str, Any]], shown: Shown) -> dict[str, dict[str, float]]:
    tally = Tally()
    for row in rows:
        town = Path(row["file"]).parent.as_posix()
        tally.add(row, outcome_of(row, shown(town, row)))
    fields = {name: found.scores() for name, found in sorted(tally.by_field.items())}
    towns = {name: found.scores() for name, found in sorted(tally.by_town.items())}
    return {"micro": tally.micro.scores(), **fields, **towns}


def _citations(
    readings: Mapping[str, CodeReading], parsed: Mapping[str, Sequence[Document]]
) -> dict[str, int]:
    shown = verified = 0
    for town, reading in readings.items():
        texts = {document.text_sha256: document.text for document in parsed[town]}
        for standards in reading.standards.values():
            for one in standards:
                if one.citation is not None:
                    shown += 1
                    text = texts[one.citation.document_sha256]
                    verified += quote_stands(one.citation, text) and verify(one, text).holds
    return {"shown": shown, "verified": verified}
