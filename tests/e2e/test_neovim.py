"""The Neovim plugin in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pynvim = pytest.importorskip("pynvim", reason="the tests in Neovim need pynvim: scripts/test installs it")

from tests.e2e.neovim.session import (  # noqa: E402 -- behind the check for pynvim
    Start,
    Vim,
    configuration,
    neovims,
)
from tests.lsp.conftest import Standin  # noqa: E402

pytestmark = pytest.mark.e2e
WAYS = [("0.11", "own"), ("0.12", "builtin"), ("0.12", "own")]
"""A version of Neovim, and who draws the ghost text in it."""
TEXT = "def total(numbers):\n    result = 0\n    return result\n"
BODY = "result = sum(numbers)\n    return result"
ASKS = "request_sync('workspace/executeCommand', { command = 'remask.status' }, 5000)"
"""A question, before which Neovim tells of all changes."""
REWRITTEN = ("def total(numbers):", "    result = sum(numbers)", "    return result")


@pytest.fixture(scope="module")
def start(shared_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with neovims(shared_standin.env, tmp_path_factory) as start:
        yield start


@dataclass
class Kept:
    """Neovims with the plugin that tests share, because starting one with its server takes seconds."""

    start: Start
    running: dict[tuple[str, str], Vim] = field(default_factory=dict)

    def of(self, request: pytest.FixtureRequest, version: str, ghost: str) -> Iterator[Vim]:
        """One for a test; after one that failed it is not used again."""
        way = (version, ghost)
        if way not in self.running:
            self.running[way] = self.start(version, configuration(ghost))
        failed = request.session.testsfailed
        yield self.running[way]
        if request.session.testsfailed > failed:
            del self.running[way]
        else:
            self.running[way].forget()


@pytest.fixture(scope="module")
def kept(start: Start) -> Kept:
    return Kept(start)


@pytest.fixture(params=WAYS, ids="-".join)
def vim(request: pytest.FixtureRequest, kept: Kept, standin: Standin) -> Iterator[Vim]:
    """Every version, with each way of drawing it has."""
    yield from kept.of(request, *request.param)


@pytest.fixture(params=["0.11", "0.12"])
def each_vim(request: pytest.FixtureRequest, kept: Kept, standin: Standin) -> Iterator[Vim]:
    """Every version, as it is set up by default."""
    yield from kept.of(request, request.param, "builtin" if request.param == "0.12" else "own")


def test_ghost_text_is_shown_and_accepted(vim: Vim, standin: Standin) -> None:
    """A suggestion of several lines is drawn behind the cursor, and Tab takes it, the cursor behind it."""
    standin.answers({"before": "numbers):\n", "fill": BODY})
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
    for command in ("Rewrite", "FillHoles", "Reroll", "Cancel", "Snooze", "Resume", "Status"):
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


def test_without_the_plugin(start: Start, standin: Standin) -> None:
    """The configuration in the README that needs no plugin works as it stands there."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
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
