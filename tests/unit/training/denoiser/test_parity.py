"""What is trained is what is served: the training network against the engine's, on the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from lsp_server.engine.runtime.adapter import load_adapter
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import FUSED, Weights
from lsp_server.training.denoiser.batch import collate
from lsp_server.training.denoiser.blocks import Rows
from lsp_server.training.denoiser.denoiser import Denoiser
from lsp_server.training.denoiser.frozen import FrozenBase, Reader
from lsp_server.training.denoiser.sketcher import Sketcher, Starts

MASK = 90
TEXT = [3, 17, 45, 20, 99, 31, 25, 12, 77]


def shake(module: torch.nn.Module) -> None:
    """Move every trained tensor, so that nothing is zero by accident."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))


def prepared(base: FrozenBase, denoiser: Denoiser, sketcher: Sketcher, ids: torch.Tensor) -> Weights:
    """The engine's weights, as `preparation.py` makes them of a base and an adapter."""
    tensors = {
        "head.weight": base.embedding,
        "last_norm": base.last_norm,
        "mask_embedding": denoiser.mask_embedding.detach(),
        "sketch.known.weight": sketcher.known_map.detach(),
        "sketch.masked.weight": sketcher.masked_map.detach(),
        "sketch.places": sketcher.places.detach(),
        "sketch.last_norm": sketcher.last_norm.detach(),
        "sketch.ids": ids,
        "sketch.head.weight": base.embedding[ids],
        "sketch.layers": torch.tensor(sketcher.layers.indices),
        "sketch.features": torch.tensor(sketcher.features),
    }
    for index, layer in enumerate(base.layers):
        tensors[f"{index}.qkv.bias"] = layer.bias
        for norms in ("", "sketch."):
            tensors[f"{norms}{index}.attention_norm"] = layer.attention_norm
            tensors[f"{norms}{index}.ffn_norm"] = layer.ffn_norm
        for name, parts in FUSED.items():
            for body, lora in (("base", None), ("denoiser", denoiser.layers), ("sketch", sketcher.layers)):
                weight = layer.linears[name]
                if lora is not None and index in lora.indices:
                    pairs = lora.named_pairs()
                    at = f"layers.{index}"
                    change = [pairs[f"{at}.{part}.lora_B"] @ pairs[f"{at}.{part}.lora_A"] for part in parts]
                    weight = weight + torch.cat(change).detach()
                tensors[f"{body}.{index}.{name}.weight"] = weight
    return assemble(tensors, base.architecture, precision="fp32", device=torch.device("cpu"))


@pytest.fixture(scope="module")
def parts(base: FrozenBase) -> tuple[Denoiser, Sketcher, Network]:
    """Both trained networks and the engine's network made of them."""
    denoiser = Denoiser(base, mask=MASK, rank=4)
    sketcher = Sketcher(base, layers=(1, 2), features=(1,), rank=4)
    shake(denoiser)
    shake(sketcher)
    weights = prepared(base, denoiser, sketcher, torch.arange(0, 100, 2))
    return denoiser, sketcher, Network(weights, mask_id=MASK)


def read(network: Network, tokens: list[int]) -> KV:
    """A cache that holds `tokens`."""
    weights = network.weights
    kv = KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
    kv.seeds = kv.seeds.float()  # the engine keeps them in half the memory
    network.read(kv, tokens)
    return kv


def test_the_clean_stream_is_the_base(parts: tuple[Denoiser, Sketcher, Network], base: FrozenBase) -> None:
    """Hidden states of a text are those of the engine's reading, with the engine's own layers too."""
    _, _, network = parts
    expected = network.read(KV(network.weights.architecture, torch.float32, torch.device("cpu"), 64), TEXT)
    borrowed = FrozenBase(
        base.architecture, base.layers, base.embedding, base.last_norm, Reader.of(network.weights)
    )
    for reader in (base, borrowed):
        clean = reader.read(torch.tensor([TEXT]), kept=())
        torch.testing.assert_close(clean.hidden[0], expected, atol=1e-5, rtol=1e-5)


