"""The README's picture."""

from __future__ import annotations

import html
import re

from story.basket import TEXT
from story.picture import Session, _svg

from lsp_server.engine.protocol import Cell, CellState, FrameEvent

MASKED = Cell("", CellState.MASKED)
FRAMES = [
    FrameEvent(0, 1, (MASKED, MASKED)),
    FrameEvent(0, 2, (Cell("        result", CellState.COMMITTED, 0.95), MASKED)),
    FrameEvent(
        0, 3, (Cell("        result", CellState.COMMITTED, 0.95), Cell(" += 1", CellState.DRAFTED, 0.5))
    ),
]


def shown(svg: str) -> str:
    """The picture's text, line by line."""
    lines: dict[str, str] = {}
    for y, text in re.findall(r'<text class="remask-[^"]*" x="[\d.]+" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        lines[y] = lines.get(y, "") + html.unescape(text).replace("\xa0", " ")
    return "\n".join(lines.values())


def test_every_step_and_both_sides_of_the_rewrite_are_shown() -> None:
    """Masks, what was committed, the end, and the diff."""
    before = TEXT.replace("        \n", "        result += 1\n")
    svg = _svg(Session(FRAMES, "result += 1", before, before.replace("names = []", "names = list()")))
    text = shown(svg)
    for number in (1, 2, 3):
        assert f"step {number}" in text
    assert re.search(r"^.*▒▒ +step 1", text, re.MULTILINE)
    assert re.search(r"result▒ +step 2", text)
    assert re.search(r"result \+= 1 +finished", text)
    assert "-    names = []" in text
    assert "+    names = list()" in text


def test_the_picture_fetches_nothing() -> None:
    """No font, style or image from elsewhere: opening a README tells nobody."""
    svg = _svg(Session(FRAMES, "result += 1", TEXT, TEXT))
    assert "@font-face" not in svg
    assert not re.search(r"(?:href|src)=|@import|url\((?!#)", svg)
