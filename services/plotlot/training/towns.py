"""Towns as examples: parsed, described, labelled and kept, and split so that no town is on both sides."""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from plotlot.extraction.learned.reading import Described, described
from plotlot.extraction.reader.assemble import CodeReading
from plotlot.extraction.reader.assemble import read_code as read_by_rules
from plotlot.ingestion.parsers import parse_document
from plotlot.training.archive import Archive, Row, Town
from plotlot.training.labels import Labels, label, matched, rows_by_case

_SUFFIXES = ("_town", "_village", "_city")


@dataclass(frozen=True)
class Example:
    """A town as a model and as the rules see it, with its rows and the labels of its candidates."""

    name: str
    group: str
    rows: tuple[Row, ...]
    codes: dict[str, str]
    code: Described
    by_rules: CodeReading
    labels: Labels


def examples(
    archive: Archive, kept_in: Path | None = None, tell: Callable[[str], None] = lambda name: None
) -> list[Example]:
    """Every town of an archive as an example; ``kept_in`` is a folder of what earlier runs described."""
    found = []
    for town in archive.towns:
        tell(town.name)
        found.append(_labelled(town, *_seen(town, kept_in)))
    return found


def _seen(town: Town, kept_in: Path | None) -> tuple[Described, CodeReading]:
    """A town's code described and read by rules, from the folder where its text and this code are known."""
    path = kept_in / f"{town.slug}-{sha256(town.content).hexdigest()[:12]}.pickle" if kept_in else None
    if path is not None and path.is_file():
        described_before, read_before = pickle.loads(path.read_bytes())
        return described_before, read_before
    document = parse_document(f"{town.slug}.txt", town.content)
    seen = (described([document]), read_by_rules([document]))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(seen))
    return seen


def _labelled(town: Town, code: Described, by_rules: CodeReading) -> Example:
    codes = matched(code.index.districts, town.rows)
    labels = label(code.candidates, rows_by_case(town.rows, codes))
    return Example(town.name, group_of(town.slug), town.rows, codes, code, by_rules, labels)


def group_of(slug: str) -> str:
    """What keeps a town and the village within it together: their codes share most of their text."""
    lower = slug.lower()
    return next((lower.removesuffix(end) for end in _SUFFIXES if lower.endswith(end)), lower)


def folds(groups: Sequence[str], count: int, seed: int) -> dict[str, int]:
    """A fold for each group, by a digest of its name and the seed, the folds as even as can be."""
    ordered = sorted(set(groups), key=lambda group: sha256(f"{seed}:{group}".encode()).hexdigest())
    return {group: position % count for position, group in enumerate(ordered)}


def held_out(groups: Sequence[str], share: float, seed: int) -> frozenset[str]:
    """The groups that no choice is made on."""
    ordered = sorted(set(groups), key=lambda group: sha256(f"held:{seed}:{group}".encode()).hexdigest())
    return frozenset(ordered[: round(share * len(ordered))])
