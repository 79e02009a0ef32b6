"""What every attempt at a request does, whatever computes: hole by hole, each seeing the fills before it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import FillFigures, Span
from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    FillRequest,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Stop,
)
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.run import Watch
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.filler import OnFrame
from lsp_server.engine.runtime.gaps import Gap, Kept, gaps_of
from lsp_server.engine.runtime.pieces import joined

PROSE = frozenset({"markdown", "mdx", "restructuredtext"})
"""LSP ids of languages in which lines may come again and fences are at home."""

Shown = TypeVar("Shown")
"""What a hole's surroundings, or a question in words, become for the model."""


@dataclass(slots=True, kw_only=True)
class HoleByHole(ABC, Generic[Shown]):
    """The work for one candidate, and what it has cost so far."""

    request: FillRequest
    index: int
    seed: int
    temperature: float
    cancel: CancelToken
    deadline: float | None = None
    on_frame: OnFrame | None = None
    forwards: float = 0
    context_tokens: int = 0
    cached_tokens: int = 0
    _steps: int = field(default=0, init=False)

    @torch.inference_mode()
    def candidate(self) -> Candidate:
        """Denoise all holes; each sees the fills of those before it."""
        text, fills, done, at = self.request.text, [], "", 0
        for number, hole in enumerate(self.request.holes):
            done += text[at : hole.start]
            fill = self._hole(number, hole, done, self.request.behind(number))
            fills.append(fill)
            done += fill.text
            at = hole.end
        free = [piece.confidence for fill in fills for piece in fill.pieces if not piece.locked]
        return Candidate(tuple(fills), sum(free) / len(free) if free else 0.0)

    def _hole(self, number: int, hole: Hole, before: str, after: str) -> HoleFill:
        present = self.request.text[hole.start : hole.end]
        in_part = hole.strength < 1 or hole.in_place
        locks = [lock.shifted(-hole.start) for lock in hole.locks] if in_part else []
        if self.request.instruction is not None and in_part:
            return self._instructed_in_part(number, hole, present, locks)
        if self.request.instruction is not None:
            fill = self._answered(number, hole, present)
            answer = instruct.without_surroundings(fill.text.strip("\n"), before, after)
            return HoleFill(instruct.restore_indent(answer, present), fill.stop, fill.pieces)
        if in_part:
            return self._renoised(number, hole, self._between(before, after), present, locks)
        fills: list[HoleFill] = []
        parts = gaps_of(self.request, hole)
        draft = hole.draft if len(parts) == 1 else ""
        for part in parts:
            if isinstance(part, Kept):
                fills.append(HoleFill(part.text, Stop.END, (Piece(part.text, 1.0, locked=True),)))
                continue
            written = before + "".join(fill.text for fill in fills)
            behind = self.request.text[part.end : hole.end] + after
            fills.append(self._gap(number, hole, part, written, behind, draft))
        return joined(fills)

    def _instructed_in_part(self, number: int, hole: Hole, present: str, locks: Sequence[Span]) -> HoleFill:
        """In place: of the selection as an answer, what the instruction makes least likely."""
        shown = instruct.dedented(present)
        moved = [instruct.in_dedented(present, lock) for lock in locks]
        fill = self._renoised(number, hole, self._asked(present), shown, moved)
        return HoleFill(instruct.restore_indent(fill.text, present), fill.stop, fill.pieces)

    def _question(self, present: str) -> tuple[str, str]:
        """The request's instruction about `present`, as a user's message, and the start of the answer."""
        request = self.request
        return instruct.instruction_parts(
            language=request.source or request.language,
            selected=present,
            instruction=request.instruction or "",
            answered_in=request.language,
        )

    @abstractmethod
    def _between(self, before: str, after: str) -> Shown:
        """A hole between two texts."""

    @abstractmethod
    def _asked(self, present: str) -> Shown:
        """The request's instruction about `present`, up to where the answer begins."""

    @abstractmethod
    def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str, draft: str) -> HoleFill:
        """Fill one gap of a hole; `draft` is what may well stand in it."""

    @abstractmethod
    def _renoised(
        self, number: int, hole: Hole, shown: Shown, present: str, locks: Sequence[Span]
    ) -> HoleFill:
        """`present`, what of it `shown` makes least likely written anew; `locks` are relative to it."""

    @abstractmethod
    def _answered(self, number: int, hole: Hole, present: str) -> HoleFill:
        """What the model answers to the instruction, as it wrote it."""

    def _ending(self, hole: Hole, before: str, after: str) -> Ending:
        if self.request.language in PROSE:
            return Ending(hole.max_lines, hole.min_indent)
        return Ending.within(before, after, max_lines=hole.max_lines, min_indent=hole.min_indent)

    def _watch(self, number: int) -> Watch | None:
        """What shows the steps of hole `number`, if anybody looks."""
        on_frame = self.on_frame
        if on_frame is None:
            return None

        def watch(_: int, cells: list[Cell]) -> None:
            self._steps += 1
            on_frame(FrameEvent(number, self._steps, tuple(cells), self.index))

        return watch


def figures_of(
    attempts: Sequence[HoleByHole[Shown]], candidates: Sequence[Candidate], *, latency_ms: float
) -> FillFigures:
    """What attempts cost, of which there is one at least, and how much of it is in `candidates`."""
    return FillFigures(
        forwards=round(sum(attempt.forwards for attempt in attempts), 2),
        tokens=sum(len(fill.pieces) for candidate in candidates for fill in candidate.fills),
        latency_ms=latency_ms,
        context_tokens=attempts[0].context_tokens,
        cached_tokens=attempts[0].cached_tokens,
    )
