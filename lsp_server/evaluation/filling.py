"""One problem filled in one way: what was written, how sure the model was, and what it cost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lsp_server.context.window import cut_window
from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import Span
from lsp_server.engine.protocol import Candidate, Decode, FillRequest, FillResult, Hole, Sampling
from lsp_server.engine.runtime.filler import Filler
from lsp_server.evaluation.metrics import breaks
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.ways import Way
from lsp_server.service.confidence import first_line
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.trim import trim_fill

MOST_LINES, MOST_WORDS = 8, 12
"""Shorter versions of a fill that are tried."""
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Filled:
    """The fill that a way delivers. `tokens` are its own, `forwards` all passes that it took.

    `confidences` are the probabilities of its tokens, without those that the prompt
    fixed; the first `first` are those of its first line. `tried` are the texts of all
    candidates. `seconds` count from the request to the fill, with the context already read.
    """

    text: str
    confidences: tuple[float, ...]
    tokens: int
    forwards: float
    seconds: float
    tried: tuple[str, ...] = ()
    first: int = 0


class Ranker(Protocol):
    """Chooses among fills by something else than their confidence."""

    def best(self, prefix: str, fills: Sequence[str], suffix: str) -> tuple[int, int]:
        """The index of the best fill, and the forward passes spent on it."""

    def joins(self, prefix: str, fills: Sequence[str], suffix: str) -> tuple[int, int]:
        """The index of the fill that the suffix follows best, and the forward passes spent on it."""


@dataclass(slots=True)
class Asker:
    """Fills problems with `filler`; `ranker` is needed for both-sided ways only."""

    filler: Filler
    ranker: Ranker | None = None
    clock: Callable[[], float] = field(default=time.perf_counter)

    def read(self, problem: Problem) -> None:
        """Have the context of a problem read, so that no way pays for it."""
        request = request_for(replace(problem, max_tokens=1), Sampling(decode=Decode.LEFT_TO_RIGHT))
        self.filler.fill(request, cancel=CancelToken())

    def fill(self, problem: Problem, way: Way) -> Filled:
        """Fill one hole."""
        started = self.clock()
        request = request_for(problem, way.sampling, candidates=way.count)
        result = self.filler.fill(request, cancel=CancelToken())
        chosen, spent = self._chosen(problem, way, result)
        filled = _filled(problem, way, chosen, result.figures.forwards + spent)
        if "cut" in way.extras:
            filled = self._cut(problem, filled)
        if way.again and breaks(problem, filled.text):
            filled = self._repaired(problem, way, filled, result)
        tried = tuple(candidate.fills[0].text for candidate in result.candidates)
        return replace(filled, seconds=self.clock() - started, tried=tried if way.count > 1 else ())

    def _chosen(self, problem: Problem, way: Way, result: FillResult) -> tuple[Candidate, int]:
        if "both-sided" not in way.extras or self.ranker is None or len(result.candidates) < 2:
            return result.candidates[0], 0
        fills = [problem.inserted(candidate.fills[0].text) for candidate in result.candidates]
        best, forwards = self.ranker.best(problem.prefix, fills, problem.suffix)
        return result.candidates[best], forwards

    def _cut(self, problem: Problem, filled: Filled) -> Filled:
        """The version of a fill, whole or shorter, that the suffix follows best."""
        versions = list(shorter(problem.wanted(filled.text)))
        if self.ranker is None or len(versions) < 2 or not problem.suffix.strip():
            return filled
        fills = [problem.inserted(text) for text in versions]
        best, forwards = self.ranker.joins(problem.prefix, fills, problem.suffix)
        return replace(filled, text=versions[best], forwards=filled.forwards + forwards)

    def _repaired(self, problem: Problem, way: Way, broken: Filled, rejected: FillResult) -> Filled:
        """The hole denoised once more, or twice, if that helps; as `service/asking.py` does."""
        avoid: tuple[str, ...] = ()
        forwards = broken.forwards
        for sampling in way.again:
            avoid += tuple(candidate.fills[0].text for candidate in rejected.candidates)
            request = request_for(problem, sampling, avoid=avoid)
            rejected = self.filler.fill(request, cancel=CancelToken())
            forwards += rejected.figures.forwards
            for candidate in rejected.candidates:
                again = _filled(problem, way, candidate, forwards)
                if again.text.strip() and not breaks(problem, again.text):
                    return again
        return replace(broken, forwards=forwards)


def request_for(
    problem: Problem, sampling: Sampling, *, candidates: int = 1, avoid: tuple[str, ...] = ()
) -> FillRequest:
    """The request for a hole, without anything that only its answer could tell."""
    text, at = problem.prefix + problem.suffix, len(problem.prefix)
    if problem.windowed:
        shown = ContextSettings()
        window = cut_window(
            text, Span(at, at), prefix_tokens=shown.prefix_tokens, suffix_tokens=shown.suffix_tokens
        )
        text, at = window.text, at - window.start
    hole = Hole(
        at,
        at,
        max_tokens=problem.max_tokens,
        max_lines=problem.max_lines,
        min_indent=problem.min_indent,
        avoid=avoid,
    )
    return FillRequest(text, (hole,), language=problem.language, sampling=sampling, candidates=candidates)


def _filled(problem: Problem, way: Way, candidate: Candidate, forwards: float) -> Filled:
    fill = candidate.fills[0]
    text = trimmed(problem, fill.text) if "trim" in way.extras else fill.text
    free = tuple(round(piece.confidence, 4) for piece in fill.pieces if not piece.locked)
    return Filled(text, free, len(fill.pieces), forwards, 0.0, first=len(first_line(fill.pieces)))


def shorter(text: str) -> list[str]:
    """The text, and it cut at the ends of its lines, else at those of the first line's words and marks."""
    found = [text]
    lines = text.split("\n")
    found += ["\n".join(lines[:count]) for count in range(min(len(lines) - 1, MOST_LINES), 0, -1)]
    ends = [match.end() for match in _WORD.finditer(lines[0])]
    found += [lines[0][:end] for end in reversed(ends[-MOST_WORDS:])]
    return list(dict.fromkeys(found))


def trimmed(problem: Problem, fill: str) -> str:
    """The fill without what repeats its surroundings, as the server shows it."""
    at = len(problem.prefix)
    parsed = parse(problem.prefix + problem.suffix, language_for(problem.language))
    return trim_fill(parsed, Span(at, at), problem.wanted(fill))
