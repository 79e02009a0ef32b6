"""The next edit in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
LINES = ("def area(width, ä):", "    top = ä", "", "    return top * width")
RENAMED = ("def area(side, ä):", *LINES[1:])
SHOWN = """(function()
  local ns = vim.api.nvim_get_namespaces()['remask.next_edit']
  local marks = ns and vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true }) or {}
  return table.concat(vim.tbl_map(function(mark)
    return mark[2] .. ':' .. mark[3] .. (mark[4].virt_text and ' ' .. mark[4].virt_text[1][1] or '')
  end, marks), ',')
end)()"""


def rename(vim: Vim, standin: Standin) -> None:
    """The parameter in the definition is renamed, and its use is marked."""
    standin.answers({"fill": ""}, likely={"width": 0.01})
    vim.open("\n".join(LINES) + "\n")
    vim.keys("gg0fwcwside<Esc>")
    vim.until(f"{SHOWN} == '3:17,3:22 side'", "the use is marked")


def test_a_renamed_parameter_is_followed(each_vim: Vim, standin: Standin) -> None:
    """Tab jumps to its use, Tab again changes it, and one undo takes just that back."""
    rename(each_vim, standin)
    each_vim.keys("<Tab>")
    each_vim.until("vim.deep_equal(vim.api.nvim_win_get_cursor(0), { 4, 17 })", "the cursor is at the use")
    each_vim.until_lines(*RENAMED)
    each_vim.keys("<Tab>")
    each_vim.until_lines(*RENAMED[:3], "    return top * side")
    each_vim.until(f"{SHOWN} == ''", "nothing is marked")
    each_vim.keys("u")
    each_vim.until_lines(*RENAMED)


def test_escape_hides_it_and_gives_the_keys_back(each_vim: Vim, standin: Standin) -> None:
    """It is not offered again after another change, and Tab is what it was."""
    rename(each_vim, standin)
    each_vim.keys("<Esc>")
    each_vim.until(f"{SHOWN} == ''", "nothing is marked")
    each_vim.until("vim.fn.maparg('<Tab>', 'n') == ''", "Tab is not mapped")
    each_vim.keys("Gox = 1<Esc>")
    each_vim.until_lines(*RENAMED, "x = 1")
    client = "vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1]"
    params = "vim.tbl_extend('force', vim.lsp.util.make_position_params(0, 'utf-16'), {})"
    each_vim.until(
        f"#{client}:request_sync('textDocument/copilotInlineEdit', {params}, 5000).result.edits == 0",
        "the server offers nothing",
    )
