"""Words and lines of ghost text in a real VS Code window, accepted up to a doubtful token."""

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
WORD, LINE = "Control+ArrowRight", "Control+Alt+ArrowRight"


def test_a_line_ends_before_a_doubtful_token(window: Window, standin: Standin) -> None:
    """What is certain is the editor's own; else the rest goes on being shown, and is taken next."""
    first, fill = "def add(one, two):", "\n    total = max( one, two)\n    return total"
    standin.answers({"before": "two):", "fill": fill, "doubts": {"one,": {"two,": 0.3}}})
    window.edit("line.py", "def add(one, two)")
    window.type(":")
    window.ghost(fill)
    for so_far, left in (
        ("\n    ", "total = max( one, two)"),
        ("\n    total = max(", "one, two)"),
        ("\n    total = max( one, two)\n    ", "return total"),
    ):
        window.press(LINE)
        window.holds("line.py", first + so_far)
        window.ghost(left)
        window.picture(f"line-{len(so_far)}")


@pytest.mark.parametrize("lines", [1, 2])
def test_tab_takes_what_is_left_after_a_line(lines: int, window: Window, standin: Standin) -> None:
    """A line's end is accepted with the next one's indentation, before which Tab would indent."""
    name, first, fill = f"rest-{lines}.py", "def add(one, two):", "\n    total = one + two\n    return total"
    standin.answers({"before": "two):", "fill": fill})
    window.edit(name, first[:-1])
    window.type(":")
    window.ghost(fill)
    for so_far in ("\n    ", "\n    total = one + two\n    ")[:lines]:
        window.press(LINE)
        window.holds(name, first + so_far)
        window.ghost("return total")
    window.press("Tab")
    window.holds(name, first + fill)


def test_a_word_ends_before_a_doubtful_token(window: Window, standin: Standin) -> None:
    """Also where the token begins within what the editor calls a word, and after typing along."""
    fill = " = 12 ** 34"
    standin.answers({"before": "total", "fill": fill, "doubts": {"34": {"56": 0.3}}})
    window.edit("word.py", "")
    window.type("total")
    window.ghost(fill)
    window.type(" = ")
    window.ghost("12 ** 34")
    for so_far in ("12", "12 ", "12 **"):  # the editor's own word would be with the blank
        window.press(WORD)
        window.holds("word.py", f"total = {so_far}")
        window.ghost("34")
    window.press(WORD, WORD)
    window.holds("word.py", "total = 12 ** 34")


def test_without_ghost_text_the_keys_are_the_editors(window: Window, standin: Standin) -> None:
    """One goes to the word's end, the other moves the editor into a group of its own."""
    standin.answers({"fill": ""})
    window.edit("keys.py", "alpha beta")
    window.press("Home", WORD)
    window.type("1")
    window.reads("alpha1 beta")
    window.press(LINE)
    groups = "document.querySelectorAll('.editor-group-container').length === {}"
    window.page.wait_for_function(groups.format(2))
    window.press("Control+Alt+ArrowLeft")
    window.page.wait_for_function(groups.format(1))
    window.holds("keys.py", "alpha1 beta")
