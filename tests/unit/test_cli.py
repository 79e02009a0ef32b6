"""The command line finds its subcommands, imports only the one that runs, and shows errors as sentences."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import __version__, cli
from lsp_server.core.errors import RemaskError

GROUP = cli.LazyCommands()


def test_has_its_commands() -> None:
    """The subcommands are there, and modules with a leading underscore are none."""
    names = GROUP.list_commands(None)
    assert {"doctor", "engine", "models", "pull", "serve"} <= set(names)
    assert not [name for name in names if name.startswith("_")]


@pytest.mark.parametrize("name", GROUP.list_commands(None))
def test_each_command_explains_itself(name: str) -> None:
    """Every subcommand shows its usage, with the first line of its docstring."""
    result = CliRunner().invoke(cli.app, [name, "--help"], terminal_width=200)
    docstring = import_module(f"lsp_server.commands.{name.replace('-', '_')}").command.__doc__
    assert result.exit_code == 0
    assert docstring.strip().split(maxsplit=1)[0] in result.output


def test_imports_only_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for one subcommand imports no other."""
    imported: list[str] = []

    def record(name: str) -> object:
        imported.append(name)
        return import_module(name)

    monkeypatch.setattr(cli, "import_module", record)
    assert GROUP.get_command(None, "models") is not None
    assert GROUP.get_command(None, "_checks") is None
    assert imported == ["lsp_server.commands.models"]


def test_version() -> None:
    """`--version` shows the version and does nothing else."""
    result = CliRunner().invoke(cli.app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"remask {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "said"), [(["nonsense"], "No such command"), (["engine", "--port", "-1"], "--port")]
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    """Wrong usage exits with 2 and names what is wrong."""
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_error_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error made for people ends the command with its message and hint on stderr, and no traceback."""
    monkeypatch.setattr(sys, "argv", ["remask", "pull", "no-such-model"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (1, "")
    assert err.startswith("remask: there is no model called 'no-such-model'\nKnown models: ")
    assert "Traceback" not in err


def test_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other exception keeps its traceback."""

    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_hint_is_optional(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error without a hint is one line."""

    def fails() -> None:
        raise RemaskError("it went wrong")

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == "remask: it went wrong\n"


def test_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m lsp_server` is the same command."""
    import runpy

    monkeypatch.setattr(sys, "argv", [str(Path("lsp_server")), "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("lsp_server", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"remask {__version__}\n"
