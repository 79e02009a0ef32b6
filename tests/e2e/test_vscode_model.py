"""The extension in a real VS Code window, with the default model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode import missing, opened_window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Shell

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.model,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
CODE = "def area(width, height):\n    result = width * height\n    return result\n"


def test_the_model_completes_and_rewrites(real: Shell, tmp_path: Path) -> None:
    """Ghost text that fits is accepted; a refactor of the palette is shown as a diff and accepted."""
    with opened_window(tmp_path, real.env) as window:
        window.wake("1", typed="one, two, three = ")
        window.edit("area.py", CODE + "\n\n")
        window.type("def perimeter(width, height):")
        window.press("Enter")
        window.type("return ")
        window.ghost("width")
        window.picture("ghost")
        window.press("Tab")
        completed = window.saved("area.py")
        assert "return 2 * (width + height)" in completed
        window.press("Control+Home")
        window.command("Remask: Add Types")
        window.diff("float")
        window.picture("diff")
        window.press("Control+Enter")
        window.reads("float")
