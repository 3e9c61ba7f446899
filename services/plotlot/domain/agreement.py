"""How far two judges agree beyond chance."""

from collections import Counter
from collections.abc import Sequence


def share_agreed(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of cases to which both gave the same label; 0 of none."""
    if len(one) != len(other):
        raise ValueError("both judge the same cases")
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one) if one else 0.0


def cohens_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Cohen's kappa (1960): 1 for full agreement, 0 for what chance would give.

    None where there are no cases, or where both give one label alone, so that chance would agree always.
    """
    observed = share_agreed(one, other)
    if not one:
        return None
    first, second = Counter(one), Counter(other)
    expected = sum(first[label] * second[label] for label in first) / len(one) ** 2
    return (observed - expected) / (1 - expected) if expected < 1 else None
