"""A model of a few numbers that learns a rule, a row of examples that follow it, and a clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Parameter

from lsp_server.training.examples.example import Example
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.interface import Outcome
from lsp_server.training.loop.keeper import Task
from lsp_server.training.loop.progress import Quiet
from lsp_server.training.loop.report import Report
from lsp_server.training.loop.settings import TrainSettings
from lsp_server.training.loop.trainer import Trainer

WIDTH = 8


class Toy:
    """Guesses the middle's token from the last one, by a table, and a row that stands for a mask."""

    def __init__(self, noise: float = 0.1) -> None:
        generator = torch.Generator().manual_seed(1)
        self.table = Parameter(torch.randn(WIDTH, WIDTH, generator=generator) * 0.1)
        self.mask = Parameter(torch.zeros(WIDTH))
        self.noise = noise
        self.before: Callable[[Sequence[Example]], None] = lambda examples: None
        self.scale = 1.0
        self.seen: list[tuple[int, ...]] = []

    def parameters(self) -> Iterable[Parameter]:
        return (self.table, self.mask)

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        self.before(examples)
        if torch.is_grad_enabled():
            self.seen.append(tuple(each.context[0] for each in examples))
        noise = torch.tensor([[rng.gauss(0, self.noise) for _ in range(WIDTH)] for _ in examples])
        logits = self.table[[each.last for each in examples]] + self.mask + noise + torch.rand(1) * self.noise
        target = torch.tensor([each.middle[0] for each in examples])
        loss = torch.nn.functional.cross_entropy(logits, target)
        right = float((logits.argmax(-1) == target).sum())
        return Outcome(loss * self.scale, {"accuracy@0": (right, len(examples))})

    def state(self) -> dict[str, Tensor]:
        return {"table": self.table.detach().clone(), "mask": self.mask.detach().clone()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            self.table.copy_(state["table"])
            self.mask.copy_(state["mask"])

    def save_adapter(self, path: Path, about: Mapping[str, str]) -> None:
        save_file(self.state(), path, dict(about))


class Rule:
    """Example i: the middle is one more than the token before it. Every eleventh is missing."""

    def at(self, index: int) -> Example | None:
        last = random.Random(index).randrange(WIDTH)
        if index % 11 == 10:
            return None
        return Example((index,), last, ((last + 1) % WIDTH,), 0, "line", "python")


class Complete(Rule):
    """The same with none missing."""

    def at(self, index: int) -> Example:
        example = super().at(index)
        return example or Example((index,), 1, (2,), 0, "line", "python")


@dataclass
class Clock:
    """Says a time that goes on by `tick` each time somebody looks."""

    tick: float = 0.0
    now: float = 100.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


class Heard(Quiet):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.lines: list[str] = []
        self.shares: list[float] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def figures(self, line: str) -> None:
        self.lines.append(line)

    def spent(self, share: float) -> None:
        self.shares.append(share)


@dataclass
class Run:
    """A run in `folder` that a test may change before it starts."""

    folder: Path
    model: Toy = field(default_factory=Toy)
    source: Any = field(default_factory=Rule)
    held_out: int = 16
    clock: Clock = field(default_factory=Clock)
    heard: Heard = field(default_factory=Heard)
    began: float | None = None

    def __call__(self, *, resume: bool = False, checkpoint: Path | None = None, **settings: object) -> Report:
        chosen: dict[str, Any] = {"steps": 40, "batch": 8, "learning_rate": 0.05, "workers": 0} | settings
        held_out = [Complete().at(1_000_000 + index) for index in range(self.held_out)]
        task = Task(self.model, self.source, held_out, self.folder, {"base": "toy"})
        team = Team(torch.device("cpu"))
        trainer = Trainer(task, TrainSettings(**chosen), team, self.heard, self.clock, self.began)
        return trainer.run(resume=resume, checkpoint=checkpoint)

    def again(self) -> Run:
        """The same folder, with a model that has learnt nothing yet."""
        return Run(self.folder)

    def per_pass(self, seconds: float, *, looking: bool = True) -> None:
        """Let a forward pass take so long."""

        def before(_: Sequence[Example]) -> None:
            self.clock.now += seconds if looking or torch.is_grad_enabled() else 0.0

        self.model.before = before


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


@pytest.fixture
def another(tmp_path: Path) -> Callable[[str], Run]:
    return lambda name: Run(tmp_path / name)
