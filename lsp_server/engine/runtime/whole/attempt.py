"""One candidate of a family's checkpoint: every hole of a request denoised once, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import Span
from lsp_server.engine.protocol import (
    Decode,
    Hole,
    HoleFill,
    Stop,
)
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.family import Around, Facts, Family, Surroundings
from lsp_server.engine.runtime.filler import InUse
from lsp_server.engine.runtime.gaps import Gap, words_and_rest
from lsp_server.engine.runtime.holes import HoleByHole
from lsp_server.engine.runtime.pieces import locked_tokens, without_head
from lsp_server.engine.runtime.whole.denoise import REMASK_BELOW, Manner, fill_by_blocks, fill_in_place
from lsp_server.engine.runtime.whole.lengths import lengths_to_try, surest_length
from lsp_server.engine.runtime.whole.picking import picker_for
from lsp_server.engine.runtime.whole.run import WholeRun
from lsp_server.engine.runtime.whole.sight import Sight
from lsp_server.engine.runtime.whole.strength import renoise


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


@dataclass(slots=True, kw_only=True)
class WholeAttempt(HoleByHole[Around]):
    """One candidate by a family's checkpoint."""

    family: Family
    look: Look

    @torch.inference_mode()
    def read(self) -> None:
        """Read what the first hole is shown, as far as that can be kept."""
        hole, text = self.request.holes[0], self.request.text
        self._see(self._between(text[: hole.start], text[hole.end :]))

    def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str, _draft: str) -> HoleFill:
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
        self, number: int, hole: Hole, shown: Around, present: str, locks: Sequence[Span]
    ) -> HoleFill:
        vocabulary = self.family.vocabulary
        original = vocabulary.encode(present)
        if not original:
            return HoleFill(present, Stop.END)
        run = self._run(number, shown, Ending(), len(original) + 1, endless=True)
        locked = locked_tokens(vocabulary, original, locks)
        renoise(run, self._manner(), original, locked=locked, strength=hole.strength)
        self._account(run)
        return run.canvas.fill()

    def _answered(self, number: int, hole: Hole, present: str) -> HoleFill:
        run = self._run(number, self._asked(present), Ending(marker=instruct.FENCE), hole.max_tokens)
        self._denoise(run)
        return run.canvas.fill()

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

    def _asked(self, present: str) -> Around:
        return self.family.layout.answer(instruct.SYSTEM, *self._question(present))

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
            watch=self._watch(number),
        )

    def _account(self, run: WholeRun) -> None:
        self.forwards += run.sight.forwards
