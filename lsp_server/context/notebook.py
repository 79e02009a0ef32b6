"""The cells of notebooks: together they are one program, of which each is a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lsp_server.core.types import Document
from lsp_server.syntax.languages import Language, language_for

BETWEEN = "\n\n"
"""Between two cells."""
_PROSE = "markdown"


class Notebooks:
    """The order of each notebook's cells; `get` finds a cell's current snapshot by its key."""

    def __init__(self, get: Callable[[str], Document | None]) -> None:
        self._get = get
        self._cells: dict[str, tuple[str, ...]] = {}

    def arrange(self, notebook: str, cells: Sequence[str]) -> None:
        """A notebook has these cells."""
        self._cells[notebook] = tuple(cells)

    def splice(self, notebook: str, start: int, gone: int, cells: Sequence[str]) -> None:
        """From cell number `start` on, `gone` cells were replaced by others."""
        held = self._cells.get(notebook, ())
        self._cells[notebook] = (*held[:start], *cells, *held[start + gone :])

    def forget(self, notebook: str) -> tuple[str, ...]:
        """A notebook was closed; the cells it had."""
        return self._cells.pop(notebook, ())

    def around(self, document: Document) -> tuple[str, str]:
        """What stands above and below a cell, if its notebook were written as one file of its language.

        Prose becomes comments; cells in other languages are left out. Nothing stands around what is no cell.
        """
        cells = self._cells.get(document.notebook, ()) if document.notebook else ()
        if document.key not in cells:
            return "", ""
        at = cells.index(document.key)
        above = "".join(text + BETWEEN for text in self._texts(cells[:at], document))
        below = "".join(BETWEEN + text for text in self._texts(cells[at + 1 :], document))
        return above, below

    def _texts(self, cells: Sequence[str], like: Document) -> Iterator[str]:
        language = language_for(like.language)
        for key in cells:
            cell = self._get(key)
            text = _as(cell, like, language) if cell else ""
            if text:
                yield text


def _as(cell: Document, like: Document, language: Language) -> str:
    """A cell's text in the language of another."""
    text = cell.text.strip("\r\n")
    if cell.language == like.language:
        return text
    if cell.language != _PROSE or language.line_comment is None:
        return ""
    return "\n".join(f"{language.line_comment} {line}".rstrip() for line in text.splitlines())
