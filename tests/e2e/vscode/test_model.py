"""The extension in a real VS Code window, with the default model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.underlines import UNDERLINED, hover
from tests.e2e.vscode.window import missing, opened_window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Shell

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.model,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
ARGUMENTS = """import argparse


def parse_args():
    '''The options of a program that resizes images.'''
    parser = argparse.ArgumentParser()
"""
CODE = "def area(width, height):\n    result = width * height\n    return result\n"


def test_the_model_completes_and_rewrites(real: Shell, tmp_path: Path) -> None:
    """Ghost text that fits is accepted; a refactor of the palette is reviewed in place and accepted."""
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
        window.page.wait_for_selector(".codelens-decoration")
        window.picture("review")
        window.press("Control+Enter")
        window.reads("def area(width: ")
        number = "(int|float)"
        assert re.search(
            rf"def area\(width: {number}, height: {number}\) -> {number}:", window.saved("area.py")
        )


def test_what_the_model_doubted_is_replaced(real: Shell, tmp_path: Path) -> None:
    """A doubtful token is underlined, its hover has the model's alternatives, a click takes the first."""
    with opened_window(tmp_path, real.env) as window:
        window.wake("1", typed="one, two, three = ")
        window.edit("arguments.py", ARGUMENTS)
        window.type("    parser.add_")
        window.command("Trigger Inline Suggestion")  # unasked it would not be shown: too doubtful
        window.ghost("argument(")
        window.press("Tab")
        window.page.wait_for_function(f"({UNDERLINED})().length > 0")
        before = window.saved("arguments.py")
        window.press("Escape")  # the next suggestion, which the picture can do without
        hover(window, "%", nth=-1)
        alternative = window.page.inner_text(".monaco-hover:visible a >> nth=0")
        window.page.click(".monaco-hover:visible a >> nth=0")
        window.reads(alternative)

        def replaced() -> bool:
            after = window.saved("arguments.py")  # for a moment empty, while it is written
            return after.startswith(ARGUMENTS) and after != before and alternative in after[len(ARGUMENTS) :]

        window.until(replaced)
