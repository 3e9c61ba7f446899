"""Standards read from codes, as cases: one for each checked value."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plotlot.evaluation.extraction import Counts
from plotlot.evaluation.runs import Case

RIGHT = ("right", "agreed")
WRONG = ("wrong", "spurious")


def cases_of(result: Mapping[str, Any], source: str) -> list[Case]:
    """The cases of ``evaluation.extraction.evaluate``, each under an id that its row decides."""
    seen: Counter[str] = Counter()
    return [_case(each, source, seen) for each in result["cases"]]


def _case(compared: Mapping[str, Any], source: str, seen: Counter[str]) -> Case:
    row, shown, outcome = compared["gold"], compared["shown"], compared["outcome"]
    base = "/".join(slug(row[name]) for name in ("municipality", "district", "field"))
    seen[base] += 1
    return Case(
        id=f"extraction/{base}" + (f"/{seen[base]}" if seen[base] > 1 else ""),
        town=row["municipality"],
        slice=row["field"],
        kind=row["status"],
        scores={
            "extraction.right": float(outcome in RIGHT),
            "extraction.not_wrong": float(outcome not in WRONG),
        },
        detail={
            "outcome": outcome,
            "source": source,
            "format": Path(row["file"]).suffix.lstrip(".").lower(),
            "question": f"{row['field'].replace('_', ' ')} in {row['district']}",
            "wanted": wanted_words(row),
            "answer": answer_words(shown),
            "quotes": [shown["quote"]] if shown and shown["quote"] else [],
            "evidence": [row["quote"]] if row.get("quote") else [],
        },
    )


def slug(text: str) -> str:
    """A text as a part of an id."""
    return re.sub(r"[^\w.-]+", "-", text.casefold()).strip("-")


def wanted_words(row: Mapping[str, Any]) -> str:
    """The checked value in words."""
    if row["status"] != "stated":
        return str(row["status"]).replace("_", " ")
    conditions = row.get("conditions") or {}
    when = (
        f" where {', '.join(f'{name}={value}' for name, value in conditions.items())}" if conditions else ""
    )
    return f"{row['value']:,.10g} {row['unit']}{when}"


def answer_words(shown: Mapping[str, Any] | None) -> str:
    """What the reader shows, in words."""
    if shown is None:
        return "nothing"
    if shown["value"] is None:
        return "a formula" if shown["formula"] else str(shown["status"])
    return f"{shown['value']:,.10g} {shown['unit']} ({shown['status']})"


def field_scores(cases: Sequence[Case]) -> dict[str, float]:
    """Precision, recall and F1 of the standards among the cases."""
    counts = Counts()
    for case in cases:
        outcome = case.detail.get("outcome")
        counts.right += outcome == "right"
        counts.wrong += outcome in WRONG
        counts.missed += outcome in ("wrong", "missed") and case.kind == "stated"
    return counts.scores()
