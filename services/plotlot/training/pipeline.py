"""One training from an archive to a model file, its figures, and a run on record."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import plotlot
from plotlot.extraction.learned.decode import Choice, choices
from plotlot.extraction.learned.evidence import FIELDS
from plotlot.extraction.learned.features import FEATURES
from plotlot.extraction.learned.finding import FILE
from plotlot.extraction.learned.model import Model, Properties
from plotlot.extraction.learned.reading import reading_of
from plotlot.training import fit, joining, scores
from plotlot.training.archive import Archive, load_archive
from plotlot.training.baselines import commonest, keyword
from plotlot.training.export import exported, most_apart
from plotlot.training.gold import on_gold
from plotlot.training.labels import Labels
from plotlot.training.towns import Example, examples, held_out
from plotlot.training.tracking import record

log = logging.getLogger(__name__)

FIGURES = "figures.json"
_HELD_OUT = 0.25
_FLOORS = (0.5, 0.65, 0.8)
_CURVE = (0.125, 0.25, 0.5, 0.75)
_MOST_FEATURES = 16
_SEEN_BY = (
    "domain",
    "ingestion/parsers",
    "extraction/reader",
    *(f"extraction/learned/{name}.py" for name in ("layout", "places", "evidence", "candidates", "features")),
)


@dataclass(frozen=True)
class Plan:
    """What to train on and where to put it; ``gold`` and ``documents`` are checked values of other places."""

    data: Path
    out: Path
    trials: int = 12
    seed: int = 1
    kept_in: Path | None = None
    tracking: str = ""
    alias: str = "candidate"
    gold: Path | None = None
    documents: Path | None = None


@dataclass(frozen=True)
class Trained:
    """The parts of a training that figures are made from."""

    booster: Any
    model: Model
    parameters: Mapping[str, Any]
    trials: Sequence[Mapping[str, Any]]
    seen: Sequence[Example]
    unseen: Sequence[Example]
    labels: Sequence[Labels]
    properties: Properties


def train_reader(plan: Plan) -> dict[str, Any]:
    """Train, measure, and write the model and its figures to the plan's folder."""
    archive = load_archive(plan.data)
    towns = examples(archive, plan.kept_in / seen_version() if plan.kept_in else None, _tell)
    trained = trained_on(towns, archive.sha256, plan)
    found = figures(trained, archive, plan)
    plan.out.mkdir(parents=True, exist_ok=True)
    content = exported(trained.booster, trained.properties, "plotlot-reader")
    (plan.out / FILE).write_bytes(content)
    (plan.out / FIGURES).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    if plan.tracking:
        record(
            plan.tracking,
            {**trained.parameters, "seed": plan.seed, "trials": plan.trials},
            metrics_of(found),
            {key: found[key] for key in ("data_sha256", "model_sha256", "code_version", "engine")},
            plan.out,
            plan.alias,
        )
    return found


def _tell(town: str) -> None:
    log.info("described %s", town)


def trained_on(towns: Sequence[Example], data: str, plan: Plan) -> Trained:
    """A model of the towns that are not held out; every choice is made by folds among these."""
    apart = held_out([one.group for one in towns], _HELD_OUT, plan.seed)
    seen = [one for one in towns if one.group not in apart]
    unseen = [one for one in towns if one.group in apart]
    labels = fit.settle(seen, fit.DEFAULTS, plan.seed)
    parameters, trials = fit.tune(
        lambda given: _goodness(seen, labels, given, plan.seed), plan.trials, plan.seed
    )
    properties = _properties(seen, labels, parameters, data, plan.seed)
    booster = fit.train(fit.table(seen, labels), parameters, plan.seed)
    model = Model(exported(booster, properties, "plotlot-reader"), FILE)
    properties = _confirmed(properties, model, unseen)
    model = Model(exported(booster, properties, "plotlot-reader"), FILE)
    return Trained(booster, model, parameters, trials, seen, unseen, labels, properties)


def _goodness(
    seen: Sequence[Example], labels: Sequence[Labels], parameters: Mapping[str, Any], seed: int
) -> float:
    """The F1 on towns of other folds, as a mean over some thresholds, so that no one threshold is tuned for."""
    found = _choices(seen, fit.unseen_scores(seen, labels, parameters, seed))
    weights = joining.weighed(scores.judged(seen, found))
    reached = [
        scores.counts(
            scores.outcomes(seen, scores.by_choices(found, weights, dict.fromkeys(FIELDS, floor)))
        ).scores()["f1"]
        for floor in _FLOORS
    ]
    return sum(reached) / len(reached)


