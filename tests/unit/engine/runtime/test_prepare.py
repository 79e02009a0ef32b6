"""From a GGUF and an adapter to prepared weights."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime import prepare
from lsp_server.engine.runtime.adapter import load_adapter
from lsp_server.engine.runtime.gguf_reader import LINEARS
from lsp_server.engine.runtime.weights import assemble

DIM, FF, HEADS, KV_HEADS, VOCAB, RANK = 64, 96, 4, 2, 96, 3
SHAPES = {
    "q_proj": (DIM, DIM),
    "k_proj": (DIM // 2, DIM),
    "v_proj": (DIM // 2, DIM),
    "o_proj": (DIM, DIM),
    "gate_proj": (FF, DIM),
    "up_proj": (FF, DIM),
    "down_proj": (DIM, FF),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A GGUF of one random layer and an adapter for two of its projections."""
    folder = tmp_path_factory.mktemp("model")
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(folder / "base.gguf", "qwen2")
    writer.add_block_count(1)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_embedding_length(DIM)
    writer.add_feed_forward_length(FF)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.normal(size=shape).astype(np.float32))

    for name, stored in LINEARS.items():
        add(f"blk.0.{stored}.weight", *SHAPES[name])
    for name in ("q_proj", "k_proj", "v_proj"):
        add(f"blk.0.{LINEARS[name]}.bias", SHAPES[name][0])
    add("blk.0.attn_norm.weight", DIM)
    add("blk.0.ffn_norm.weight", DIM)
    add("output_norm.weight", DIM)
    add("token_embd.weight", VOCAB, DIM)
    add("output.weight", VOCAB, DIM)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    adapter = {"mask_embedding": torch.randn(DIM)}
    for name in ("q_proj", "down_proj"):
        out, into = SHAPES[name]
        adapter[f"layers.0.{name}.lora_A"] = torch.randn(RANK, into)
        adapter[f"layers.0.{name}.lora_B"] = torch.randn(out, RANK)
    metadata = {"rank": str(RANK), "alpha": str(RANK)}
    save_file(adapter, folder / "adapter.safetensors", metadata)
    return folder / "base.gguf", folder / "adapter.safetensors"


def quiet(_share: float, _what: str) -> None:
    """Nobody watches."""


def load(files: tuple[Path, Path], target: Path, precision: str) -> dict[str, torch.Tensor]:
    return prepare.load_prepared(*files, target, precision=precision, on_progress=quiet)[0]


def test_the_adapter_is_merged_into_the_denoiser_only(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Denoiser = base + B A where the adapter has a pair, and the base itself everywhere else."""
    tensors = load(files, tmp_path / "w.safetensors", "bf16")
    a, b = load_adapter(files[1]).pairs[0, "down_proj"]
    change = tensors["denoiser.0.down.weight"].float() - tensors["base.0.down.weight"].float()
    torch.testing.assert_close(change, b @ a, atol=0.1, rtol=0.05)
    assert torch.equal(tensors["denoiser.0.o.weight"], tensors["base.0.o.weight"])
    q, rest = DIM, slice(DIM, None)
    assert not torch.equal(tensors["denoiser.0.qkv.weight"][:q], tensors["base.0.qkv.weight"][:q])
    assert torch.equal(tensors["denoiser.0.qkv.weight"][rest], tensors["base.0.qkv.weight"][rest])


def test_the_second_start_maps_what_the_first_wrote(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Prepared once: the second load needs neither the GGUF nor the adapter, and gives the same."""
    target = tmp_path / "w.safetensors"
    first = load(files, target, "int8")
    again = load((tmp_path / "gone.gguf", tmp_path / "gone"), target, "int8")
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize("precision", ["int8", "bf16", "fp32"])
def test_every_precision_computes_the_same_model(
    files: tuple[Path, Path], tmp_path: Path, precision: str
) -> None:
    """Embedding, projections and head agree with the dense reference within the precision's error."""
    cpu = torch.device("cpu")
    tensors, sizes = prepare.load_prepared(
        *files, tmp_path / "w.safetensors", precision=precision, on_progress=quiet
    )
    weights = assemble(tensors, sizes, precision=precision, device=cpu)
    reference = load(files, tmp_path / "reference.safetensors", "bf16")
    ids = torch.tensor([1, 5, 90])
    table = reference["head.weight"].float()
    torch.testing.assert_close(weights.embed(ids).float(), table[ids], atol=0.03, rtol=0.02)
    x = torch.randn(4, DIM, generator=torch.Generator().manual_seed(0))
    for layer, name in (
        (weights.base[0].qkv, "base.0.qkv"),
        (weights.denoiser[0].gate_up, "denoiser.0.gate_up"),
    ):
        bias = reference["0.qkv.bias"].float() if name.endswith("qkv") else 0
        exact = x @ reference[f"{name}.weight"].float().T + bias
        got = layer(x.to(weights.dtype)).float()
        assert (got - exact).norm() / exact.norm() < 0.03


def test_names_change_with_content(tmp_path: Path) -> None:
    """Another base, adapter or precision never meets the wrong prepared file."""
    given = [("a", "b", "int8"), ("x", "b", "int8"), ("a", "x", "int8"), ("a", "b", "bf16")]
    names = {
        prepare.prepared_file(tmp_path, base_sha256=base, adapter_sha256=adapter, precision=precision)
        for base, adapter, precision in given
    }
    assert len(names) == len(given)


def test_a_full_disk_leaves_nothing_behind(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while writing is passed on, and the next start prepares again."""

    def full(_tensors: object, path: Path, _metadata: object) -> None:
        path.write_bytes(b"part")
        raise OSError(28, "No space left on device")

    target = tmp_path / "w.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(prepare, "save_file", full)
        with pytest.raises(OSError, match="No space"):
            load(files, target, "int8")
    assert not list(tmp_path.glob("*.partial"))
    assert load(files, target, "int8")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all"])
def test_a_broken_gguf_is_named(files: tuple[Path, Path], tmp_path: Path, content: bytes) -> None:
    """A wrong file ends in `ModelCorrupt` with its name, not in the reader's own error."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"broken\.gguf"):
        load((broken, files[1]), tmp_path / "w.safetensors", "int8")


def test_a_broken_adapter_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Likewise for the adapter."""
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt, match="broken"):
        load((files[0], broken), tmp_path / "w.safetensors", "int8")
