"""Several processes train as one does with as many more examples."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from lsp_server.core.errors import BadInput
from lsp_server.training.loop.checkpoint import read
from lsp_server.training.loop.distributed import Team, choose_device, joined

if TYPE_CHECKING:
    from conftest import Run

SCRIPT = """
import importlib.util, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("toy", sys.argv[1])
toy = importlib.util.module_from_spec(spec)
sys.modules["toy"] = toy
spec.loader.exec_module(toy)
from lsp_server.training.loop.distributed import joined
from lsp_server.training.loop.keeper import Task
from lsp_server.training.loop.settings import TrainSettings
from lsp_server.training.loop.trainer import Trainer
with joined("cpu") as team:
    held_out = [toy.Complete().at(1_000_000 + index) for index in range(16)]
    task = Task(toy.Toy(0.0), toy.Rule(), held_out, Path(sys.argv[2]))
    settings = TrainSettings(steps=12, batch=4, learning_rate=0.05, workers=0, log_every=4)
    report = Trainer(task, settings, team, toy.Heard()).run()
    print(json.dumps([team.rank, report.steps, report.examples, report.before, report.after]))
"""


def started(folder: Path, *, rank: int, port: int) -> subprocess.Popen[str]:
    place = {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    toy = str(Path(__file__).with_name("conftest.py"))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, toy, str(folder)],
        env=os.environ | place | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.e2e
def test_two_are_one_with_twice_the_batch(run: Run, tmp_path: Path) -> None:
    """Two processes give the tensors, losses and log of one with a batch twice as large."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    both = [started(tmp_path / "two", rank=rank, port=port) for rank in range(2)]
    said = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    run.model.noise = 0.0
    alone = run(steps=12, batch=8, log_every=4)
    for rank, steps, examples, before, after in said:
        assert (rank, steps, examples) == (said.index([rank, steps, examples, before, after]), 12, 96)
        assert before == pytest.approx(alone.before)
        assert after == pytest.approx(alone.after, abs=1e-5)
    trained = read(tmp_path / "two" / "checkpoints" / "step-00000012.pt")["trained"]
    assert torch.allclose(trained["table"], run.model.table, atol=1e-5)
    logs = [(folder / "log.jsonl").read_text().splitlines() for folder in (tmp_path / "two", run.folder)]
    one, other = ([each for each in map(json.loads, log) if each["event"] == "steps"] for log in logs)
    assert [each["step"] for each in one] == [each["step"] for each in other]
    assert [each["loss"] for each in one] == pytest.approx([each["loss"] for each in other], abs=1e-5)
    assert [each["figures"] for each in one] == [each["figures"] for each in other]


def test_alone() -> None:
    """One process is a team whose sums are its own."""
    with joined("cpu", {}) as team:
        assert (team.first, team.size) == (True, 1)
        assert team.sums(1, 2.5) == team.of_first(1, 2.5) == [1, 2.5]
        assert team.gather("own") == ["own"]


def test_gradients_alone() -> None:
    """Sums of gradients become means; without any example there is no loss."""
    team = Team(torch.device("cpu"))
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([4.0, 8.0])
    assert team.share_gradients([parameter, torch.nn.Parameter(torch.zeros(1))], 6.0, 4) == 1.5
    assert parameter.grad.tolist() == [1.0, 2.0]
    loss = team.share_gradients([parameter], 0.0, 0)
    assert loss != loss  # noqa: PLR0124 - not a number


@pytest.mark.parametrize("name", ["tpu", "", "cuda"])
def test_no_such_device(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that is not there is an error for people."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadInput):
        choose_device(name)


@pytest.mark.parametrize(
    ("name", "there", "chosen"), [("auto", False, "cpu"), ("cpu", True, "cpu"), ("auto", True, "cuda:1")]
)
def test_device(name: str, there: bool, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GPU of this process is taken where there is one and nothing else is named."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert choose_device(name, 1) == torch.device(chosen)
