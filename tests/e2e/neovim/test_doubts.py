"""Doubtful tokens in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
RULES = (
    {"before": "def add", "fill": "(a, b): pass", "doubts": {"b):": {"c):": 0.31, "d):": 0.1}}},
    {"before": "c):", "fill": " return 1"},
)
MARKS = """(function()
  local ns = vim.api.nvim_get_namespaces()['remask.doubts']
  local marks = vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true })
  return table.concat(vim.tbl_map(function(mark)
    local text = vim.api.nvim_buf_get_text(0, mark[2], mark[3], mark[4].end_row, mark[4].end_col, {})
    return text[1] .. ' ' .. mark[4].hl_group
  end, marks), ',')
end)()"""


def accept(vim: Vim, standin: Standin) -> None:
    """Ghost text with a doubtful token is accepted behind characters of several bytes."""
    standin.answers(*RULES)
    vim.open("# äöü 🎈\n")
    vim.keys("odef add")
    vim.until_ghost("(a, b): pass")
    vim.keys("<Tab>")
    vim.until_lines("# äöü 🎈", "def add(a, b): pass")
    vim.until(f"{MARKS} == 'b): RemaskDoubt'", "a token is underlined")


def test_a_doubtful_token_is_underlined_until_it_is_edited(vim: Vim, standin: Standin) -> None:
    """Typing elsewhere leaves it, also above; typing into it ends it."""
    accept(vim, standin)
    vim.keys("<Esc>ggO# above<Esc>")
    vim.until_lines("# above", "# äöü 🎈", "def add(a, b): pass")
    vim.until(f"{MARKS} == 'b): RemaskDoubt'", "it is underlined still")
    vim.keys("G0fbcl x<Esc>")
    vim.until(f"{MARKS} == ''", "it is not any more")


def test_none_are_left_whatever_was_typed_since(each_vim: Vim, standin: Standin) -> None:
    """That there are none any more is told once, so it counts for a later version too; doubts do not."""
    accept(each_vim, standin)
    told = """
      local uri, client = vim.uri_from_bufnr(0), vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1]
      local told = { uri = uri, version = 0, doubts = ... }
      client.handlers["remask/doubts"](nil, told, { client_id = client.id })
    """
    place = {"line": 0, "character": 0}
    each_vim.lua(told, [{"range": {"start": place, "end": place}}])
    each_vim.until(f"{MARKS} == 'b): RemaskDoubt'", "it is underlined still")
    each_vim.lua(told, [])
    each_vim.until(f"{MARKS} == ''", "it is not any more")


def test_an_alternative_is_taken_by_a_code_action(each_vim: Vim, standin: Standin) -> None:
    """What depends on it is written anew, in one step of undo, and what is certain now is not underlined."""
    accept(each_vim, standin)
    each_vim.keys("<Esc>0fb")
    chosen = "function(action) return action.title == 'Use `c):` (31%)' end"
    each_vim.lua(f"vim.lsp.buf.code_action({{ apply = true, filter = {chosen} }})")
    each_vim.until_lines("# äöü 🎈", "def add(a, c): return 1")
    each_vim.until(f"{MARKS} == ''", "nothing is underlined")
    each_vim.keys("u")
    each_vim.until_lines("# äöü 🎈", "def add(a, b): pass")


def test_hover_shows_the_alternatives(each_vim: Vim, standin: Standin) -> None:
    """In a window, as for any hover."""
    accept(each_vim, standin)
    each_vim.keys("<Esc>0fb")
    each_vim.lua("vim.lsp.buf.hover()")
    shown = """(function()
      for _, window in ipairs(vim.api.nvim_list_wins()) do
        local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
        local text = table.concat(lines, ' ')
        if text:find('31%', 1, true) and text:find('c):', 1, true) then return true end
      end
    end)()"""
    each_vim.until(shown, "a window with the alternatives")
    each_vim.keys("<Esc>")
