"""Ghost text in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.neovim.session import WAYS, Start, Vim, configuration, neovims
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
LATE = """
  defer = vim.defer_fn
  vim.defer_fn = function(act)
    late = act
    local function stop() late = function() end end
    return { stop = stop, close = function() end, is_closing = function() return false end }
  end
"""
"""What waits for a while is done when `late` is called, unless it was stopped."""
BODY = "result = sum(numbers)\n    return result"


def test_ghost_text_is_shown_and_accepted(vim: Vim, standin: Standin) -> None:
    """A suggestion of several lines is drawn behind the cursor, and Tab takes it, the cursor behind it."""
    standin.answers({"before": "numbers):\n", "fill": BODY}, {"fill": ""})
    vim.open("x = 1\n")
    vim.keys("Godef total(numbers):<CR>")
    vim.until_ghost(BODY)
    vim.keys("<Tab>!")
    vim.until_lines("x = 1", "def total(numbers):", "    result = sum(numbers)", "    return result!")
    vim.until_no_ghost()


def test_typing_along_is_followed(vim: Vim, standin: Standin) -> None:
    """What is typed as suggested is taken off the ghost text; accepting doubles no character."""
    standin.answers({"before": "y = ", "fill": "numbers"}, {"before": "y = nu", "fill": "mbers"})
    vim.open("x = 1\n")
    vim.keys("Goy = ")
    vim.until_ghost("numbers")
    vim.keys("nu")
    vim.until_ghost("mbers")
    vim.keys("<Tab>")
    vim.until_lines("x = 1", "y = numbers")


def test_what_is_typed_over_is_hidden(vim: Vim, standin: Standin) -> None:
    """Before there is another answer, Tab is Tab, and what is suggested next is shown."""
    standin.answers(
        {"before": "y = z   ", "fill": "()"},
        {"before": "y = z", "hang": True, "fill": ""},
        {"before": "y = ", "fill": "numbers"},
    )
    vim.open("x = 1\n")
    vim.keys("Goy = ")
    vim.until_ghost("numbers")
    vim.keys("z")
    vim.until_lines("x = 1", "y = z")
    vim.until_no_ghost()
    vim.keys("<Tab>")
    vim.until_lines("x = 1", "y = z   ")
    vim.until_ghost("()")


def test_a_word_and_a_line_are_accepted(vim: Vim, standin: Standin) -> None:
    """Word by word, then the rest of the line; what is left goes on being suggested."""
    standin.answers({"before": "numbers):\n", "fill": BODY})
    vim.open("x = 1\n")
    vim.keys("Godef total(numbers):<CR>")
    vim.until_ghost(BODY)
    vim.keys("<M-Right>")
    vim.until_lines("x = 1", "def total(numbers):", "    result")
    vim.until_ghost(BODY.removeprefix("result"))
    vim.keys("<M-C-Right>")
    vim.until_lines("x = 1", "def total(numbers):", "    result = sum(numbers)")
    vim.until_ghost("\n    return result")
    vim.keys("<M-C-Right>")
    vim.until_lines("x = 1", "def total(numbers):", "    result = sum(numbers)", "    return result")


def test_keys_do_what_they_did(vim: Vim, standin: Standin) -> None:
    """Without a suggestion Tab is what it was: indentation, or the mapping that was there before."""
    standin.answers({"fill": ""})
    vim.open("x = 1\n")
    vim.keys("Go<Tab>")
    vim.until_lines("x = 1", "    ")
    vim.keys("<Esc>0C")
    vim.lua("vim.keymap.set('i', '<Tab>', function() return 'mapped' end, { expr = true })")
    vim.keys("<Tab>")
    vim.until_lines("x = 1", "mapped")
    vim.lua("vim.keymap.del('i', '<Tab>')")


def test_a_suggestion_is_dismissed_and_left_behind(vim: Vim, standin: Standin) -> None:
    """Ctrl-] hides it, leaving insert mode does too, and Tab then takes nothing."""
    standin.answers({"before": "y = ", "fill": "numbers"})
    vim.open("x = 1\n")
    vim.keys("Goy = ")
    vim.until_ghost("numbers")
    vim.keys("<C-]>")
    vim.until_no_ghost()
    vim.keys("<Esc>A")
    vim.until_ghost("numbers")
    vim.keys("<Esc>")
    vim.until_no_ghost()
    assert vim.lines() == ["x = 1", "y = "]


def test_other_suggestions(vim: Vim, standin: Standin) -> None:
    """Asked for others there are several, one after the other, and the one shown is taken."""
    standin.answers({"before": "y = ", "candidates": ["one", "two"]})
    vim.open("x = 1\n")
    vim.keys("Goy = ")
    vim.until_ghost("one")
    vim.keys("<M-]>")
    vim.until_ghost("one (1/2)")
    vim.keys("<M-]>")
    vim.until_ghost("two (2/2)")
    vim.keys("<Tab>")
    vim.until_lines("x = 1", "y = two")


def test_others_are_asked_for_while_typing(vim: Vim, standin: Standin) -> None:
    """Right behind a key, too; what was asked because of the key is not shown beside them."""
    standin.answers({"before": "y = ", "candidates": ["one", "two"]})
    vim.open("x = 1\n")
    vim.lua(LATE)
    vim.keys("Goy = <M-]>")
    vim.until_ghost("one (1/2)")
    vim.lua("vim.defer_fn = defer; late()")
    vim.keys("<M-]>")
    vim.until_ghost("two (2/2)")
    vim.keys("<Tab>")
    vim.until_lines("x = 1", "y = two")


@pytest.mark.parametrize(("version", "ghost"), WAYS)
def test_waiting_for_the_engine_is_rewarded(
    version: str, ghost: str, own_standin: Standin, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Who typed before the engine was there sees the suggestion when it is, without another key."""
    gate = tmp_path / "gate"
    own_standin.answers({"before": "y = ", "fill": "numbers"}, gate=str(gate))
    with neovims(own_standin.env, tmp_path_factory) as start:
        vim = start(version, configuration(ghost))
        vim.open_early("x = 1\n")
        vim.keys("Goy = ")
        vim.until("require('remask').status().silence == 'engine-starting'", "asked in vain")
        gate.touch()
        vim.until_ghost("numbers")


