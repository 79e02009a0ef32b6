"""How early in its denoising a fill could be taken: when what would be accepted of it is there for good.

A verified fill shows its canvas before and after each pass of the base; what is committed then never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import msgspec

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import (
    DOUBTFUL,
    CellState,
    Decode,
    FrameEvent,
    HoleFill,
    Sampling,
)
from lsp_server.engine.runtime.filler import Filler
from lsp_server.evaluation.filling import request_for
from lsp_server.evaluation.problems import Problem

_THERE = {CellState.COMMITTED, CellState.LOCKED}


@dataclass(frozen=True, slots=True)
class Anytime:
    """One fill: its passes, and after how many of them so much was committed.

    `accepted` is up to the first doubtful token, None where that is the first; `whole` is all of the fill,
    after which a pass may only have found that it has ended. `doubt` is whether a token is doubtful.
    """

    several: bool
    passes: int
    accepted: int | None
    whole: int
    doubt: bool


def measured(filler: Filler, problem: Problem) -> Anytime | None:
    """Fill a hole and look on; None for an empty fill."""
    request = request_for(problem, Sampling(decode=Decode.VERIFIED))
    frames: list[FrameEvent] = []
    asked = request_for(problem, Sampling(decode=Decode.VERIFIED))
    request = msgspec.structs.replace(asked, frames=True)
    result = filler.fill(request, cancel=CancelToken(), on_frame=frames.append)
    fill = result.candidates[0].fills[0]
    return timed(fill, frames, several=problem.max_lines != 1) if fill.text.strip() else None


def timed(fill: HoleFill, frames: Sequence[FrameEvent], *, several: bool) -> Anytime:
    """When a fill was there; `frames` are those before the first pass, then before and after each."""
    after = [_committed(frame) for frame in frames[2::2]]
    doubt = next(
        (at for at, each in enumerate(fill.pieces) if not each.locked and each.confidence < DOUBTFUL), None
    )
    accepted = len(fill.pieces) if doubt is None else doubt
    return Anytime(
        several=several,
        passes=len(after),
        accepted=_first(after, accepted) if accepted else None,
        whole=_first(after, len(fill.pieces)),
        doubt=doubt is not None,
    )


def table(found: Iterable[Anytime]) -> str:
    """Markdown: shares of passes until what would be accepted, and all, is there."""
    rows = [
        "| holes | fills | passes | to the first doubt | of those with a doubt | whole |",
        "|---|---|---|---|---|---|",
    ]
    everything = list(found)
    for name, several in (("one line", False), ("several lines", True)):
        fills = [each for each in everything if each.several is several]
        if not fills:
            continue
        parts = [(each.accepted / each.passes, each.doubt) for each in fills if each.accepted is not None]
        doubtful = [share for share, doubt in parts if doubt]
        rows.append(
            f"| {name} | {len(fills)} | {fmean(each.passes for each in fills):.1f} "
            f"| {_shares([share for share, _ in parts])} | {_shares(doubtful)} "
            f"| {_shares([each.whole / each.passes for each in fills])} |"
        )
    return "\n".join(rows)


def _shares(values: Sequence[float]) -> str:
    return f"{fmean(values):.0%}, median {median(values):.0%} (n={len(values)})" if values else "-"


def _committed(frame: FrameEvent) -> int:
    others = (at for at, cell in enumerate(frame.cells) if cell.state not in _THERE)
    return next(others, len(frame.cells))


def _first(after: Sequence[int], count: int) -> int:
    return next((at for at, there in enumerate(after, 1) if there >= count), len(after))
