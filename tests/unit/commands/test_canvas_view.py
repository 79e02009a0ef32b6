"""The canvas as a terminal or a log shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from lsp_server.commands._canvas_view import (
    CanvasView,
    around,
    canvas_text,
    settled,
    shade,
)
from lsp_server.engine.protocol import Cell, CellState, FrameEvent

MASKED = Cell("", CellState.MASKED)


def committed(text: str, confidence: float = 1.0) -> Cell:
    return Cell(text, CellState.COMMITTED, confidence)


def drafted(text: str) -> Cell:
    return Cell(text, CellState.DRAFTED, 0.9)


def locked(text: str) -> Cell:
    return Cell(text, CellState.LOCKED, 1.0)


def test_cells_look_like_what_they_are() -> None:
    """A mask is one mark however long its token will be; confidence is a colour; a draft leans."""
    text = canvas_text(
        [locked("re"), committed("turn", 0.95), committed(" x", 0.7), drafted(" +"), MASKED, MASKED]
    )
    assert text.plain == "return x +▒▒"
    assert [str(span.style) for span in text.spans] == [
        "bold",
        "green",
        "yellow",
        "green italic",
        "bright_black",
        "bright_black",
    ]


@pytest.mark.parametrize(
    ("confidence", "colour"),
    [(1.0, "green"), (0.9, "green"), (0.89, "yellow"), (0.6, "yellow"), (0.59, "red"), (0, "red")],
)
def test_shades(confidence: float, colour: str) -> None:
    """Sure, likely or doubtful; the bounds belong to the better one."""
    assert shade(confidence) == colour


@pytest.mark.parametrize(
    ("cells", "text", "kept"),
    [
        ([committed("a"), committed("b"), MASKED], "ab", ["a", "b"]),
        ([committed("a"), drafted("c"), MASKED], "ab", ["a", "b"]),
        ([committed("a"), committed("\n"), committed("def")], "a", ["a"]),
        ([MASKED], "ab", ["ab"]),
        ([committed("a")], "", []),
    ],
)
def test_the_end_shows_the_answer(cells: list[Cell], text: str, kept: list[str]) -> None:
    """What was committed keeps its colour as far as the answer goes; the rest of the answer follows."""
    assert [cell.text for cell in settled(cells, text)] == kept


@pytest.mark.parametrize(
    ("text", "lines", "before", "after"),
    [
        ("1\n2\n3|4\n5\n6", 1, "2\n3", "4\n5"),
        ("|", 3, "", ""),
        ("\n\n\na|b\n\n\n", 2, "a", "b"),
        ("1\n  |\n3", 6, "1\n  ", "\n3"),
    ],
)
def test_the_code_around(text: str, lines: int, before: str, after: str) -> None:
    """Whole lines on both sides, without blank ones at the far ends."""
    assert around(text.replace("|", ""), text.index("|"), lines) == (before, after)


def show(terminal: bool, height: int = 24, **about: object) -> str:
    """Show two frames and an answer; everything printed."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, height=height, color_system=None)
    with CanvasView(console, title="a.py", **about) as view:
        view.frame(FrameEvent(0, 1, (MASKED, MASKED)))
        view.frame(FrameEvent(0, 2, (committed("return"), committed("\n  1"))))
        view.frame(FrameEvent(1, 3, (committed("another hole"),)))
        view.frame(FrameEvent(0, 3, (committed("another candidate"),), candidate=1))
        view.finish("return 2")
    return console.file.getvalue()


def test_a_log_gets_a_line_for_each_frame() -> None:
    """Of the first hole and candidate; line breaks are marks, and nothing is drawn over."""
    assert show(terminal=False) == "step   1  ▒▒\nstep   2  return↵  1\n"


def test_a_long_canvas_is_cut_at_its_start_in_a_log() -> None:
    """What changes is at the end."""
    console = Console(file=io.StringIO(), width=80)
    with CanvasView(console, title="") as view:
        view.frame(FrameEvent(0, 1, (committed("x" * 500), committed("end"))))
    line = console.file.getvalue()
    assert line.startswith("step   1  …x")
    assert line.endswith("end\n")
    assert len(line) < 120


def test_a_terminal_shows_the_code_around() -> None:
    """The last picture is the answer between what stands before and after it."""
    last = show(terminal=True, before="def f():\n  ", after="\n# end").rpartition("╭")[2]
    assert "│ def f():" in last
    assert "│   return 2" in last
    assert "│ # end" in last
    assert "▒" not in last.partition("finished")[0]


def test_only_the_code_around_is_dim() -> None:
    """The canvas stands out from it."""
    console = Console(file=io.StringIO(), force_terminal=True, width=60, color_system="standard")
    with CanvasView(console, title="", before="x = ", after=" # y") as view:
        view.frame(FrameEvent(0, 1, (committed("sure"),)))
    assert "\x1b[2mx = \x1b[0m\x1b[32msure\x1b[0m\x1b[2m # y" in console.file.getvalue()


@pytest.mark.parametrize("height", [10, 24])
def test_a_picture_fits_the_terminal(height: int) -> None:
    """What was committed last is in it, however long the canvas."""
    console = Console(file=io.StringIO(), force_terminal=True, width=40, height=height, color_system=None)
    cells = (*(committed(f"line {number}\n") for number in range(100)), committed("newest"), MASKED)
    with CanvasView(console, title="") as view:
        view.frame(FrameEvent(0, 1, cells))
    picture = console.file.getvalue().partition("step 1")[0]
    assert "newest▒" in picture
    assert "line 1\n" not in picture
    assert picture.count("│") // 2 <= height - 6


def test_rows_keep_a_picture_from_growing() -> None:
    """A canvas that will have five lines has room for them from the beginning."""
    first = show(terminal=True, rows=5).split("step 1")[0]
    assert first.count("│") == 2 * 5
