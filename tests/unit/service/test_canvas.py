from __future__ import annotations

import pytest

from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Cell, CellState
from lsp_server.service.canvas import Place, behind_head, worded

MASKED = Cell("", CellState.MASKED)


def committed(text: str) -> Cell:
    return Cell(text, CellState.COMMITTED, 0.9)


def locked(text: str) -> Cell:
    return Cell(text, CellState.LOCKED, 1.0)


def spelled(cells: list[Cell]) -> str:
    return "".join("▒" if cell.state is CellState.MASKED else cell.text for cell in cells)


@pytest.mark.parametrize(
    ("cells", "head", "shown"),
    [
        ([MASKED, MASKED], "    ", "▒▒"),
        ([committed("   "), committed(" x"), MASKED], "    ", "x▒"),
        ([locked("    "), committed("x")], "    ", "x"),
        ([locked("ret"), committed("urn")], "re", "turn"),
        ([locked("r"), MASKED], "re", "▒"),
        ([committed("other"), MASKED], "re", "other▒"),
        ([locked("re")], "re", ""),
        ([committed("a")], "", "a"),
    ],
)
def test_half_typed_characters_are_not_shown_twice(cells: list[Cell], head: str, shown: str) -> None:
    """They stand before the hole already; a draft that contradicts them is shown as it is."""
    assert spelled(behind_head(cells, head)) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span(9, 26), "    y = 2\n    return y▒"),
        (Span(13, 26), "y = 2\n    return y▒"),
        (Span(0, 26), "y = 2\nreturn y▒"),
        (Span(26, 26), "y = 2\nreturn y▒"),
    ],
)
def test_a_canvas_in_words_is_indented_as_what_it_replaces(span: Span, shown: str) -> None:
    """The white space that the selection begins with stands before it, that of its line in each line."""
    document = Document("a", "python", "def f():\n    x = 1\n    go\n")
    cells = [committed("y = 2"), committed("\nreturn y"), MASKED]
    assert spelled(worded(document, span).shown(cells)) == shown


def test_a_canvas_that_is_indented_already_stays() -> None:
    """A model may answer with the indentation of what it was shown."""
    cells = [committed("    y = 2"), committed("\n    return y")]
    assert Place(Span(0, 1), lead="    ", indent="    ").shown(cells) == cells
