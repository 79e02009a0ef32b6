"""The canvas of a fill in a terminal: masks, what is committed, and how sure the model is of it."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from lsp_server.core.healing import half_typed
from lsp_server.core.text import plain_newlines
from lsp_server.engine.protocol import Cell, CellState, FrameEvent
from lsp_server.service.canvas import behind_head

MASK = "▒"
LINE_BREAK = "↵"
WIDTH = 100
"""Columns used at most."""
SURE, LIKELY = 0.9, 0.6
_STYLES = {CellState.MASKED: "bright_black", CellState.LOCKED: "bold"}
_SHADES = ((SURE, "green"), (LIKELY, "yellow"), (0.0, "red"))
_AROUND = "dim"
_CHROME = 6
"""Terminal lines that the panel's frame, the legend and the prompt need."""


def shade(confidence: float) -> str:
    """The colour of a token that the model gave this probability."""
    return next(colour for least, colour in _SHADES if confidence >= least)


def canvas_text(cells: Iterable[Cell]) -> Text:
    """The cells one after another, each masked one as one mark."""
    text = Text(overflow="ellipsis", no_wrap=True)
    for cell in cells:
        drafted = " italic" if cell.state is CellState.DRAFTED else ""
        style = _STYLES.get(cell.state) or shade(cell.confidence) + drafted
        text.append(MASK if cell.state is CellState.MASKED else plain_newlines(cell.text), style)
    return text


def settled(cells: Iterable[Cell], text: str) -> list[Cell]:
    """The committed cells as far as they spell `text`, and the rest of it without a confidence."""
    kept: list[Cell] = []
    for cell in cells:
        if cell.state is CellState.MASKED or not cell.text or not text.startswith(cell.text):
            break
        state = cell.state if cell.state is CellState.LOCKED else CellState.COMMITTED
        kept.append(Cell(cell.text, state, cell.confidence))
        text = text[len(cell.text) :]
    return [*kept, Cell(text, CellState.LOCKED)] if text else kept


def around(text: str, offset: int, lines: int = 6) -> tuple[str, str]:
    """The code before and after `offset`, at most `lines` whole lines of it on each side."""
    before = text[:offset].split("\n")[-lines - 1 :]
    after = text[offset:].split("\n")[: lines + 1]
    return "\n".join(before).lstrip("\n"), "\n".join(after).rstrip("\n")


def legend(step: int | None) -> Text:
    """What the colours say."""
    text = Text(f"step {step:<3}" if step else "finished", "bold", no_wrap=True, overflow="ellipsis")
    text.append(f"   {MASK} masked", _STYLES[CellState.MASKED])
    text.append("   sure", shade(SURE))
    text.append("  likely", shade(LIKELY))
    text.append("  doubtful", shade(0.0))
    text.append("  drafted", f"{shade(SURE)} italic")
    return text


class CanvasView:
    """Shows the canvas between the code around it: live in a terminal, else one line for each frame.

    `before` and `after` are the code on both sides. With `healed` the hole begins
    with the half-typed word or indentation at the end of `before`. The picture has
    at least `rows` lines of code.
    """

    def __init__(
        self,
        console: Console,
        *,
        title: str,
        before: str = "",
        after: str = "",
        healed: bool = False,
        rows: int = 1,
    ) -> None:
        self._rows = rows
        self._console = console
        self._title = title
        self._before = plain_newlines(before)
        self._after = plain_newlines(after)
        self._head = self._before[len(self._before) - half_typed(self._before) :] if healed else ""
        self._cells: list[Cell] = []
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture standing."""
        if self._live:
            self._live.stop()

    def frame(self, frame: FrameEvent) -> None:
        """Show the canvas after a step; of several holes or candidates the first."""
        if frame.hole or frame.candidate:
            return
        self._cells = behind_head(frame.cells, self._head)
        if self._live:
            self._live.update(self._picture(frame.step), refresh=True)
        else:
            line = _tail(canvas_text(self._cells).plain.replace("\n", LINE_BREAK))
            self._console.print(
                f"step {frame.step:>3}  {line}", markup=False, highlight=False, soft_wrap=True
            )

    def finish(self, text: str) -> None:
        """Show what came of it."""
        self._cells = settled(self._cells, plain_newlines(text))
        if self._live:
            self._live.update(self._picture(None), refresh=True)

    def _picture(self, step: int | None) -> RenderableType:
        code = Text(no_wrap=True, overflow="ellipsis").append(self._before, _AROUND)
        code.append_text(canvas_text(self._cells))
        code.append(self._after, _AROUND)
        lines = code.split("\n")
        room = max(3, self._console.height - _CHROME)
        if len(lines) > room:
            first = self._first_line(len(lines), room)
            code = Text("\n", no_wrap=True, overflow="ellipsis").join(lines[first : first + room])
        code.append("\n" * (min(self._rows, room) - len(lines)))
        width = min(self._console.width, WIDTH)
        panel = Panel(code, title=self._title, title_align="left", border_style="cyan", width=width)
        return Group(panel, legend(step))

    def _first_line(self, count: int, room: int) -> int:
        """The first line to show of too many, such that what was committed last is among them."""
        known = "".join(cell.text for cell in self._cells if cell.state is not CellState.MASKED)
        last = self._before.count("\n") + known.count("\n")
        return min(max(0, last - room + 3), count - room)


def _tail(line: str) -> str:
    return line if len(line) <= WIDTH else f"…{line[1 - WIDTH :]}"
