"""What the plugin says about itself: status, `:checkhealth`, help, wrong options."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.neovim.session import Start, Vim, configuration

pytestmark = pytest.mark.e2e


def test_status_is_told(each_vim: Vim) -> None:
    """`:RemaskStatus` says what the engine does."""
    each_vim.open("x = 1\n")
    each_vim.keys(":RemaskStatus<CR>")
    each_vim.until_told("engine ready")


def test_health_is_good(each_vim: Vim) -> None:
    """`:checkhealth remask` finds the server, its version, the client and the engine, and no error."""
    each_vim.open("x = 1\n")
    each_vim.api.command("checkhealth remask")
    report = "\n".join(each_vim.lines())
    assert "ERROR" not in report, report
    for part in ("OK Neovim", "OK remask ", "OK client", "OK engine ready"):
        assert part in report.replace("✅ ", ""), report


def test_health_tells_what_to_do(start: Start) -> None:
    """A command that is not there is an error, with advice."""
    each_vim = start("0.12", configuration(cmd=["no-such-remask", "serve"]))
    each_vim.api.command("checkhealth remask")
    report = "\n".join(each_vim.lines())
    assert "no-such-remask cannot be run" in report
    assert "setup({ cmd" in report


def test_help_is_found(each_vim: Vim, tmp_path: Path) -> None:
    """Every command has its tag in the help, and the shipped tags are those of the text."""
    for command in (
        "Rewrite",
        "FillHoles",
        "Accept",
        "Reject",
        "Reroll",
        "Cancel",
        "Suspect",
        "Snooze",
        "Resume",
        "Status",
    ):
        each_vim.api.command(f"help :Remask{command}")
    tags = Path(each_vim.api.funcs.expand("%:p")).parent / "tags"
    shipped = tags.read_text(encoding="utf-8")
    copy = tmp_path / "doc"
    copy.mkdir()
    (copy / "remask.txt").write_bytes((tags.parent / "remask.txt").read_bytes())
    each_vim.api.command(f"helptags {copy}")
    assert (copy / "tags").read_text(encoding="utf-8") == shipped


def test_wrong_options_are_named(start: Start) -> None:
    """A misspelt option is an error that names it."""
    each_vim = start("0.12", configuration())
    said = each_vim.lua("return select(2, pcall(require('remask').setup, { ghots = 'own' }))")
    assert said == 'remask: there is no option "ghots"'
