"""Several engines' readings of a district made one: what they agree on, what one alone read, what they dispute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from plotlot.domain.standards import FIELDS, Citation, Standard, Status, not_stated
from plotlot.extraction.settling import agree, in_words

ENGINE = "ensemble/1"
MOST_CERTAIN = 0.99
NEAR = 0.25
"""Readings whose confidence differs by less are both shown where they contradict one another."""
_ALONE_FIRST, _ALONE, _DISPUTED = 0.9, 0.8, 0.7


@dataclass(frozen=True, slots=True)
class Read:
    """What one engine read for a district.

    ``joins`` are the fields that are taken from it, each from a confidence on; None takes all.
    """

    engine: str
    standards: Sequence[Standard]
    joins: Mapping[str, float] | None = None

    def covers(self, field: str) -> bool:
        """Whether it has a say in a field."""
        return self.joins is None or field in self.joins

    def said(self) -> list[Standard]:
        """What it says that is taken."""
        return [
            one
            for one in self.standards
            if one.status is not Status.NOT_STATED
            and (self.joins is None or one.confidence >= self.joins.get(one.field, 2.0))
        ]


@dataclass(slots=True)
class _Voice:
    """A value under conditions, with the first reading of it and all who read it so."""

    standard: Standard
    backers: dict[str, float]
    alone: float

    def confidence(self) -> float:
        """That of independent witnesses; of one alone, where others looked too, less than its own."""
        together = 1 - prod(1 - one for one in self.backers.values())
        return min(together if len(self.backers) > 1 else together * self.alone, MOST_CERTAIN)

    def joined(self) -> Standard:
        """The standard with the names and the confidence of all who read it so."""
        return replace(self.standard, engine="+".join(self.backers), confidence=round(self.confidence(), 4))


def merged(readings: Sequence[Read]) -> tuple[Standard, ...]:
    """One reading of a district; where two are alike it is the first that is shown, so the surest stands first.

    Every citation is one of an engine's that verified it. Each field is there at least once.
    """
    voices: list[_Voice] = []
    for position, reading in enumerate(readings):
        for standard in reading.said():
            _hear(voices, standard, reading.engine, _alone(readings, position, standard.field))
    kept: list[Standard] = []
    for field in FIELDS:
        of_field = [voice for voice in voices if voice.standard.field == field]
        found = [one for case in _by_case(of_field) for one in _decided(case)]
        found.sort(key=lambda one: (len(one.conditions), -one.confidence))
        kept.extend(found or [not_stated(field, ENGINE)])
    return tuple(kept)


def _alone(readings: Sequence[Read], position: int, field: str) -> float:
    """What is left of the confidence in a value that no other engine with a say in the field has read."""
    if not any(other.covers(field) for number, other in enumerate(readings) if number != position):
        return 1.0
    return _ALONE_FIRST if position == 0 else _ALONE


def _hear(voices: list[_Voice], standard: Standard, engine: str, alone: float) -> None:
    for voice in voices:
        if (
            engine not in voice.backers
            and voice.standard.field == standard.field
            and agree(voice.standard, standard)
            and _one_case(voice.standard.conditions, standard.conditions)
        ):
            voice.backers[engine] = standard.confidence
            return
    voices.append(_Voice(standard, {engine: standard.confidence}, alone))


def _one_case(left: Mapping[str, str], right: Mapping[str, str]) -> bool:
    """Whether conditions are the same, or those of one say the same with more words."""
    return left.items() <= right.items() or right.items() <= left.items()


def _by_case(voices: Sequence[_Voice]) -> list[list[_Voice]]:
    cases: dict[tuple[tuple[str, str], ...], list[_Voice]] = {}
    for voice in voices:
        cases.setdefault(tuple(sorted(voice.standard.conditions.items())), []).append(voice)
    return list(cases.values())


def _decided(rivals: Sequence[_Voice]) -> list[Standard]:
    """What is shown of the values of one case: the one, or the surest, or all that are about as sure."""
    if len(rivals) == 1:
        return [rivals[0].joined()]
    best = max(rivals, key=lambda voice: (len(voice.backers), voice.confidence()))
    beside = [voice for voice in rivals if voice is best or _rivals(voice, best)]
    note = "the code is read in more than one way: " + ", ".join(
        f"{in_words(voice.standard)} ({'+'.join(voice.backers)})" for voice in rivals
    )
    status = Status.CONFLICTING if len(beside) > 1 else best.standard.status
    disputed = _DISPUTED
    if len(beside) > 1 and all(voice.standard.status is Status.CONFLICTING for voice in rivals):
        # One engine found that the code contradicts itself, and said so: nothing is disputed between engines.
        note, disputed = rivals[0].standard.note, 1.0
    return [
        replace(one, status=status, note=note, confidence=round(one.confidence * disputed, 4))
        for one in (voice.joined() for voice in beside)
    ]


def _rivals(voice: _Voice, best: _Voice) -> bool:
    """Whether a value stands beside the best: as many read it, nearly as surely, and in other words of the code.

    A contradiction that one engine found in the code stands, whatever the others overlooked.
    """
    if voice.standard.status is Status.CONFLICTING and best.standard.status is Status.CONFLICTING:
        return True
    return (
        len(voice.backers) == len(best.backers)
        and best.confidence() - voice.confidence() < NEAR
        and not _overlap(voice.standard.citation, best.standard.citation)
    )


def _overlap(left: Citation | None, right: Citation | None) -> bool:
    """Whether two quotes share words: then they are two readings of one text, and no contradiction in it."""
    if left is None or right is None or left.document != right.document:
        return False
    return left.start < right.end and right.start < left.end
