"""`remask train` chooses what was left open, trains, and says honestly whether it helped."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import Result
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Parameter
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands import _training
from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.training.corpus.documents import CorpusDocument, write_shards
from lsp_server.training.examples.example import Example
from lsp_server.training.load import Part
from lsp_server.training.loop.interface import Outcome
from lsp_server.training.loop.report import End, Report
from lsp_server.training.material import Material

HELPED, LOSS = "it helped, by", 2.0


class Toy:
    """Its loss falls with every step if `learns`."""

    def __init__(self, learns: bool) -> None:
        self.value = Parameter(torch.tensor([1.0]))
        self.sign = 1 if learns else -1

    def parameters(self) -> Iterator[Parameter]:
        yield self.value

    def loss(self, examples: Sequence[Example], rng: random.Random) -> Outcome:
        loss = self.value.sum() + LOSS
        shown = loss if torch.is_grad_enabled() else self.sign * self.value.sum() + LOSS
        return Outcome(shown, {})

    def state(self) -> dict[str, Tensor]:
        return {"value": self.value.detach().clone()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            self.value.copy_(state["value"])

    def save_adapter(self, path: Path, about: Mapping[str, str]) -> None:
        save_file(self.state(), path, dict(about))


class Endless:
    def __init__(self, documents: Sequence[CorpusDocument], *_: object) -> None:
        self.documents = documents

    def at(self, index: int) -> Example:
        return Example((index,), 0, (1,), 0, "line", "python")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A model in the place of the real one; what it was asked for."""
    found: dict[str, Any] = {"learns": True}

    def load(model: str, **wishes: object) -> object:
        found.update(wishes)
        return _training.Loaded(Toy(found["learns"]), None, 4)  # type: ignore[arg-type]

    documents = [CorpusDocument("x = 1\n" * 50, "python", f"{number}.py") for number in range(10)]
    monkeypatch.setattr(_training, "load", load)
    monkeypatch.setattr(_training, "ExampleStream", Endless)
    monkeypatch.setattr(_training, "prepare", lambda documents, **_: [])
    monkeypatch.setattr(
        _training, "judge", lambda adapter, **judged: found.update(judged=(adapter, judged["losses"]))
    )
    monkeypatch.setattr(_training, "of_repository", lambda _: Material(documents[:9], documents[9:]))
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return found


def train(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["train", *map(str, arguments)])


def test_on_a_repository(asked: dict[str, Any], tmp_path: Path) -> None:
    """It begins with the model's own adapter, ends with a better one and forgets its checkpoints."""
    result = train("--on", tmp_path, "--steps", 3)
    assert result.exit_code == 0
    assert HELPED in result.stderr
    assert asked["init"].name == "qwen2.5-coder-0.5b-fim.safetensors"
    adapter = Path(result.stdout.strip())
    assert adapter.is_file()
    assert adapter.is_relative_to(tmp_path / "data" / "adapters")
    assert sorted(each.name for each in adapter.parent.iterdir()) == ["adapter.safetensors", "log.jsonl"]
    assert asked["part"] is Part.BASE
    judged, (before, after) = asked["judged"]
    assert judged == adapter
    assert after < before


def test_that_did_not_help(asked: dict[str, Any], tmp_path: Path) -> None:
    """If the held-out loss never fell that is said, and there is no adapter."""
    asked["learns"] = False
    result = train("--on", tmp_path, "--steps", 3)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "it did not help" in result.stderr
    assert "judged" not in asked
    assert not list(tmp_path.rglob("*.safetensors"))


def test_on_a_corpus(asked: dict[str, Any], tmp_path: Path) -> None:
    """It begins with nothing, and the run stays to be gone on with."""
    write_shards(
        [CorpusDocument("x = 1\n" * 50, "python", f"{n}.py") for n in range(9)], tmp_path / "c", "train"
    )
    wish = ("--data", tmp_path / "c", "--out", tmp_path / "run", "--held-out", 4)
    assert HELPED in train(*wish, "--steps", 2).stderr
    assert asked["init"] is None
    again = train(*wish, "--steps", 4)
    assert isinstance(again.exception, RemaskError)
    assert "--resume" in str(again.exception)
    assert "4 steps" in train(*wish, "--steps", 4, "--resume").stderr


def test_pause(asked: dict[str, Any], tmp_path: Path) -> None:
    """A paused run says how it goes on."""
    result = train("--on", tmp_path, "--out", tmp_path / "run", "--minutes", 5, "--pause", 0)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "--resume" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("--data", "x"), ("--on", "x", "--data", "y", "--out", "z"), ("--data", "missing", "--out", "z")],
)
def test_wrong_wishes(arguments: tuple[str, ...]) -> None:
    """There must be one thing to train on, and a folder for what came of a corpus."""
    assert isinstance(train(*arguments).exception, BadInput)


@pytest.mark.parametrize(
    ("on_gpu", "new", "rate", "batch"),
    [(True, True, 4e-4, 64), (False, False, 1e-4, 8), (True, False, 1e-4, 64)],
)
def test_choices(on_gpu: bool, new: bool, rate: float, batch: int) -> None:
    """Rate and batch follow from the device and from whether the adapter is new."""
    learning = _training.Learning(20, None, None, None, 1, None, None, 5, 0)
    settings = _training.settings_of(learning, {}, on_gpu=on_gpu, new=new, part=Part.DENOISER)
    assert (settings.learning_rate, settings.batch, settings.minutes) == (rate, batch, 20)


def test_own_folders(tmp_path: Path) -> None:
    """Repositories of one name have folders of their own; odd names are made plain."""
    one, other = tmp_path / "a" / "my repo!", tmp_path / "b" / "my repo!"
    assert _training.own_folder(one) == _training.own_folder(one / ".." / "my repo!")
    assert _training.own_folder(one) != _training.own_folder(other)
    assert _training.own_folder(one).name.startswith("my-repo--")
    assert _training.own_folder(Path("/")).name.startswith("root-")


@pytest.mark.parametrize(
    ("steps", "before", "best", "said"),
    [
        (3, 2.0, 1.5, "it helped, by 25.0%"),
        (3, 2.0, 2.0, "did not help"),
        (3, None, None, "not known"),
        (3, math.nan, None, "not known"),
        (0, 2.0, 2.0, "no time"),
    ],
)
def test_verdict(steps: int, before: float | None, best: float | None, said: str) -> None:
    """It says what is known and no more."""
    report = Report(End.DONE, steps, 24, 60.0, 0, before, best, best, 3, None)
    assert said in _training.verdict(report)
