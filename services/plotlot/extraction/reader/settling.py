"""From what was read for a district to its standards: agreement, contradiction, and what came later."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plotlot.domain.quantities import same_value
from plotlot.domain.standards import FIELDS, Standard, Status, not_stated
from plotlot.extraction.reader import ENGINE

_AGREEMENT = 0.06
_LATER_CONFIDENCE = 0.7
_LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Kept:
    """A verified standard, its place in the order of the code, and when its document took effect."""

    order: int
    standard: Standard
    effective: str | None = None


def complete(kept: Sequence[Kept]) -> tuple[Standard, ...]:
    """One standard for each field and condition, best first; ``not_stated`` for absent fields."""
    result: list[Standard] = []
    for name in FIELDS:
        of_field = [one for one in kept if one.standard.field == name]
        chosen = _chosen([one for one in of_field if one.standard.status is not Status.NOT_STATED])
        said = [one.standard for one in of_field if one.standard.status is Status.NOT_STATED]
        result.extend(chosen or said[:1] or [not_stated(name, ENGINE)])
    return tuple(result)


def _chosen(of_field: Sequence[Kept]) -> list[Standard]:
    groups: dict[tuple[tuple[str, str], ...], list[Kept]] = defaultdict(list)
    for one in of_field:
        groups[tuple(sorted(one.standard.conditions.items()))].append(one)
    chosen = [standard for group in groups.values() for standard in settle(group)]
    chosen.sort(key=lambda s: (len(s.conditions), -s.confidence))
    return chosen


def settle(group: Sequence[Kept]) -> list[Standard]:
    """Agreeing readings become one; of those that differ the later stands, or all are marked conflicting."""
    best_first = sorted(group, key=lambda one: (-one.standard.confidence, one.order))
    values: list[Kept] = []
    for one in best_first:
        if not any(_agree(one.standard, other.standard) for other in values):
            values.append(one)
    later = _later(values)
    if later is not None:
        return [later]
    best = values[0].standard.confidence
    rivals = [one.standard for one in values if best - one.standard.confidence < _AGREEMENT]
    if len(rivals) == 1:
        return rivals
    note = "the code states more than one value: " + ", ".join(_shown(one) for one in rivals)
    return [replace(one, status=Status.CONFLICTING, note=note) for one in rivals]


def _later(values: Sequence[Kept]) -> Standard | None:
    """The value of the document that took effect last, with what it replaces; None where that is not known."""
    dates = {one.effective for one in values}
    if len(dates) < 2 or None in dates:
        return None
    last = max(date for date in dates if date)
    newest = [one for one in values if one.effective == last]
    if len(newest) != 1 or newest[0].standard.confidence < _LATER_CONFIDENCE:
        return None
    before = [f"{_shown(one.standard)} in {_words_of(one)}" for one in values if one is not newest[0]]
    return replace(newest[0].standard, note=f"in force since {last}; it replaces " + ", ".join(before))


def _words_of(one: Kept) -> str:
    citation = one.standard.citation
    if citation is None:
        return f"the text of {one.effective}"
    quote = " ".join(citation.quote.split())[-_LONGEST_QUOTE:]
    return f"the text of {one.effective} ({citation.section}: “{quote}”)"


def _shown(standard: Standard) -> str:
    return "a formula" if standard.value is None else f"{standard.value:g} {standard.unit}"


def _agree(left: Standard, right: Standard) -> bool:
    if left.value is None or right.value is None:
        return left.formula == right.formula and left.value is right.value
    return same_value(left.value, right.value, 0.005)
