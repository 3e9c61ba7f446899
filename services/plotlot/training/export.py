"""A trained booster as the ONNX file that the learned reader runs, and the proof that both say the same."""

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.learned.features import FEATURES
from plotlot.extraction.learned.model import Model, Properties, with_properties
from plotlot.training.fit import scored

_OPSET = 15
_MOST_APART = 1e-3
_OFTEN_APART = 1e-5
_SELDOM = 0.001
"""Trees of 32 bits may take another branch where a feature stands at a threshold: seldom, and not far."""


def exported(booster: Any, properties: Properties, name: str) -> bytes:
    """The booster with its properties as ONNX, byte for byte the same for the same booster."""
    try:
        convert = import_module("onnxmltools").convert_lightgbm
        tensor = import_module("onnxmltools.convert.common.data_types").FloatTensorType
    except ImportError as error:
        raise ServiceUnavailable(
            "the export needs the extra `training`: pip install 'plotlot[training]'"
        ) from error
    graph = convert(
        booster,
        name=name,
        initial_types=[("rows", tensor([None, len(FEATURES)]))],
        zipmap=False,
        target_opset=_OPSET,
    )
    return with_properties(graph, properties)


def most_apart(booster: Any, content: bytes, rows: NDArray[np.float32], name: str) -> float:
    """The largest difference between the scores of the booster and of its export over some rows.

    Raises ServiceUnavailable where the export is not the model that was trained.
    """
    if not len(rows):
        return 0.0
    apart = np.abs(scored(booster, rows) - Model(content, name).score(rows))
    if apart.max() > _MOST_APART and (apart > _OFTEN_APART).mean() > _SELDOM:
        raise ServiceUnavailable(
            f"the exported model differs from the trained one by up to {apart.max():.2g}: it was not kept"
        )
    return float(apart.max())
