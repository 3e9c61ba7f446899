"""Candidates: a number of a document as the value of one field in one district."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default

from plotlot.domain.documents import Document
from plotlot.extraction.learned.evidence import Around, Measure, Surroundings, hinted, measure, units_around
from plotlot.extraction.learned.places import Place, places
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.vocabulary import conditions_named, uses_named

GENERAL = frozenset({"parking_per_unit", "max_height"})
"""The fields that codes set for every district at once."""
_FAINT = frozenset({"title", "over"})
"""Sources that say where a place stands, and not that it speaks for its district alone."""
_MOST_DISTRICTS = 40
_SEVERAL = 2
_CONDITION_WORDS = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A place with what is named around it, and what its number may depend on."""

    document: int
    place: Place
    around: Around
    conditions: Mapping[str, str]
    measures: Mapping[str, Measure] = with_default(default_factory=dict)
    districts: tuple[str, ...] = ()
    general: tuple[str, ...] = ()

    def districts_for(self, name: str) -> tuple[str, ...]:
        """The districts that the number may speak of: all where dwellings are, if it names none."""
        return self.general if name in GENERAL and self.general else self.districts


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number as the value of a field of a district."""

    found: Found
    field: str
    district: str

    @property
    def value(self) -> float:
        """The value in the field's unit."""
        return self.found.measures[self.field].value

    @property
    def use(self) -> str:
        """The one use that the number is for, or nothing."""
        return self.found.conditions.get("use", "")


def find(documents: Sequence[Document], index: DistrictIndex) -> list[Found]:
    """Every place of a code that may set a field of a district, in order."""
    result: list[Found] = []
    for ordinal, document in enumerate(documents):
        surroundings = Surroundings(document, index)
        for place in places(document):
            found = _found(ordinal, place, surroundings)
            if found is not None:
                result.append(found)
    return result


def _found(ordinal: int, place: Place, surroundings: Surroundings) -> Found | None:
    hints = hinted(place)
    if not hints:
        return None
    units = units_around(place)
    measures = {name: one for name in hints if (one := measure(place, name, units)) is not None}
    if not measures:
        return None
    around = surroundings.of(place, hints)
    named = {source: codes for source, codes in around.districts.items() if codes}
    districts = tuple(dict.fromkeys(code for codes in named.values() for code in codes))
    speaks_for_all = GENERAL & measures.keys() and not named.keys() - _FAINT
    general = surroundings.general() if speaks_for_all else ()
    if not (districts or general) or max(len(districts), len(general)) > _MOST_DISTRICTS:
        return None
    return Found(ordinal, place, around, conditions_at(place), measures, districts, general)


def conditions_at(place: Place) -> dict[str, str]:
    """What the words of a number's own row or clause, its column and its group make it depend on."""
    words = [place.column, place.group[-_CONDITION_WORDS:]]
    words.append(place.before if place.grid else place.own[-_CONDITION_WORDS:])
    if not place.grid:
        words.append(place.after.split(";")[0].split(".")[0])
    found: dict[str, str] = {}
    for text in words:
        for kind, value in conditions_named(text).items() if text else ():
            found.setdefault(kind, value)
    uses = {use for text in words if text for use in uses_named(text)}
    if len(uses) >= _SEVERAL and "one_family" in uses:
        found["use"] = "one_family"
    return found


def candidates(found: Sequence[Found]) -> Iterator[Candidate]:
    """Each place with each field and each district that it may speak of, in order."""
    for one in found:
        for name in one.measures:
            for district in one.districts_for(name):
                yield Candidate(one, name, district)
