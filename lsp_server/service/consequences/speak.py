"""What follows in words: comments, docstrings, keys and derived names, if the model finds them likelier."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from lsp_server.context.gather import Gatherer
from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Edit
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.service.across.edited import Change
from lsp_server.service.consequences.words import Wording, derived, exported, spoken_of
from lsp_server.service.consequences.work import Work, hidden
from lsp_server.service.consequences.write import Page
from lsp_server.service.engine import Engine, OnFrame
from lsp_server.service.kept import Kept
from lsp_server.service.next_edit.change import Change as Typed
from lsp_server.service.next_edit.judge import SHOWN_CHARS, Judge
from lsp_server.syntax.parse import Parsed, parse

MOST_JUDGED = 32

_log = logging.getLogger(__name__)


class Speaker:
    """Puts into pages what the model finds clearly likelier beside the code that has changed."""

    def __init__(self, *, gatherer: Gatherer, engine: Engine) -> None:
        self._asked = _Asked(engine)
        self._judge = Judge(gatherer=gatherer, engine=self._asked)

    async def speak(self, work: Work, pages: Sequence[Page], definition: str) -> None:
        """Ask about the pages that change; `definition` is the one that did, as it is now.

        Without an answer from the model words stay as they are.
        """
        home = work.changed.document.key
        told = [Typed(home, work.changed.at, "", definition[:SHOWN_CHARS])]
        left = MOST_JUDGED
        for page in pages:
            own = page.document.key == home
            if not (own or page.changes) or hidden(page):
                continue
            exports = exported(page.sites.parsed, work.changed)
            page.changes += [Change(edit, sure=True) for edit in exports if _free(page, edit)]
            kept = Kept.of(page.document, page.edits)
            parsed, found = _wordings(work, page, kept)
            self._asked.key = page.document.key
            for each in found[:left]:
                if work.is_over:
                    return
                try:
                    verdict = await self._judge.verdict(each.candidate, parsed, told, work.settings)
                except RemaskError as error:
                    _log.info("words are left as they are: %s", error)
                    return
                if verdict is not None and verdict.gain >= each.least:
                    page.changes += [Change(edit) for edit in kept.beside(each.edits) if _free(page, edit)]
            left -= len(found[:left])


def _wordings(work: Work, page: Page, kept: Kept) -> tuple[Parsed, list[Wording]]:
    """What may follow in a page as it is now."""
    changed, now = work.changed, kept.document
    parsed = parse(now.text, page.sites.parsed.language)
    called = [kept.carried(each.span) for each in page.sites.refits if each.parts == (changed.new,)]
    home = page.document.key == changed.document.key
    return parsed, [*derived(now, parsed, changed, called), *spoken_of(now, parsed, changed, home=home)]


def _free(page: Page, edit: Edit) -> bool:
    """Whether no change touches what the edit is about."""
    spans = (each.edit.span for each in page.changes)
    return all(edit.span.end <= span.start or span.end <= edit.span.start for span in spans)


class _Asked:
    """The engine for what somebody waits for, of the document `key`, though it is asked as if nobody did."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.key = ""

    @property
    def status(self) -> EngineStatus:
        """See `Engine`."""
        return self._engine.status

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """See `Engine`."""
        asked = msgspec.structs.replace(request, ahead=False, document=self.key)
        return await self._engine.fill(asked, on_frame, wait=wait)
