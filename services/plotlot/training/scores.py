"""What readings of towns are worth against the coded rows: right, wrong and missed, by field and by town."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plotlot.evaluation.extraction import Counts, compatible, shown_standard
from plotlot.extraction.learned.decode import Choice, certainty
from plotlot.extraction.reader.assemble import CodeReading
from plotlot.training.archive import Row
from plotlot.training.labels import COVERAGES, rows_by_case
from plotlot.training.towns import Example

CASE = "1_family"
WANTED = {"use": "one_family"}

Answer = tuple[float, float] | None
"""A value that is shown and its confidence, or nothing."""
Reader = Callable[[Example, str, str], Answer]
"""What a way of reading shows for a town's district and field."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader showed for one coded value."""

    town: str
    district: str
    field: str
    confidence: float | None
    right: bool

    @property
    def is_shown(self) -> bool:
        """Whether a value was shown at all."""
        return self.confidence is not None


def outcomes(examples: Iterable[Example], read: Reader) -> list[Outcome]:
    """One outcome for each district and field that has a coded value for a house."""
    return [outcome for example in examples for outcome in _of_town(example, read)]


def _of_town(example: Example, read: Reader) -> Iterator[Outcome]:
    wanted: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in example.rows:
        if row.use == CASE:
            wanted[row.district, row.field].append(row)
    for (district, name), rows in wanted.items():
        code = example.codes.get(district)
        answer = _answer(example, code, name, rows, read) if code is not None else None
        if answer is None:
            yield Outcome(example.name, district, name, None, False)
        else:
            yield Outcome(example.name, district, name, answer[1], _is_right(rows, answer[0]))


def _answer(example: Example, code: str, name: str, rows: Sequence[Row], read: Reader) -> Answer:
    """What is shown, under the other coverage's name where that is what the town calls it."""
    found = [read(example, code, one) for one in (COVERAGES if name in COVERAGES else (name,))]
    shown = [answer for answer in found if answer is not None]
    right = [answer for answer in shown if _is_right(rows, answer[0])]
    return next(iter([*right, *shown]), None)


def _is_right(rows: Sequence[Row], value: float) -> bool:
    return any(row.accepts(value) for row in rows)


def by_reading(readings: Mapping[str, CodeReading]) -> Reader:
    """What readings show, by the rule by which extraction is evaluated."""

    def read(example: Example, code: str, name: str) -> Answer:
        shown = shown_standard(readings[example.name], code, name, WANTED)
        return None if shown is None or shown.value is None else (shown.value, shown.confidence)

    return read


def by_choices(
    found: Mapping[str, Sequence[Choice]], weights: Mapping[str, float], least: Mapping[str, float]
) -> Reader:
    """What the choices of a model show that are certain enough for their field."""
    grouped: dict[tuple[str, str, str], list[tuple[Choice, float]]] = defaultdict(list)
    for town, members in found.items():
        for one in members:
            if compatible(one.candidate.found.conditions, WANTED):
                key = (town, one.candidate.district, one.candidate.field)
                grouped[key].append((one, certainty(one, weights)))

    def read(example: Example, code: str, name: str) -> Answer:
        floor = least.get(name, 1.1)
        members = [(one, sure) for one, sure in grouped[example.name, code, name] if sure >= floor]
        if not members:
            return None
        for_house = [(one, sure) for one, sure in members if one.candidate.use == WANTED["use"]]
        best, sure = min(
            for_house or members, key=lambda pair: (len(pair[0].candidate.found.conditions), -pair[1])
        )
        return best.candidate.value, sure

    return read


def judged(examples: Sequence[Example], found: Mapping[str, Sequence[Choice]]) -> list[tuple[Choice, bool]]:
    """The choices for a house that a row speaks of, each with whether the row bears it out."""
    result = []
    for example in examples:
        rows = rows_by_case([row for row in example.rows if row.use == CASE], example.codes)
        for choice in found[example.name]:
            one = choice.candidate
            coded = rows.get((one.district, one.field, CASE))
            if coded and compatible(one.found.conditions, WANTED):
                result.append((choice, _is_right(coded, one.value)))
    return result


def both(first: Reader, second: Reader, joins: Mapping[str, float]) -> Reader:
    """What the first shows; where it shows nothing, what the second shows of the fields that it joins."""

    def read(example: Example, code: str, name: str) -> Answer:
        answer = first(example, code, name)
        if answer is not None or name not in joins:
            return answer
        other = second(example, code, name)
        return other if other is not None and other[1] >= joins[name] else None

    return read


def counts(found: Iterable[Outcome]) -> Counts:
    """The outcomes counted as evaluations of extraction count them."""
    total = Counts()
    for one in found:
        total.right += one.right
        total.wrong += one.is_shown and not one.right
        total.missed += not one.right
    return total


def figures(found: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 over all fields (``micro``) and for each."""
    grouped: dict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        grouped[one.field].append(one)
    result = {"micro": {**counts(found).scores(), "values": float(len(found))}}
    for name, members in sorted(grouped.items()):
        result[name] = {**counts(members).scores(), "values": float(len(members))}
    return result
