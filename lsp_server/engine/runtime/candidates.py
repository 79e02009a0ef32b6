"""Which candidates are worth showing: none that was rejected before, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.engine.protocol import Candidate, FillRequest


def avoided(request: FillRequest, candidate: Candidate) -> bool:
    """Whether a hole's fill is one that the request wants to avoid."""
    pairs = zip(request.holes, candidate.fills, strict=True)
    return any(fill.text.strip() == rejected.strip() for hole, fill in pairs for rejected in hole.avoid)


def known(candidates: Sequence[Candidate], new: Candidate) -> bool:
    """Whether one of `candidates` has the same texts."""
    texts = [fill.text for fill in new.fills]
    return any([fill.text for fill in each.fills] == texts for each in candidates)
