"""How a pull is shown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands import pull as command
from lsp_server.engine.store import pull as store_pull
from lsp_server.engine.store.manifest import ModelEntry
from lsp_server.engine.store.pulling import OnPull, PullProgress

STEPS = (
    PullProgress("waiting", 0, 100),
    PullProgress("fetching", 0, 100, "hub"),
    PullProgress("failed", 0, 100, "hub", "no network [at all]"),
    *(PullProgress("fetching", done, 100, "index") for done in (0, 4, 9, 55, 100)),
    PullProgress("checking", 100, 100),
)


def test_prints_where_it_lies(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path stands alone on stdout, so that a script can use it; progress goes to stderr."""

    def pull(name: str, on_progress: OnPull) -> Path:
        for step in STEPS:
            on_progress(step)
        return Path(f"/store/{name}")

    monkeypatch.setattr(store_pull, "pull", pull)
    result = CliRunner().invoke(cli.app, ["pull"])
    assert result.stdout.strip() == str(Path(f"/store/{model.name}"))
    assert "checking the hash" in result.stderr


def test_progress_for_programs(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of JSON for each step, none twice, and at last where the model lies."""

    def pull(_name: str, on_progress: OnPull) -> Path:
        for step in (*STEPS, STEPS[-1]):
            on_progress(step)
        return Path("/store")

    monkeypatch.setattr(store_pull, "pull", pull)
    result = CliRunner().invoke(cli.app, ["pull", "--json"])
    *steps, last = map(json.loads, result.stdout.splitlines())
    assert [PullProgress(**step) for step in steps] == list(STEPS)
    assert last == {"phase": "done", "path": str(Path("/store"))}


def test_interrupted(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits with 130 and says that the next pull continues."""

    def pull(_name: str, _on_progress: OnPull) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(store_pull, "pull", pull)
    result = CliRunner().invoke(cli.app, ["pull"])
    assert result.exit_code == 130
    assert f"remask pull {model.name}" in result.stderr


def test_lines_for_a_log() -> None:
    """Without a terminal there is a line for each step and each tenth, none twice."""
    out = io.StringIO()
    with command._lines(Console(file=out, width=200)) as show:
        for step in STEPS:
            show(step)
    assert out.getvalue().splitlines() == [
        "waiting for another pull of this model",
        "fetching from hub: 0%",
        "hub gave nothing: no network [at all]",
        "fetching from index: 0%",
        "fetching from index: 50%",
        "fetching from index: 100%",
        "checking the hash",
    ]


def test_bar_for_a_terminal() -> None:
    """In a terminal there is a bar; a source that failed stays readable above it."""
    out = io.StringIO()
    with command._bar(Console(file=out, force_terminal=True, width=120, legacy_windows=False)) as show:
        for step in STEPS:
            show(step)
    assert "hub gave nothing: no network [at all]" in out.getvalue()
    assert "checking the hash" in out.getvalue()
