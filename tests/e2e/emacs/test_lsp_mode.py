"""Emacs with lsp-mode."""

from __future__ import annotations

import re

import pytest

from tests.e2e.emacs.conftest import Open
from tests.e2e.terminal import Terminal
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
TEXT = "def total(numbers):\n    result = 0 + sum(each for each in numbers)\n    return result\n"
FILL = "    result = sum(numbers)\n"
REWRITTEN = TEXT.replace("    result = 0 + sum(each for each in numbers)\n", FILL)
SECOND_LINE, MARKED_LINE = "\x1b<\x0e", "\x1b<\x0e\x00\x0e"
END, SAVE, UNDO, ACCEPT, NEXT = "\x1b>", "\x18\x13", "\x1f", "\x1b[27;5;13~", "\x0e"
"""Keys: M->, C-x C-s, C-_, C-<return>, C-n."""
SLOW_MS = 11_000
"""Longer than lsp-mode waits unless told."""


def attached(opened: Open, text: str) -> Terminal:
    """Open a text and agree to its folder being a project."""
    emacs = opened("emacs", text)
    emacs.until("Import project by")
    emacs.keys("i")
    # In the mode line; that it is initialised is told before the buffer is opened.
    emacs.until_holds(lambda text: re.search(r"LSP\[remask:\d+\]", text) is not None, "attached")
    return emacs


def run(emacs: Terminal, command: str) -> None:
    emacs.keys("\x1bx")
    emacs.until("M-x")
    emacs.keys(f"{command}\r")


def choose(emacs: Terminal, action: str) -> None:
    """Carry out a code action."""
    run(emacs, "lsp-execute-code-action")
    emacs.until("Select code action")
    emacs.keys(f"{action}\r")


def test_a_suggestion_is_shown_and_accepted(opened: Open, standin: Standin) -> None:
    """After a pause in typing there is ghost text, and C-<return> takes it."""
    standin.answers({"before": "y = ", "fill": "total([1])"})
    emacs = attached(opened, TEXT)
    emacs.keys(f"{END}y = ")
    emacs.until("y = total([1])", "Completion 1/1")
    emacs.keys(ACCEPT)
    emacs.until_gone("Completion 1/1")
    emacs.keys(SAVE)
    emacs.until_saved(f"{TEXT}y = total([1])\n")


def test_others_are_asked_for(opened: Open, standin: Standin) -> None:
    """By hand there are several; C-n shows the next, and that one is taken."""
    standin.answers({"before": "y = ", "candidates": ["one", "two"]})
    emacs = attached(opened, f"{TEXT}y = ")
    emacs.keys(END)
    display = "lsp-inline-completion-display"
    run(emacs, display)
    while "No Suggestions!" in emacs.until_holds(
        lambda text: "y = one" in text or "No Sugg" in text, display
    ):
        run(emacs, display)  # the server did not know yet that its engine runs
    emacs.until("y = one", "Completion 1/2")
    emacs.keys(NEXT)
    emacs.until("y = two", "Completion 2/2")
    emacs.keys(ACCEPT)
    emacs.until_gone("Completion 2/2")
    emacs.keys(SAVE)
    emacs.until_saved(f"{TEXT}y = two\n")


def test_a_selection_is_rewritten(opened: Open, standin: Standin) -> None:
    """A code action on the region changes it, also when it takes longer than lsp-mode usually waits."""
    standin.answers({"fill": FILL, "delay_ms": SLOW_MS})
    emacs = attached(opened, TEXT)
    emacs.keys(MARKED_LINE)
    choose(emacs, "Rewrite with Remask")
    emacs.until("result = sum(numbers)")
    emacs.keys(SAVE)
    emacs.until_saved(REWRITTEN)
    emacs.keys(f"{UNDO}{SAVE}")
    emacs.until_saved(TEXT)


def test_holes_are_filled(opened: Open, standin: Standin) -> None:
    """The marked hole at the cursor is filled by a code action."""
    standin.answers({"fill": "return sum(numbers)"})
    emacs = attached(opened, "def total(numbers):\n    ...\n")
    emacs.keys(SECOND_LINE)
    choose(emacs, "Fill holes")
    emacs.until("    return sum(numbers)")
    emacs.keys(SAVE)
    emacs.until_saved("def total(numbers):\n    return sum(numbers)\n")


def test_words_are_asked_for(opened: Open, standin: Standin) -> None:
    """The command of the README has the region rewritten as one says."""
    standin.answers({"instruction": "use sum", "fill": FILL}, {"fill": "lost\n"})
    emacs = attached(opened, TEXT)
    emacs.keys(MARKED_LINE)
    run(emacs, "remask-rewrite")
    emacs.until("Rewrite how?")
    emacs.keys("use sum\r")
    emacs.until("result = sum(numbers)")
    emacs.keys(SAVE)
    emacs.until_saved(REWRITTEN)
