"""Standards of a district put in order: what agrees becomes one, what contradicts is marked, what is absent is said."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from plotlot.domain.quantities import same_value
from plotlot.domain.standards import FIELDS, Standard, Status, not_stated

SAME = 0.005
"""Values that differ by less, relatively, are one: roundings of the same."""


def settled(found: Iterable[Standard], engine: str) -> tuple[Standard, ...]:
    """One standard for each field, condition and value, and ``not_stated`` for each field without any.

    Different values of one field under the same conditions contradict one another: each keeps its quote, and is
    marked so. The order is that of the fields, the least conditioned first.
    """
    by_case: dict[tuple[str, tuple[tuple[str, str], ...]], list[Standard]] = defaultdict(list)
    for one in sorted(found, key=lambda one: -one.confidence):
        rivals = by_case[one.field, tuple(sorted(one.conditions.items()))]
        if not any(agree(one, other) for other in rivals):
            rivals.append(one)
    kept = [one for rivals in by_case.values() for one in marked(rivals)]
    named = {one.field for one in kept}
    kept += [not_stated(name, engine) for name in FIELDS if name not in named]
    return tuple(
        sorted(kept, key=lambda one: (FIELDS.index(one.field), len(one.conditions), -one.confidence))
    )


def marked(rivals: Sequence[Standard]) -> Sequence[Standard]:
    """Values of one case: where there are several, each is conflicting, with a note that names all."""
    if len(rivals) < 2:
        return rivals
    note = "the code states more than one value: " + ", ".join(in_words(one) for one in rivals)
    return [replace(one, status=Status.CONFLICTING, note=note) for one in rivals]


def agree(left: Standard, right: Standard) -> bool:
    """Whether two standards of a field say the same, conditions aside."""
    if left.value is None or right.value is None:
        return left.formula == right.formula and left.value is right.value
    return same_value(left.value, right.value, SAME)


def in_words(standard: Standard) -> str:
    """What a standard says, briefly."""
    if standard.value is not None:
        return f"{standard.value:,.10g} {standard.unit.replace('_', ' ')}"
    return "a formula" if standard.formula else "another text or body decides"
