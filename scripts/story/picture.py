"""The README's picture: a fill step by step, and a rewrite, as the real server and model do them."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.console import Failed
from lsprotocol import types as t
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from lsp_server.commands._canvas_view import LINE_BREAK, around, canvas_text, legend, settled
from lsp_server.commands._source import unified
from lsp_server.core.healing import half_typed
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.address import address_path, read_address
from lsp_server.engine.protocol import Cell, FrameEvent
from lsp_server.engine.source import LocalEngine
from lsp_server.service.canvas import behind_head
from story.basket import NAME, OFFSET, SELECTED, TEXT
from story.client import DemoClient, applied, position_of

WIDTH = 92
REWRITE = "Rewrite with Remask"
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


@dataclass(frozen=True, slots=True)
class Session:
    """The frames of the fill, what it inserted, and the file before and after the rewrite."""

    frames: list[FrameEvent]
    fill: str
    before: str
    after: str


def draw(target: Path) -> None:
    """Write the picture to `target`.

    Raises:
        Failed: the model answered nothing, or could not be had.
    """
    with tempfile.TemporaryDirectory(prefix="remask-picture-") as name:
        path = Path(name).resolve() / NAME
        path.write_text(TEXT, encoding="utf-8")
        session = asyncio.run(_watched(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_svg(session), encoding="utf-8")
    print(target)


async def _watched(path: Path) -> Session:
    """Fill and rewrite the demo's file at `path`."""
    frames: list[FrameEvent] = []
    found_running = read_address(address_path(DEFAULT_MODEL)) is not None
    client = DemoClient(frames.append)
    try:
        await client.begin(path.parent)
        document = t.TextDocumentItem(path.as_uri(), "python", 1, TEXT)
        client.text_document_did_open(t.DidOpenTextDocumentParams(document))
        engine = (await client.engine_ready())["engine"]
        if engine["phase"] == "failed":
            raise Failed(f"{engine['message']} {engine['hint']}")
        fill = await _fill(client, document.uri)
        seen = list(frames)
        before, after = await _rewrite(client, document.uri, fill)
    finally:
        await client.end()
        if not found_running:
            await LocalEngine(DEFAULT_MODEL, EngineSettings()).stop()
    return Session(seen, fill, before, after)


async def _fill(client: DemoClient, uri: str) -> str:
    item = await client.fill(uri, position_of(TEXT, OFFSET))
    if item is None:
        raise Failed(f"the fill came back empty: {client.silence}")
    return str(item.insert_text)


async def _rewrite(client: DemoClient, uri: str, fill: str) -> tuple[str, str]:
    """The file with the fill, and with the rewrite as well."""
    before = TEXT[:OFFSET] + fill + TEXT[OFFSET:]
    changed = t.VersionedTextDocumentIdentifier(2, uri)
    whole = t.TextDocumentContentChangeWholeDocument(before)
    client.text_document_did_change(t.DidChangeTextDocumentParams(changed, [whole]))
    start, end = before.index(SELECTED), len(before.rstrip())
    selected = t.Range(position_of(before, start), position_of(before, end))
    edit = await client.rewrite(uri, selected, REWRITE)
    if edit is None:
        raise Failed(f"the rewrite came back empty: {client.silence}")
    edits = list((edit.changes or {}).get(uri, ()))
    for change in edit.document_changes or ():
        if isinstance(change, t.TextDocumentEdit):
            edits += [each for each in change.edits if isinstance(each, t.TextEdit)]
    return before, applied(before, edits)


def _svg(session: Session) -> str:
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text("textDocument/inlineCompletion: the fill after every step", "bold"))
    console.print(Panel(_steps(session), title=NAME, title_align="left", border_style="cyan"))
    console.print(legend(None)[len("finished   ") :])
    console.print(Text(f"\ntextDocument/codeAction: {REWRITE}", "bold"))
    lines = unified(session.before, session.after, NAME).splitlines()
    diff = "\n".join(line for line in lines if line[:3] not in {"---", "+++", "@@ "} and line.strip())
    console.print(Syntax(diff, "diff", theme="ansi_dark", background_color="default"))
    svg = console.export_svg(title="Remask", unique_id="remask")
    # a picture fetches nothing: the reader's own fonts instead of those rich names
    own = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return own.replace("Fira Code, monospace", FONTS)


def _steps(session: Session) -> RenderableType:
    """The code around the hole, and in its place the canvas after each step, one under the other."""
    before, after = around(TEXT, OFFSET, lines=4)
    head = before[len(before) - half_typed(before) :]
    above, _, indent = before.rpartition("\n")
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_row(Text(above, "dim"))
    cells: list[Cell] = []
    for frame in session.frames:
        cells = behind_head(frame.cells, head)
        grid.add_row(_line(indent, cells), f"step {frame.step}")
    grid.add_row(_line(indent, settled(cells, session.fill)), Text("finished", "bold"))
    grid.add_row(Text(after.strip("\n").split("\n")[0], "dim"))
    return grid


def _line(indent: str, cells: Iterable[Cell]) -> Text:
    """A canvas on one line."""
    flat = [Cell(cell.text.replace("\n", LINE_BREAK), cell.state, cell.confidence) for cell in cells]
    return Text(indent, no_wrap=True, overflow="ellipsis").append_text(canvas_text(flat))
