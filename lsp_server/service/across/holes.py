"""Filling the marked holes of several documents as one edit; each sees the fills of those before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lsp_server.context.gather import Context, Gatherer
from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import SILENCE_TEXT, Document, Edit, FillFigures, Silence, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.service.across.edited import Change, Edited, Left, Together, as_of_now, spent
from lsp_server.service.across.order import Place, in_order, places
from lsp_server.service.across.shown import Named, Shown, beside, definition, lines_of
from lsp_server.service.documents import Documents
from lsp_server.service.kept import Kept
from lsp_server.service.rewrite import Rewriter
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import signatures
from lsp_server.syntax.uses import calls

MOST_HOLES = 40
TOO_MANY = "there are too many"
OnProgress = Callable[[int, int], None]
"""Called with how many holes were filled, and how many there are."""


class Beside(Gatherer):
    """What another gatherer finds, and what stands in other documents that are filled together."""

    def __init__(self, inner: Gatherer) -> None:
        self._inner = inner
        self.others: Callable[[Document, Span], tuple[Snippet, ...]] = lambda _document, _window: ()

    def gather(self, document: Document, parsed: Parsed, span: Span, settings: ContextSettings) -> Context:
        """See `Gatherer.gather`."""
        found = self._inner.gather(document, parsed, span, settings)
        window = Span(found.window.start, found.window.start + len(found.window.text))
        return replace(found, snippets=(*found.snippets, *self.others(document, window)))


@dataclass(slots=True)
class _Filled:
    """What was written so far: edits by document key, and the places that they fill."""

    edits: dict[str, list[Edit]] = field(default_factory=dict)
    done: list[Place] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    figures: FillFigures = field(default_factory=FillFigures)
    documents: Sequence[Document] = ()

    def now(self, document: Document) -> tuple[Document, Kept]:
        """A document with what was written in it."""
        kept = Kept.of(document, self.edits.get(document.key, []))
        return kept.document, kept


class HolesTogether:
    """Fills marked holes of several documents. `make` builds a rewriter that sees what a gatherer finds.

    It is to know no open documents: what changed meanwhile is looked at once, at the end.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        gatherer: Gatherer,
        make: Callable[[Gatherer], Rewriter],
        named: Named,
    ) -> None:
        self._documents = documents
        self._gatherer = gatherer
        self._make = make
        self._named = named

    async def fill(self, documents: Sequence[Document], on_progress: OnProgress | None = None) -> Together:
        """The edits against what the documents are by now; a hole that cannot be filled is left.

        Raises:
            EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt: no answer from the model.
        """
        found = in_order(await asyncio.to_thread(self._places, documents))
        if not found:
            return Together(silence=Silence.NOT_HERE)
        beside_it = Beside(self._gatherer)
        rewriter, filled = self._make(beside_it), _Filled(documents=documents)
        for number, place in enumerate(found):
            if on_progress:
                on_progress(number, len(found))
            if number >= MOST_HOLES:
                filled.left.append(Left(place.document, place.span, TOO_MANY))
                continue
            beside_it.others = lambda document, window, at=place: self._others(document, window, at, filled)  # type: ignore[misc]
            await self._fill(rewriter, place, filled)
        edited = tuple(
            Edited(each, tuple(Change(edit) for edit in sorted(edits, key=lambda edit: edit.span)))
            for each in documents
            if (edits := filled.edits.get(each.key))
        )
        silence = None if edited else Silence.NOTHING_TO_CHANGE
        together = Together(edited, tuple(filled.left), silence, filled.figures)
        return as_of_now(self._documents, together) if edited else together

    def _places(self, documents: Sequence[Document]) -> list[Place]:
        return [place for each in documents for place in places(each, self._documents.parsed_for(each))]

    async def _fill(self, rewriter: Rewriter, place: Place, filled: _Filled) -> None:
        mine = filled.edits.get(place.document.key, [])
        rewrite = await rewriter.run("fill-holes", place.document, place.span, kept=mine)
        filled.figures = spent(filled.figures, rewrite.figures)
        fresh = [edit for edit in rewrite.edits if edit not in mine]
        if rewrite.silence or not fresh:
            why = SILENCE_TEXT[rewrite.silence or Silence.NOTHING_TO_CHANGE]
            filled.left.append(Left(place.document, place.span, why))
            return
        filled.edits.setdefault(place.document.key, []).extend(fresh)
        filled.done.append(place)

    def _called(self, place: Place, filled: _Filled) -> Iterator[Shown]:
        """The function that gets what is written, where one of the documents defines it."""
        for each in filled.documents if place.called else ():
            if place.called not in each.text:
                continue
            now, kept = filled.now(each)
            for function in signatures(self._documents.parsed_for(each)):
                if function.called == place.called:
                    yield definition(now, kept.carried(function.span))

    def _others(self, document: Document, window: Span, place: Place, filled: _Filled) -> tuple[Snippet, ...]:
        """What was filled elsewhere, definitions that the place needs first; and calls of what it makes."""
        known: list[Shown] = []
        calling: list[Shown] = []
        for other in sorted(filled.done, key=lambda each: not each.makes & place.needs):
            now, kept = filled.now(other.document)
            span = kept.carried(other.around)
            if other.makes & place.needs:
                known.append(definition(now, span))
            else:
                calling.append(lines_of(now, kept.carried(other.span)))
        makers = {other.document.key for other in filled.done if place.called in other.makes}
        known += [each for each in self._called(place, filled) if each.document.key not in makers]
        calling += [
            lines_of(place.document, call.span)
            for name in sorted(place.makes)
            for call in calls(place.parsed, name)
        ]
        return beside(document.key, window, known, calling, self._named)
