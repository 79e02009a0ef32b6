"""Whether an adapter helps is decided by fills of the same holes."""

from __future__ import annotations

import pytest

from lsp_server.evaluation.filling import Asker
from lsp_server.evaluation.own import Fills, fills_of, no_worse
from tests.unit.evaluation.conftest import ANSWER, GivenFiller, problem


def test_figures_of_fills() -> None:
    """What is exact, how near the rest comes, and every hole is told."""
    told: list[int] = []
    asker = Asker(GivenFiller([(ANSWER, 0.9)], [("    return first", 0.9)]))  # type: ignore[arg-type]
    fills = fills_of(asker, [problem(), problem()], lambda: told.append(1))
    assert fills.exact == (True, False)
    assert fills.similarity[0] == 1
    assert 0.5 < fills.similarity[1] < 1
    assert fills.figures == (0.5, pytest.approx(sum(fills.similarity) / 2), 3)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("exact", "similarity", "kept"),
    [
        ((True, True), (1.0, 1.0), True),
        ((True, False), (1.0, 0.5), True),
        ((True, False), (1.0, 0.4), True),
        ((True, False), (0.9, 0.4), False),
        ((False, False), (1.0, 1.0), False),
    ],
)
def test_fills_have_a_veto(exact: tuple[bool, ...], similarity: tuple[float, ...], kept: bool) -> None:
    """Fewer exact fills, or fills worse by more than chance, speak against it; one that moved does not."""
    before = Fills((True, False), (1.0, 0.5), (3.0, 3.0))
    assert no_worse(before, Fills(exact, similarity, (3.0, 3.0))) is kept
