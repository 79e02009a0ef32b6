"""Several processes that train one model, as `torchrun` starts them; or one alone.

Every process holds the whole model and reads examples of its own. The gradients of the
trained tensors are few, so they are summed in one flat piece for each step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import Parameter

from lsp_server.core.errors import BadInput

T = TypeVar("T")


class Team:
    """The processes. `device` is this one's; the first has rank 0 and speaks for all."""

    def __init__(self, device: torch.device, *, rank: int = 0, size: int = 1) -> None:
        self.device = device
        self.rank = rank
        self.size = size

    @property
    def first(self) -> bool:
        """Whether this process is the one that saves and prints."""
        return self.rank == 0

    def sum(self, tensor: Tensor) -> None:
        """Put the sum of all processes' tensors into each of them."""
        if self.size > 1:
            dist.all_reduce(tensor)

    def sums(self, *values: float) -> list[float]:
        """The sums of all processes' numbers."""
        if self.size == 1:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        self.sum(tensor)
        return list(map(float, tensor.tolist()))

    def of_first(self, *values: float) -> list[float]:
        """The first process's numbers, in all of them."""
        return self.sums(*(values if self.first else [0.0] * len(values)))

    def gather(self, value: T) -> list[T]:
        """Every process's value, in the order of ranks."""
        if self.size == 1:
            return [value]
        found: list[T | None] = [None] * self.size
        dist.all_gather_object(found, value)
        return [each for each in found if each is not None]

    def share_gradients(self, parameters: Sequence[Parameter], loss: float, weight: float) -> float:
        """Turn sums of gradients into the mean over all processes; the mean loss.

        `loss` and `weight` are this process's sums. A loss of no process is NaN.
        """
        if self.size == 1:
            for each in parameters:
                if each.grad is not None:
                    each.grad.div_(max(weight, 1.0))
            return loss / weight if weight else float("nan")
        flat = torch.cat(
            [
                *(_gradient(each).flatten().float() for each in parameters),
                torch.tensor([loss, weight], device=self.device),
            ]
        )
        self.sum(flat)
        loss, weight = flat[-2:].tolist()
        start = 0
        for each in parameters:
            piece = flat[start : start + each.numel()].view_as(each)
            each.grad = (piece / max(weight, 1.0)).to(each.dtype)
            start += each.numel()
        return loss / weight if weight else float("nan")


def _gradient(parameter: Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


@contextmanager
def joined(device: str = "auto", environment: Mapping[str, str] = os.environ) -> Iterator[Team]:
    """The processes that `torchrun` started, or this one alone. `device`: auto, cpu or cuda.

    Raises:
        BadInput: there is no such device.
    """
    size, rank = int(environment.get("WORLD_SIZE", "1")), int(environment.get("RANK", "0"))
    chosen = choose_device(device, int(environment.get("LOCAL_RANK", "0")))
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    if size == 1:
        yield Team(chosen)
        return
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo", rank=rank, world_size=size)
    try:
        yield Team(chosen, rank=rank, size=size)
    finally:
        dist.destroy_process_group()


def choose_device(name: str, number: int = 0) -> torch.device:
    """The device called `name`; auto is CUDA where there is any.

    Raises:
        BadInput: it is none of auto, cpu and cuda, or there is no CUDA.
    """
    there = torch.cuda.is_available()
    if name not in {"auto", "cpu", "cuda"}:
        raise BadInput(f"there is no device {name}", hint="Name auto, cpu or cuda.")
    if name == "cuda" and not there:
        raise BadInput(
            "this machine or this build of torch has no CUDA", hint="Leave --device away, or name cpu."
        )
    if name == "cpu" or not there:
        return torch.device("cpu")
    return torch.device("cuda", number)
