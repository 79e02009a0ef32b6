"""From a GGUF and an adapter to prepared weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime import preparation, prepare
from lsp_server.engine.runtime.adapter import load_adapter
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.gguf_reader import LINEARS, BaseWeights
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.smoothing import Calibration
from lsp_server.engine.runtime.weights import FUSED

DIM, FF, HEADS, KV_HEADS, VOCAB, RANK = 64, 96, 4, 2, 96, 3
PAGE = list(range(40))
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
    seeded = torch.Generator().manual_seed(3)
    adapter = {"mask_embedding": torch.randn(DIM, generator=seeded)}
    for name in ("q_proj", "down_proj"):
        out, into = SHAPES[name]
        adapter[f"layers.0.{name}.lora_A"] = torch.randn(RANK, into, generator=seeded)
        adapter[f"layers.0.{name}.lora_B"] = torch.randn(out, RANK, generator=seeded)
    metadata = {"rank": str(RANK), "alpha": str(RANK)}
    save_file(adapter, folder / "adapter.safetensors", metadata)
    return folder / "base.gguf", folder / "adapter.safetensors"


def quiet(_share: float, _what: str) -> None:
    """Nobody watches."""


def load(files: tuple[Path, Path], target: Path, precision: str) -> dict[str, torch.Tensor]:
    return prepare.load_prepared(*files, target, precision=precision, page=lambda: PAGE, on_progress=quiet)[0]


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
@pytest.mark.parametrize("body", ["base", "denoiser"])
def test_every_precision_computes_the_same_model(
    files: tuple[Path, Path], tmp_path: Path, precision: str, body: str
) -> None:
    """A pass through both ends and the layer agrees with fp32 within the precision's error."""
    hidden = {}
    for kind in (precision, "reference"):
        exact = "fp32" if kind == "reference" else precision
        tensors, sizes = prepare.load_prepared(
            *files, tmp_path / f"{kind}.safetensors", precision=exact, page=lambda: PAGE, on_progress=quiet
        )
        network = Network(assemble(tensors, sizes, precision=exact, device=torch.device("cpu")), mask_id=7)
        kv = KV(sizes, network.weights.dtype, network.weights.device)
        run = network.read if body == "base" else network.denoise
        hidden[kind] = network.logits(run(kv, [1, 7, 90, 14, 2]))
    error = (hidden[precision] - hidden["reference"]).norm() / hidden["reference"].norm()
    assert error < 0.1  # weights of this kind amplify rounding; a misplaced tensor gives over 1


def test_smoothing_takes_outliers_out_of_the_inputs(files: tuple[Path, Path]) -> None:
    """The smoothed layer computes what it did, from inputs whose channels are of more equal size."""
    base = BaseWeights(files[0])
    adapter = load_adapter(files[1])
    fused = {name: preparation._fused(base, adapter, 0, name)[0] for name in FUSED}
    layer = preparation._layer(base, 0, fused)
    loud = replace(layer, ffn_norm=layer.ffn_norm * torch.linspace(0.1, 30, DIM))
    factors = Calibration(base.architecture(), base.embedding()[PAGE]).factors(loud)
    before = loud.ffn_norm.abs()
    after = before / factors.gate_up
    assert after.max() / after.median() < 0.5 * before.max() / before.median()
    weight = loud.gate_up.weight
    x = torch.randn(3, DIM)
    smoothed = (x / factors.gate_up) @ factors.folded("gate_up", weight).T * factors.of_output("gate_up")
    torch.testing.assert_close(smoothed, x @ weight.T, atol=1e-3, rtol=1e-3)


def test_names_change_with_content(tmp_path: Path) -> None:
    """Another base, adapter or precision never meets the wrong prepared file."""
    given = [("a", "b", "int8"), ("x", "b", "int8"), ("a", "x", "int8"), ("a", "b", "bf16")]
    names = {
        prepare.prepared_file(tmp_path, base_sha256=base, adapter_sha256=adapter, precision=precision)
        for base, adapter, precision in given
    }
    assert len(names) == len(given)


def test_weights_of_older_content_are_forgotten(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Preparing for a new adapter frees the disk of the old one, and leaves other precisions alone."""
    for name in ("int8-old", "bf16-old", "int8-new"):
        load(files, tmp_path / f"{name}.safetensors", name[:4])
    assert sorted(path.stem for path in tmp_path.glob("*.safetensors")) == ["bf16-old", "int8-new"]


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
