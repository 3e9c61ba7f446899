"""Trains the trees, tunes them with bounded trials, and scores each town by trees that have not seen it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.learned.features import FEATURES
from plotlot.training.labels import Labels, settled
from plotlot.training.towns import Example, folds

FOLDS = 5
DEFAULTS: Mapping[str, Any] = {
    "learning_rate": 0.1,
    "rounds": 100,
    "num_leaves": 16,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.35,
    "bagging_fraction": 0.8,
    "lambda_l2": 5.0,
}
"""Parameters that do well untuned; tuning starts from them."""

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Table:
    """Rows of features with labels and weights; rows of weight 0 are left out."""

    rows: NDArray[np.float32]
    right: NDArray[np.int8]
    weight: NDArray[np.float32]


def table(examples: Sequence[Example], labels: Sequence[Labels]) -> Table:
    """The known candidates of some towns, one below the other; each town weighs the same in all."""
    kept = [one.weight > 0 for one in labels]
    rows = [example.code.rows[mask] for example, mask in zip(examples, kept, strict=True)]
    weights = [one.weight[mask] for one, mask in zip(labels, kept, strict=True)]
    return Table(
        np.concatenate([np.empty((0, len(FEATURES)), np.float32), *rows]),
        np.concatenate(
            [np.empty(0, np.int8), *(one.right[mask] for one, mask in zip(labels, kept, strict=True))]
        ),
        np.concatenate([np.empty(0, np.float32), *(_evened(one) for one in weights)]),
    )


def _evened(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """A large code has many candidates and speaks for one town all the same: by the root of its size."""
    return weight * np.float32(np.sqrt(400 / max(len(weight), 50)))


def train(known: Table, parameters: Mapping[str, Any], seed: int) -> Any:
    """A LightGBM booster; the same for the same table, parameters and seed."""
    lightgbm = _lightgbm()
    given = {**parameters}
    rounds = int(given.pop("rounds"))
    settings = {
        "objective": "binary",
        "verbosity": -1,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "max_bin": 63,
        "bagging_freq": 1,
        "seed": seed,
        **given,
    }
    data = lightgbm.Dataset(
        known.rows, known.right, weight=known.weight, feature_name=list(FEATURES), free_raw_data=False
    )
    return lightgbm.train(settings, data, num_boost_round=rounds)


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise ServiceUnavailable(
            "training needs the extra `training`: pip install 'plotlot[training]'"
        ) from error
    return lightgbm


def unseen_scores(
    examples: Sequence[Example], labels: Sequence[Labels], parameters: Mapping[str, Any], seed: int
) -> list[Scores]:
    """The scores of each town's candidates by trees that were trained on the other folds."""
    fold_of = folds([one.group for one in examples], FOLDS, seed)
    found: list[Scores] = [np.empty(0, np.float32)] * len(examples)
    for fold in range(FOLDS):
        inside = [i for i, one in enumerate(examples) if fold_of[one.group] == fold]
        outside = [i for i, one in enumerate(examples) if fold_of[one.group] != fold]
        if not inside or not outside:
            continue
        known = table([examples[i] for i in outside], [labels[i] for i in outside])
        booster = train(known, parameters, seed)
        for i in inside:
            found[i] = scored(booster, examples[i].code.rows)
    return found


def scored(booster: Any, rows: NDArray[np.float32]) -> Scores:
    """The booster's probabilities."""
    if not len(rows):
        return np.zeros(0, np.float32)
    return np.asarray(booster.predict(rows), dtype=np.float32)


def settle(examples: Sequence[Example], parameters: Mapping[str, Any], seed: int) -> list[Labels]:
    """The labels of towns without what holds a coded value by chance, as trees of other towns see it."""
    first = [one.labels for one in examples]
    scores = unseen_scores(examples, first, parameters, seed)
    return [
        settled(example.code.candidates, labels, found)
        for example, labels, found in zip(examples, first, scores, strict=True)
    ]


def tune(
    goodness: Callable[[Mapping[str, Any]], float], trials: int, seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The best parameters of a bounded number of trials, the defaults first, and what each trial reached."""
    if trials < 1:
        return dict(DEFAULTS), []
    try:
        import optuna
    except ImportError as error:
        raise ServiceUnavailable(
            "tuning needs the extra `training`: pip install 'plotlot[training]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(dict(DEFAULTS))
    study.optimize(lambda trial: goodness(_suggested(trial)), n_trials=trials)
    tried = [{**trial.params, "goodness": trial.value} for trial in study.trials]
    return {**DEFAULTS, **study.best_params}, tried


def _suggested(trial: Any) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.04, 0.2, log=True),
        "rounds": trial.suggest_int("rounds", 60, 160, step=20),
        "num_leaves": trial.suggest_int("num_leaves", 7, 31),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 5, 60),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.15, 0.6),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 30.0, log=True),
    }
