"""Ghost text in VS Code: shown, cycled, accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import Window, missing

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]


def test_ghost_text_is_accepted(window: Window, standin: Standin) -> None:
    """What the server suggests appears behind the cursor, and Tab puts it into the file; then the next."""
    standin.answers({"before": "def add", "fill": "(a, b):"}, {"before": "b):", "fill": "\n    return a + b"})
    window.edit("ghost.py", "# top\n\n")
    window.type("def add")
    window.ghost("(a, b):")
    window.press("Tab")
    window.ghost("return a + b")
    window.picture("ghost")
    window.press("Tab")
    window.holds("ghost.py", "# top\n\ndef add(a, b):\n    return a + b")


def test_suggestions_are_cycled_and_taken_by_word(window: Window, standin: Standin) -> None:
    """The editor's own keys ask for more of them, go through them, and take a word of one."""
    standin.answers({"before": "total =", "candidates": ["11 + 1", "22 + 2"]})
    window.edit("cycle.py", "")
    window.type("total = ")
    window.ghost("11 + 1")
    window.press("Alt+]")
    window.ghost("22 + 2")
    window.press("Control+ArrowRight")
    window.until(lambda: window.saved("cycle.py").strip() == "total = 22")
