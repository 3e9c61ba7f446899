"""A run of an evaluation: what was measured case by case, and where it was measured; one JSON file.

``{"id", "data_version", "suite", "bundle", "engine", "data": {name: sha256}, "metrics": {...}, "groups": {...},
"cases": [...]}``, and ``"unfinished": {suite: why}`` where a suite did not measure all of its cases.
A score that is absent does not apply to its case; one that is null applies and is missing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from plotlot.domain.errors import UnreadableDocument

Scores = Mapping[str, float | None]
Groups = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: ``scores`` by metric from 0 (wrong) to 1 (right), what it cost in tokens, and how it came about."""

    id: str
    town: str
    slice: str
    kind: str
    scores: Scores
    latency_ms: float | None = None
    cost: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """Cases with their metrics; ``groups`` has metrics by what cases share: {"town": {"Larkfield, OH": {...}}}.

    ``unfinished`` are the suites that did not measure all of their cases, each with why.
    """

    suite: str
    bundle: str
    engine: str
    data: Mapping[str, str]
    metrics: Mapping[str, float]
    cases: Sequence[Case]
    groups: Groups = field(default_factory=dict)
    id: str = ""
    unfinished: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_version(self) -> str:
        """One name for all the data: two runs of one version were measured on the same."""
        return f"data-{sha256(json.dumps(self.data, sort_keys=True).encode()).hexdigest()[:16]}"

    def named(self) -> "Run":
        """The run under the digest of what it holds."""
        plain = {**plain_run(self), "id": ""}
        digest = sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return replace(self, id=f"run-{digest[:16]}")

    def compact(self) -> "Run":
        """What a comparison needs: no details, no times."""
        cases = [replace(case, latency_ms=None, detail={}) for case in self.cases]
        metrics = {name: value for name, value in self.metrics.items() if "latency" not in name}
        return replace(self, cases=cases, metrics=metrics, groups={}).named()


def run_json(run: Run) -> dict[str, Any]:
    """A run as plain JSON values, its id first."""
    rest = {name: value for name, value in plain_run(run).items() if name != "id"}
    return {"id": run.id, "data_version": run.data_version, **rest}


def plain_run(run: Run) -> dict[str, Any]:
    """The fields of a run as plain values; ``unfinished`` only where something is."""
    fields = asdict(run)
    if not run.unfinished:
        del fields["unfinished"]
    return fields


def write_run(run: Run, path: Path, whole: bool = True) -> None:
    """Write a run; a case a line where it is not ``whole``, so that changes can be read in review."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = run_json(run)
    if whole:
        text = json.dumps(document, indent=1, ensure_ascii=False)
    else:
        cases = [json.dumps(lean(case), ensure_ascii=False) for case in document.pop("cases")]
        head = json.dumps(document, indent=1, ensure_ascii=False)[:-2]
        text = f'{head},\n "cases": [\n  ' + ",\n  ".join(cases) + "\n ]\n}"
    path.write_text(text + "\n", encoding="utf-8")


def lean(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case without what is empty."""
    return {name: value for name, value in case.items() if value not in (None, {}, "")}


def read_run(path: Path) -> Run:
    """The run in a file. Raises UnreadableDocument saying what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cases = [_case(each) for each in document.pop("cases")]
        document.pop("data_version", None)
        return Run(cases=cases, **{**document, "data": document.get("data") or {}})
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDocument(f"the run {path} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableDocument(
            f"{path} is not a run of an evaluation, as `plotlot eval all --out FILE` writes it: {error}"
        ) from error


def _case(values: dict[str, Any]) -> Case:
    case = Case(**{"slice": "", "kind": "", **values})
    for name, score in case.scores.items():
        if score is not None and not isinstance(score, int | float):
            raise ValueError(f"case {case.id}: the score {name} is no number")
    return case


def digest_of(paths: Sequence[Path]) -> str:
    """One SHA-256 over the contents of files, in their order."""
    whole = sha256()
    for path in paths:
        whole.update(sha256(path.read_bytes()).digest())
    return whole.hexdigest()
