"""The drawn graph computes what BERT computes, checked against plain numpy in float64."""

import json
import struct
from math import erf

import numpy as np
import onnxruntime
import pytest

from plotlot.inference.sentence_encoder import EncoderShape, read_safetensors, sentence_encoder

SHAPE = EncoderShape(hidden=16, layers=2, heads=4, epsilon=1e-12)
INNER, VOCABULARY, POSITIONS = 24, 50, 12


def random_weights(seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (VOCABULARY, SHAPE.hidden),
        "embeddings.position_embeddings.weight": (POSITIONS, SHAPE.hidden),
        "embeddings.token_type_embeddings.weight": (2, SHAPE.hidden),
        "embeddings.LayerNorm.weight": (SHAPE.hidden,),
        "embeddings.LayerNorm.bias": (SHAPE.hidden,),
    }
    for layer in range(SHAPE.layers):
        prefix = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            sizes[f"{prefix}.attention.self.{part}.weight"] = (SHAPE.hidden, SHAPE.hidden)
            sizes[f"{prefix}.attention.self.{part}.bias"] = (SHAPE.hidden,)
        for part, rows, columns in (
            ("attention.output.dense", SHAPE.hidden, SHAPE.hidden),
            ("intermediate.dense", INNER, SHAPE.hidden),
            ("output.dense", SHAPE.hidden, INNER),
        ):
            sizes[f"{prefix}.{part}.weight"] = (rows, columns)
            sizes[f"{prefix}.{part}.bias"] = (rows,)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            sizes[f"{prefix}.{part}.weight"] = (SHAPE.hidden,)
            sizes[f"{prefix}.{part}.bias"] = (SHAPE.hidden,)
    return {name: generator.normal(0, 0.5, size).astype("<f4") for name, size in sizes.items()}


def reference(weights: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """One text without padding, head by head."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def norm(x: np.ndarray, key: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + SHAPE.epsilon)
        return scaled * w[f"{key}.weight"] + w[f"{key}.bias"]

    def linear(x: np.ndarray, key: str) -> np.ndarray:
        return x @ w[f"{key}.weight"].T + w[f"{key}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    size = SHAPE.hidden // SHAPE.heads
    for layer in range(SHAPE.layers):
        prefix = f"encoder.layer.{layer}"
        query, key, value = (
            linear(x, f"{prefix}.attention.self.{part}") for part in ("query", "key", "value")
        )
        mixed = np.zeros_like(query)
        for head in range(SHAPE.heads):
            columns = slice(head * size, (head + 1) * size)
            scores = np.exp(query[:, columns] @ key[:, columns].T / np.sqrt(size))
            mixed[:, columns] = scores / scores.sum(-1, keepdims=True) @ value[:, columns]
        attended = linear(mixed, f"{prefix}.attention.output.dense")
        x = norm(x + attended, f"{prefix}.attention.output.LayerNorm")
        inner = linear(x, f"{prefix}.intermediate.dense")
        inner = inner * (1 + np.vectorize(erf)(inner / np.sqrt(2))) / 2
        x = norm(x + linear(inner, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def test_graph_equals_the_reference_for_padded_texts_of_unlike_lengths() -> None:
    weights = random_weights(3)
    texts = [[7, 3, 11], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [49]]
    ids = np.zeros((3, 10), np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    model = sentence_encoder({f"bert.{name}": w for name, w in weights.items()}, SHAPE)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (vectors,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    expected = np.array([reference(weights, text) for text in texts])
    assert np.abs(vectors - expected).max() < 1e-5


def test_safetensors_are_read_by_their_offsets_and_other_types_left_out() -> None:
    first, second = np.arange(6, dtype="<f4"), np.array([9.5], "<f4")
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "ids": {"dtype": "I64", "shape": [1], "data_offsets": [24, 32]},
            "second": {"dtype": "F32", "shape": [1], "data_offsets": [32, 36]},
            "first": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        }
    ).encode()
    body = first.tobytes() + bytes(8) + second.tobytes()
    tensors = read_safetensors(struct.pack("<Q", len(header)) + header + body)
    assert set(tensors) == {"first", "second"}
    assert tensors["first"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert tensors["second"].tolist() == [9.5]


def test_another_kind_of_model_is_refused() -> None:
    with pytest.raises(ValueError, match="relu"):
        EncoderShape.from_config({"hidden_act": "relu"})
