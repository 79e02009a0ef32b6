"""Making candidates: how often to try, how each differs, and which are worth showing. Torch-free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsp_server.engine.protocol import Candidate, FillRequest

EXPLORING = 0.7
"""Temperature of all candidates but the first."""
MORE_TRIES = 2
"""How often to try again when a candidate is one that the request wants to avoid."""


def tries_for(request: FillRequest) -> int:
    """How many attempts may be made for all candidates."""
    return request.candidates + (MORE_TRIES if avoiding(request) else 0)


def avoiding(request: FillRequest) -> bool:
    """Whether a fill was rejected before."""
    return any(hole.avoid for hole in request.holes)


def seed_of(request: FillRequest, index: int) -> int:
    """The seed of attempt number `index`."""
    return request.sampling.seed * 1009 + index


def temperature_of(request: FillRequest, index: int) -> float:
    """The temperature of attempt number `index`: the first is as asked for, the others explore."""
    given = request.sampling.temperature
    return given if index == 0 else max(given, EXPLORING)


def take_new(request: FillRequest, candidates: list[Candidate], made: Iterable[Candidate]) -> None:
    """Add those that are worth showing: none that was rejected before, none twice."""
    for candidate in made:
        if not _avoided(request, candidate) and not _known(candidates, candidate):
            candidates.append(candidate)


def best_first(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The same, surest first."""
    return tuple(sorted(candidates, key=lambda candidate: -candidate.confidence))


def _avoided(request: FillRequest, candidate: Candidate) -> bool:
    """Whether a hole's fill is one that the request wants to avoid."""
    pairs = zip(request.holes, candidate.fills, strict=True)
    return any(fill.text.strip() == rejected.strip() for hole, fill in pairs for rejected in hole.avoid)


def _known(candidates: Sequence[Candidate], new: Candidate) -> bool:
    """Whether one of `candidates` has the same texts."""
    texts = [fill.text for fill in new.fills]
    return any([fill.text for fill in each.fills] == texts for each in candidates)
