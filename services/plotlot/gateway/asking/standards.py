"""Answers from the standards of districts: values in words, each with its quote, and where they contradict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from plotlot.domain.questions import Asked
from plotlot.domain.standards import Citation, Standard, Status, standard_json
from plotlot.gateway.clients import DistrictStandards
from plotlot.gateway.wording import condition_words, field_label, value_words

Json = dict[str, Any]
ALTERNATIVES = (frozenset(("max_height", "max_stories")), frozenset(("max_units_per_lot", "max_density")))
"""Fields that answer one question in different units: where one is stated, the other is not missed."""
_MOST_CASES = 4


@dataclass
class Told:
    """What standards tell: sentences, the standards behind them, those asked for, conflicts, and what lacks."""

    sentences: list[str] = field(default_factory=list)
    rest_on: list[Standard] = field(default_factory=list)
    standards: list[Standard] = field(default_factory=list)
    conflicts: list[Json] = field(default_factory=list)
    not_found: list[Json] = field(default_factory=list)


def told_by(found: Sequence[DistrictStandards], asked: Asked) -> Told:
    """What the standards of some districts tell about the fields asked for."""
    told, groups = Told(), dict[tuple[Any, ...], tuple[str, list[Standard], list[str]]]()
    for district in found:
        stated = {name: fitting(district.standards, name, asked.conditions) for name in asked.fields}
        for name, standards in stated.items():
            told.standards += [one for one in district.standards if one.field == name]
            if standards:
                told.rest_on += standards
                told.conflicts += conflict_of(standards, name, district.code)
                groups.setdefault(same(name, standards), (name, standards, []))[2].append(district.code)
            elif not any(stated[other] for other in alternatives(name) if other in stated):
                told.not_found.append(missing(name, district.code))
    told.sentences = [sentence(standards, name, listed(codes)) for name, standards, codes in groups.values()]
    return told


def same(name: str, standards: Sequence[Standard]) -> tuple[Any, ...]:
    """What makes the standards of two districts one sentence: the same values for the same cases."""
    return name, tuple(
        (one.value, one.status, tuple(one.conditions.items()), str(one.formula)) for one in standards
    )


def listed(codes: Sequence[str]) -> str:
    """Districts in words: ``R-1, R-2 and R-3``."""
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} and {codes[-1]}"


def alternatives(name: str) -> frozenset[str]:
    """A field and those that answer the same question."""
    return next((group for group in ALTERNATIVES if name in group), frozenset((name,)))


def fitting(standards: Iterable[Standard], name: str, conditions: Mapping[str, str]) -> list[Standard]:
    """The standards of a field for a case, those that are about it first; others where it leaves them open."""
    stated = [one for one in standards if one.field == name and one.status is not Status.NOT_STATED]
    possible = [one for one in stated if not contradicts(one.conditions, conditions)]
    if not possible:
        return []
    best = max(rank(one, conditions) for one in possible)
    chosen = [one for one in possible if rank(one, conditions) == best]
    if met(chosen[0], conditions):
        return chosen
    return [*chosen, *(one for one in possible if one not in chosen)][:_MOST_CASES]


def rank(standard: Standard, conditions: Mapping[str, str]) -> tuple[int, int]:
    """How much a standard is about a case: conditions that it meets, then few that are open."""
    count = met(standard, conditions)
    return count, count - len(standard.conditions)


def met(standard: Standard, conditions: Mapping[str, str]) -> int:
    """How many of the case's conditions a standard names."""
    return sum(
        fits(standard.conditions[name], value)
        for name, value in conditions.items()
        if name in standard.conditions
    )


def contradicts(stated: Mapping[str, str], conditions: Mapping[str, str]) -> bool:
    """Whether a standard is about another case."""
    return any(name in stated and not fits(stated[name], value) for name, value in conditions.items())


def fits(stated: str, asked: str) -> bool:
    """Whether a standard's condition covers the one asked about."""
    return stated == asked or (stated == "one_or_two_family" and asked in ("one_family", "two_family"))


def sentence(standards: Sequence[Standard], name: str, district: str) -> str:
    """The values of a field in a district, as one sentence."""
    shown = [standard_json(one) for one in standards]
    values = dict.fromkeys(value_words(one) + case_words(one["conditions"]) for one in shown)
    joint = " or " if any(one.status is Status.CONFLICTING for one in standards) else "; "
    return f"{field_label(name)} in {district}: {joint.join(values)}"


def case_words(conditions: Any) -> str:
    """The case that a value is for, in brackets."""
    return f" ({condition_words(conditions)})" if conditions else ""


def conflict_of(standards: Sequence[Standard], name: str, district: str) -> list[Json]:
    """The conflict among the values of a field, where the code states more than one for one case."""
    rivals = [one for one in standards if one.status is Status.CONFLICTING]
    if len(rivals) < 2:
        return []
    values = [value_words(standard_json(one)) for one in rivals]
    return [
        {
            "about": f"{field_label(name)} in {district}",
            "field": name,
            "district": district,
            "values": values,
            "quotes": [asdict(one.citation) for one in rivals if one.citation],
        }
    ]


def missing(name: str, district: str) -> Json:
    """That a code states no value of a field for a district."""
    return {"about": f"{field_label(name).lower()} in {district}", "reason": "not_stated"}


def quotes_of(standards: Sequence[Standard]) -> list[Json]:
    """The citations of standards as quotes of an answer; one that several rest on stands once."""
    found: dict[Citation, Json] = {}
    for standard in standards:
        if standard.citation is not None:
            quote = {**asdict(standard.citation), "score": standard.confidence}
            found.setdefault(standard.citation, quote)
    return list(found.values())


def misses_case(found: Sequence[DistrictStandards], asked: Asked) -> bool:
    """Whether a question is about a case that no standard names, so that the text may know more."""
    wanted = {
        name: value for name, value in asked.conditions.items() if value not in ("one_family", "public")
    }
    stated = [one for each in found for one in each.standards if one.field in asked.fields]
    return any(
        not any(name in one.conditions and fits(one.conditions[name], value) for one in stated)
        for name, value in wanted.items()
    )
