"""Read a Qwen2 GGUF (github.com/ggml-org/ggml, docs/gguf.md): tensors as floats, tokenizer as JSON."""

from __future__ import annotations

from pathlib import Path

import torch
from gguf import GGUFReader, GGUFValueType, dequantize
from torch import Tensor

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime.architecture import Architecture

LINEARS = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
"""Our names of a layer's projections and those in the file."""


class BaseWeights:
    """The base model's tensors, dequantised when asked for."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = GGUFReader(str(path))
        except (ValueError, OSError, IndexError) as problem:
            raise ModelCorrupt(
                f"{path} is not a GGUF file: {problem}", hint="Run `remask pull`."
            ) from problem
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}

    def architecture(self) -> Architecture:
        """The sizes written in the file's header."""
        heads = self._number("attention.head_count")
        dim = self._number("embedding_length")
        return Architecture(
            layers=self._number("block_count"),
            heads=heads,
            kv_heads=self._number("attention.head_count_kv"),
            head_dim=dim // heads,
            dim=dim,
            ff_dim=self._number("feed_forward_length"),
            vocab=int(self._tensors["token_embd.weight"].shape[1]),
            norm_eps=float(self._field("attention.layer_norm_rms_epsilon")),
            rope_theta=float(self._field("rope.freq_base")),
        )

    def _field(self, name: str) -> float:
        field = self._reader.get_field(f"qwen2.{name}")
        if field is None or field.types[0] == GGUFValueType.STRING:
            raise ModelCorrupt(f"the GGUF file says nothing of qwen2.{name}", hint="Run `remask pull`.")
        return float(field.parts[field.data[0]][0])

    def _number(self, name: str) -> int:
        return int(self._field(name))

    def tensor(self, name: str) -> Tensor:
        """One tensor in fp32; raises `ModelCorrupt` if the file lacks it."""
        found = self._tensors.get(name)
        if found is None:
            raise ModelCorrupt(f"the GGUF file has no tensor {name}", hint="Run `remask pull`.")
        return torch.from_numpy(dequantize(found.data, found.tensor_type).copy()).float()

    def embedding(self) -> Tensor:
        """(vocab, dim), tied to the output.

        The file holds it twice. `output.weight` (Q8_0) is close to the original;
        `token_embd.weight` (Q5_0) differs from it by 4.5%.
        """
        return self.tensor("output.weight" if "output.weight" in self._tensors else "token_embd.weight")

    def linear(self, layer: int, name: str) -> Tensor:
        """(out, in) of one projection, by our name for it."""
        return self.tensor(f"blk.{layer}.{LINEARS[name]}.weight")

    def bias(self, layer: int, name: str) -> Tensor:
        """(out,) of a query, key or value projection."""
        return self.tensor(f"blk.{layer}.{LINEARS[name]}.bias")

    def norms(self, layer: int) -> tuple[Tensor, Tensor]:
        """Weights of the two norms of a layer, (dim,) each."""
        return self.tensor(f"blk.{layer}.attn_norm.weight"), self.tensor(f"blk.{layer}.ffn_norm.weight")

    def last_norm(self) -> Tensor:
        """Weight of the norm before the output, (dim,)."""
        return self.tensor("output_norm.weight")


def write_tokenizer(gguf: Path, out: Path) -> None:
    """Convert the tokenizer inside the GGUF to `tokenizer.json` at `out` (slow: seconds)."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    tokenizer.backend_tokenizer.save(str(out))
