"""Where flags stand in the open documents, kept up with every change, and which were dismissed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lsp_server.core.edits import carry
from lsp_server.core.text import line_end, line_start
from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.suspicion.flag import Flag

Listener = Callable[[Document], None]
"""Called with a document whose flags may be others, or stand elsewhere."""
Known = tuple[str, str, str, str]
"""A document's key, and what a flag is known again by: its lines, what stands there, the alternative."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A flag in a document, in offsets of its current text, and the whole lines it was found on."""

    id: str
    flag: Flag
    lines: Span


@dataclass(slots=True)
class Suspicions:
    """The flags of every open document. One ends when its lines are changed."""

    ids: Callable[[], str] = lambda: uuid.uuid4().hex
    _standing: dict[str, tuple[Suspicion, ...]] = field(default_factory=dict)
    _dismissed: set[Known] = field(default_factory=set)
    _listeners: list[Listener] = field(default_factory=list)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` whenever a document's flags may be others."""
        self._listeners.append(listener)

    def put(self, document: Document, flags: Sequence[Flag]) -> tuple[Flag, ...]:
        """These are a document's flags now; those not dismissed are kept, and returned."""
        kept = tuple(flag for flag in flags if _known(document, flag) not in self._dismissed)
        self._set(
            document, tuple(Suspicion(self.ids(), flag, _lines(document.text, flag.span)) for flag in kept)
        )
        return kept

    def of(self, key: str) -> tuple[Suspicion, ...]:
        """A document's flags, in order of their places."""
        return self._standing.get(key, ())

    def at(self, key: str, span: Span) -> tuple[Suspicion, ...]:
        """The flags that `span` touches."""
        return tuple(
            each
            for each in self.of(key)
            if each.flag.span.start <= span.end and span.start <= each.flag.span.end
        )

    def dismiss(self, document: Document, suspicion_id: str) -> bool:
        """Take a flag away, and do not show it again as long as its lines stay; whether it was there."""
        found = next((each for each in self.of(document.key) if each.id == suspicion_id), None)
        if found is None:
            return False
        self._dismissed.add(_known(document, found.flag))
        self._set(document, tuple(each for each in self.of(document.key) if each is not found))
        return True

    def changed(self, before: Document, edits: Sequence[Edit], after: Document | None) -> None:
        """Keep up with a change (a `Documents` listener)."""
        standing = self._standing.get(before.key)
        if not standing:
            return
        for edit in edits if after is not None else ():
            standing = tuple(moved for each in standing if (moved := _carried(each, edit)))
        self._set(after or before, standing if after is not None else ())

    def _set(self, document: Document, standing: tuple[Suspicion, ...]) -> None:
        had = bool(self._standing.pop(document.key, ()))
        if standing:
            self._standing[document.key] = standing
        if had or standing:
            for listener in self._listeners:
                listener(document)


def _carried(suspicion: Suspicion, edit: Edit) -> Suspicion | None:
    lines = carry(suspicion.lines, edit.span, len(edit.text))
    if lines is None:
        return None
    by = lines.start - suspicion.lines.start
    return replace(suspicion, lines=lines, flag=suspicion.flag.moved(suspicion.flag.span.shifted(by)))


def _lines(text: str, span: Span) -> Span:
    return Span(line_start(text, span.start), line_end(text, span.end))


def _known(document: Document, flag: Flag) -> Known:
    text = document.text
    lines = _lines(text, flag.span)
    there = text[lines.start : lines.end].strip()
    return document.key, there, text[flag.span.start : flag.span.end], flag.alternative