@pytest.mark.parametrize(
    ("text", "keys", "after"),
    [
        ("", "iy = ", ["y = numbers"]),
        ("s = '😀é'\n", "A; y = ", ["s = '😀é'; y = numbers"]),
        ("if x:\n\ty = 0\n", "GA; y = ", ["if x:", "\ty = 0; y = numbers"]),
        ("x = 1\r\nz = 2\r\n", "oy = ", ["x = 1", "y = numbers", "z = 2"]),
    ],
    ids=["empty", "emoji", "tabs", "dos"],
)
def test_odd_texts_are_completed(
    each_vim: Vim, standin: Standin, text: str, keys: str, after: list[str]
) -> None:
    """Positions are right in an empty file, behind an emoji, after tabs and with other line breaks."""
    standin.answers({"before": "y = ", "fill": "numbers"})
    each_vim.open(text)
    each_vim.keys(keys)
    each_vim.until_ghost("numbers")
    each_vim.keys("<Tab>")
    each_vim.until_lines(*after)


def test_snoozing_silences(vim: Vim, standin: Standin) -> None:
    """Snoozed there is no ghost text and the status says why; resumed there is."""
    standin.answers({"before": "y = ", "fill": "numbers"})
    vim.open("x = 1\n")
    vim.keys(":RemaskSnooze 5<CR>")
    vim.until_told("silent until")
    vim.keys("Goy = ")
    vim.until("require('remask').status().silence == 'snoozed'", "the status says snoozed")
    vim.until_no_ghost()
    assert vim.lua("return require('remask').statusline()") == "remask: snoozed"
    vim.keys("<Esc>:RemaskResume<CR>")
    vim.until_told("suggesting again")
    vim.keys("A")
    vim.until_ghost("numbers")


def test_without_the_plugin(start: Start, standin: Standin) -> None:
    """The configuration in the README that needs no plugin works as it stands there."""
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    snippet = readme.split("<!-- snippet: neovim-0.12 -->\n```lua\n")[1].split("```")[0]
    command = f"cmd = {{ [[{sys.executable}]], '-m', 'lsp_server', 'serve' }}"
    snippet = snippet.replace("cmd = { 'remask', 'serve' }", command)
    standin.answers({"before": "y = ", "fill": "numbers"})
    each_vim = start("0.12", f"messages = {{}}\n{snippet}")
    each_vim.open("x = 1\n")
    each_vim.keys("Goy = ")
    each_vim.until_ghost("numbers")
    each_vim.keys("<Tab>")
    each_vim.until_lines("x = 1", "y = numbers")
