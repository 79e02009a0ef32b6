"""The place a completion is asked for: the text as it would be with the selected popup item applied."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.errors import BadInput
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit, Span
from lsp_server.syntax.parse import Parsed


@dataclass(frozen=True, slots=True)
class Cursor:
    """A completion's question.

    `document` is what the client has; `text` and `offset` are the same with
    `selected`, the entry chosen in the client's own popup, virtually applied. What stands before it
    may grow, as a half-typed word does, unless it is `settled`.
    """

    document: Document
    text: str
    offset: int
    settings: Settings
    invoked: bool
    selected: Edit | None = None
    settled: bool = False

    @classmethod
    def at(
        cls, document: Document, offset: int, settings: Settings, *, invoked: bool, selected: Edit | None
    ) -> Cursor:
        """The cursor for a request.

        Raises:
            BadInput: `offset` or `selected` leaves the document.
        """
        if not 0 <= offset <= len(document.text):
            raise BadInput(f"offset {offset} is outside the document of {len(document.text)} characters")
        if selected is None:
            return cls(document, document.text, offset, settings, invoked)
        text = apply_in_turn(document.text, [selected])
        behind = selected.span.start + len(selected.text)
        return cls(document, text, behind, settings, invoked, selected)

    @property
    def candidates(self) -> int:
        """How many candidates to ask for: several only when invoked."""
        return max(1, min(8, self.settings.completion.candidates)) if self.invoked else 1

    @property
    def virtual(self) -> Document:
        """The document with `selected` applied."""
        return replace(self.document, text=self.text)

    def parsed(self, parsed: Parsed) -> Parsed:
        """The tree of `text`, from the document's."""
        return parsed.edited([self.selected]) if self.selected else parsed

    def edit(self, text: str) -> Edit:
        """What inserts `text` behind the cursor: its range holds the selected entry, else nothing."""
        if self.selected:
            return Edit(self.selected.span, self.selected.text + text)
        return Edit(Span(self.offset, self.offset), text)
