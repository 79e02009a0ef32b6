"""The tensors of prepared weights: merged with the adapter, fused, smoothed and quantised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lsp_server.engine.runtime.adapter import Adapter, Sketch
from lsp_server.engine.runtime.filler import OnProgress
from lsp_server.engine.runtime.gguf_reader import BaseWeights
from lsp_server.engine.runtime.layer import Layer
from lsp_server.engine.runtime.linear import DenseLinear, quantise_rows
from lsp_server.engine.runtime.smoothing import Calibration, Factors
from lsp_server.engine.runtime.weights import BODIES, FUSED, GROUP, SKETCH_FEATURES, SKETCH_LAYERS

Named = Iterator[tuple[str, Tensor]]


def prepared_tensors(
    base: BaseWeights, adapter: Adapter, page: Sequence[int], *, quantised: bool, on_progress: OnProgress
) -> Named:
    """Name and content of every tensor that `weights.assemble` needs.

    `page` are the tokens of the text by which int8 weights are smoothed.
    """
    architecture, embedding = base.architecture(), base.embedding()
    calibration = Calibration(architecture, embedding[list(page)]) if quantised else None
    for index in range(architecture.layers):
        on_progress(0.8 * index / architecture.layers, "preparing weights")
        fused = {name: _fused(base, adapter, index, name) for name in FUSED}
        layer = _layer(base, index, {name: original for name, (original, _) in fused.items()})
        factors = calibration.factors(layer) if calibration else None
        for name, pair in fused.items():
            for body, weight in zip(BODIES, pair, strict=True):
                folded = factors.folded(name, weight) if factors else weight
                yield from _stored(f"{body}.{index}.{name}", folded, quantised=quantised)
        yield from _vectors(layer, index, factors)
    yield from _stored("head", embedding, quantised=quantised)
    if quantised:
        yield from _grouped("embed", embedding)
    yield "last_norm", base.last_norm()
    yield "mask_embedding", adapter.mask_embedding
    if adapter.sketch:
        yield from _sketched(base, adapter.sketch, embedding, quantised=quantised)


def _sketched(base: BaseWeights, sketch: Sketch, embedding: Tensor, *, quantised: bool) -> Named:
    """The sketcher's tensors. They are not smoothed: what it proposes is verified."""
    own = sketch.own
    for index in sketch.layers:
        for name in FUSED:
            _, merged = _fused(base, sketch.lora, index, name)
            yield from _stored(f"sketch.{index}.{name}", merged, quantised=quantised)
        attention, ffn = base.norms(index)
        yield f"sketch.{index}.attention_norm", attention
        yield f"sketch.{index}.ffn_norm", ffn
    for name in ("known", "masked"):
        yield from _stored(f"sketch.{name}", own[f"{name}_map"].float(), quantised=quantised)
    yield "sketch.places", own["places"].float()
    yield "sketch.last_norm", own["last_norm"].float()
    yield "sketch.ids", own["ids"].long()
    yield from _stored("sketch.head", embedding[own["ids"].long()], quantised=quantised)
    yield SKETCH_LAYERS, torch.tensor(sketch.layers)
    yield SKETCH_FEATURES, own["features"].long()


def _fused(base: BaseWeights, adapter: Adapter, index: int, name: str) -> tuple[Tensor, Tensor]:
    """A fused projection of the base, and of the denoiser."""
    originals = [adapter.based(base.linear(index, part), index, part) for part in FUSED[name]]
    merged = [adapter.merged(w, index, part) for w, part in zip(originals, FUSED[name], strict=True)]
    return torch.cat(originals), torch.cat(merged)


def _layer(base: BaseWeights, index: int, fused: dict[str, Tensor]) -> Layer:
    """The base's layer with dense weights."""
    bias = torch.cat([base.bias(index, part) for part in FUSED["qkv"]])
    attention, ffn = base.norms(index)
    linears = {name: DenseLinear(w, bias if name == "qkv" else None) for name, w in fused.items()}
    return Layer(**linears, attention_norm=attention, ffn_norm=ffn)


def _vectors(layer: Layer, index: int, factors: Factors | None) -> Named:
    """Bias and norms of a layer; the norms take in the factors of what they feed."""
    if isinstance(layer.qkv, DenseLinear) and layer.qkv.bias is not None:
        yield f"{index}.qkv.bias", layer.qkv.bias
    yield f"{index}.attention_norm", layer.attention_norm / (factors.qkv if factors else 1)
    yield f"{index}.ffn_norm", layer.ffn_norm / (factors.gate_up if factors else 1)


def _stored(name: str, weight: Tensor, *, quantised: bool) -> Named:
    if quantised:
        whole, scale = quantise_rows(weight)
        yield f"{name}.weight", whole
        yield f"{name}.scale", scale
    else:
        yield f"{name}.weight", weight.to(torch.bfloat16)


def _grouped(name: str, table: Tensor) -> Named:
    groups = table.view(len(table), -1, GROUP)
    scale = (groups.abs().amax(2) / 127).clamp_min(1e-8)
    yield f"{name}.weight", (groups / scale[..., None]).round().to(torch.int8).flatten(1)
    yield f"{name}.scale", scale.to(torch.float16)
