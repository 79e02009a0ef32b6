"""Taking an alternative: it stands in the token's place, and what depended on the token is denoised anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import Settings
from lsp_server.core.text import indent_width
from lsp_server.core.types import Document, Edit, Rewrite, Silence, Span
from lsp_server.service.asking import Asker
from lsp_server.service.cursor import Cursor
from lsp_server.service.documents import Documents
from lsp_server.service.doubt.book import Doubts
from lsp_server.service.doubt.standing import Standing
from lsp_server.service.flight import Flight
from lsp_server.service.gate import Gate
from lsp_server.service.prompt import with_line_ends
from lsp_server.service.reuse import Answer, Offer
from lsp_server.service.status import StatusBoard
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.extent import Extent, ExtentKind

_NOTHING = Offer("", "", 0.0)


class Taker:
    """Takes alternatives of doubtful tokens."""

    def __init__(
        self,
        *,
        documents: Documents,
        doubts: Doubts,
        asker: Asker,
        gate: Gate,
        board: StatusBoard,
        settings_for: Callable[[Document], Settings],
    ) -> None:
        self._documents = documents
        self._doubts = doubts
        self._asker = asker
        self._gate = gate
        self._board = board
        self._settings_for = settings_for

    async def take(self, key: str, doubt_id: str, alternative: str) -> Rewrite:
        """The edit that puts `alternative` in a token's place and writes anew what depends on it.

        What stands behind the token in its fill, up to the first change made there, is filled again with
        the alternative locked. Its lines do not become more. `Silence.STALE` if the token or what depends
        on it was edited before or meanwhile.

        Raises:
            BadInput: the document is not open, or the token has no such alternative.
            EngineUnavailable, EngineFailed, ModelMissing, ModelCorrupt: no answer from the model.
        """
        document = self._documents.get(key)
        if document is None:
            raise BadInput("the document is not open", hint="Send didOpen before anything else about it.")
        standing = self._doubts.get(key, doubt_id)
        if standing is None:
            return Rewrite(document, silence=Silence.STALE)
        if alternative not in {each.text for each in standing.doubt.alternatives}:
            raise BadInput("the token has no such alternative")
        if silence := self._gate.check_asked(document):
            return Rewrite(document, silence=silence)
        chosen = Edit(_reach(standing), with_line_ends(alternative, crlf="\r\n" in document.text))
        with self._board.working(), self._gate.rewriting(key):
            answer = await self._answer(document, standing, chosen)
        return self._edited(document, standing, chosen, answer)

    async def _answer(self, document: Document, standing: Standing, chosen: Edit) -> Answer:
        """What the model writes behind the chosen text."""
        settings = self._settings_for(document)
        at = chosen.span.start
        cursor = Cursor.at(document, at, settings, invoked=False, selected=chosen)
        rest = document.text[standing.doubt.span.end : standing.doubt.end]
        return await self._asker.ask(Flight(replace(cursor, settled=True)), _extent(rest))

    def _edited(self, document: Document, standing: Standing, chosen: Edit, answer: Answer) -> Rewrite:
        """The edit, in the document as it is by now."""
        key = document.key
        now, still = self._documents.get(key), self._doubts.get(key, standing.id)
        if now is None or still is None or len(_reach(still)) != len(chosen.span):
            return Rewrite(now or document, silence=Silence.STALE)
        span = _reach(still)
        rests = [*answer.offers, *([_NOTHING] if answer.silence is Silence.EMPTY else [])]
        parsed = self._documents.parsed_for(now)
        for rest in rests:
            edit = Edit(span, chosen.text + rest.text)
            if not check_edits(parsed, [edit]).worse:
                shift = span.start + len(chosen.text)
                return Rewrite(now, (edit,), doubts=tuple(doubt.shifted(shift) for doubt in rest.doubts))
        # it was asked for, so the token is taken all the same
        return Rewrite(now, (Edit(span, chosen.text + now.text[still.doubt.span.end : span.end]),))


def _reach(standing: Standing) -> Span:
    """From the start of the token to the end of what depends on it."""
    return Span(standing.doubt.whole.start, standing.doubt.end)


def _extent(rest: str) -> Extent:
    """As many lines as `rest` has, none indented by less than its own are."""
    lines = rest.replace("\r\n", "\n").split("\n")
    if len(lines) == 1:
        return Extent(ExtentKind.REST_OF_LINE)
    indents = [indent_width(line) for line in lines[1:] if line.strip()]
    return Extent(
        ExtentKind.STATEMENT, multi_line=True, max_lines=len(lines), min_indent=min(indents, default=None)
    )