def _choices(towns: Sequence[Example], scored: Sequence[fit.Scores]) -> dict[str, list[Choice]]:
    return {one.name: choices(one.code.candidates, found) for one, found in zip(towns, scored, strict=True)}


def _rules(towns: Sequence[Example]) -> scores.Reader:
    return scores.by_reading({one.name: one.by_rules for one in towns})


def _properties(
    seen: Sequence[Example],
    labels: Sequence[Labels],
    parameters: Mapping[str, Any],
    data: str,
    seed: int,
) -> Properties:
    """Weights, thresholds and joins by what trees of other folds say of each town."""
    found = _choices(seen, fit.unseen_scores(seen, labels, parameters, seed + 1))
    weights = joining.weighed(scores.judged(seen, found))
    at = {
        floor: scores.outcomes(seen, scores.by_choices(found, weights, dict.fromkeys(FIELDS, floor)))
        for floor in joining.GRID
    }
    thresholds = joining.thresholds(at)
    learned = scores.outcomes(seen, scores.by_choices(found, weights, thresholds))
    rules = scores.outcomes(seen, _rules(seen))
    worth = joining.added(at, rules, thresholds)
    joins = {name: worth[name] for name in joining.better(learned, rules) if name in worth}
    return Properties(FEATURES, thresholds, joins, weights, data)


def _confirmed(properties: Properties, model: Model, unseen: Sequence[Example]) -> Properties:
    """Joins only of the fields that are read better in the towns held out, too."""
    learned = scores.outcomes(unseen, _learned(model, unseen))
    better = joining.better(learned, scores.outcomes(unseen, _rules(unseen)))
    joins = {name: least for name, least in properties.joins.items() if name in better}
    return Properties(
        properties.features, properties.thresholds, joins, properties.weights, properties.trained_on
    )


def _learned(model: Model, towns: Sequence[Example]) -> scores.Reader:
    """What the model shows of towns, its quotes verified."""
    return scores.by_reading({one.name: reading_of(model, one.code, {}) for one in towns})


def figures(trained: Trained, archive: Archive, plan: Plan) -> dict[str, Any]:
    """What there is to say of a training, ready for JSON; the same for the same archive, plan and code."""
    unseen, model = trained.unseen, trained.model
    rules, learned = _rules(unseen), _learned(model, unseen)
    outcomes = {
        "commonest value": scores.outcomes(unseen, commonest(trained.seen)),
        "first number beside the name": scores.outcomes(unseen, keyword(unseen)),
        "deterministic": scores.outcomes(unseen, rules),
        "learned": scores.outcomes(unseen, learned),
        "both": scores.outcomes(unseen, scores.both(rules, learned, model.properties.joins)),
        "both, if it joined everywhere": scores.outcomes(
            unseen, scores.both(rules, learned, model.properties.thresholds)
        ),
    }
    return {
        "engine": model.engine,
        "model_sha256": model.digest,
        "model_bytes": len(exported(trained.booster, trained.properties, "plotlot-reader")),
        "data_sha256": archive.sha256,
        "code_version": code_version(),
        "seed": plan.seed,
        "parameters": dict(trained.parameters),
        "trials": [dict(one) for one in trained.trials],
        "towns": {"seen": len(trained.seen), "unseen": [one.name for one in unseen]},
        "candidates": sum(len(one.code.candidates) for one in trained.seen),
        "labelled": _labelled(trained.labels),
        "thresholds": dict(trained.properties.thresholds),
        "joins": dict(trained.properties.joins),
        "unseen": {name: scores.figures(found) for name, found in outcomes.items()},
        "reach": _reach(unseen),
        "agreement": agreement(unseen, rules, learned),
        "calibration": joining.bins(outcomes["learned"]),
        "curve": _curve(trained, plan.seed),
        "importance": _importance(trained.booster),
        "apart": round(_apart(trained), 9),
        "gold": _gold(model, plan),
        "plan": {
            **asdict(plan),
            "data": plan.data.name,
            "out": "",
            "kept_in": "",
            "gold": "",
            "documents": "",
            "tracking": "",
        },
    }


def _labelled(labels: Sequence[Labels]) -> dict[str, int]:
    return {
        "right": int(sum(((one.weight > 0) & (one.right == 1)).sum() for one in labels)),
        "wrong": int(sum(((one.weight > 0) & (one.right == 0)).sum() for one in labels)),
        "not known": int(sum((one.weight == 0).sum() for one in labels)),
    }


