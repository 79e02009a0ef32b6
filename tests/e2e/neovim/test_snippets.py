"""The README's configurations for Neovim as they stand there, with `remask` on the PATH."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.neovim.session import neovims
from tests.e2e.terminal import home, snippet
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
TOLD = "messages = {}; vim.notify = function(message) table.insert(messages, message) end\n"
TEXT = "def total(numbers):\n    result = 0\n    return result\n"
REWRITTEN = ("def total(numbers):", "    result = sum(numbers)", "    return result")


@pytest.mark.parametrize("version", ["0.11", "0.12"])
def test_the_plugin_is_set_up(
    version: str, standin: Standin, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The two lines are enough for a rewrite."""
    standin.answers({"instruction": "use sum", "fill": "    result = sum(numbers)\n"})
    with neovims(home(tmp_path, standin.env), tmp_path_factory) as start:
        vim = start(version, TOLD + snippet("neovim-plugin"))
        vim.open(TEXT)
        vim.keys(":2RemaskRewrite use sum<CR>")
        vim.until_lines(*REWRITTEN)


def test_a_command_without_the_plugin(
    standin: Standin, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The client of Neovim 0.12 alone shows ghost text, and the command rewrites in one's own words."""
    standin.answers({"instruction": "use sum", "fill": "    result = sum(numbers)\n"}, {"fill": "7"})
    with neovims(home(tmp_path, standin.env), tmp_path_factory) as start:
        vim = start("0.12", TOLD + snippet("neovim-0.12") + snippet("neovim-command"))
        vim.open(TEXT)
        vim.keys(":2Remask use sum<CR>")
        vim.until_lines(*REWRITTEN)
        vim.keys("Goy = ")
        vim.until_ghost("7")
        vim.keys("<Tab>")
        vim.until_lines(*REWRITTEN, "y = 7")


def test_a_command_without_ghost_text(
    standin: Standin, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On Neovim 0.11, without the lines about inline completion, the command and code actions work."""
    standin.answers({"instruction": "use sum", "fill": "    result = sum(numbers)\n"}, {"fill": "return 7"})
    client = snippet("neovim-0.12").split("vim.lsp.inline_completion")[0]
    with neovims(home(tmp_path, standin.env), tmp_path_factory) as start:
        vim = start("0.11", TOLD + client + snippet("neovim-command"))
        vim.open(TEXT + "\n\ndef seven():\n    ...\n")
        vim.keys(":2Remask use sum<CR>")
        vim.until_lines(*REWRITTEN, "", "", "def seven():", "    ...")
        vim.keys("G")
        chosen = "function(action) return action.title:find('Fill holes') end"
        vim.lua(f"vim.lsp.buf.code_action({{ apply = true, filter = {chosen} }})")
        vim.until_lines(*REWRITTEN, "", "", "def seven():", "    return 7")


def test_minuet_finds_the_token(
    standin: Standin, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What minuet is given is a table, and its key function reads the token of the address file."""
    file = tmp_path / "run" / "remask" / "engine-1-qwen2.5-coder-0.5b-fim.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"token": "secret"}), encoding="utf-8")
    env = {**standin.env, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    stub = "package.loaded.minuet = { setup = function(options) given = options end }\n"
    with neovims(env, tmp_path_factory) as start:
        vim = start("0.12", TOLD + stub + snippet("minuet"))
        assert vim.lua("return given.provider_options[given.provider].api_key()") == "secret"
