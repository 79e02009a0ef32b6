"""What is trained, as the loop wants it, and as the file that the engine loads."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter

from lsp_server.core.errors import BadInput, ModelCorrupt
from lsp_server.engine.store.adapter import given_adapter
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Outcome

_DENOISERS = re.compile(r"layers\..*\.lora_B")


class Network(Protocol):
    """A network of which some tensors are trained."""

    def parameters(self) -> Iterator[Parameter]:
        """Those tensors."""

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """One forward pass."""

    def state(self) -> dict[str, Tensor]:
        """The trained tensors under the names that the engine reads."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take them over; raises `ValueError` where they do not fit."""


class Adapted:
    """A network with the tensors of a file that are not trained here, so that they are not lost.

    `about` is the metadata that every adapter has.
    """

    def __init__(self, network: Network, about: Mapping[str, str]) -> None:
        self._network = network
        self._about = dict(about)
        self._kept: dict[str, Tensor] = {}

    def start_from(self, path: Path) -> None:
        """Begin with the tensors of an adapter of the same base.

        Raises:
            BadInput: the file is no adapter, is one of another base, or of a larger rank.
        """
        tensors = self._tensors_of(path)
        own = self._network.state().keys()
        try:
            self._network.load_state({name: tensor.float() for name, tensor in tensors.items()})
        except (ValueError, KeyError, RuntimeError) as problem:
            raise BadInput(
                f"{path} does not fit: {problem}",
                hint=f"Its rank is {rank_of(path)}: give --rank {rank_of(path)}.",
            ) from problem
        self._kept = {name: tensor for name, tensor in tensors.items() if name not in own}

    def carry(self, path: Path) -> None:
        """Only keep the tensors of an adapter of the same base beside what is trained.

        Raises:
            BadInput: the file is no adapter, or one of another base.
        """
        self._kept = self._tensors_of(path)

    def keep(self, tensors: Mapping[str, Tensor]) -> None:
        """Have more tensors, as they are, in the file."""
        self._kept = self._kept | dict(tensors)

    def _tensors_of(self, path: Path) -> dict[str, Tensor]:
        """All tensors of an adapter; the scale of its LoRA, which a sketcher has not, is taken into B."""
        info = given_adapter(path, self._about["base_sha256"])
        scale = info.alpha / info.rank
        try:
            tensors = load_file(path)
        except (SafetensorError, OSError) as problem:
            raise ModelCorrupt(f"{path} cannot be read: {problem}") from problem
        return {
            name: tensor.float() * scale if _DENOISERS.fullmatch(name) else tensor
            for name, tensor in tensors.items()
        }

    def parameters(self) -> Iterable[Parameter]:
        """See `Trainable`."""
        return self._network.parameters()

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        """See `Trainable`."""
        return self._network.loss(examples, rng)

    def state(self) -> dict[str, Tensor]:
        """See `Trainable`."""
        return {name: tensor.detach() for name, tensor in self._network.state().items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """See `Trainable`."""
        self._network.load_state(state)

    def save_adapter(self, path: Path, about: Mapping[str, str]) -> None:
        """Write bf16 tensors; see `Trainable`."""
        tensors = {
            name: tensor.to("cpu", torch.bfloat16).contiguous() for name, tensor in self.state().items()
        }
        kept = {
            name: tensor.to(torch.bfloat16) if tensor.is_floating_point() else tensor
            for name, tensor in self._kept.items()
        }
        save_file(kept | tensors, path, self._about | dict(about))


def rank_of(path: Path) -> int:
    """The rank of an adapter's file.

    Raises:
        BadInput: it is none.
    """
    return given_adapter(path).rank


def holds(path: Path, start: str) -> bool:
    """Whether an adapter's file holds a tensor whose name begins like this.

    Raises:
        BadInput: it is none.
    """
    given_adapter(path)
    with safe_open(str(path), framework="pt") as file:
        return any(name.startswith(start) for name in file.keys())  # noqa: SIM118 -- no mapping
