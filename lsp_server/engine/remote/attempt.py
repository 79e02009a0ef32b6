"""One candidate by a server that continues text: every hole of a request, each seeing the fills before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    CellState,
    FillRequest,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Stop,
)
from lsp_server.engine.remote import chat
from lsp_server.engine.remote.dialect import CHAT_ROUTE, Dialect, Wish
from lsp_server.engine.remote.ended import Ended
from lsp_server.engine.remote.stream import Bounds, OnText, Stream, Written
from lsp_server.engine.runtime.candidates import EXPLORING, avoiding, seed_of, temperature_of
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.gaps import Gap, Kept, gaps_of
from lsp_server.syntax.languages import language_for

OnFrame = Callable[[FrameEvent], None]

UNKNOWN = 1.0
"""The confidence of a fill whose probabilities the server does not tell: no gate holds it back."""
CHAT_EXTRA = 64
"""Tokens that the words around a code block may take."""
_ENDLESS = Bounds(Ending())


@dataclass(slots=True)
class Cost:
    """Tokens of all attempts: read, of these kept from before, and written."""

    read: int = 0
    cached: int = 0
    written: int = 0


@dataclass(slots=True)
class Attempt:
    """One candidate: every hole of a request, each seeing the fills of those before it."""

    stream: Stream
    dialect: Dialect
    request: FillRequest
    index: int
    deadline: float
    cost: Cost
    on_frame: OnFrame | None
    ended: Ended = field(default_factory=Ended)
    steps: int = 0

    async def candidate(self) -> Candidate:
        """Fill all holes."""
        text, fills, done, at = self.request.text, list[HoleFill](), "", 0
        for number, hole in enumerate(self.request.holes):
            done += text[at : hole.start]
            fill = await self._hole(number, hole, done, self.request.behind(number))
            fills.append(fill)
            done += fill.text
            at = hole.end
        free = [piece.confidence for fill in fills for piece in fill.pieces if not piece.locked]
        return Candidate(tuple(fills), sum(free) / len(free) if free else UNKNOWN)

    async def _hole(self, number: int, hole: Hole, before: str, after: str) -> HoleFill:
        request = self.request
        if request.instruction is not None:
            return await self._rewrite(hole, before, after)
        text, pieces, stop = "", list[Piece](), Stop.END
        known = True
        for part in gaps_of(request, hole):
            if isinstance(part, Kept):
                text += part.text
                pieces.append(Piece(part.text, 1.0, locked=True))
                continue
            behind = request.text[part.end : hole.end] + after
            head = "" if part.healed else part.typed
            written = await self._gap(number, hole, part, before + text + head, behind, text + head)
            text += head + written.text
            pieces += [Piece(head, 1.0, locked=True)] if head else []
            known = known and written.pieces is not None
            pieces += written.pieces or ()
            stop = written.stop if stop is Stop.END else stop
        return HoleFill(text, stop, tuple(pieces) if known else ())

    async def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str, shown: str) -> Written:
        """What is written behind `before`; of the hole, `shown` stands there already."""
        request, dialect = self.request, self.dialect
        wish = Wish(hole.max_tokens, self._temperature, self._seed, line=hole.max_lines == 1)
        start = len(before) - len(gap.typed)
        bounds = _bounds(request, hole, before[:start], after, gap.typed, dialect.alone)
        if dialect.in_chat:
            question = chat.hole_question(before, after, language=request.language, path=request.path)
            body = dialect.chat(chat.FILL_SYSTEM, question, _longer(wish))
            answer = await self._write(CHAT_ROUTE, body, _ENDLESS)
            return _cut(chat.filled(answer.text, before=before), bounds, answer.stop)
        body = dialect.hole(
            before[:start],
            after,
            typed=gap.typed,
            path=request.path,
            snippets=request.snippets,
            comment=language_for(request.language).line_comment,
            wish=wish,
        )
        watch = self._watch(number, shown) if self.on_frame else None
        return await self._write(dialect.route, body, bounds, watch)

    async def _rewrite(self, hole: Hole, before: str, after: str) -> HoleFill:
        request = self.request
        present = request.text[hole.start : hole.end]
        wish = _longer(Wish(hole.max_tokens, self._temperature, self._seed))
        question = chat.rewrite_question(
            present, language=request.language, instruction=request.instruction or ""
        )
        body = self.dialect.chat(instruct.SYSTEM, question, wish)
        written = await self._write(CHAT_ROUTE, body, _ENDLESS)
        text = chat.rewritten(written.text, present=present, before=before, after=after)
        return HoleFill(text, written.stop)

    @property
    def _temperature(self) -> float:
        # a rejected fill cannot be excluded there, so only exploring gives another one
        given = temperature_of(self.request, self.index)
        return max(given, EXPLORING) if avoiding(self.request) else given

    @property
    def _seed(self) -> int:
        return seed_of(self.request, self.index) % 2**31

    async def _write(
        self, route: str, body: dict[str, Any], bounds: Bounds, on_text: OnText | None = None
    ) -> Written:
        written = await self.stream.write(
            route,
            body,
            bounds,
            deadline=self.deadline,
            ended=self.ended,
            alone=self.dialect.alone,
            on_text=on_text,
        )
        self.cost.read += written.read
        self.cost.cached += written.cached
        self.cost.written += written.tokens
        return written

    def _watch(self, number: int, shown: str) -> Callable[[str], None]:
        """Tells frames: what stands in the hole already is locked, what came is committed."""

        def watch(text: str) -> None:
            self.steps += 1
            locked = (Cell(shown, CellState.LOCKED, 1.0),) if shown else ()
            cells = (*locked, Cell(text, CellState.COMMITTED, UNKNOWN))
            if self.on_frame:
                self.on_frame(FrameEvent(number, self.steps, cells, self.index))

        return watch


def _bounds(
    request: FillRequest, hole: Hole, before: str, after: str, typed: str, marks: frozenset[str]
) -> Bounds:
    """Where what is written between two texts has ended; `typed` stands behind `before` already."""
    lines, indent = hole.max_lines, hole.min_indent
    if language_for(request.language).prose:  # lines may come again in it, and fences are at home
        return Bounds(Ending(lines, indent), typed, marks)
    return Bounds(Ending.within(before, after, max_lines=lines, min_indent=indent), typed, marks)


def _longer(wish: Wish) -> Wish:
    return Wish(wish.max_tokens + CHAT_EXTRA, wish.temperature, wish.seed)


def _cut(text: str, bounds: Bounds, stop: Stop) -> Written:
    cut = bounds.cut(text)
    return Written(text, stop) if cut is None else Written(text[:cut], Stop.LINES)
