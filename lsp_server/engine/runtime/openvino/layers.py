"""The layers of a Qwen2 network (arXiv 2407.10671) as an OpenVINO graph.

Inputs: `h` (n, dim), `cos` and `sin` (n, 1, head_dim), `rows` (1,) how many of the last positions
are wanted, for each layer `keys.L` and `values.L` (past, kv_heads, head_dim), `padding`
(p, kv_heads, head_dim) put behind the keys and values, and `mask` (n, past + n + p), added to
the scores. Outputs: `keys` and `values` (layers, n, kv_heads, head_dim) of the new positions,
`hidden` (rows, dim), and `entering.L` (rows, dim) for each feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.openvino.compiler import openvino
from lsp_server.engine.runtime.weights import bias_of, norms_of

Graph = Any
"""Nodes and models of OpenVINO, which has no types."""
_TO_END = np.array([np.iinfo(np.int64).max])


class LayerGraph:
    """Builds the graph of consecutive layers of `body` out of prepared int8 `tensors`."""

    def __init__(self, tensors: Mapping[str, Tensor], architecture: Architecture, body: str) -> None:
        self._tensors = tensors
        self._a = architecture
        self._body = body
        self._op = openvino().opset13

    def model(self, layers: Sequence[int], features: Sequence[int]) -> Graph:
        """The graph of `layers`."""
        a = self._a
        h = parameter([-1, a.dim], "h")
        turn = [parameter([-1, 1, a.head_dim], name) for name in ("cos", "sin")]
        mask, padding = parameter([-1, -1], "mask"), self._past("padding")
        rows = parameter([1], "rows", np.int64)
        past = {layer: [self._past(f"{name}.{layer}") for name in ("keys", "values")] for layer in layers}
        state, new, entering = h, [], {}
        for layer in layers:
            if layer in features:
                entering[layer] = self._last(state, rows)
            wanted = rows if layer == layers[-1] else None
            state, pair = self._layer(layer, state, turn, (mask, padding), past[layer], wanted)
            new.append(pair)
        outputs = {
            "keys": self._stacked([keys for keys, _ in new]),
            "values": self._stacked([values for _, values in new]),
            "hidden": state,
            **{f"entering.{layer}": entering[layer] for layer in features},
        }
        inputs = [h, *turn, mask, padding, rows, *(each for pair in past.values() for each in pair)]
        return openvino().Model([result(node, name) for name, node in outputs.items()], inputs)

    def _layer(
        self,
        layer: int,
        h: Graph,
        turn: Sequence[Graph],
        mask_and_padding: tuple[Graph, Graph],
        past: Sequence[Graph],
        rows: Graph | None,
    ) -> tuple[Graph, tuple[Graph, Graph]]:
        """States behind a layer, and its new keys and values; with `rows`, only the last states."""
        op = self._op
        mask, padding = mask_and_padding
        attention, ffn = norms_of(self._body, layer)
        query, keys, values = self._projected(layer, self._norm(h, attention), turn)
        if rows is not None:
            h, query, mask = (self._last(node, rows) for node in (h, query, mask))
        seen = [op.concat([old, new, padding], 0) for old, new in zip(past, (keys, values), strict=True)]
        h = op.add(h, self._linear(f"{layer}.o", self._attended(query, seen[0], seen[1], mask)))
        gate_up = self._linear(f"{layer}.gate_up", self._norm(h, ffn))
        gate, up = op.split(gate_up, np.int64(1), 2).outputs()
        return op.add(h, self._linear(f"{layer}.down", op.multiply(op.swish(gate), up))), (keys, values)

    def _projected(self, layer: int, h: Graph, turn: Sequence[Graph]) -> tuple[Graph, Graph, Graph]:
        """Queries, keys and values (n, heads, head_dim), the first two turned to their positions."""
        op, a = self._op, self._a
        qkv = self._linear(f"{layer}.qkv", h)
        bias = bias_of(layer, "qkv")
        if bias and bias in self._tensors:
            qkv = op.add(qkv, self._constant(bias))
        qkv = op.reshape(qkv, np.array([0, a.heads + 2 * a.kv_heads, a.head_dim]), True)  # noqa: FBT003 -- 0: as it was
        sizes = np.array([a.heads, a.kv_heads, a.kv_heads])
        query, keys, values = op.variadic_split(qkv, np.int64(1), sizes).outputs()
        return self._turned(query, turn), self._turned(keys, turn), values

    def _turned(self, x: Graph, turn: Sequence[Graph]) -> Graph:
        """Rotary positions (arXiv 2104.09864), halves convention."""
        op = self._op
        first, second = op.split(x, np.int64(2), 2).outputs()
        across = op.concat([op.negative(second), first], 2)
        return op.add(op.multiply(x, turn[0]), op.multiply(across, turn[1]))

    def _attended(self, query: Graph, keys: Graph, values: Graph, mask: Graph) -> Graph:
        """Attention (n, heads * head_dim); query heads of a key head laid end to end, as in `decoder.py`."""
        op, a = self._op, self._a
        group = a.queries_per_key
        parted = op.reshape(query, np.array([0, a.kv_heads, group, a.head_dim]), True)  # noqa: FBT003 -- likewise
        heads = op.reshape(
            op.transpose(parted, np.array([1, 2, 0, 3])),
            np.array([1, a.kv_heads, -1, a.head_dim]),
            False,  # noqa: FBT003 -- no zeros here
        )
        key, value = (
            op.unsqueeze(op.transpose(each, np.array([1, 0, 2])), np.int64(0)) for each in (keys, values)
        )
        seen = op.unsqueeze(op.concat([mask] * group, 0), np.array([0, 1]))
        out = op.scaled_dot_product_attention(heads, key, value, seen)
        out = op.reshape(out, np.array([a.kv_heads, group, -1, a.head_dim]), False)  # noqa: FBT003 -- likewise
        out = op.transpose(out, np.array([2, 0, 1, 3]))
        return op.reshape(out, np.array([0, a.heads * a.head_dim]), True)  # noqa: FBT003 -- 0: as it was

    def _norm(self, h: Graph, name: str) -> Graph:
        op = self._op
        square = op.reduce_mean(op.multiply(h, h), np.array([-1]), True)  # noqa: FBT003 -- keeps the dimension
        size = op.sqrt(op.add(square, np.float32(self._a.norm_eps)))
        return op.multiply(op.divide(h, size), self._constant(name))

    def _linear(self, name: str, x: Graph) -> Graph:
        name = f"{self._body}.{name}"
        return linear(self._tensors[f"{name}.weight"], self._tensors[f"{name}.scale"], x)

    def _past(self, name: str) -> Graph:
        return parameter([-1, self._a.kv_heads, self._a.head_dim], name)

    def _last(self, node: Graph, rows: Graph) -> Graph:
        """The last `rows` of the first dimension."""
        op = self._op
        return op.slice(node, op.negative(rows), _TO_END, np.array([1]), np.array([0]))

    def _stacked(self, nodes: Sequence[Graph]) -> Graph:
        op = self._op
        return op.concat([op.unsqueeze(node, np.int64(0)) for node in nodes], 0)

    def _constant(self, name: str) -> Graph:
        return self._op.constant(self._tensors[name].float().numpy())


def parameter(shape: Sequence[int], name: str, kind: type = np.float32) -> Graph:
    """An input that requests know by its name; -1 in `shape` is any size."""
    node = openvino().opset13.parameter(shape, kind)
    node.output(0).get_tensor().set_names({name})
    return node


def result(node: Graph, name: str) -> Graph:
    """An output that requests know by its name."""
    end = openvino().opset13.result(node)
    end.output(0).get_tensor().set_names({name})
    return end


def linear(weight: Tensor, scale: Tensor, x: Graph) -> Graph:
    """``x W^T`` with int8 weights (out, in) and a scale for each output; OpenVINO quantises `x`."""
    op = openvino().opset13
    packed = op.constant(weight.numpy(), shared_memory=True)
    exact = op.multiply(op.convert(packed, "f32"), op.constant(scale.float()[:, None].numpy()))
    return op.matmul(x, exact, False, True)  # noqa: FBT003 -- W transposed
