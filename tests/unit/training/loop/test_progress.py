"""What a run shows in a terminal, in a log, and in the other processes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from lsp_server.training.loop import progress
from lsp_server.training.loop.progress import Bar, Lines, Log, Quiet, display


def shown(terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    with (Bar if terminal else Lines)(console) as one:
        one.spent(0.25)
        one.figures("loss 1.5 [red]")
        one.say("held out [bold]")
    return out.getvalue()


def test_lines() -> None:
    """Without a terminal each report is a line of plain text."""
    assert shown(terminal=False) == " 25.0% loss 1.5 [red]\nheld out [bold]\n"


def test_bar() -> None:
    """In a terminal there are a bar and the figures, and no text is taken for markup."""
    text = shown(terminal=True)
    assert all(part in text for part in ("training", "25%", "loss 1.5 [red]", "held out [bold]"))


@pytest.mark.parametrize(
    ("terminal", "first", "kind"), [(True, True, Bar), (False, True, Lines), (True, False, Quiet)]
)
def test_display(terminal: bool, first: bool, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process speaks, as the terminal allows; the others are quiet."""
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=io.StringIO(), force_terminal=terminal))
    assert type(display(first=first)) is kind


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """The other processes show nothing."""
    with Quiet() as quiet:
        quiet.spent(1)
        quiet.figures("a")
        quiet.say("b")
    assert capsys.readouterr() == ("", "")


def test_log(tmp_path: Path) -> None:
    """Each event is a line of JSON; what is not a number is null; without a path there is no log."""
    log = Log(tmp_path / "log.jsonl")
    log.write("steps", loss=float("nan"), figures={"right": 0.5})
    log.write("ended", why="done")
    Log(None).write("ended")
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines == [
        {"event": "steps", "loss": None, "figures": {"right": 0.5}},
        {"event": "ended", "why": "done"},
    ]
