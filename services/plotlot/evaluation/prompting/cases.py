"""What a prompt is tried on: questions about districts whose values people checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotlot.domain.standards import District, Standard
from plotlot.evaluation.extraction import Counts, outcome_of, parse_folder, shown_standard
from plotlot.extraction.model.asking import Question
from plotlot.extraction.model.claims import GROUPS
from plotlot.extraction.model.passages import Surveyed
from plotlot.extraction.reader.assemble import CodeReading
from plotlot.extraction.settling import settled

GROUP_OF = {name: group for group in GROUPS for name in group.fields}


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and the rows of checked values that it should bring."""

    town: str
    question: Question
    rows: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """The district and the fields."""
        return f"{self.town} {self.question.district.code} {self.question.group.name}"

    def counts(self, standards: Iterable[Standard]) -> Counts:
        """How an answer compares with the rows."""
        district = self.question.district
        reading = CodeReading((district,), {district.code: settled(standards, "model")}, 0)
        counts = Counts()
        for row in self.rows:
            shown = shown_standard(reading, district.code, row["field"], row.get("conditions") or {})
            outcome = outcome_of(row, shown)
            counts.right += outcome == "right"
            counts.wrong += outcome in ("wrong", "spurious")
            counts.missed += outcome in ("wrong", "missed") and row["status"] == "stated"
        return counts


def cases_of(rows: Sequence[Mapping[str, Any]], documents: Path, most_tokens: int) -> list[Case]:
    """A case for each district and group of fields that rows speak of; without passages there is nothing to ask."""
    by_town: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_town[Path(row["file"]).parent.as_posix()].append(row)
    found = []
    for town, own in sorted(by_town.items()):
        surveyed = Surveyed(parse_folder(documents / town, {Path(row["file"]).name for row in own}))
        found += list(_of_town(own, surveyed, most_tokens))
    return [case for case in found if case.question.passages]


def _of_town(rows: Sequence[Mapping[str, Any]], surveyed: Surveyed, most_tokens: int) -> Iterable[Case]:
    asked: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        for code in surveyed.index.resolve(row["district"])[:1]:
            asked[code, GROUP_OF[row["field"]].name].append(row)
    for (code, name), own in asked.items():
        group = next(one for one in GROUPS if one.name == name)
        district: District = surveyed.index.by_code[code]
        passages = surveyed.passages(district, tuple(group.fields), most_tokens)
        others = [one for one in surveyed.index.codes if one != code]
        yield Case(own[0]["municipality"], Question(district, group, passages, others), own)


def divided(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Cases to learn from, and cases to choose by: of different towns, where there are several."""
    towns = sorted({case.town for case in cases})
    if len(towns) > 1:
        learning = set(towns[::2])
        return [one for one in cases if one.town in learning], [
            one for one in cases if one.town not in learning
        ]
    return list(cases[::2]), list(cases[1::2])
