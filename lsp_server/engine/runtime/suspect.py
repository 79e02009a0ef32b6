"""How likely other texts are at places of code that is there, by the base, which sees both sides.

By Bayes' rule the odds of two texts at a place, given what stands on both sides of it, are their odds given
the left side, times how much likelier each makes the right side. The code is read once, in its own order;
a text that is not hopeless costs one more pass, over its own tokens and those behind it, and a second one
over more of them where it may have won.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.core.text import plain_newlines
from lsp_server.engine.protocol import HOPELESS, FillRequest, Question
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network

NEAR, AFTER = 8, 32
"""Tokens behind a place that are judged first, and where that leaves the odds open."""
OPEN = -2.0
"""Nats that an alternative must have gained by then."""
AT_ONCE = 32
"""Tokens read, or scored, between two looks at the cancel token."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One alternative: `new` in the place of ``tokens[at:end]``."""

    question: int
    alternative: int
    at: int
    end: int
    new: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read: `kv` begins with what stands before `tokens`, `start` positions of it.

    `hidden` (len(tokens), dim) is what predicts each token, `own` the log probability it got.
    """

    kv: KV
    start: int
    tokens: Sequence[int]
    hidden: Tensor
    own: Sequence[float]

    def present(self, start: int, end: int) -> float:
        """The log probability of some of the tokens."""
        return sum(self.own[start:end])


@dataclass(slots=True)
class Doubter:
    """Judges requests with questions, and counts what it costs."""

    network: Network
    family: FimFamily
    cancel: CancelToken
    forwards: int = 0
    context_tokens: int = 0
    _scores: tuple[int, Tensor] | None = field(default=None, init=False)

    @torch.inference_mode()
    def judge(self, request: FillRequest) -> tuple[tuple[float, ...], ...]:
        """For each question and each alternative the gain over what stands there, in nats.

        Raises:
            Cancelled, Superseded: the cancel token was set.
        """
        hole = request.holes[0]
        page = self._read_page(request.text[: hole.start], request.text[hole.start :], hole.end - hole.start)
        gains = [[HOPELESS] * len(question.alternatives) for question in request.questions]
        work = [
            each
            for number, question in enumerate(request.questions)
            for each in self._work(number, question, request.text[hole.start :], page.tokens, hole.start)
        ]
        # from the end, so that what stands before the next place is still in the context
        for each in sorted(work, key=lambda one: -one.at):
            self.cancel.check()
            page.kv.truncate(page.start + each.at)
            gains[each.question][each.alternative] = self._gain(page, each)
        return tuple(tuple(row) for row in gains)

    def _read_page(self, before: str, text: str, length: int) -> _Page:
        """Read `text` up to `AFTER` tokens behind its first `length` characters, and what is before it."""
        encode = self.family.vocabulary.encode
        tokens = encode(text)[: len(encode(text[:length])) + AFTER]
        context = encode(plain_newlines(before)) or [self.family.file_sep]
        weights = self.network.weights
        # a context of its own: those that are kept for cursors stay
        kv = KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
        if len(context) > 1:
            self._read(kv, context[:-1])
        start = len(kv.tokens) + 1
        hidden = self._read(kv, [context[-1], *tokens[:-1]])
        self.context_tokens = len(kv.tokens)
        return _Page(kv, start, tokens, hidden, self._log_probabilities(hidden, tokens))

    def _read(self, kv: KV, tokens: Sequence[int]) -> Tensor:
        """The hidden states behind each of the tokens, (len(tokens), dim)."""
        read = []
        for at in range(0, len(tokens), AT_ONCE):
            self.cancel.check()
            self.forwards += 1
            read.append(self.network.read(kv, tokens[at : at + AT_ONCE]))
        return torch.cat(read)

    def _work(
        self, number: int, question: Question, text: str, tokens: Sequence[int], shift: int
    ) -> list[_Work]:
        """What is to be read for a question's alternatives; `tokens` are those that `text` begins with."""
        found = []
        before, after = text[: question.start - shift], text[question.end - shift :]
        whole = self.family.vocabulary.encode(text)
        for place, alternative in enumerate(question.alternatives):
            written = self.family.vocabulary.encode(before + alternative + after)
            at = _alike(whole, written)
            shortest = min(len(whole), len(written)) - at
            behind = _alike(whole[::-1][:shortest], written[::-1][:shortest])
            end = len(whole) - behind
            if at < len(tokens) and end <= len(tokens):  # at the very end nothing tells
                found.append(_Work(number, place, at, end, tuple(written[at : len(written) - behind])))
        return found

    def _gain(self, page: _Page, work: _Work) -> float:
        """The gain of one alternative; the context ends right before it, and does so again afterwards."""
        gain = self._first(page, work)
        for after, least in ((NEAR, HOPELESS), (AFTER, OPEN)):
            if gain <= least:
                break
            gain = self._with_next(page, work, after)
        return gain

    def _first(self, page: _Page, work: _Work) -> float:
        """What the first token gains by itself."""
        scores = self._scores_at(page, work.at)
        first = (*work.new, *page.tokens[work.end : work.end + 1])
        return float(scores[first[0]]) - page.own[work.at] if first else HOPELESS

    def _with_next(self, page: _Page, work: _Work, after: int) -> float:
        """What the alternative gains, so many tokens behind it counted in."""
        behind = page.tokens[work.end : work.end + after]
        wanted = [*work.new, *behind]
        there = float(self._scores_at(page, work.at)[wanted[0]])
        if len(wanted) > 1:
            length = len(page.kv.tokens)
            self.forwards += 1
            there += sum(self._log_probabilities(self.network.read(page.kv, wanted[:-1]), wanted[1:]))
            page.kv.truncate(length)
        return there - page.present(work.at, work.end + len(behind))

    def _scores_at(self, page: _Page, at: int) -> Tensor:
        """The log probability of every token at a place, (vocab,)."""
        if self._scores is None or self._scores[0] != at:
            logits = self.network.logits(page.hidden[at : at + 1])
            self._scores = (at, logits.log_softmax(-1)[0])
        return self._scores[1]

    def _log_probabilities(self, hidden: Tensor, tokens: Sequence[int]) -> list[float]:
        """The log probability of each of `tokens`, which stands behind a row of `hidden`."""
        found: list[float] = []
        for at in range(0, len(tokens), AT_ONCE):
            self.cancel.check()
            logits = self.network.logits(hidden[at : at + AT_ONCE])
            ids = torch.tensor(tokens[at : at + AT_ONCE], device=logits.device)
            found += (logits.gather(-1, ids[:, None])[:, 0] - logits.logsumexp(-1)).tolist()
        return found


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """How many first tokens two sequences share."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
