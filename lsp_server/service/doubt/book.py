"""Where doubtful tokens of accepted fills stand in the documents, kept up with every change."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Document, Doubt, Edit, Span, Suggestion
from lsp_server.service.doubt.expected import Expected, alone, begun, moved, rest_of, together
from lsp_server.service.doubt.standing import Standing, carried, narrowed

MOST_FILLS = 8
"""Fills of a document whose doubts are shown: the latest."""
MOST_EXPECTED = 64
"""What may still be accepted: rewrites, and their edits one by one."""
MOST_STEPS = 64
"""Edits of one change beyond which nothing is looked for between them."""

Listener = Callable[[Document], None]
"""Called with the document as it is now, after each change of one that has doubts or had some."""


@dataclass(slots=True)
class _Page:
    """One document's."""

    standing: tuple[Standing, ...] = ()
    expected: tuple[Expected, ...] = ()


@dataclass(slots=True)
class Doubts:
    """The doubts of every open document. Acceptance is seen by what a change leads to, in any client.

    `wanted` says whether a document's doubts are to be kept at all.
    """

    wanted: Callable[[Document], bool] = lambda _: True
    ids: Callable[[], str] = lambda: uuid.uuid4().hex
    _pages: dict[str, _Page] = field(default_factory=dict)
    _listeners: list[Listener] = field(default_factory=list)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` whenever a document's doubts may stand elsewhere."""
        self._listeners.append(listener)

    def shown(self, document: Document, suggestions: Sequence[Suggestion]) -> None:
        """Suggestions are on the screen, in this snapshot; those shown before are not any more."""
        if not self.wanted(document):
            return
        page = self._pages.setdefault(document.key, _Page())
        fresh = [_expected(each) for each in suggestions]
        page.expected = (*(each for each in page.expected if not each.shown), *fresh)

    def expect(self, document: Document, edits: Sequence[Edit], doubts: Sequence[Doubt]) -> None:
        """A client was given edits of this snapshot, with the doubts of the text they lead to.

        They may be accepted together or one by one.
        """
        if not edits or not self.wanted(document):
            return
        page = self._pages.setdefault(document.key, _Page())
        whole = Expected(self.ids(), tuple(edits), tuple(doubts), shown=False)
        fresh = [whole, *(alone(whole) if len(edits) > 1 else ())]
        page.expected = (*page.expected, *fresh)[-MOST_EXPECTED:]

    def of(self, key: str) -> tuple[Standing, ...]:
        """A document's doubts, in order of their places."""
        page = self._pages.get(key)
        return tuple(sorted(page.standing, key=lambda each: each.doubt.span)) if page else ()

    def at(self, key: str, span: Span) -> tuple[Standing, ...]:
        """The doubts that `span` touches; of two that meet at an empty one, the one behind it."""
        touched = [
            each
            for each in self.of(key)
            if each.doubt.span.start <= span.end and span.start <= each.doubt.span.end
        ]
        return tuple(touched[-1:] if not span else touched)

    def get(self, key: str, doubt_id: str) -> Standing | None:
        """A doubt that still stands."""
        return next((each for each in self.of(key) if each.id == doubt_id), None)

    def forget(self, documents: Iterable[Document]) -> None:
        """Drop what is not wanted any more, as after a change of settings."""
        for document in documents:
            page = self._pages.get(document.key)
            if page and not self.wanted(document):
                del self._pages[document.key]
                if page.standing:
                    self._tell(document)

    def changed(self, before: Document, edits: Sequence[Edit], after: Document | None) -> None:
        """Keep up with a change (a `Documents` listener)."""
        page = self._pages.get(before.key)
        if page is None:
            return
        if after is None:
            del self._pages[before.key]
            if page.standing:
                self._tell(before)
            return
        had = bool(page.standing)
        if not self._accepted_whole(page, before.text, edits, after.text):
            self._in_turn(page, before.text, edits)
        fills = list(dict.fromkeys(each.fill for each in page.standing))[-MOST_FILLS:]
        page.standing = tuple(each for each in page.standing if each.fill in fills)
        if had or page.standing:
            self._tell(after)

    def _accepted_whole(self, page: _Page, before: str, edits: Sequence[Edit], after: str) -> bool:
        """Take in edits of ours that came as one change, however it is cut up; whether it was such."""
        for each in page.expected:
            grown = sum(len(edit.text) - len(edit.span) for edit in each.edits)
            if len(before) + grown != len(after) or together(before, each.edits) != after:
                continue
            for edit in sorted(each.edits, key=lambda one: one.span, reverse=True):
                page.standing = carried(page.standing, edit, each.fill)
            page.standing += self._new(each.fill, each.doubts)
            others = [other for other in page.expected if other is not each and not other.shown]
            page.expected = tuple(moved(others, edits))
            return True
        return False

    def _in_turn(self, page: _Page, text: str, edits: Sequence[Edit]) -> None:
        if len(edits) > MOST_STEPS:
            page.expected = ()
        for edit in edits:
            change = narrowed(text, edit)
            text = apply_in_turn(text, [edit])
            self._step(page, change, text)

    def _step(self, page: _Page, change: Edit, after: str) -> None:
        """One edit: a part of ghost text that was taken or typed, or something else."""
        agreeing = [each for each in page.expected if each.shown and begun(each, change, after)]
        taken = agreeing[0] if agreeing and len(change.text) > 1 else None
        page.standing = carried(page.standing, change, taken.fill if taken else None)
        if taken is not None:
            end = taken.edits[0].span.start + len(change.text)
            within = [d for d in taken.doubts if d.span.end <= end]
            page.standing += self._new(taken.fill, [replace(d, end=min(d.end, end)) for d in within])
        others = [each for each in page.expected if each not in agreeing]
        left = [rest_of(each, len(change.text)) for each in agreeing]
        page.expected = (*moved(others, [change]), *(each for each in left if each.edits[0].text))

    def _new(self, fill: str, doubts: Iterable[Doubt]) -> tuple[Standing, ...]:
        return tuple(Standing(self.ids(), fill, doubt) for doubt in doubts)

    def _tell(self, document: Document) -> None:
        for listener in self._listeners:
            listener(document)


def _expected(suggestion: Suggestion) -> Expected:
    start = suggestion.edit.span.start
    doubts = tuple(doubt.shifted(start) for doubt in suggestion.doubts)
    return Expected(suggestion.id, (suggestion.edit,), doubts, shown=True)
