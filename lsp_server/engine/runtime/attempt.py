"""One candidate: every hole of a request denoised once, left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Span
from lsp_server.engine.protocol import (
    Candidate,
    Cell,
    Decode,
    Excluded,
    FillRequest,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Sampling,
    Stop,
)
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.denoise.decode import denoise_hole, sampler_for
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.hint import Hint
from lsp_server.engine.runtime.denoise.renoise import renoise
from lsp_server.engine.runtime.denoise.run import Run, Watch
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.fim import FimFamily, Prompt
from lsp_server.engine.runtime.filler import OnFrame
from lsp_server.engine.runtime.gaps import Gap, Kept, gaps_of, words_and_rest
from lsp_server.engine.runtime.kv import KV, ContextCache
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.pieces import joined, locked_tokens, without_head

READ_AT_ONCE = 64
"""Context tokens read between two looks at the cancel token: half the wait of 128 for 4 % more time."""
READ_AHEAD = 32
"""The same while nobody waits: the wait of who comes is halved again."""
PROSE = frozenset({"markdown", "mdx", "restructuredtext"})
"""LSP ids of languages in which lines may come again and fences are at home."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is loaded; one that cannot denoise lacks the denoiser's weights, and verifies every fill."""

    network: Network
    family: FimFamily
    cache: ContextCache
    denoises: bool = True


@dataclass(slots=True)
class Attempt:
    """The work for one candidate, and what it has cost so far."""

    model: Model
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
        """Read what the first hole is shown, all of it."""
        hole, text = self.request.holes[0], self.request.text
        context = self._fim(text[: hole.start], text[hole.end :]).context
        kv = self.model.cache.open(context)
        self.context_tokens, self.cached_tokens = len(context), len(kv.tokens)
        while (at := len(kv.tokens)) < len(context):
            self.cancel.check()
            self.model.network.read(kv, context[at : at + READ_AHEAD], last=1)

    def _hole(self, number: int, hole: Hole, before: str, after: str) -> HoleFill:
        present = self.request.text[hole.start : hole.end]
        in_part = hole.strength < 1 or hole.in_place
        locks = [lock.shifted(-hole.start) for lock in hole.locks] if in_part else []
        if self.request.instruction is not None and in_part:
            return self._instructed_in_part(number, hole, present, locks)
        if self.request.instruction is not None:
            return self._instructed(number, hole, before, present, after)
        if in_part:
            return self._renoised(number, hole, self._fim(before, after), present, locks)
        fills: list[HoleFill] = []
        parts = gaps_of(self.request, hole)
        hint = hole.draft if len(parts) == 1 else ""
        for part in parts:
            if isinstance(part, Kept):
                fills.append(HoleFill(part.text, Stop.END, (Piece(part.text, 1.0, locked=True),)))
                continue
            written = before + "".join(fill.text for fill in fills)
            behind = self.request.text[part.end : hole.end] + after
            fills.append(self._gap(number, hole, part, written, behind, hint))
        return joined(fills)

    def _gap(self, number: int, hole: Hole, gap: Gap, before: str, after: str, hint: str) -> HoleFill:
        if gap.healed:
            before = before[: len(before) - len(gap.typed)]
            hint = gap.typed + hint if hint else ""
        whole, half = words_and_rest(gap.typed, settled=hole.settled)
        head = self.model.family.vocabulary.encode(whole)
        ending = self._ending(hole, before, after)
        canvas = self._canvas(ending, hole.max_tokens, half)
        canvas.begin(head)
        run = self._run(
            number,
            self._fim(before, after).behind(head),
            canvas,
            hint,
            excluded=hole.excluded if hint else (),
            outside=len(gap.typed) if gap.healed else 0,
        )
        denoise_hole(run, self._sampling, mask=self.model.family.mask)
        self._account(run)
        fill = run.canvas.fill()
        return without_head(fill, len(gap.typed)) if gap.healed else fill

    def _renoised(
        self, number: int, hole: Hole, prompt: Prompt, present: str, locks: Sequence[Span] = ()
    ) -> HoleFill:
        """`present`, what of it `prompt` makes least likely written anew; `locks` are relative to it."""
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
        run = self._run(number, prompt, canvas, endless=True)
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

    def _instructed_in_part(self, number: int, hole: Hole, present: str, locks: Sequence[Span]) -> HoleFill:
        """In place: of the selection as an answer, what the instruction makes least likely."""
        shown = instruct.dedented(present)
        moved = [instruct.in_dedented(present, lock) for lock in locks]
        fill = self._renoised(number, hole, self._chat(present), shown, moved)
        return HoleFill(instruct.restore_indent(fill.text, present), fill.stop, fill.pieces)

    def _instructed(self, number: int, hole: Hole, before: str, present: str, after: str) -> HoleFill:
        canvas = self._canvas(Ending(marker=instruct.FENCE), hole.max_tokens)
        hint = instruct.dedented(hole.draft or present)
        run = self._run(number, self._chat(present), canvas, hint)
        denoise_hole(run, self._sampling, mask=self.model.family.mask)
        self._account(run)
        fill = canvas.fill()
        answer = instruct.without_surroundings(fill.text.strip("\n"), before, after)
        return HoleFill(instruct.restore_indent(answer, present), fill.stop, fill.pieces)

    def _chat(self, present: str) -> Prompt:
        words, language = self.request.instruction or "", self.request.language
        user, start = instruct.instruction_parts(
            language=self.request.source or language,
            selected=present,
            instruction=words,
            answered_in=language,
        )
        solved = instruct.solved(self.request.example, words, language)
        return self.model.family.chat(instruct.SYSTEM, user, start, solved)

    @property
    def _sampling(self) -> Sampling:
        """How tokens are chosen; without the denoiser's weights fills are verified, and drafted otherwise."""
        asked = self.request.sampling
        if self.model.denoises or asked.decode is Decode.LEFT_TO_RIGHT:
            return asked
        return msgspec.structs.replace(asked, decode=Decode.VERIFIED, block=None)

    def _fim(self, before: str, after: str) -> Prompt:
        return self.model.family.fim(before, after, path=self.request.path, snippets=self.request.snippets)

    def _ending(self, hole: Hole, before: str, after: str) -> Ending:
        if self.request.language in PROSE:
            return Ending(hole.max_lines, hole.min_indent)
        return Ending.within(before, after, max_lines=hole.max_lines, min_indent=hole.min_indent)

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
            watch=self._watch(number) if self.on_frame else None,
            unread=prompt.context[len(kv.tokens) :],
            hint=hinted,
            excluded=hinted.excluding(excluded, outside) if hinted else {},
        )

    def _read(self, context: Sequence[int]) -> KV:
        """A cache of the context; its end, at most `READ_AT_ONCE` tokens, may be left unread."""
        kv = self.model.cache.open(context, keep=self.request.ahead)
        self.context_tokens += len(context)
        self.cached_tokens += len(kv.tokens)
        while len(context) - len(kv.tokens) > READ_AT_ONCE:
            self.cancel.check()
            at = len(kv.tokens)
            self.model.network.read(kv, context[at : at + READ_AT_ONCE], last=1)
        return kv

    def _watch(self, number: int) -> Watch:
        def watch(_: int, cells: list[Cell]) -> None:
            if self.on_frame:
                self._steps += 1
                self.on_frame(FrameEvent(number, self._steps, tuple(cells), self.index))

        return watch

    def _account(self, run: Run) -> None:
        self.forwards += run.forwards
