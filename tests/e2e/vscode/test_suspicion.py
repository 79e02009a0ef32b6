"""Suspicious code in a real VS Code window, with the stand-in for the model."""

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
TEXT = "def most(items, count):\n    if count > 3:\n        return items\n    return None\n"
HINT = ".editor-group-container.active .squiggly-hint"


@pytest.fixture
def window(window: Window, standin: Standin) -> Window:
    """The window, and what the model thinks in it."""
    standin.answers({"fill": ""}, gains={">": {"<": 5.0}})
    return window


def look(window: Window, name: str) -> None:
    """The command finds one place, which is listed and marked; choosing it puts the cursor there."""
    window.edit(name, TEXT)
    window.command("Remask: Look for Suspicious Code")
    window.choose("line 2")
    window.page.wait_for_selector('.statusbar-item:has-text("Ln 2, Col 15 (1 selected)")')
    window.page.wait_for_selector(HINT, state="attached")


def test_a_suspicion_is_shown_and_fixed(window: Window) -> None:
    """By a quick fix, which puts the likelier operator there; then the hint is gone."""
    look(window, "most.py")
    window.picture("hint")
    window.fix("Replace with")
    window.reads("if count < 3:")
    window.page.wait_for_selector(HINT, state="detached")
    window.holds("most.py", TEXT.replace(">", "<"))
    window.command("Remask: Look for Suspicious Code")
    window.notice("nothing looks suspicious")


def test_a_suspicion_is_ignored(window: Window) -> None:
    """It is not shown again, and the file stays."""
    look(window, "ignored.py")
    window.fix("Ignore this")
    window.page.wait_for_selector(HINT, state="detached")
    window.command("Remask: Look for Suspicious Code")
    window.notice("nothing looks suspicious")
    assert window.clean("ignored.py") == TEXT
