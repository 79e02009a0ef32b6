"""One problem filled in one way: what was written, how sure the model was, and what it cost."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from lsp_server.context.window import cut_window
from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import CompletionSettings, ContextSettings
from lsp_server.core.types import Span
from lsp_server.engine.protocol import Candidate, Decode, FillRequest, FillResult, Hole, HoleFill, Sampling
from lsp_server.engine.runtime.filler import Filler
from lsp_server.evaluation.metrics import as_edited, breaks
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.ways import Way
from lsp_server.service.confidence import UNDEFINED, first_line
from lsp_server.service.mending import DIFFUSION, least_sure, reach
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.names import undefined_names
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
    candidates. `seconds` count from the request to the fill, with the context already read. The first
    confidence pays for undefined names.
    """

    text: str
    confidences: tuple[float, ...]
    tokens: int
    forwards: float
    seconds: float
    tried: tuple[str, ...] = ()
    first: int = 0
    made_of: HoleFill | None = None

    @property
    def sure(self) -> float:
        """How likely its first line is right, as the server has it."""
        return math.prod(self.confidences[: self.first or None])


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
        if "names" in way.extras and not breaks(problem, filled.text):
            filled = self._defined(problem, way, filled)
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
        forwards, tried = broken.forwards, [broken]
        for attempt in way.again:
            avoid += tuple(candidate.fills[0].text for candidate in rejected.candidates)
            request = request_for(problem, way.sampling_of(attempt), avoid=avoid)
            if attempt.remask:
                own = tried[0] if way.decode not in DIFFUSION else tried[-1]
                edited, [edit] = as_edited(problem, own.text)
                errors = check_edits(edited, [edit]).errors
                faults = [
                    error.shifted(-edit.span.start) for error in errors if error.start >= edit.span.start
                ]
                request = _remasking(request, own, edit.text, reach(faults, edit.text))
            rejected = self.filler.fill(request, cancel=CancelToken())
            forwards += rejected.figures.forwards
            for candidate in rejected.candidates:
                tried.append(_filled(problem, way, candidate, forwards))
                if tried[-1].text.strip() and not breaks(problem, tried[-1].text):
                    return tried[-1]
        return replace(broken, forwards=forwards)

    def _defined(self, problem: Problem, way: Way, filled: Filled) -> Filled:
        """The fill with defined names only, if that is likely; else it is less sure, as in the server."""
        found = undefined_in(problem, filled.text)
        if not found:
            return filled
        text = as_edited(problem, filled.text)[1][0].text
        request = _remasking(request_for(problem, Sampling(decode=Decode.VERIFIED)), filled, text, found[0])
        result = self.filler.fill(request, cancel=CancelToken())
        forwards = filled.forwards + result.figures.forwards
        unsure = (filled.confidences[0] * UNDEFINED, *filled.confidences[1:]) if filled.confidences else ()
        worse = replace(filled, forwards=forwards, confidences=unsure)
        least = max(worse.sure, CompletionSettings().min_confidence)
        for candidate in result.candidates:
            again = _filled(problem, way, candidate, forwards)
            sound = again.text.strip() and not breaks(problem, again.text)
            if sound and again.sure >= least and not undefined_in(problem, again.text):
                return again
        return worse


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
    return Filled(text, free, len(fill.pieces), forwards, 0.0, (), len(first_line(fill.pieces)), fill)


def _remasking(request: FillRequest, filled: Filled, text: str, within: Span) -> FillRequest:
    """The request with a fill as its draft, its least sure token in a part of `text` excluded."""
    fill = filled.made_of
    token = least_sure(fill, text, within) if fill else None
    if fill is None or token is None:
        return request
    hole = msgspec.structs.replace(request.holes[0], draft=fill.text, excluded=(token,))
    return msgspec.structs.replace(request, holes=(hole,))


def undefined_in(problem: Problem, fill: str) -> tuple[Span, ...]:
    """The names in a fill that nothing defines."""
    parsed, [edit] = as_edited(problem, fill)
    return undefined_names(parsed, edit)


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
