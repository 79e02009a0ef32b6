"""One candidate of a family's checkpoint: every hole of a request denoised once, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import Span
from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    Decode,
    FillRequest,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Stop,
)
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.run import Watch
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.family import Around, Facts, Family, Surroundings
from lsp_server.engine.runtime.filler import InUse, OnFrame
from lsp_server.engine.runtime.gaps import Gap, Kept, gaps_of, words_and_rest
from lsp_server.engine.runtime.pieces import joined, locked_tokens, without_head
from lsp_server.engine.runtime.whole.denoise import REMASK_BELOW, Manner, fill_by_blocks, fill_in_place
from lsp_server.engine.runtime.whole.lengths import lengths_to_try, surest_length
from lsp_server.engine.runtime.whole.picking import picker_for
from lsp_server.engine.runtime.whole.run import WholeRun
from lsp_server.engine.runtime.whole.sight import Sight
from lsp_server.engine.runtime.whole.strength import renoise

PROSE = frozenset({"markdown", "mdx", "restructuredtext"})
"""LSP ids of languages in which lines may come again and fences are at home."""


class Look(Protocol):
    """Makes what canvases see, and keeps what can be used again."""

    def __call__(self, around: Around, facts: Facts, cancel: CancelToken) -> tuple[Sight, int]:
        """The sight between what is around it, and how many tokens of that were known already."""

    def in_use(self) -> InUse:
        """What is kept."""

    def release(self) -> None:
        """A fill has ended."""

    def clear(self) -> None:
        """Keep nothing."""


@dataclass(slots=True)
class WholeAttempt:
    """The work for one candidate, and what it has cost so far."""

    family: Family
    look: Look
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

    @torch.inference_mode()
    def read(self) -> None:
        """Read what the first hole is shown, as far as that can be kept."""
        hole, text = self.request.holes[0], self.request.text
        self._see(self._between(text[: hole.start], text[hole.end :]))

    def _hole(self, number: int, hole: Hole, before: str, after: str) -> HoleFill:
        present = self.request.text[hole.start : hole.end]
        in_part = hole.strength < 1 or hole.in_place
        locks = [lock.shifted(-hole.start) for lock in hole.locks] if in_part else []
        if self.request.instruction is not None and in_part:
            return self._instructed_in_part(number, hole, present, locks)
        if self.request.instruction is not None:
            return self._instructed(number, hole, before, present, after)
        if in_part:
            return self._renoised(number, hole, self._between(before, after), present, locks)
        fills: list[HoleFill] = []
        for part in gaps_of(self.request, hole):
            if isinstance(part, Kept):
                fills.append(HoleFill(part.text, Stop.END, (Piece(part.text, 1.0, locked=True),)))
                continue
            written = before + "".join(fill.text for fill in fills)
            behind = self.request.text[part.end : hole.end] + after
            fills.append(self._gap(number, hole, part, written, behind))
        return joined(fills)

    def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str) -> HoleFill:
        if gap.healed:
            before = before[: len(before) - len(gap.typed)]
        whole, half = words_and_rest(gap.typed, settled=hole.settled)
        head = self.family.vocabulary.encode(whole)
        around = self._between(before, after)
        around = replace(around, before=[*around.before, *head])
        run = self._run(number, around, self._ending(hole, before, after), hole.max_tokens, half)
        run.canvas.begin(head)
        self._denoise(run)
        fill = run.canvas.fill()
        return without_head(fill, len(gap.typed)) if gap.healed else fill

    def _renoised(
        self, number: int, hole: Hole, around: Around, present: str, locks: Sequence[Span]
    ) -> HoleFill:
        vocabulary = self.family.vocabulary
        original = vocabulary.encode(present)
        if not original:
            return HoleFill(present, Stop.END)
        run = self._run(number, around, Ending(), len(original) + 1, endless=True)
        locked = locked_tokens(vocabulary, original, locks)
        renoise(run, self._manner(), original, locked=locked, strength=hole.strength)
        self._account(run)
        return run.canvas.fill()

    def _instructed_in_part(self, number: int, hole: Hole, present: str, locks: Sequence[Span]) -> HoleFill:
        shown = instruct.dedented(present)
        moved = [instruct.in_dedented(present, lock) for lock in locks]
        fill = self._renoised(number, hole, self._answer(present), shown, moved)
        return HoleFill(instruct.restore_indent(fill.text, present), fill.stop, fill.pieces)

    def _instructed(self, number: int, hole: Hole, before: str, present: str, after: str) -> HoleFill:
        run = self._run(number, self._answer(present), Ending(marker=instruct.FENCE), hole.max_tokens)
        self._denoise(run)
        fill = run.canvas.fill()
        answer = instruct.without_surroundings(fill.text.strip("\n"), before, after)
        return HoleFill(instruct.restore_indent(answer, present), fill.stop, fill.pieces)

    def _denoise(self, run: WholeRun) -> None:
        facts, manner, canvas = self.family.facts, self._manner(), run.canvas
        if facts.noise is not None:
            from lsp_server.engine.runtime.whole.uniform.denoise import fill_by_noise

            fill_by_noise(run, facts.noise, self.temperature, self.seed)
        elif facts.block is not None:
            fill_by_blocks(run, manner)
        else:
            typed = len(self.family.vocabulary.encode(canvas.typed.decode("utf-8", "replace")))
            sizes = lengths_to_try(facts.canvas, canvas.max_tokens + typed, typed + 1)
            # the whole canvas stands between its surroundings: what fills it has not been cut short
            canvas.max_tokens = max(canvas.max_tokens, manner.most) + typed + 1
            fill_in_place(run, manner, surest_length(run, sizes))
        self._account(run)

    def _manner(self) -> Manner:
        facts, sampling = self.family.facts, self.request.sampling
        return Manner(
            pick=picker_for(sampling, facts.threshold),
            with_entropy=sampling.decode is Decode.ENTROPY,
            stride=sampling.block or facts.stride,
            resizing=facts.resizing,
            most=max(hole.max_tokens for hole in self.request.holes),
            remask_below=REMASK_BELOW,
        )

    def _between(self, before: str, after: str) -> Around:
        request = self.request
        return self.family.layout.fill(
            Surroundings(before, after, request.path, request.language, request.snippets)
        )

    def _answer(self, present: str) -> Around:
        user, start = instruct.instruction_parts(
            language=self.request.language,
            selected=present,
            instruction=self.request.instruction or "",
        )
        return self.family.layout.answer(instruct.SYSTEM, user, start)

    def _ending(self, hole: Hole, before: str, after: str) -> Ending:
        if self.request.language in PROSE:
            return Ending(hole.max_lines, hole.min_indent)
        return Ending.within(before, after, max_lines=hole.max_lines, min_indent=hole.min_indent)

    def _see(self, around: Around) -> Sight:
        sight, known = self.look(around, self.family.facts, self.cancel)
        self.context_tokens += len(around.before) + len(around.after)
        self.cached_tokens += known
        return sight

    def _run(
        self,
        number: int,
        around: Around,
        ending: Ending,
        max_tokens: int,
        typed: str = "",
        *,
        endless: bool = False,
    ) -> WholeRun:
        """Set a hole's run up. An `endless` one chooses no token that ends a fill or changes its length."""
        family, resizing = self.family, self.family.facts.resizing
        meant = family.ends | ({resizing.expand, resizing.delete} if resizing else frozenset())
        if around.marker is not None and ending.marker is None:
            ending = replace(ending, marker=around.marker)
        canvas = Canvas(family.vocabulary, family.ends, ending, max_tokens, typed.encode("utf-8", "replace"))
        return WholeRun(
            sight=self._see(around),
            chooser=Chooser(
                family.vocabulary,
                family.never | meant if endless else family.never,
                temperature=self.temperature,
                seed=self.seed,
            ),
            canvas=canvas,
            blank=family.blank(self.seed),
            columns=family.vocabulary.size,
            cancel=self.cancel,
            deadline=self.deadline,
            watch=self._watch(number) if self.on_frame else None,
        )

    def _watch(self, number: int) -> Watch:
        def watch(_: int, cells: list[Cell]) -> None:
            if self.on_frame:
                self._steps += 1
                self.on_frame(FrameEvent(number, self._steps, tuple(cells), self.index))

        return watch

    def _account(self, run: WholeRun) -> None:
        self.forwards += run.sight.forwards
