"""`remask nvim-path` leads to a plugin that speaks of what the server has."""

from __future__ import annotations

import re

from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands.nvim_path import PLUGIN
from lsp_server.lsp import commands, status

LUA = {path.name: path.read_text(encoding="utf-8") for path in PLUGIN.rglob("*.lua")}


def test_prints_the_folder() -> None:
    """One line: a folder with what Neovim looks for in a runtime path."""
    result = CliRunner().invoke(cli.app, ["nvim-path"])
    assert (result.exit_code, result.output) == (0, f"{PLUGIN}\n")
    for name in ("lua/remask/init.lua", "lua/remask/health.lua", "doc/remask.txt", "doc/tags"):
        assert (PLUGIN / name).is_file(), name


def test_names_commands_that_there_are() -> None:
    """Every command of the server that the plugin runs has that id in the server."""
    known = {value for value in vars(commands).values() if isinstance(value, str)}
    named = set(re.findall(r"(?:command = |about_server\()'(.+?)'", "".join(LUA.values())))
    assert {commands.REWRITE, commands.FILL_HOLES, commands.SNOOZE, commands.STATUS} <= named <= known


def test_listens_to_the_status() -> None:
    """The plugin handles the notification by the name the server gives it."""
    assert re.search(rf"^\s+{status.METHOD} = ", LUA["server.lua"], re.MULTILINE)
