"""The next edit in a real VS Code window, with the stand-in for the model."""

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
BEFORE = "def area(width, height):\n    top = height\n\n    return top * width\n"
RENAMED = BEFORE.replace("(width", "(side")


@pytest.fixture
def window(window: Window, standin: Standin) -> Window:
    """The window, and what the model says in it."""
    standin.answers({"fill": ""}, likely={"width": 0.01})
    return window


def rename(window: Window, name: str) -> None:
    """The parameter in the definition is renamed, and its use is marked."""
    window.edit(name, BEFORE)
    window.press("Control+Home", *["ArrowRight"] * len("def area("))
    window.press("Control+Shift+ArrowRight")
    window.type("side")
    window.painted("side", "next\u00a0edit\u00a0in\u00a0line\u00a04")


def test_a_renamed_parameter_is_followed(window: Window) -> None:
    """Tab jumps to its use, Tab again changes it, and one undo takes just that back."""
    rename(window, "follow.py")
    window.holds("follow.py", RENAMED)
    window.press("Tab")
    window.page.wait_for_selector('.statusbar-item:has-text("Ln 4, Col 18")')
    window.picture("jumped")
    window.press("Tab")
    window.reads("return top * side")
    window.unpainted()
    window.holds("follow.py", BEFORE.replace("width", "side"))
    window.press("Control+Z")
    window.reads("return top * width")
    window.holds("follow.py", RENAMED)


def test_escape_hides_it_for_good(window: Window) -> None:
    """Also after more typing; and Tab is a tab again."""
    rename(window, "hide.py")
    window.press("Escape")
    window.unpainted()
    window.press("Control+End")
    window.type("x = 1")
    window.press("Enter", "Tab")
    window.holds("hide.py", f"{RENAMED}x = 1\n    ")
    window.unpainted()


def test_typing_on_hides_it(window: Window) -> None:
    """What was predicted from another text is not shown; the new text's is."""
    rename(window, "typing.py")
    window.type("s")
    window.painted("sides")
    window.holds("typing.py", BEFORE.replace("(width", "(sides"))
