"""Pairs of answers to judge: those that people labelled, and those in which two runs differ."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.runs import Case, Run

LABELS = ("a", "b", "tie")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to a question, what the code says about it, and the label of people where there is one."""

    id: str
    question: str
    code: str
    a: str
    b: str
    people: str = ""


def labelled(folder: Path) -> list[Pair]:
    """The labelled pairs of a folder of JSON lines. Raises InvalidRequest naming the line that is none."""
    pairs = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip():
                pairs.append(_pair(line, f"{path.name}, line {number}"))
    if not pairs:
        raise InvalidRequest(f"{folder} holds no labelled pairs", field="labels")
    return pairs


def _pair(line: str, place: str) -> Pair:
    try:
        values = json.loads(line)
        pair = Pair(**{name: values[name] for name in ("id", "question", "code", "a", "b", "people")})
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidRequest(f"{place} is not a labelled pair: {error}", field="labels") from error
    if pair.people not in LABELS:
        raise InvalidRequest(f"{place}: people say one of {', '.join(LABELS)}", field="people")
    return pair


def differing(run: Run, other: Run) -> list[Pair]:
    """The questions that two runs answered differently; ``a`` is the run's answer."""
    before = {case.id: case for case in other.cases}
    pairs = []
    for case in run.cases:
        beside = before.get(case.id)
        if beside and said(case) and said(beside) and said(case) != said(beside):
            pairs.append(
                Pair(case.id, case.detail["question"], code_of(case.detail), said(case), said(beside))
            )
    return pairs


def said(case: Case) -> str:
    """The answer that a case shows; empty for another kind of case."""
    return str(case.detail.get("answer") or "") if case.id.startswith("ask/") else ""


def code_of(detail: Mapping[str, Sequence[str]]) -> str:
    """What the code says about a question: its golden evidence, else that it says nothing."""
    return "\n\n".join(detail.get("evidence") or ()) or "(The code says nothing about this.)"
