"""A toy model: the real code over tiny random weights and a tokenizer trained on a few lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.kv import ContextCache
from lsp_server.engine.runtime.linear import quantise_rows
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.preparation import _grouped
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.weights import BODIES, FUSED, Weights

torch.set_num_threads(1)  # threads cost more than they save on tensors this small

SPECIAL = [
    "endoftext",
    "im_start",
    "im_end",
    "fim_prefix",
    "fim_middle",
    "fim_suffix",
    "fim_pad",
    "repo_name",
    "file_sep",
]
LINES = [
    "def area(radius):\n    return math.pi * radius ** 2\n",
    "for item in items:\n    if item > 0:\n        result.append(item)\n",
    "class Shape:\n    def __init__(self, name):\n        self.name = name\n",
]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """A byte-level BPE with Qwen's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=360,
        special_tokens=[f"<|{name}|>" for name in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES * 3, trainer)
    return Vocabulary(tokenizer)


@pytest.fixture(scope="session")
def architecture(vocabulary: Vocabulary) -> Architecture:
    """Two layers, four query heads over two key heads."""
    return Architecture(layers=2, heads=4, kv_heads=2, head_dim=16, dim=64, ff_dim=96, vocab=vocabulary.size)


def random_tensors(architecture: Architecture, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """What `prepare.py` writes in bf16 precision, with random content; both bodies differ a little."""
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.3

    a = architecture
    shapes = {
        "qkv": (a.qkv_dim, a.dim),
        "o": (a.dim, a.heads * a.head_dim),
        "gate_up": (2 * a.ff_dim, a.dim),
        "down": (a.dim, a.ff_dim),
    }
    tensors = {"head.weight": random(a.vocab, a.dim), "last_norm": 1 + random(a.dim)}
    tensors["mask_embedding"] = random(a.dim)
    for layer in range(a.layers):
        for name in FUSED:
            base = random(*shapes[name])
            changed = base + 0.02 * random(*shapes[name])
            for body, weight in zip(BODIES, (base, changed), strict=True):
                tensors[f"{body}.{layer}.{name}.weight"] = weight
        tensors[f"{layer}.qkv.bias"] = random(a.qkv_dim)
        tensors[f"{layer}.attention_norm"] = 1 + random(a.dim)
        tensors[f"{layer}.ffn_norm"] = 1 + random(a.dim)
    return tensors


def with_sketcher(tensors: dict[str, torch.Tensor], architecture: Architecture) -> dict[str, torch.Tensor]:
    """The same with a sketcher: the base's last layer a little changed, seeds from before it."""
    generator = torch.Generator().manual_seed(3)
    a, last = architecture, architecture.layers - 1
    tensors = dict(tensors)
    for name in FUSED:
        weight = tensors[f"base.{last}.{name}.weight"]
        change = 0.02 * torch.randn(weight.shape, generator=generator)
        tensors[f"sketch.{last}.{name}.weight"] = weight + change
    for name in ("attention_norm", "ffn_norm"):
        tensors[f"sketch.{last}.{name}"] = tensors[f"{last}.{name}"]
    for name in ("known", "masked"):
        tensors[f"sketch.{name}.weight"] = 0.1 * torch.randn((a.dim, 3 * a.dim), generator=generator)
    tensors["sketch.places"] = torch.randn((5, a.dim), generator=generator)
    tensors["sketch.last_norm"] = tensors["last_norm"]
    tensors["sketch.ids"] = torch.arange(0, a.vocab, 2)
    tensors["sketch.head.weight"] = tensors["head.weight"][::2]
    tensors["sketch.layers"], tensors["sketch.features"] = torch.tensor([last]), torch.tensor([last])
    return tensors


@pytest.fixture(scope="session")
def weights(architecture: Architecture) -> Weights:
    """Random weights in fp32."""
    cpu = torch.device("cpu")
    return assemble(random_tensors(architecture), architecture, precision="fp32", device=cpu)


@pytest.fixture(scope="session")
def bf16_weights(architecture: Architecture) -> Weights:
    """The random weights in bf16, with a sketcher."""
    tensors = with_sketcher(random_tensors(architecture), architecture)
    return assemble(tensors, architecture, precision="bf16", device=torch.device("cpu"))


@pytest.fixture(scope="session")
def family(vocabulary: Vocabulary) -> FimFamily:
    """The default family over the toy tokenizer; random weights may only write ASCII."""
    family = FimFamily.of(vocabulary)
    odd = {token for token in range(vocabulary.size) if not vocabulary.bytes_of(token).isascii()}
    return replace(family, never=family.never | odd)


@pytest.fixture
def model(weights: Weights, family: FimFamily, architecture: Architecture) -> Model:
    """A loaded toy model with an empty cache."""
    cache = ContextCache(architecture, weights.dtype, weights.device)
    return Model(Network(weights, mask_id=family.mask), family, cache)


@pytest.fixture
def sketching(family: FimFamily, architecture: Architecture) -> Model:
    """The toy model with a sketcher."""
    tensors = with_sketcher(random_tensors(architecture), architecture)
    weights = assemble(tensors, architecture, precision="fp32", device=torch.device("cpu"))
    cache = ContextCache(architecture, weights.dtype, weights.device, weights.seed_width)
    return Model(Network(weights, mask_id=family.mask), family, cache)


@pytest.fixture
def filler(model: Model) -> DiffusionFiller:
    """The toy model behind the engine's seam."""
    return DiffusionFiller(model, "toy", "0" * 64, "cpu, fp32, toy")


@pytest.fixture(scope="session")
def wide(architecture: Architecture) -> Architecture:
    """Widths that inputs can be quantised in groups of."""
    return replace(architecture, dim=128, ff_dim=256, head_dim=32)


@pytest.fixture(scope="session")
def int8_tensors(wide: Architecture) -> dict[str, torch.Tensor]:
    """What `prepare.py` writes in int8, with random content and a sketcher."""
    architecture = wide
    tensors: dict[str, torch.Tensor] = {}
    for name, content in with_sketcher(random_tensors(architecture), architecture).items():
        if name.endswith(".weight"):
            tensors[name], tensors[name.replace(".weight", ".scale")] = quantise_rows(0.3 * content)
        else:
            tensors[name] = content
    tensors.update(_grouped("embed", random_tensors(architecture)["head.weight"]))
    return tensors
