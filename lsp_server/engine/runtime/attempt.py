"""One candidate: every hole of a request denoised once, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import torch

from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Span
from lsp_server.engine.protocol import (
    Decode,
    Excluded,
    Hole,
    HoleFill,
    Sampling,
    Stop,
)
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.denoise.decode import denoise_hole, sampler_for
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.hint import Hint
from lsp_server.engine.runtime.denoise.renoise import renoise
from lsp_server.engine.runtime.denoise.run import Run
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.fim import FimFamily, Prompt
from lsp_server.engine.runtime.gaps import Gap, words_and_rest
from lsp_server.engine.runtime.holes import HoleByHole
from lsp_server.engine.runtime.kv import KV, ContextCache
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.pieces import locked_tokens, without_head

READ_AT_ONCE = 64
"""Context tokens read between two looks at the cancel token: half the wait of 128 for 4 % more time."""
READ_AHEAD = 32
"""The same while nobody waits: the wait of who comes is halved again."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is loaded; one that cannot denoise lacks the denoiser's weights, and verifies every fill."""

    network: Network
    family: FimFamily
    cache: ContextCache
    denoises: bool = True


@dataclass(slots=True, kw_only=True)
class Attempt(HoleByHole[Prompt]):
    """One candidate by the default family."""

    model: Model

    @torch.inference_mode()
    def read(self) -> None:
        """Read what the first hole is shown, all of it."""
        hole, text = self.request.holes[0], self.request.text
        context = self._between(text[: hole.start], text[hole.end :]).context
        kv = self.model.cache.open(context)
        self.context_tokens, self.cached_tokens = len(context), len(kv.tokens)
        while (at := len(kv.tokens)) < len(context):
            self.cancel.check()
            self.model.network.read(kv, context[at : at + READ_AHEAD], last=1)

    def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str, draft: str) -> HoleFill:
        if gap.healed:
            before = before[: len(before) - len(gap.typed)]
            draft = gap.typed + draft if draft else ""
        whole, half = words_and_rest(gap.typed, settled=hole.settled)
        head = self.model.family.vocabulary.encode(whole)
        ending = self._ending(hole, before, after)
        canvas = self._canvas(ending, hole.max_tokens, half)
        canvas.begin(head)
        run = self._run(
            number,
            self._between(before, after).behind(head),
            canvas,
            draft,
            excluded=hole.excluded if draft else (),
            outside=len(gap.typed) if gap.healed else 0,
        )
        denoise_hole(run, self._sampling, mask=self.model.family.mask)
        self._account(run)
        fill = run.canvas.fill()
        return without_head(fill, len(gap.typed)) if gap.healed else fill

    def _renoised(
        self, number: int, hole: Hole, shown: Prompt, present: str, locks: Sequence[Span]
    ) -> HoleFill:
        family = self.model.family
        if not self.model.denoises:
            raise EngineFailed(
                "masking a part of a selection needs weights that were left out for lack of memory",
                hint="Set engine.memoryMb higher, or the strength to 1.",
            )
        original = family.vocabulary.encode(present)
        if not original:
            return HoleFill(present, Stop.END)
        canvas = self._canvas(Ending(), len(original) + 1)
        run = self._run(number, shown, canvas, endless=True)
        if not run.go_on():
            return HoleFill(present, Stop.END)
        renoise(
            run,
            original,
            locked=locked_tokens(family.vocabulary, original, locks),
            strength=hole.strength,
            sampler=sampler_for(self.request.sampling),
            mask=family.mask,
        )
        self._account(run)
        return canvas.fill()

    def _answered(self, number: int, hole: Hole, present: str) -> HoleFill:
        canvas = self._canvas(Ending(marker=instruct.FENCE), hole.max_tokens)
        hint = instruct.dedented(hole.draft or present)
        run = self._run(number, self._asked(present), canvas, hint)
        denoise_hole(run, self._sampling, mask=self.model.family.mask)
        self._account(run)
        return canvas.fill()

    def _asked(self, present: str) -> Prompt:
        user, start = self._question(present)
        request = self.request
        solved = instruct.solved(request.example, request.instruction or "", request.language)
        return self.model.family.chat(instruct.SYSTEM, user, start, solved)

    @property
    def _sampling(self) -> Sampling:
        """How tokens are chosen; without the denoiser's weights fills are verified, and drafted otherwise."""
        asked = self.request.sampling
        if self.model.denoises or asked.decode is Decode.LEFT_TO_RIGHT:
            return asked
        return msgspec.structs.replace(asked, decode=Decode.VERIFIED, block=None)

    def _between(self, before: str, after: str) -> Prompt:
        return self.model.family.fim(before, after, path=self.request.path, snippets=self.request.snippets)

    def _canvas(self, ending: Ending, max_tokens: int, typed: str = "") -> Canvas:
        family = self.model.family
        return Canvas(family.vocabulary, family.ends, ending, max_tokens, typed.encode("utf-8", "replace"))

    def _chooser(self, prompt: Prompt, typed: bytes, *, endless: bool) -> Chooser:
        family = self.model.family
        written = family.vocabulary.encode(typed.decode("utf-8", "replace"))
        return Chooser(
            family.vocabulary,
            family.never | family.ends if endless else family.never,
            temperature=self.temperature,
            seed=self.seed,
            ids=None if endless else self.model.network.ids_behind([*prompt.context, prompt.last, *written]),
        )

    def _run(
        self,
        number: int,
        prompt: Prompt,
        canvas: Canvas,
        hint: str = "",
        *,
        endless: bool = False,
        excluded: Sequence[Excluded] = (),
        outside: int = 0,
    ) -> Run:
        """Read the prompt's context, as far as it is not cached, and set the hole's run up.

        `outside` is how many characters at the hint's start belong to no answer, so that what is
        `excluded` does not count them.

        An `endless` one chooses no token that ends a fill.
        """
        kv = self._read(prompt.context)
        hinted = Hint(hint, self.model.family.vocabulary.encode) if hint else None
        return Run(
            network=self.model.network,
            kv=kv,
            chooser=self._chooser(prompt, canvas.typed, endless=endless),
            canvas=canvas,
            last=prompt.last,
            cancel=self.cancel,
            deadline=self.deadline,
            watch=self._watch(number),
            unread=prompt.context[len(kv.tokens) :],
            hint=hinted,
            excluded=hinted.excluding(excluded, outside) if hinted else {},
        )

    def _read(self, context: Sequence[int]) -> KV:
        """A cache of the context; its end, at most `READ_AT_ONCE` tokens, may be left unread."""
        kv = self.model.cache.open(context, keep=self.request.ahead)
        self.context_tokens += len(context)
        self.cached_tokens += len(kv.tokens)
        while len(context) - len(kv.tokens) > READ_AT_ONCE and not self.cancel.taken:
            self.cancel.check()
            at = len(kv.tokens)
            self.model.network.read(kv, context[at : at + READ_AT_ONCE], last=1)
        return kv

    def _account(self, run: Run) -> None:
        self.forwards += run.forwards
