"""The open documents: immutable snapshots, their trees, and what changed between them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lsp_server.context.recent import RecentEdits
from lsp_server.core.edits import apply_in_turn, carry
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Edit, Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse

Listener = Callable[[Document, tuple[Edit, ...], Document | None], None]
"""Called with the snapshot before, the sequential edits and the snapshot after: None once it is closed."""

SLOW_S = 0.75
"""Parsing holds up everything else; what takes longer (large files full of errors) goes without."""
MOST_PENDING = 64
"""Edits after which parsing anew is cheaper than replaying them on the tree."""
MOST_HISTORY = 512
"""Changes over which spans can still be carried."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What led to `revision`: spans in turn and the length of what replaced each."""

    revision: int
    parts: tuple[tuple[Span, int], ...]


@dataclass(slots=True)
class _Open:
    """One open document. `tree` lags behind by `pending`; `treeless` ones take too long to parse."""

    document: Document
    treeless: bool = False
    tree: Parsed | None = None
    pending: list[Edit] = field(default_factory=list)
    history: deque[_Change] = field(default_factory=lambda: deque(maxlen=MOST_HISTORY))


class Documents:
    """Every open document by key; `clock` gives seconds.

    Lives on one thread; only `parsed` and `parsed_for` may be called from others.
    """

    def __init__(
        self, recent: RecentEdits | None = None, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent = recent
        self._open: dict[str, _Open] = {}
        self._revisions: dict[str, int] = {}
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` after every change and when a document closes."""
        self._listeners.append(listener)

    def open(self, document: Document) -> Document:
        """Take `document` in, or replace what is open under its key; revisions never repeat."""
        revision = self._revisions.get(document.key, -1) + 1
        opened = replace(document, revision=revision)
        self._revisions[document.key] = revision
        self._open[document.key] = _Open(opened)
        return opened

    def change(self, key: str, edits: Sequence[Edit], version: int | None) -> Document:
        """Apply sequential `edits` and return the new snapshot.

        Raises:
            BadInput: the document is not open or an edit leaves its text; nothing is changed then.
        """
        held = self._held(key)
        before = held.document
        text = apply_in_turn(before.text, edits)
        after = replace(before, text=text, version=version, revision=before.revision + 1)
        self._revisions[key] = after.revision
        with self._lock:
            held.document = after
            self._note(held, tuple(edits))
        if self._recent is not None:
            self._recent.record(before, after)
        self._tell(before, tuple(edits), after)
        return after

    def close(self, key: str) -> None:
        """Forget a document; one that is not open is no error."""
        held = self._open.pop(key, None)
        if held is not None:
            self._tell(held.document, (), None)

    def get(self, key: str) -> Document | None:
        """The current snapshot, if the document is open."""
        held = self._open.get(key)
        return held.document if held else None

    def all(self) -> tuple[Document, ...]:
        """The current snapshot of every open document."""
        return tuple(held.document for held in self._open.values())

    def parsed(self, key: str) -> Parsed:
        """The current snapshot's tree, parsed now as far as it lags behind.

        A document whose parsing once took longer than `SLOW_S` has no tree from then on.

        Raises:
            BadInput: the document is not open.
        """
        return self._parsed(self._held(key))

    def parsed_for(self, document: Document) -> Parsed:
        """The tree of exactly this snapshot, whether it is current, old or was never opened."""
        held = self._open.get(document.key)
        if held is not None and held.document == document:
            parsed = self._parsed(held)
            if parsed.text == document.text:
                return parsed
        return parse(document.text, language_for(document.language, document.path))

    def rebase_span(self, key: str, span: Span, from_revision: int) -> Span | None:
        """Where `span` of an older revision lies now; None if a change touched it or it is too long ago."""
        held = self._open.get(key)
        if held is None:
            return None
        missed = [change for change in held.history if change.revision > from_revision]
        if len(missed) != held.document.revision - from_revision:
            return None
        carried: Span | None = span
        for changed, length in (part for change in missed for part in change.parts):
            if carried is None:
                return None
            carried = carry(carried, changed, length)
        return carried

    def rebase(self, key: str, edits: Sequence[Edit], from_revision: int) -> tuple[Edit, ...] | None:
        """`edits` of an older revision as edits of the current one; None if a change touched one."""
        moved: list[Edit] = []
        for edit in edits:
            span = self.rebase_span(key, edit.span, from_revision)
            if span is None:
                return None
            moved.append(Edit(span, edit.text))
        return tuple(moved)

    def _held(self, key: str) -> _Open:
        held = self._open.get(key)
        if held is None:
            raise BadInput("the document is not open", hint="Send didOpen before anything else about it.")
        return held

    def _parsed(self, held: _Open) -> Parsed:
        with self._lock:
            document, tree, pending = held.document, held.tree, tuple(held.pending)
        started = self._clock()
        if tree is None:
            language = language_for(document.language, document.path)
            parsed = parse(document.text, replace(language, grammar=None) if held.treeless else language)
        else:
            parsed = tree.edited(pending) if pending else tree
        if parsed.has_tree and self._clock() - started > SLOW_S:
            held.treeless = True
            parsed = parse(document.text, replace(parsed.language, grammar=None))
        with self._lock:
            if held.document is document:
                held.tree, held.pending = parsed, []
        return parsed

    def _tell(self, before: Document, edits: tuple[Edit, ...], after: Document | None) -> None:
        for listener in self._listeners:
            listener(before, edits, after)

    @staticmethod
    def _note(held: _Open, edits: tuple[Edit, ...]) -> None:
        revision = held.document.revision
        held.history.append(_Change(revision, tuple((edit.span, len(edit.text)) for edit in edits)))
        if held.tree is None:
            return
        held.pending += edits
        if len(held.pending) > MOST_PENDING:
            held.tree, held.pending = None, []
