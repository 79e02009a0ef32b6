"""An adapter survives being loaded, trained and written."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter

from lsp_server.core.errors import BadInput
from lsp_server.engine.store.adapter import ADAPTER_FORMAT, read_adapter
from lsp_server.training.adapted import Adapted, rank_of
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Outcome

A, B = "layers.0.q_proj.lora_A", "layers.0.q_proj.lora_B"
ABOUT = {"format": ADAPTER_FORMAT, "base": "toy", "base_sha256": "0" * 64, "rank": "2", "alpha": "2"}


class Toy:
    def __init__(self) -> None:
        self.tensors = {
            A: Parameter(torch.ones(2, 4)),
            B: Parameter(torch.zeros(4, 2)),
            "mask_embedding": Parameter(torch.ones(4)),
        }

    def parameters(self) -> Iterator[Parameter]:
        return iter(self.tensors.values())

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        return dict(self.tensors)

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                if tensor.shape != state[name].shape:
                    raise ValueError(name)
                tensor.copy_(state[name])


def tensors(rank: int = 2, **more: Tensor) -> dict[str, Tensor]:
    own = {A: torch.full((rank, 4), 3.0), B: torch.full((4, rank), 5.0), "mask_embedding": torch.zeros(4)}
    return own | more


@pytest.fixture
def adapter(tmp_path: Path) -> Callable[..., Path]:
    def write(found: dict[str, Tensor], **about: str) -> Path:
        path = tmp_path / "first.safetensors"
        save_file(found, path, ABOUT | about)
        return path

    return write


def test_round_trip(adapter: Callable[..., Path], tmp_path: Path) -> None:
    """What is loaded is written again, in bf16, as a file that the engine reads."""
    adapted = Adapted(Toy(), ABOUT)
    adapted.start_from(adapter(tensors()))
    path = tmp_path / "second.safetensors"
    adapted.save_adapter(path, {"trained_steps": "7", "trained_examples": "70"})
    info = read_adapter(path)
    assert (info.trained_steps, info.trained_examples, info.rank) == (7, 70, 2)
    written = load_file(path)
    assert {name: tensor.dtype for name, tensor in written.items()} == dict.fromkeys(
        tensors(), torch.bfloat16
    )
    assert all(torch.equal(written[name].float(), tensor) for name, tensor in tensors().items())


def test_scale_goes_into_the_tensors(adapter: Callable[..., Path]) -> None:
    """An adapter with another scale gives the same product at a scale of one."""
    toy = Toy()
    Adapted(toy, ABOUT).start_from(adapter(tensors(), alpha="4"))
    assert torch.equal(toy.tensors[B] @ toy.tensors[A], 2 * tensors()[B] @ tensors()[A])


@pytest.mark.parametrize(
    ("rank", "about", "said"),
    [(2, {"base_sha256": "1" * 64}, "another base"), (3, {"rank": "3"}, "--rank 3")],
)
def test_does_not_fit(adapter: Callable[..., Path], rank: int, about: dict[str, str], said: str) -> None:
    """An adapter of another base or rank is refused with what to do."""
    with pytest.raises(BadInput, match=said):
        Adapted(Toy(), ABOUT).start_from(adapter(tensors(rank), **about))


def test_no_adapter(tmp_path: Path) -> None:
    """What is no adapter, or not there, is refused."""
    (tmp_path / "wrong").write_text("nonsense")
    for path in (tmp_path / "wrong", tmp_path / "missing"):
        with pytest.raises(BadInput, match=path.name):
            rank_of(path)


def test_state_has_no_gradient() -> None:
    """The state can be kept: it holds values alone."""
    assert not [name for name, tensor in Adapted(Toy(), ABOUT).state().items() if tensor.requires_grad]


def test_a_sketcher_has_no_scale_to_take_in(tmp_path: Path) -> None:
    """A scale of 2 is taken into the tensors of the denoiser, and not into those of a sketcher."""
    sketch = {f"sketch.{name}": torch.ones(2, 2) for name in ("known_map", "masked_map", "places")}
    sketch |= {f"sketch.{name}": torch.ones(2) for name in ("last_norm", "ids", "features")}
    sketch |= {f"sketch.{A}": torch.ones(3, 4), f"sketch.{B}": torch.ones(4, 3)}
    first, again = tmp_path / "first.safetensors", tmp_path / "again.safetensors"
    save_file(tensors(**sketch), first, ABOUT | {"alpha": "4"})
    adapted = Adapted(Toy(), ABOUT)
    adapted.start_from(first)
    adapted.save_adapter(again, {})
    written = load_file(again)
    assert torch.equal(written[B].float(), torch.full((4, 2), 10.0))
    assert torch.equal(written[f"sketch.{B}"].float(), torch.ones(4, 3))
