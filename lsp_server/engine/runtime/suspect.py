"""How likely other texts are at places of code that is there, by the base, which sees both sides.

By Bayes' rule the odds of two texts at a place, given what stands on both sides of it, are their odds given
the left side, times how much likelier each makes the right side. The code is read once, in its own order;
a text that is not hopeless costs one more pass, over its own tokens and those behind it, and a second one
over more of them where it may have won.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
"""Tokens read between two looks at the cancel token."""
Encode = Callable[[str], list[int]]


_PIECE = re.compile(r"[^\n]*\n(?:[^\S\n]*\n)*|[^\n]+")
"""A line with its line break and the blank ones behind it: tokens never cross its ends."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One alternative: `new` in the place of ``tokens[at:end]``."""

    question: int
    alternative: int
    at: int
    end: int
    new: tuple[int, ...]

    def first(self, tokens: Sequence[int]) -> int | None:
        """The first token that differs; None if nothing stands there then."""
        return next(iter((*self.new, *tokens[self.end : self.end + 1])), None)


@dataclass(frozen=True, slots=True)
class _Lines:
    """A text in pieces: where each begins, in characters and in tokens, and the tokens of all."""

    text: str
    starts: Sequence[int]
    firsts: Sequence[int]
    tokens: Sequence[int]

    @classmethod
    def of(cls, text: str, encode: Encode) -> _Lines:
        starts, firsts, tokens = [], [], list[int]()
        for match in _PIECE.finditer(text):
            starts.append(match.start())
            firsts.append(len(tokens))
            tokens += encode(match[0])
        return cls(text, (*starts, len(text)), (*firsts, len(tokens)), tokens)

    def exchanged(self, start: int, end: int, alternative: str, encode: Encode) -> tuple[int, int, list[int]]:
        """Start and end of the tokens that go when `alternative` replaces a span, and the new ones."""
        first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, max(end, start + 1))
        left, right = self.starts[first], self.starts[last]
        written = encode(self.text[left:start] + alternative + self.text[end:right])
        present = self.tokens[self.firsts[first] : self.firsts[last]]
        alike = _alike(present, written)
        shortest = min(len(present), len(written)) - alike
        behind = _alike(present[::-1][:shortest], written[::-1][:shortest])
        at = self.firsts[first] + alike
        return at, self.firsts[last] - behind, written[alike : len(written) - behind]


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read: `kv` begins with what stands before `tokens`, `start` positions of it.

    `own` are the log probabilities of the tokens, `firsts` those of the alternatives' first tokens.
    """

    kv: KV
    start: int
    tokens: Sequence[int]
    own: Sequence[float]
    firsts: Mapping[tuple[int, int], float]


@dataclass(slots=True)
class Doubter:
    """Judges requests with questions, and counts what it costs."""

    network: Network
    family: FimFamily
    cancel: CancelToken
    forwards: int = 0
    context_tokens: int = 0

    @torch.inference_mode()
    def judge(self, request: FillRequest) -> tuple[tuple[float, ...], ...]:
        """For each question and each alternative the gain over what stands there, in nats.

        Raises:
            Cancelled, Superseded: the cancel token was set.
        """
        hole, encode = request.holes[0], self.family.vocabulary.encode
        lines = _Lines.of(request.text[hole.start :], encode)
        part = _Lines.of(request.text[hole.start : hole.end], encode)
        tokens = lines.tokens[: len(part.tokens) + AFTER]
        work = [
            each
            for number, question in enumerate(request.questions)
            for each in self._work(number, question, lines, len(tokens), hole.start)
        ]
        gains = [[HOPELESS] * len(question.alternatives) for question in request.questions]
        page = self._read_page(request.text[: hole.start], tokens, work)
        # from the end, so that what stands before the next place is still in the context
        for each in sorted(work, key=lambda one: -one.at):
            self.cancel.check()
            page.kv.truncate(page.start + each.at)
            gains[each.question][each.alternative] = self._gain(page, each)
        return tuple(tuple(row) for row in gains)

    def _work(
        self, number: int, question: Question, lines: _Lines, length: int, shift: int
    ) -> Iterator[_Work]:
        """What is to be read for a question's alternatives, where the first `length` tokens are judged."""
        for place, alternative in enumerate(question.alternatives):
            at, end, new = lines.exchanged(
                question.start - shift, question.end - shift, alternative, self.family.vocabulary.encode
            )
            if at < length and end <= length:  # at the very end nothing tells
                yield _Work(number, place, at, end, tuple(new))

    def _read_page(self, before: str, tokens: Sequence[int], work: Sequence[_Work]) -> _Page:
        """Read `tokens` and what is before them."""
        context = self.family.vocabulary.encode(plain_newlines(before)) or [self.family.file_sep]
        weights = self.network.weights
        # a context of its own: those that are kept for cursors stay
        kv = KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
        for at in range(0, len(context) - 1, AT_ONCE):
            self._pass(kv, context[at : min(at + AT_ONCE, len(context) - 1)], last=1)
        asked: dict[int, set[int]] = {}
        for each in work:
            if (first := each.first(tokens)) is not None:
                asked.setdefault(each.at, set()).add(first)
        start = len(kv.tokens) + 1
        own: list[float] = []
        firsts: dict[tuple[int, int], float] = {}
        shown = [context[-1], *tokens[:-1]]
        for at in range(0, len(tokens), AT_ONCE):
            log_p = self.network.logits(self._pass(kv, shown[at : at + AT_ONCE])).log_softmax(-1)
            own += _chosen(log_p, tokens[at : at + AT_ONCE])
            for place in range(at, min(at + AT_ONCE, len(tokens))):
                firsts |= {(place, token): float(log_p[place - at, token]) for token in asked.get(place, ())}
        self.context_tokens = len(kv.tokens)
        return _Page(kv, start, tokens, own, firsts)

    def _gain(self, page: _Page, work: _Work) -> float:
        """The gain of one alternative; the context ends right before it, and does so again afterwards."""
        first = work.first(page.tokens)
        if first is None:
            return HOPELESS
        there = page.firsts[work.at, first]
        gain = there - page.own[work.at]
        for after, least in ((NEAR, HOPELESS), (AFTER, OPEN)):
            if gain <= least:
                break
            behind = page.tokens[work.end : work.end + after]
            rest = self._rest(page.kv, [*work.new, *behind])
            gain = there + rest - sum(page.own[work.at : work.end + len(behind)])
        return gain

    def _rest(self, kv: KV, tokens: Sequence[int]) -> float:
        """The log probability of all `tokens` but the first; `kv` stays as it is."""
        if len(tokens) < 2:
            return 0.0
        length = len(kv.tokens)
        logits = self.network.logits(self._pass(kv, tokens[:-1]))
        kv.truncate(length)
        return sum(_chosen(logits.log_softmax(-1), tokens[1:]))

    def _pass(self, kv: KV, tokens: Sequence[int], *, last: int | None = None) -> Tensor:
        """Read tokens; the hidden states behind them, or behind the `last` of them."""
        self.cancel.check()
        self.forwards += 1
        return self.network.read(kv, tokens, last=last)


def _chosen(log_p: Tensor, tokens: Sequence[int]) -> list[float]:
    """Of each row the log probability of its token."""
    ids = torch.tensor(tokens, device=log_p.device)
    values: list[float] = log_p.gather(-1, ids[:, None])[:, 0].tolist()
    return values


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """How many first tokens two sequences share."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
