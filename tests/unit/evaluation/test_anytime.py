from __future__ import annotations

import pytest

from lsp_server.engine.protocol import Cell, CellState, FrameEvent, HoleFill, Piece, Stop
from lsp_server.evaluation.anytime import Anytime, table, timed

SURE, DOUBT = 0.9, 0.4


def frames(*committed: int) -> list[FrameEvent]:
    """Those of a fill of which so many tokens are committed after each pass."""
    counts = [0, *(count for each in zip((0, *committed), committed, strict=False) for count in each)]
    return [
        FrameEvent(0, step, (*(Cell("a", CellState.COMMITTED),) * count, Cell("", CellState.MASKED)))
        for step, count in enumerate(counts)
    ]


def fill(*confidence: float) -> HoleFill:
    return HoleFill("a" * len(confidence), Stop.END, tuple(Piece("a", each) for each in confidence))


@pytest.mark.parametrize(
    ("made", "after", "expected"),
    [
        (fill(SURE, SURE, SURE), (2, 3, 3), Anytime(False, 3, 2, 2, doubt=False)),
        (fill(SURE, SURE, DOUBT, SURE), (1, 2, 4), Anytime(False, 3, 2, 3, doubt=True)),
        (fill(DOUBT, SURE), (1, 2), Anytime(False, 2, None, 2, doubt=True)),
    ],
    ids=["found to have ended", "doubtful later", "doubtful at once"],
)
def test_when_what_would_be_accepted_is_there(
    made: HoleFill, after: tuple[int, ...], expected: Anytime
) -> None:
    """The pass that commits the last token before the first doubt, and that which commits the last."""
    assert timed(made, frames(*after), several=False) == expected


def test_shares_are_told_by_kind_of_hole() -> None:
    """Means and medians of shares of passes; a fill whose first token is doubtful has nothing to accept."""
    told = table(
        [Anytime(False, 4, 1, 4, True), Anytime(False, 4, None, 2, True), Anytime(True, 2, 2, 2, False)]
    )
    assert (
        "| one line | 2 | 4.0 | 25%, median 25% (n=1) | 25%, median 25% (n=1) | 75%, median 75% (n=2) |"
        in told
    )
    assert "| several lines | 1 | 2.0 | 100%, median 100% (n=1) | - | 100%, median 100% (n=1) |" in told
