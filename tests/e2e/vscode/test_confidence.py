"""Doubtful tokens in a real VS Code window, with the stand-in for the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.underlines import hover, underlines, until_underlined
from tests.e2e.vscode.window import Window, missing

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
RULES = (
    {"before": "def add", "fill": "(a, b): pass", "doubts": {"b):": {"c):": 0.31, "d | e):": 0.1}}},
    {"before": "c):", "fill": " return 1"},
)
NONE_YET = "# top\n\n"


@pytest.fixture
def window(window: Window, standin: Standin) -> Window:
    """The window, and what the model says in it."""
    standin.answers(*RULES)
    return window


def accept(window: Window, name: str) -> None:
    """Ghost text with a doubtful token is accepted, and the token is underlined."""
    window.edit(name, NONE_YET)
    window.type("def add")
    window.ghost("(a, b): pass")
    assert underlines(window) == 0
    window.press("Tab")
    until_underlined(window, 1)


def test_an_alternative_is_taken_by_a_click(window: Window) -> None:
    """The hover lists what else might stand there; a click uses it; one undo."""
    accept(window, "take.py")
    hover(window, "c):")
    said = window.page.inner_text(".monaco-hover:visible")
    assert [part in said for part in ("b):", "45%", "c):", "31%", "d | e):", "10%")] == [True] * 6
    window.picture("hover")
    window.page.click('.monaco-hover:visible a:has-text("c):")')
    window.reads("def add(a, c): return 1")
    until_underlined(window, 0)
    window.page.mouse.move(5, 5)
    window.press("Control+Z")
    window.reads("def add(a, b): pass")
    window.holds("take.py", f"{NONE_YET}def add(a, b): pass")


def test_an_underline_stays_until_its_token_is_edited(window: Window) -> None:
    """What is typed behind it and above leaves it, what is typed into it ends it."""
    accept(window, "edit.py")
    window.press("Control+Home", "Enter", "End")
    window.type("x")
    until_underlined(window, 1)
    window.press("Control+End", *["ArrowLeft"] * len("): pass"))
    window.type("z")
    until_underlined(window, 0)


def test_the_setting_turns_it_off(window: Window, standin: Standin) -> None:
    """What is underlined is not any more, as soon as the setting says so."""
    accept(window, "off.py")
    settings = window.folder / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"remask.completion.showDoubts": "off"}', encoding="utf-8")
    try:
        until_underlined(window, 0)
    finally:
        settings.unlink()
