"""Figures out of Prometheus' text format: what engines publish of themselves."""

import math

LONGEST_LINE = 4096


def samples(text: str) -> dict[str, float]:
    """The value of each metric by its name without labels; several of one name are added up."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#") or len(line) > LONGEST_LINE:
            continue
        head, brace, labelled = line.partition("{")
        name, _, rest = (head, "", labelled.rpartition("}")[2]) if brace else line.partition(" ")
        try:
            value = float(rest.split()[0])
        except (ValueError, IndexError):
            continue
        if math.isfinite(value):
            found[name] = found.get(name, 0.0) + value
    return found
