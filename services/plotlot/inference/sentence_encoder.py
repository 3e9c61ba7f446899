"""The ONNX graph of a BERT sentence encoder, drawn from its weights alone.

Post-norm BERT (Devlin et al. 2019) with mean pooling over the unmasked tokens and L2
normalisation inside the graph (Reimers and Gurevych 2019). Needs ``onnx``, at set-up only.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

OPSET = 20  # the first with an exact Gelu
IR_VERSION = 10
MASKED = -10_000.0

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """The sizes that a BERT configuration names."""

    hidden: int
    layers: int
    heads: int
    epsilon: float

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> "EncoderShape":
        """Read a ``config.json``; ValueError where it is not the kind of BERT drawn here."""
        kind = (config["hidden_act"], config.get("position_embedding_type", "absolute"))
        if kind != ("gelu", "absolute"):
            raise ValueError(f"not a BERT with gelu and absolute positions: {kind}")
        return cls(
            hidden=int(str(config["hidden_size"])),
            layers=int(str(config["num_hidden_layers"])),
            heads=int(str(config["num_attention_heads"])),
            epsilon=float(str(config["layer_norm_eps"])),
        )


def read_safetensors(content: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a safetensors file: a JSON header, then the tensors end to end."""
    (header_size,) = struct.unpack_from("<Q", content)
    body = 8 + header_size
    header = json.loads(content[8:body])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] == "F32":
            flat = np.frombuffer(content, "<f4", count=(end - start) // 4, offset=body + start)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


class _Graph:
    """Nodes and constants under construction; each method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def constant(self, name: str, value: object, dtype: type = np.float32) -> str:
        array: NDArray[Any] = np.ascontiguousarray(value, dtype)
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def axes(self, *values: int) -> str:
        return self.constant("int64_" + "_".join(map(str, values)), values, np.int64)

    def scalar(self, value: float) -> str:
        return self.constant(f"float_{value}", value)

    def apply(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name


class _EncoderGraph(_Graph):
    """The parts of a BERT encoder."""

    def __init__(self, weights: Weights, shape: EncoderShape) -> None:
        super().__init__()
        self.weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self.shape = shape

    def linear(self, x: str, key: str, scale: float = 1.0) -> str:
        """``x W^T + b``; the weights lie as [out, in] and a constant factor is folded in."""
        kernel = self.constant(f"{key}.kernel", self.weights[f"{key}.weight"].T * scale)
        bias = self.constant(f"{key}.bias", self.weights[f"{key}.bias"] * scale)
        return self.apply("Add", self.apply("MatMul", x, kernel), bias)

    def norm(self, x: str, key: str) -> str:
        gain = self.constant(f"{key}.gain", self.weights[f"{key}.weight"])
        bias = self.constant(f"{key}.bias", self.weights[f"{key}.bias"])
        return self.apply("LayerNormalization", x, gain, bias, axis=-1, epsilon=self.shape.epsilon)

    def embeddings(self) -> str:
        """Word plus position; every token is of type 0, so that vector joins the positions."""
        table = {
            part: self.weights[f"embeddings.{part}_embeddings.weight"]
            for part in ("word", "position", "token_type")
        }
        words = self.apply("Gather", self.constant("words", table["word"]), "input_ids")
        length = self.apply("Slice", self.apply("Shape", "input_ids"), self.axes(1), self.axes(2))
        positions = self.constant("positions", table["position"] + table["token_type"][0])
        placed = self.apply("Slice", positions, self.axes(0), length, self.axes(0))
        return self.norm(self.apply("Add", words, placed), "embeddings.LayerNorm")

    def heads(self, x: str, key: str, order: tuple[int, ...], scale: float = 1.0) -> str:
        size = self.shape.hidden // self.shape.heads
        split = self.axes(0, 0, self.shape.heads, size)
        projected = self.linear(x, key, scale)
        return self.apply("Transpose", self.apply("Reshape", projected, split), perm=order)

    def attention(self, x: str, bias: str, key: str) -> str:
        scale = (self.shape.hidden // self.shape.heads) ** -0.5
        query = self.heads(x, f"{key}.self.query", (0, 2, 1, 3), scale)
        keys = self.heads(x, f"{key}.self.key", (0, 2, 3, 1))
        values = self.heads(x, f"{key}.self.value", (0, 2, 1, 3))
        scores = self.apply("Add", self.apply("MatMul", query, keys), bias)
        mixed = self.apply("MatMul", self.apply("Softmax", scores, axis=-1), values)
        joined = self.apply("Transpose", mixed, perm=(0, 2, 1, 3))
        flat = self.apply("Reshape", joined, self.axes(0, 0, self.shape.hidden))
        return self.linear(flat, f"{key}.output.dense")

    def layer(self, x: str, bias: str, key: str) -> str:
        attended = self.attention(x, bias, f"{key}.attention")
        x = self.norm(self.apply("Add", x, attended), f"{key}.attention.output.LayerNorm")
        inner = self.apply("Gelu", self.linear(x, f"{key}.intermediate.dense"))
        outer = self.linear(inner, f"{key}.output.dense")
        return self.norm(self.apply("Add", x, outer), f"{key}.output.LayerNorm")

    def pooled(self, x: str, mask: str) -> str:
        """Mean over unmasked tokens, then unit length."""
        column = self.apply("Unsqueeze", mask, self.axes(2))
        total = self.apply("ReduceSum", self.apply("Mul", x, column), self.axes(1), keepdims=0)
        count = self.apply("ReduceSum", column, self.axes(1), keepdims=0)
        mean = self.apply("Div", total, self.apply("Max", count, self.scalar(1.0)))
        length = self.apply("ReduceL2", mean, self.axes(1), keepdims=1)
        floor = self.apply("Max", length, self.scalar(1e-12))
        return self.apply("Div", mean, floor, name="embedding")

    def encoder(self) -> None:
        mask = self.apply("Cast", "attention_mask", to=TensorProto.FLOAT)
        absent = self.apply("Sub", self.scalar(1.0), self.apply("Unsqueeze", mask, self.axes(1, 2)))
        bias = self.apply("Mul", absent, self.scalar(MASKED))
        x = self.embeddings()
        for index in range(self.shape.layers):
            x = self.layer(x, bias, f"encoder.layer.{index}")
        self.pooled(x, mask)


def sentence_encoder(weights: Weights, shape: EncoderShape) -> ModelProto:
    """``input_ids``, ``attention_mask`` int64 [batch, tokens] to ``embedding`` float32 [batch, hidden]."""
    graph = _EncoderGraph(weights, shape)
    graph.encoder()
    value = helper.make_tensor_value_info
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "sentence_encoder",
            [
                value("input_ids", TensorProto.INT64, ["batch", "tokens"]),
                value("attention_mask", TensorProto.INT64, ["batch", "tokens"]),
            ],
            [value("embedding", TensorProto.FLOAT, ["batch", shape.hidden])],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="plotlot",
        ir_version=IR_VERSION,
    )
    checker.check_model(model)
    return model