def _reach(towns: Sequence[Example]) -> dict[str, float]:
    """What no scoring can mend: coded values whose district was not found, or that no candidate holds."""
    values = districts = held = 0
    for town in towns:
        found: dict[tuple[str, str], list[float]] = {}
        for one in town.code.candidates:
            found.setdefault((one.district, one.field), []).append(one.value)
        for row in town.rows:
            if row.use == scores.CASE:
                code = town.codes.get(row.district, "")
                values += 1
                districts += bool(code)
                held += any(row.accepts(value) for value in found.get((code, row.field), ()))
    return {
        "values": float(values),
        "district found": round(districts / max(values, 1), 4),
        "among the candidates": round(held / max(values, 1), 4),
    }


def agreement(
    towns: Sequence[Example], rules: scores.Reader, learned: scores.Reader
) -> dict[str, dict[str, float]]:
    """How often values are right where both show the same, where they differ, and where one shows alone."""
    first, second = scores.outcomes(towns, rules), scores.outcomes(towns, learned)
    groups: dict[str, list[tuple[bool, bool]]] = {}
    for one, other in zip(first, second, strict=True):
        key = {
            (True, True): "both show",
            (True, False): "rules alone",
            (False, True): "model alone",
            (False, False): "neither",
        }[one.is_shown, other.is_shown]
        groups.setdefault(key, []).append((one.right, other.right))
    return {
        key: {
            "values": float(len(members)),
            "rules right": round(sum(rule for rule, _ in members) / len(members), 4),
            "model right": round(sum(mine for _, mine in members) / len(members), 4),
            "both right": round(sum(rule and mine for rule, mine in members) / len(members), 4),
        }
        for key, members in sorted(groups.items())
    }


def _curve(trained: Trained, seed: int) -> list[dict[str, float]]:
    """F1 on the towns held out by how many towns were learned from, at the thresholds of the whole."""
    ordered = sorted(
        range(len(trained.seen)),
        key=lambda i: sha256(f"curve:{seed}:{trained.seen[i].group}".encode()).hexdigest(),
    )
    points = []
    for share in (*_CURVE, 1.0):
        some = ordered[: max(1, round(share * len(ordered)))]
        known = fit.table([trained.seen[i] for i in some], [trained.labels[i] for i in some])
        booster = fit.train(known, trained.parameters, seed) if share < 1 else trained.booster
        found = _choices(trained.unseen, [fit.scored(booster, one.code.rows) for one in trained.unseen])
        read = scores.by_choices(found, trained.properties.weights, trained.properties.thresholds)
        reached = scores.counts(scores.outcomes(trained.unseen, read)).scores()
        points.append({"towns": float(len(some)), **reached})
    return points


def _importance(booster: Any) -> list[dict[str, Any]]:
    gains = booster.feature_importance("gain")
    ranked = sorted(zip(FEATURES, gains.tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    total = sum(gains.tolist()) or 1.0
    return [{"feature": name, "share": round(gain / total, 4)} for name, gain in ranked[:_MOST_FEATURES]]


def _apart(trained: Trained) -> float:
    """The largest difference between booster and export over every candidate of the towns held out."""
    content = exported(trained.booster, trained.properties, "plotlot-reader")
    return max(
        (most_apart(trained.booster, content, one.code.rows, FILE) for one in trained.unseen), default=0.0
    )


def _gold(model: Model, plan: Plan) -> dict[str, Any]:
    return on_gold(model, plan.gold, plan.documents) if plan.gold and plan.documents else {}


def metrics_of(found: Mapping[str, Any]) -> dict[str, float]:
    """The figures that a run keeps as metrics."""
    return {
        f"{reader.replace(' ', '_')}.{name}.{metric}": of_field[metric]
        for reader, by_field in found["unseen"].items()
        for name, of_field in by_field.items()
        for metric in ("precision", "recall", "f1")
    }


def code_version() -> str:
    """A digest of the modules that change what is parsed, described and trained."""
    return _digest((*_SEEN_BY, "extraction/learned", "training"))


def seen_version() -> str:
    """A digest of the modules that change what is seen of a town before anything is learned."""
    return _digest(_SEEN_BY)


def _digest(parts: Sequence[str]) -> str:
    package = Path(plotlot.__file__).parent
    digest = sha256()
    for part in parts:
        for path in sorted((package / part).rglob("*.py")) if (package / part).is_dir() else [package / part]:
            digest.update(path.relative_to(package).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()[:16]
