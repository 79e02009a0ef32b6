"""Rewrites in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
TEXT = "def total(numbers):\n    result = 0\n    return result\n"
REWRITTEN = ("def total(numbers):", "    result = sum(numbers)", "    return result")
ASKS = "request_sync('workspace/executeCommand', { command = 'remask.status' }, 5000)"
"""A question, before which Neovim tells of all changes."""
ASKED = """
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1]
  local request = client.request
  given = nil
  client.request = function(self, method, params, ...)
    if params.command == 'remask.rewrite' then
      given, client.request = params.arguments[1], request
    end
    return request(self, method, params, ...)
  end
"""
"""Keep what the server is asked to rewrite next in `given`."""


def test_other_line_breaks_survive_a_rewrite(each_vim: Vim, standin: Standin) -> None:
    """A rewrite in a file with CRLF changes its lines and nothing else, also on disk."""
    standin.answers({"fill": "    result = sum(numbers)\n"})
    path = each_vim.open(TEXT.replace("\n", "\r\n"))
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    each_vim.until_lines(*REWRITTEN)
    each_vim.api.command("silent write")
    assert path.read_bytes() == "".join(f"{line}\r\n" for line in REWRITTEN).encode()


def test_nothing_to_rewrite_is_told(each_vim: Vim) -> None:
    """An empty buffer stays empty, and the user hears why."""
    each_vim.open("")
    each_vim.keys(":RemaskRewrite simplify<CR>")
    each_vim.until_told("nothing is selected to rewrite")
    assert each_vim.lines() == [""]


def test_lines_are_rewritten_in_one_step_of_undo(each_vim: Vim, standin: Standin) -> None:
    """A visual selection is rewritten by instruction; one undo brings the text back, one redo the rewrite."""
    standin.answers({"fill": "    result = sum(numbers)\n"})
    each_vim.open(TEXT)
    each_vim.keys("jV:RemaskRewrite use sum<CR>")
    each_vim.until_lines(*REWRITTEN)
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines())
    each_vim.keys("<C-r>")
    each_vim.until_lines(*REWRITTEN)


def test_typing_before_a_rewrite_is_not_undone_with_it(each_vim: Vim, standin: Standin) -> None:
    """A rewrite from insert mode is a step of its own."""
    standin.answers({"before": "", "fill": "    result = sum(numbers)\n"})
    each_vim.open(TEXT)
    each_vim.keys("Go# typed<Cmd>2RemaskRewrite use sum<CR>")
    each_vim.until_lines(*REWRITTEN, "# typed")
    each_vim.keys(" on<Esc>")
    each_vim.until_lines(*REWRITTEN, "# typed on")
    each_vim.keys("u")
    each_vim.until_lines(*REWRITTEN, "# typed")
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines(), "# typed")


def test_the_whole_buffer_keeps_its_lines(each_vim: Vim, standin: Standin) -> None:
    """Rewriting to the end of a file without a last line break loses and adds no line."""
    standin.answers({"fill": "x = 2\ny = 3"})
    each_vim.open("x = 1\ny = 2")
    each_vim.keys(":%RemaskRewrite add one<CR>")
    each_vim.until_lines("x = 2", "y = 3")


def test_an_instruction_is_asked_for(each_vim: Vim, standin: Standin) -> None:
    """Without words the user is asked; a strength needs none; one that is wrong is refused."""
    standin.answers({"fill": "    result = sum(numbers)\n"})
    each_vim.open(TEXT)
    each_vim.lua("vim.ui.input = function(_, answer) answer('use sum') end")
    each_vim.keys(":2RemaskRewrite<CR>")
    each_vim.until_lines(*REWRITTEN)
    each_vim.keys(":2RemaskRewrite strength=2<CR>")
    each_vim.until_told("strength must be above 0")
    assert each_vim.lines() == list(REWRITTEN)


def test_a_selection_is_rewritten_by_a_share(each_vim: Vim, standin: Standin) -> None:
    """Strength and words reach the server with what was selected; undone it is as before."""
    standin.answers({"instruction": "use sum", "fill": "    result = sum(numbers)"}, {"fill": "lost"})
    each_vim.open(TEXT)
    each_vim.lua(ASKED)
    each_vim.keys("jV:RemaskRewrite strength=0.3 use sum<CR>")
    each_vim.until("given ~= nil", "the server is asked")
    range_ = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
    assert each_vim.lua("return { given.strength, given.instruction, given.range }") == [
        0.3,
        "use sum",
        range_,
    ]
    each_vim.until_lines(*REWRITTEN)
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines())


def test_tasks_and_locks_are_sent(each_vim: Vim, standin: Standin) -> None:
    """A task needs no words and asks nothing; what is locked stays, and what cannot be locked is told."""
    standin.answers({"instruction": "Simplify", "fill": "    result = sum(numbers)"}, {"fill": "lost"})
    each_vim.open(TEXT)
    each_vim.lua(ASKED)
    each_vim.keys(":2RemaskRewrite task=simplify lock=names,literals<CR>")
    each_vim.until("given ~= nil", "the server is asked")
    assert each_vim.lua("return { given.task, given.lock }") == ["simplify", ["names", "literals"]]
    assert each_vim.lua("return given.instruction == nil and given.strength == nil")
    each_vim.until_told("locked")
    assert each_vim.lines() == TEXT.splitlines()
    each_vim.keys(":2RemaskRewrite lock=statements use sum<CR>")
    each_vim.until_told("lock takes names")
    each_vim.keys(":2RemaskRewrite task=dance<CR>")
    each_vim.until_told("there is no task")
    assert each_vim.lines() == TEXT.splitlines()


def test_a_rewrite_is_done_over(each_vim: Vim, standin: Standin) -> None:
    """Re-rolling replaces the rewrite; once the buffer changed it is refused."""
    standin.answers({"fill": "    result = sum(numbers)\n"})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    each_vim.until_lines(*REWRITTEN)
    each_vim.until("not require('remask.rewrite').running()", "the rewrite is over")
    standin.answers({"fill": "    result = len(numbers)\n"})
    each_vim.keys(":RemaskReroll<CR>")
    each_vim.until_lines(REWRITTEN[0], "    result = len(numbers)", REWRITTEN[2])
    each_vim.keys("u")
    each_vim.until_lines(*TEXT.splitlines())
    each_vim.keys(":RemaskReroll<CR>")
    each_vim.until_told("the buffer changed since the rewrite")


def test_an_edit_for_a_text_that_is_gone_is_refused(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """What is changed during the work stays, nothing else is touched, and the user is told."""
    gate = tmp_path / "gate"
    standin.answers({"fill": "    result = sum(numbers)\n", "gate": str(gate)})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    each_vim.until("vim.b.changedtick ~= nil and require('remask').status().state == 'busy'", "it works")
    each_vim.api.current.buffer[1] = "    result = 7"
    gate.touch()
    each_vim.until_told("changed")
    assert each_vim.lines() == ["def total(numbers):", "    result = 7", "    return result"]


def test_typing_elsewhere_does_not_stop_a_rewrite(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """Lines added above during the work stay, and the rewrite goes where its lines are by then."""
    gate = tmp_path / "gate"
    standin.answers({"fill": "    result = sum(numbers)\n", "gate": str(gate)})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    each_vim.until("require('remask.rewrite').running()", "it works")
    each_vim.keys("ggO# above")
    each_vim.until_lines("# above", *TEXT.splitlines())
    each_vim.until("vim.lsp.get_clients({ name = 'remask' })[1]:" + ASKS, "the server knows")
    gate.touch()
    each_vim.until_lines("# above", *REWRITTEN)


def test_a_rewrite_is_cancelled(each_vim: Vim, standin: Standin, tmp_path: Path) -> None:
    """Nothing changes, and the next rewrite can be asked for; a rewrite to be done over comes back."""
    standin.answers({"fill": "    result = sum(numbers)\n"})
    each_vim.open(TEXT)
    each_vim.keys(":2RemaskRewrite use sum<CR>")
    each_vim.until_lines(*REWRITTEN)
    each_vim.until("not require('remask.rewrite').running()", "the rewrite is over")
    standin.answers({"fill": "    lost\n", "gate": str(tmp_path / "never")})
    each_vim.keys(":RemaskReroll<CR>")
    each_vim.until_lines(*TEXT.splitlines())
    each_vim.until("require('remask.rewrite').running()", "it works")
    each_vim.keys(":2RemaskRewrite another<CR>")
    each_vim.until_told("another rewrite is under way")
    each_vim.keys(":RemaskCancel<CR>")
    each_vim.until_lines(*REWRITTEN)
    assert not each_vim.lua("return require('remask.rewrite').running()")


def test_holes_are_filled(each_vim: Vim, standin: Standin) -> None:
    """The marked holes of a buffer are filled."""
    standin.answers({"fill": "return sum(numbers)"})
    each_vim.open("def total(numbers):\n    ...\n")
    each_vim.keys(":RemaskFillHoles<CR>")
    each_vim.until_lines("def total(numbers):", "    return sum(numbers)")
