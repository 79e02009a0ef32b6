"""Carrying a change of a definition to all that uses it, as one edit of several documents."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from lsp_server.context.gather import Gatherer
from lsp_server.context.imports import family
from lsp_server.context.workspace import Workspace
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Silence
from lsp_server.service.across.edited import Change, Edited, Left, Together, as_of_now
from lsp_server.service.across.files import Files
from lsp_server.service.across.shown import Shown, definition
from lsp_server.service.consequences.changed import Changed, by_history
from lsp_server.service.consequences.meant import meant_at_home, meant_elsewhere
from lsp_server.service.consequences.reach import reached
from lsp_server.service.consequences.sites import Sites, parameter_uses, sites
from lsp_server.service.consequences.speak import Speaker
from lsp_server.service.consequences.work import Work, hidden
from lsp_server.service.consequences.write import Page, Sees, Writer
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.kept import Kept
from lsp_server.service.next_edit.change import History
from lsp_server.service.status import StatusBoard
from lsp_server.syntax.heirs import heirs
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.uses import scope_of, uses

INDEX_S = 2.0
"""How long the index of the workspace is waited for."""
MOST_HOLES = 60
NO_TIME = "there was no time for it"
TOO_MANY = "there are too many"

OnProgress = Callable[[int, int], None]
"""Called with how many places were looked at, and how many there are."""


class Follower:
    """Finds what follows from a change, and has the model write what is lacking; `clock` gives seconds."""

    def __init__(
        self,
        *,
        documents: Documents,
        workspace: Workspace,
        gate: Gate,
        gatherer: Gatherer,
        engine: Engine,
        board: StatusBoard,
        history: History,
        settings_for: Callable[[Document], Settings],
        clock: Callable[[], float] = time.monotonic,
        sees: Sees = "all",
    ) -> None:
        self._documents = documents
        self._workspace = workspace
        self._gate = gate
        self._board = board
        self._history = history
        self._settings_for = settings_for
        self._clock = clock
        self._counted: tuple[Changed, int] | None = None
        self._files = Files(documents=documents, workspace=workspace, may_show=self._may_show)
        self._writer = Writer(gatherer=gatherer, engine=engine, named=self.named, sees=sees)
        self._speaker = Speaker(gatherer=gatherer, engine=engine)

    def typed(self, document: Document, offset: int) -> Changed | None:
        """What the user made of the definition at `offset` lately."""
        changes = self._history.latest()
        here = (each for each in changes if each.key == document.key)
        if not any(each.span.start <= offset <= each.span.end for each in here):
            return None
        # afresh: a document that was once slow to parse has no tree any more
        parsed = parse(document.text, language_for(document.language, document.path))
        return by_history(document, parsed, offset, changes)

    async def places(self, changed: Changed) -> int:
        """At how many places something follows for certain, or has to be written; counted once a change."""
        if self._counted is None or self._counted[0] != changed:
            found = await self.sites_of(changed)
            self._counted = (changed, sum(each.uses for each in found))
        return self._counted[1]

    async def sites_of(self, changed: Changed) -> tuple[Sites, ...]:
        """What follows by syntax alone, the definition's own document first."""
        return tuple(await asyncio.to_thread(self._sites, changed))

    async def follow(self, changed: Changed, on_progress: OnProgress | None = None) -> Together:
        """The edits of all documents against what they are by now, the change itself included.

        Raises:
            EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt: an argument is lacking, and there is
                no answer from the model.
        """
        if silence := self._gate.check_asked(changed.document):
            return Together(silence=silence)
        work = Work(changed, self._settings_for(changed.document), self._clock)
        with self._board.working(), ExitStack() as stack:
            pages = [Page.of(found) for found in await self.sites_of(changed)]
            for page in pages:
                stack.enter_context(self._gate.rewriting(page.document.key))
            await self._write(work, pages, on_progress)
            await self._speaker.speak(work, pages, _known(changed, pages)[0].text)
        edited = tuple(each for page in pages if (each := _edited(changed, page)) is not None)
        left = tuple(_home(changed, each) for page in pages for each in page.left)
        if not edited:
            return Together(left=left, silence=Silence.NOTHING_TO_CHANGE, figures=work.figures)
        return as_of_now(self._documents, Together(edited, left, figures=work.figures))

    def _sites(self, changed: Changed) -> list[Sites]:
        """The documents in which something follows or is left, the definition's own first."""
        document = changed.document
        now = replace(document, text=changed.text)
        parsed = parse(now.text, self._documents.parsed_for(document).language)
        own = sites(now, parsed, changed, meant_at_home(parsed, changed))
        more = tuple(parameter_uses(parsed, changed))
        found = [replace(own, refits=tuple(sorted((*own.refits, *more), key=lambda each: each.span)))]
        if document.path is None or document.notebook or _is_local(changed, own):
            return found
        self._workspace.wait_idle(INDEX_S)
        name = changed.holder or changed.old
        home = self._workspace.real_path(document.path)
        names = {name, *(heirs(parsed, {name}) if changed.holder else ())}
        others = [
            (each, self._workspace.real_path(each.path), self._documents.parsed_for(each))
            for each in self._files.holding({*names, changed.old}, family(document.language)).documents
            if each.path is not None and each.key != document.key
        ]
        known = reached(home, names, others, self._workspace.index)
        alone = self._is_alone(changed)
        for other, path, tree in others:
            if path != home:
                meant = meant_elsewhere(tree, changed, known.get(other.key), alone=alone)
                found.append(sites(other, tree, changed, meant))
        return [each for each in found if each.document.key == document.key or each.refits or each.left]

    def _is_alone(self, changed: Changed) -> bool:
        """Whether a method's name is made of several words, and nothing else in the workspace has it."""
        several = len(changed.old.strip("_").split("_")) > 1 or re.search("[a-z][A-Z]", changed.old)
        return bool(changed.holder and several) and len(self._workspace.index.named(changed.old)) <= 1

    async def _write(self, work: Work, pages: Sequence[Page], on_progress: OnProgress | None) -> None:
        known = _known(work.changed, pages)
        lacking = [(page, each) for page in pages for each in page.sites.refits if each.holes]
        for number, (page, refit) in enumerate(lacking):
            if on_progress:
                on_progress(number, len(lacking))
            why = TOO_MANY if number >= MOST_HOLES else NO_TIME if work.is_over else hidden(page)
            if why:
                page.left.append(Left(page.document, refit.span, why))
                continue
            result = await self._writer.fill(page, refit, known, pages, work.settings)
            work.spend(result)

    def _may_show(self, document: Document) -> bool:
        return self._gate.check_asked(document) is None and (
            document.path is None or self._workspace.excluded(document.path) is None
        )

    def named(self, document: Document) -> str:
        """What a document is called to the model."""
        return self._workspace.shown_path(self._workspace.real_path(document.path)) if document.path else ""


