"""Everything the model is shown for one hole."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from lsp_server.context.notebook import Notebooks
from lsp_server.context.pack import fit, lay_out, size
from lsp_server.context.recent import RecentEdits, Region
from lsp_server.context.relevance import Item, Place, Reason, relevant
from lsp_server.context.secrets import holds_secret
from lsp_server.context.tokens import chars_in
from lsp_server.context.window import Window, cut_window
from lsp_server.context.workspace import Workspace
from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.syntax.parse import Parsed

STAYS_FOR = 2_000
"""Code points by which a hole may move while the same snippets are shown."""

MOST_REGIONS = 2
REGION_SHARE = 0.3
"""Of the snippets' room, for one region edited lately."""

_MOST_CHOICES = 64
_SECRET_REACH = 8_000
"""Code points around a region in which the head of a secret may stand whose middle the region shows."""


@dataclass(frozen=True, slots=True)
class Context:
    """The window around a hole and code from elsewhere that bears on it.

    `above` and `below` are what the window would go on with if a notebook's cells were one text.
    """

    window: Window
    snippets: tuple[Snippet, ...] = ()
    above: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was shown for a hole at `at`."""

    at: int
    room: int
    items: tuple[Item, ...]


class Gatherer:
    """Gathers context from memory alone, in milliseconds; safe from any thread.

    Snippets stand before the window, so a change of them costs the engine its
    whole cache. What was chosen for a document therefore stays while it is
    still true, the hole is near, and nothing named on the hole's line is lacking.
    """

    def __init__(self, workspace: Workspace, recent: RecentEdits, notebooks: Notebooks | None = None) -> None:
        self._workspace = workspace
        self._recent = recent
        self._notebooks = notebooks
        self._lock = threading.Lock()
        self._choices: dict[str, _Choice] = {}

    def gather(self, document: Document, parsed: Parsed, span: Span, settings: ContextSettings) -> Context:
        """The context of the hole `span` in `document`, whose tree is `parsed`.

        Raises:
            ValueError: the span leaves the document.
        """
        context = self._window(document, span, settings)
        room = chars_in(settings.snippet_tokens)
        if not settings.cross_file or room == 0:
            return context
        items = self._items(document, parsed, span, room)
        return replace(context, snippets=lay_out(items, self._workspace.shown_path))

    def knows(self, name: str) -> bool:
        """Whether some file of the workspace defines `name`."""
        return bool(self._workspace.definitions_of(name))

    def _window(self, document: Document, span: Span, settings: ContextSettings) -> Context:
        """A window of the text that the notebook's cells are together; elsewhere of the document."""
        above, below = self._notebooks.around(document) if self._notebooks else ("", "")
        lead, behind = len(above), len(above) + len(document.text)
        whole = cut_window(
            above + document.text + below,
            span.shifted(lead),
            prefix_tokens=settings.prefix_tokens,
            suffix_tokens=settings.suffix_tokens,
        )
        start, end = max(whole.start, lead), min(whole.start + len(whole.text), behind)
        window = Window(document.text[start - lead : end - lead], start - lead)
        inner = start - whole.start
        return Context(window, (), whole.text[:inner], whole.text[inner + len(window.text) :])

    def _items(self, document: Document, parsed: Parsed, span: Span, room: int) -> tuple[Item, ...]:
        path = self._workspace.real_path(document.path) if document.path is not None else None
        place = Place(document, path, parsed, span)
        found = relevant(place, self._workspace.index, self._regions(document, path, room))
        new = fit(found, room, self._workspace.shown_path)
        with self._lock:
            old = self._choices.pop(document.key, None)
            if old is not None and self._stays(old, new, span, room, found):
                self._choices[document.key] = old
                return old.items
            self._choices[document.key] = _Choice(span.start, room, new)
            while len(self._choices) > _MOST_CHOICES:
                del self._choices[next(iter(self._choices))]
            return new

    def _stays(
        self, old: _Choice, new: tuple[Item, ...], span: Span, room: int, found: Collection[Item]
    ) -> bool:
        needed = {(item.path, item.text) for item in new if item.reason is Reason.HERE}
        shown = {(item.path, item.text) for item in old.items}
        return (
            old.room == room
            and abs(old.at - span.start) <= STAYS_FOR
            and 2 * size(old.items) >= size(new)
            and needed <= shown
            and all(self._holds(item, found) for item in old.items)
        )

    def _holds(self, item: Item, found: Collection[Item]) -> bool:
        """Whether an item shown before is still true."""
        if not item.name:
            return item in found
        return any(
            each.path == item.path and each.definition.signature == item.text
            for each in self._workspace.definitions_of(item.name)
        )

    def _regions(self, document: Document, path: Path | None, room: int) -> list[Region]:
        """What was edited lately in other documents and may be shown."""
        regions = self._recent.regions(document, most_chars=int(room * REGION_SHARE))
        return list(islice((each for each in regions if self._may_show(each, document, path)), MOST_REGIONS))

    def _may_show(self, region: Region, document: Document, path: Path | None) -> bool:
        other = region.document
        if other.key == document.key or self._workspace.excluded(other.path) is not None:
            return False
        itself = other.path is not None and self._workspace.real_path(other.path) == path
        return not itself and not _near_secret(region)


def _near_secret(region: Region) -> bool:
    low, high = max(0, region.span.start - _SECRET_REACH), region.span.end + _SECRET_REACH
    return holds_secret(region.document.text[low:high])
