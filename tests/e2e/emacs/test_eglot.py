"""Emacs with Eglot, which is built in."""

from __future__ import annotations

import pytest

from tests.e2e.emacs.conftest import Open
from tests.e2e.emacs.test_lsp_mode import (
    FILL,
    MARKED_LINE,
    REWRITTEN,
    SAVE,
    SECOND_LINE,
    SLOW_MS,
    TEXT,
    UNDO,
    run,
)
from tests.e2e.terminal import Terminal
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e


def attached(opened: Open, text: str) -> Terminal:
    emacs = opened("emacs-eglot", text)
    emacs.until(
        "[eglot:project"
    )  # in the mode line; it tells that it connected before it looks after the buffer
    return emacs


def choose(emacs: Terminal, action: str) -> None:
    """Carry out a code action."""
    run(emacs, "eglot-code-actions")
    emacs.until("Pick an action")
    emacs.keys(f"{action}\r")


def test_a_selection_is_rewritten(opened: Open, standin: Standin) -> None:
    """A code action on the region changes it, also when it takes longer than Eglot usually waits."""
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
    """The command of the README has the region rewritten as one says; no status is complained about."""
    standin.answers({"instruction": "use sum", "fill": FILL}, {"fill": "lost\n"})
    emacs = attached(opened, TEXT)
    emacs.keys(MARKED_LINE)
    run(emacs, "remask-rewrite")
    emacs.until("Rewrite how?")
    emacs.keys("use sum\r")
    emacs.until("result = sum(numbers)")
    emacs.keys(SAVE)
    emacs.until_saved(REWRITTEN)
    emacs.keys("\x18bwarn\t*Warnings*\r")
    assert "didChangeStatus" not in emacs.look()
