"""Where the holes of a rewrite stand in the document, and their canvases as they would stand there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Cell, CellState
from lsp_server.service.plan import indent_at


@dataclass(frozen=True, slots=True)
class Place:
    """A hole of a document.

    Its canvas begins with `head`, locked characters that stand before the span. What is
    written in words comes dedented: `lead` goes before it, `indent` behind each line break,
    unless it begins with `lead` itself.
    """

    span: Span
    head: str = ""
    lead: str = ""
    indent: str = ""

    def at(self, span: Span) -> Place:
        """The same at another span."""
        return replace(self, span=span)

    def shown(self, cells: Sequence[Cell]) -> list[Cell]:
        """The canvas as it would stand at the span."""
        own = behind_head(cells, self.head)
        if self.lead and own and own[0].text.startswith(self.lead):
            return own
        if self.indent:
            own = [msgspec.structs.replace(cell, text=self._indented(cell.text)) for cell in own]
        return [Cell(self.lead, CellState.LOCKED, 1.0), *own] if self.lead else own

    def _indented(self, text: str) -> str:
        return text.replace("\n", f"\n{self.indent}")


def worded(document: Document, span: Span) -> Place:
    """The place of a hole that is rewritten in words: what comes back is indented as what stands there."""
    present = document.text[span.start : span.end]
    white = present[: len(present) - len(present.lstrip())]
    first = span.start + len(white)
    return Place(span, lead=white, indent=indent_at(document.text, first))


OnHoles = Callable[[Document, tuple[Place, ...]], None]
"""Called before a request with the holes that its frames count."""


def behind_head(cells: Sequence[Cell], head: str) -> list[Cell]:
    """The cells without `head`, the half-typed characters that a hole begins with."""
    for count, cell in enumerate(cells):
        if not head or cell.state is CellState.MASKED or not _agree(cell.text, head):
            return list(cells[count:])
        if len(cell.text) > len(head):
            rest = msgspec.structs.replace(cell, text=cell.text[len(head) :])
            return [rest, *cells[count + 1 :]]
        head = head[len(cell.text) :]
    return []


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
