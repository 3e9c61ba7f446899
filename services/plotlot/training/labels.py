"""Labels for candidates, by aligning them with the rows that people coded."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.districts import district_key, roman_key
from plotlot.domain.standards import District
from plotlot.extraction.learned.candidates import Candidate
from plotlot.extraction.reader.district_words import name_key
from plotlot.training.archive import USES, Row

COVERAGES = ("max_lot_coverage", "max_impervious")
"""Two fields that coders tell apart by a town's definition, and sometimes not at all."""
_UNSURE = 0.4
_UNMATCHED = 0.5
_MOST_WRONG = 8
_KIND = re.compile(r"\s*\b(?:zoning\s+)?districts?\b.*", re.IGNORECASE)

Rows = Mapping[tuple[str, str, str], Sequence[Row]]


@dataclass(frozen=True)
class Labels:
    """For each candidate whether its value was coded, and the weight of knowing that; 0 is not known."""

    right: NDArray[np.int8]
    weight: NDArray[np.float32]


def matched(districts: Sequence[District], rows: Sequence[Row]) -> dict[str, str]:
    """The district of a reading that each coded district is, by code or else by name."""
    by_key = {roman_key(one.code): one.code for one in reversed(districts)}
    by_key |= {district_key(one.code): one.code for one in reversed(districts)}
    by_name = {_name(one.name): one.code for one in reversed(districts) if one.name}
    found: dict[str, str] = {}
    for row in rows:
        code = (
            by_key.get(district_key(row.district))
            or by_key.get(roman_key(row.district))
            or by_name.get(_name(row.district_name))
            or by_key.get(district_key(row.district_name) if row.district_name else "")
        )
        if code is not None:
            found.setdefault(row.district, code)
    return found


def _name(name: str) -> str:
    return name_key(_KIND.sub("", name)) or name_key(name)


def rows_by_case(rows: Sequence[Row], codes: Mapping[str, str]) -> Rows:
    """Rows by district of the reading, field and use; the two coverages share their rows."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.district in codes:
            for name in COVERAGES if row.field in COVERAGES else (row.field,):
                found[codes[row.district], name, row.use].append(row)
    return found


def label(candidates: Sequence[Candidate], rows: Rows) -> Labels:
    """Whether each candidate's value is one that was coded for its district, field and use."""
    right = np.zeros(len(candidates), dtype=np.int8)
    weight = np.zeros(len(candidates), dtype=np.float32)
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for position, one in enumerate(candidates):
        groups[one.district, one.field, one.use].append(position)
    for (district, name, use), members in groups.items():
        coded = [row for case in USES.get(use, ()) for row in rows.get((district, name, case), ())]
        if not coded:
            continue
        hits = [any(row.accepts(candidates[position].value) for row in coded) for position in members]
        sure = any(row.sure for row in coded)
        known = (1.0 if any(hits) else _UNMATCHED) if sure else (_UNSURE if any(hits) else 0.0)
        wrong = [position for position, hit in zip(members, hits, strict=True) if not hit]
        some = _spread(wrong)
        for position, hit in zip(members, hits, strict=True):
            right[position] = hit
            weight[position] = known if hit or position in some else 0.0
    return Labels(right, weight)


def _spread(positions: Sequence[int]) -> frozenset[int]:
    """At most so many of the positions, spread evenly: a long code has more wrong numbers than teach anything."""
    step = max(len(positions) / _MOST_WRONG, 1.0)
    return frozenset(positions[int(place * step)] for place in range(min(len(positions), _MOST_WRONG)))


def settled(
    candidates: Sequence[Candidate], labels: Labels, scores: NDArray[np.float32], share: float = 0.5
) -> Labels:
    """Labels without the coincidences: of the places that hold a coded value, those that a first model believes.

    A value stands in many places by chance; those that score far below the best of their group are not known.
    """
    best: dict[tuple[str, str, str], float] = defaultdict(float)
    for one, right, score in zip(candidates, labels.right, scores.tolist(), strict=True):
        if right:
            key = (one.district, one.field, one.use)
            best[key] = max(best[key], score)
    weight = labels.weight.copy()
    for position, (one, right) in enumerate(zip(candidates, labels.right, strict=True)):
        if right and scores[position] < share * best[one.district, one.field, one.use]:
            weight[position] = 0.0
    return Labels(labels.right, weight)