def _known(changed: Changed, pages: Sequence[Page]) -> list[Shown]:
    """The definition as it is now."""
    now = pages[0].document
    return [definition(now, changed.now.span if changed.now else changed.at)]


def _is_local(changed: Changed, own: Sites) -> bool:
    """Whether nobody outside of a function knows the name."""
    bound = next((use for use in uses(own.parsed, changed.new) if use.span == changed.at), None)
    return (
        bound is not None
        and not bound.member
        and scope_of(own.parsed, bound) is not None
        and not changed.holder
    )


def _edited(changed: Changed, page: Page) -> Edited | None:
    """A page's changes; those of the definition's own document against what the client has."""
    changes = sorted(page.changes, key=lambda each: each.edit.span)
    if page.document.key != changed.document.key:
        return Edited(page.document, tuple(changes)) if changes else None
    kept = Kept.of(changed.document, changed.edits)
    moved = [replace(each, edit=edit) for each in changes for edit in kept.beside([each.edit])]
    moved += [Change(edit, sure=True) for edit in changed.edits]
    ordered = tuple(sorted(moved, key=lambda each: each.edit.span))
    return Edited(changed.document, ordered) if ordered else None


def _home(changed: Changed, left: Left) -> Left:
    if left.document.key != changed.document.key:
        return left
    kept = Kept.of(changed.document, changed.edits)
    proposed = left.proposed
    if proposed is not None:
        proposed = replace(proposed, edit=replace(proposed.edit, span=kept.origin(proposed.edit.span)))
    return Left(changed.document, kept.origin(left.span), left.why, proposed)
