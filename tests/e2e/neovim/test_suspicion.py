"""Suspicious code in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
LINES = ("def most(items, count):", "    if count > 3:", "        return items")


def test_it_is_listed_and_fixed(vim: Vim, standin: Standin) -> None:
    """The command opens the list; the fix there is a code action, and takes the entry's hint away."""
    standin.answers(gains={">": {"<": 5.0}})
    vim.open("\n".join(LINES) + "\n")
    vim.keys(":RemaskSuspect<CR>")
    vim.until("vim.bo.buftype == 'quickfix'", "the list is open")
    vim.until("#vim.fn.getqflist() == 1 and vim.fn.getqflist()[1].lnum == 2", "the place is in it")
    vim.keys("<CR>")
    chosen = "function(action) return action.title == 'Replace with `<`' end"
    vim.lua(f"vim.lsp.buf.code_action({{ apply = true, filter = {chosen} }})")
    vim.until_lines(LINES[0], "    if count < 3:", LINES[2])
    vim.until("#vim.diagnostic.get(0) == 0", "nothing is suspicious any more")
