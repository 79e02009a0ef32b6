"""`remask eval` with fills that are given instead of a model."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli import app
from lsp_server.commands import _evaluation
from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import BadInput
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult, HoleFill, Piece, Stop
from lsp_server.evaluation.filling import Asker
from lsp_server.evaluation.model import Loaded
from lsp_server.evaluation.run import Trials
from lsp_server.evaluation.sandbox import Outcome

ROW = {
    "prompt": "def one():\n",
    "suffix": "",
    "canonical_solution": "    return 1\n",
    "test": "def check(c):\n    assert c() == 1\n",
    "entry_point": "one",
}


class OneFiller:
    """Always right. `stop_at`: the request at which somebody presses Ctrl-C."""

    model, adapter, backend = "given", "", "none"

    def __init__(self) -> None:
        self.asked = 0
        self.stop_at = 0

    def fill(self, _request: FillRequest, *, cancel: CancelToken, **_: object) -> FillResult:
        self.asked += 1
        if self.asked == self.stop_at:
            raise KeyboardInterrupt
        text = "    return 1"
        candidate = Candidate((HoleFill(text, Stop.END, (Piece(text, 0.9),)),), 0.9)
        return FillResult((candidate,), FillFigures(2, 1, 1.0, 0, 0), "given")

    def close(self) -> None: ...


@pytest.fixture
def filler(monkeypatch: pytest.MonkeyPatch) -> OneFiller:
    made = OneFiller()
    loaded = Loaded(Asker(made), "given", {"model": "given"})
    monkeypatch.setattr(_evaluation, "load", lambda *_: loaded)
    monkeypatch.setattr(_evaluation, "Trials", lambda: Trials(lambda _: Outcome.PASSED))
    return made


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl.gz"
    rows = [
        {"task_id": f"SingleLineInfilling/{n}", **ROW, "prompt": f"# {n}\n{ROW['prompt']}"} for n in range(4)
    ]
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return path


@pytest.fixture
def remask() -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, ["eval", *map(str, words)])


def test_figures_go_where_they_are_wanted(
    filler: OneFiller, problems: Path, remask: Callable[..., Result], tmp_path: Path
) -> None:
    """A table to the terminal; JSON and markdown to files."""
    found = remask(
        "--problems", problems, "--decode", "verified", "--limit", 3, "--calibrate",
        "--json", tmp_path / "e.json", "--markdown", tmp_path / "e.md",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert "single-line" in found.output
    content = json.loads((tmp_path / "e.json").read_bytes())
    assert list(content["results"]["single-line"]) == ["left-to-right", "verified"]
    assert content["results"]["single-line"]["verified"]["pass_at_1"] == 1.0
    assert content["results"]["single-line"]["verified"]["n"] == 3
    assert [each["way"] for each in content["calibration"]] == ["left-to-right"] * 4 + ["verified"] * 4
    table = (tmp_path / "e.md").read_text(encoding="utf-8")
    assert "| single-line | verified | 3 | 1.000 |" in table
    assert str(tmp_path) not in table
    assert filler.asked == 3 * 3


def test_a_ctrl_c_loses_nothing(
    filler: OneFiller, problems: Path, remask: Callable[..., Result], tmp_path: Path
) -> None:
    """The table shows what is known, and the same command goes on from there."""
    words = ("--problems", problems, "--decode", "left-to-right", "--records", tmp_path / "r")
    filler.stop_at = 6
    found = remask(*words)
    assert found.exit_code == 130
    assert "goes on from here" in found.output
    assert filler.asked == 6
    assert remask(*words).exit_code == 0
    assert filler.asked == 6 + 2 * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to evaluate"),
        (("--problems", "HumanEval-SingleLineInfilling.jsonl.gz"), "there is no file"),
        (("--problems", "PROBLEMS", "--decode", "fast"), "no decode 'fast'"),
        (("--problems", "PROBLEMS", "--with", "magic"), "no extra 'magic'"),
        (("--problems", "PROBLEMS", "--json", "no/such/folder.json"), "there is no folder"),
        (("--problems", "PROBLEMS", "--adapter", "no.safetensors"), "there is no file no.safetensors"),
        (("--held-out", "nowhere"), "no file or folder nowhere"),
    ],
)
def test_bad_input_is_told_before_any_work(
    words: tuple[str, ...],
    said: str,
    filler: OneFiller,
    problems: Path,
    remask: Callable[..., Result],
) -> None:
    """Each says what to do instead."""
    found = remask(*(problems if word == "PROBLEMS" else word for word in words))
    assert isinstance(found.exception, BadInput)
    assert said in str(found.exception.args[0])
    assert found.exception.hint
    assert not filler.asked


def test_an_adapter_must_be_one(
    filler: OneFiller, problems: Path, remask: Callable[..., Result], tmp_path: Path
) -> None:
    """Another file is refused before the model is loaded."""
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"x" * 100)
    found = remask("--problems", problems, "--adapter", other)
    assert isinstance(found.exception, BadInput)
    assert "not a Remask adapter" in str(found.exception.args[0])
    assert not filler.asked
