"""What is seen of a rewrite before it lands: its canvas and its diff, in real Neovims."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
TEXT = "def total(numbers):\n    result = 0\n    return result\n"
FILL = "    result = sum(numbers)\n"
REWRITTEN = ("def total(numbers):", "    result = sum(numbers)", "    return result")
MARKS = """
  local ns = vim.api.nvim_get_namespaces()[...]
  local found = {}
  for _, mark in ipairs(ns and vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true }) or {}) do
    local function text(chunks)
      return table.concat(vim.tbl_map(function(chunk) return chunk[1] end, chunks))
    end
    local details = mark[4]
    if details.virt_text then table.insert(found, { mark[2], 'line', text(details.virt_text) }) end
    for _, line in ipairs(details.virt_lines or {}) do
      table.insert(found, { mark[2], 'below', text(line) })
    end
    if details.line_hl_group then table.insert(found, { mark[2], 'look', details.line_hl_group }) end
  end
  table.sort(found, function(a, b) return vim.inspect(a) < vim.inspect(b) end)
  return found
"""


def until_drawn(vim: Vim, namespace: str, *wanted: tuple[int, str, str]) -> None:
    """Wait until extmarks show just this: row, how, text."""
    vim.lua("drawn, wanted = loadstring((...)), select(2, ...)", MARKS, [list(each) for each in wanted])
    vim.lua("table.sort(wanted, function(a, b) return vim.inspect(a) < vim.inspect(b) end)")
    vim.until(f"vim.deep_equal(drawn('remask.{namespace}'), wanted)", f"{wanted} is drawn")


def test_the_canvas_is_drawn_over_its_text(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """While it is denoised the canvas covers the selection, masks and all; then the text stands there."""
    gate = tmp_path / "gate"
    standin.answers({"fill": FILL.strip(), "gate": str(gate)})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    until_drawn(each_vim, "canvas", (1, "line", "    result░░  "))
    assert each_vim.lines() == TEXT.splitlines()
    gate.touch()
    each_vim.until_lines(*REWRITTEN)
    until_drawn(each_vim, "canvas")


def test_what_is_there_is_taken(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """While it is denoised: its whole lines land as one step of undo, and the rest stays as it was."""
    fill = "def total(numbers):\n    result = sum(numbers)\n    return result + 0\n"
    standin.answers({"fill": fill, "gate": str(tmp_path / "never"), "gate_after": 6})
    each_vim.open(TEXT)
    each_vim.keys(":RemaskTake<CR>")
    each_vim.until_told("nothing is under way")
    each_vim.keys(":%RemaskRewrite use sum<CR>")
    each_vim.lua("drawn = loadstring((...))", MARKS)
    each_vim.until("vim.inspect(drawn('remask.canvas')):find('return░')", "the third line is denoised")
    each_vim.keys(":RemaskTake<CR>")
    each_vim.until_lines(*REWRITTEN)
    until_drawn(each_vim, "canvas")
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines())


def test_a_canvas_longer_than_its_text_goes_on_below(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """Lines that the text has not are shown under it, tabs as wide as they are; cancelling leaves nothing."""
    standin.answers({"fill": "\n\tb = 1", "gate": str(tmp_path / "never")})
    each_vim.open("x = 1\nlonger = 2\n")
    tab = each_vim.api.current.buffer.options["tabstop"]
    each_vim.keys(":2RemaskRewrite two<CR>")
    until_drawn(each_vim, "canvas", (1, "line", 10 * " "), (1, "below", tab * " " + "b░░"))
    each_vim.keys(":RemaskCancel<CR>")
    until_drawn(each_vim, "canvas")


def test_a_rewrite_is_shown_before_it_lands(each_vim: Vim, standin: Standin) -> None:
    """With ! there is a diff; rejected nothing is left, accepted it is one step of undo."""
    standin.answers({"fill": FILL})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite! use sum<CR>")
    hint = " :RemaskAccept, :RemaskReject or :RemaskReroll"
    diff = ((1, "look", "DiffDelete"), (1, "line", hint), (1, "below", REWRITTEN[1]))
    until_drawn(each_vim, "review", *diff)
    assert each_vim.lines() == TEXT.splitlines()
    each_vim.keys(":RemaskReject<CR>")
    until_drawn(each_vim, "review")
    each_vim.keys(":2RemaskRewrite! use sum<CR>")
    until_drawn(each_vim, "review", *diff)
    each_vim.keys(":RemaskAccept<CR>")
    each_vim.until_lines(*REWRITTEN)
    until_drawn(each_vim, "review")
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines())


def test_another_is_asked_for_before_it_lands(each_vim: Vim, standin: Standin) -> None:
    """Re-rolling replaces the diff, also when lines are added; the accepted one can be re-rolled too."""
    standin.answers({"fill": FILL})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite! use sum<CR>")
    each_vim.until("require('remask.review').order(0 + vim.api.nvim_get_current_buf()) ~= nil", "it is shown")
    standin.answers({"fill": "    result = 0\n    print(numbers)\n"})
    each_vim.keys(":RemaskReroll<CR>")
    hint = " :RemaskAccept, :RemaskReject or :RemaskReroll"
    until_drawn(each_vim, "review", (1, "line", hint), (1, "below", "    print(numbers)"))
    each_vim.keys(":RemaskAccept<CR>")
    each_vim.until_lines("def total(numbers):", "    result = 0", "    print(numbers)", "    return result")
    standin.answers({"fill": FILL})
    each_vim.keys(":RemaskReroll<CR>")
    each_vim.until("require('remask.review').order(vim.api.nvim_get_current_buf()) ~= nil", "it is shown")
    each_vim.keys(":RemaskAccept<CR>")
    each_vim.until_lines(*REWRITTEN)


def test_typing_drops_what_is_shown(each_vim: Vim, standin: Standin) -> None:
    """A diff of a text that is gone is not shown, nor can it be accepted."""
    standin.answers({"fill": FILL})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite! use sum<CR>")
    each_vim.until("require('remask.review').order(vim.api.nvim_get_current_buf()) ~= nil", "it is shown")
    each_vim.keys("Go# typed<Esc>")
    until_drawn(each_vim, "review")
    each_vim.keys(":RemaskAccept<CR>")
    each_vim.until_told("no rewrite to accept")
    assert each_vim.lines() == [*TEXT.splitlines(), "# typed"]


@pytest.mark.parametrize("keys", ["2GfbvE:RemaskRewrite three<CR>", "2GfbvE<Cmd>RemaskRewrite three<CR>"])
def test_selected_characters_are_rewritten(each_vim: Vim, standin: Standin, keys: str) -> None:
    """Of a line with two statements only the selected one is asked for, behind an emoji too."""
    standin.answers({"before": "😀'; ", "fill": "b = 3"}, {"fill": "lost"})
    each_vim.open("x = 1\na = '😀'; b = 2\n")
    each_vim.keys(keys.replace("E", "$"))
    each_vim.until_lines("x = 1", "a = '😀'; b = 3")


def test_numbers_mean_lines_after_a_selection(each_vim: Vim, standin: Standin) -> None:
    """`:2` means the line, though characters of it were selected last."""
    standin.answers({"before": "x = 1\n", "fill": "c = 4"}, {"fill": "lost"})
    each_vim.open("x = 1\na = 1; b = 2\n")
    each_vim.keys("2Gfbv$<Esc>")
    each_vim.keys(":2,2RemaskRewrite four<CR>")
    each_vim.until_lines("x = 1", "c = 4")