def test_padding_behind_a_text_does_no_harm(base: FrozenBase) -> None:
    """A text's states are the same beside a longer one."""
    alone = base.read(torch.tensor([TEXT[:4]]), kept=()).hidden[0]
    both = base.read(torch.tensor([[*TEXT[:4], 0, 0], TEXT[:6]]), kept=()).hidden[0, :4]
    torch.testing.assert_close(alone, both, atol=1e-5, rtol=1e-5)


def test_a_noisy_block_is_a_denoising_pass(parts: tuple[Denoiser, Sketcher, Network]) -> None:
    """Two blocks trained at once give what the engine computes for each alone."""
    denoiser, _, network = parts
    rows, blocks = Rows(), [(4, [99, MASK, 25, MASK]), (2, [45, MASK, MASK])]
    for number, (start, shown) in enumerate(blocks):
        count = len(shown)
        rows.token += shown
        rows.position += range(start, start + count)
        rows.start += [start] * count
        rows.block += [number] * count
        rows.target += [-1] * count
        rows.weight += [0.0] * count
        rows.teacher += [-1] * count
        rows.offset += range(count)
        rows.blank += [False] * count
    batch = collate([TEXT], [rows], torch.device("cpu"))
    _, noisy = denoiser.hidden(batch)
    at = 0
    for start, shown in blocks:
        expected = network.denoise(read(network, TEXT[:start]), shown)
        torch.testing.assert_close(noisy[0, at : at + len(shown)], expected, atol=1e-5, rtol=1e-5)
        at += len(shown)


@pytest.mark.parametrize("known", [1, 2, 4])
def test_a_trained_sketch_is_the_engines(parts: tuple[Denoiser, Sketcher, Network], known: int) -> None:
    """Sketches from different places of a text, trained at once, are those that the engine makes there."""
    _, sketcher, network = parts
    tokens, width = torch.tensor([TEXT]), 4
    clean = sketcher.base.read(tokens, kept=sketcher.layers.indices, entering=sketcher.features)
    first = torch.tensor([[2, 5]])
    shown = (torch.arange(width) < known).expand(1, 2, -1)
    hidden = sketcher.sketch(tokens, clean, Starts(first, shown))
    for block, start in enumerate(first[0].tolist()):
        logits = network.sketch(read(network, TEXT[:start]), TEXT[start : start + known], width)
        ids = network.weights.sketcher.ids
        expected = hidden[0, block] @ sketcher.base.embedding[ids].T
        torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)


def test_trained_tensors_are_read_back(
    parts: tuple[Denoiser, Sketcher, Network], base: FrozenBase, tmp_path: Path
) -> None:
    """What both networks write is read by the engine and by a new pair of networks."""
    denoiser, sketcher, _ = parts
    extra = {"sketch.ids": torch.arange(5), "sketch.features": torch.tensor(sketcher.features)}
    state = {**denoiser.state(), **sketcher.state(), **extra}
    path = tmp_path / "adapter.safetensors"
    save_file({name: tensor.detach().contiguous() for name, tensor in state.items()}, path)
    adapter = load_adapter(path)
    assert adapter.sketch is not None
    assert adapter.sketch.layers == (1, 2)
    assert len(adapter.pairs) == 7 * 3
    others = Denoiser(base, mask=MASK, rank=6), Sketcher(base, layers=(1, 2), features=(1,), rank=4)
    for module in others:
        module.load_state({name: tensor.detach() for name, tensor in state.items()})
    torch.testing.assert_close(others[1].known_map, sketcher.known_map)
    down = others[0].state()["layers.0.q_proj.lora_A"]
    torch.testing.assert_close(down[:4], denoiser.state()["layers.0.q_proj.lora_A"])
