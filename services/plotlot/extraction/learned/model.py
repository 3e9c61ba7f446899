"""A trained model: one ONNX file, which holds beside its graph what it was trained on and how to use it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.learned import ENGINE
from plotlot.extraction.learned.features import FEATURES, Rows

PROPERTIES = "plotlot"
"""The key of the graph's metadata under which a model's properties stand, as JSON."""


@dataclass(frozen=True)
class Properties:
    """What a model says of itself.

    ``thresholds`` are the least certainties at which a field's value is shown, ``joins`` those of the fields
    that the ensemble takes from this model, ``weights`` what a certainty is made of.
    """

    features: tuple[str, ...]
    thresholds: Mapping[str, float]
    joins: Mapping[str, float]
    weights: Mapping[str, float]
    trained_on: str = ""

    def as_json(self) -> str:
        """The properties as they stand in the file."""
        return json.dumps(
            {
                "features": self.features,
                "thresholds": dict(sorted(self.thresholds.items())),
                "joins": dict(sorted(self.joins.items())),
                "weights": dict(sorted(self.weights.items())),
                "trained_on": self.trained_on,
            },
            sort_keys=True,
        )


class Model:
    """Scores candidates on onnxruntime; ``engine`` names it with what changes its answers."""

    def __init__(self, content: bytes, name: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            held = self._session.get_modelmeta().custom_metadata_map[PROPERTIES]
            self.properties = _properties(json.loads(held))
        except Exception as error:
            raise ServiceUnavailable(f"{name} is no model of the learned reader: {error}") from error
        if self.properties.features != FEATURES:
            raise ServiceUnavailable(
                f"{name} was trained on other features than {ENGINE} has: train it anew with `plotlot train reader`"
            )
        self.digest = sha256(content).hexdigest()
        self.engine = f"{ENGINE}@{self.digest[:12]}"
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[-1].name

    def score(self, rows: Rows) -> NDArray[np.float32]:
        """The probability of each row that its number is the value of its field in its district."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        found = self._session.run([self._output], {self._input: rows})[0]
        return np.asarray(found, dtype=np.float32)[:, 1]


def _properties(held: Mapping[str, Any]) -> Properties:
    return Properties(
        features=tuple(held["features"]),
        thresholds=dict(held["thresholds"]),
        joins=dict(held["joins"]),
        weights=dict(held["weights"]),
        trained_on=str(held.get("trained_on", "")),
    )


def joins(model: Model) -> Mapping[str, float]:
    """The fields that the model read better than the deterministic reader in towns that it had not seen.

    For each the least confidence at which an ensemble takes the model's value.
    """
    return model.properties.joins


def load(path: Path) -> Model:
    """The model of a file. Raises ServiceUnavailable where there is none that can be used."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ServiceUnavailable(
            f"there is no model of the learned reader at {path}: train one with `plotlot train reader`, "
            "and name its file in PLOTLOT_READER_MODEL"
        ) from error
    return Model(content, path.name)


def with_properties(graph: Any, properties: Properties) -> bytes:
    """The bytes of an ONNX graph with a model's properties in its metadata, the same for the same graph."""
    del graph.metadata_props[:]
    entry = graph.metadata_props.add()
    entry.key, entry.value = PROPERTIES, properties.as_json()
    content: bytes = graph.SerializeToString(deterministic=True)
    return content


def least_scores(properties: Properties, fields: Sequence[str]) -> dict[str, float]:
    """The threshold of each field; what the model says nothing of is never shown."""
    return {name: properties.thresholds.get(name, 1.1) for name in fields}
