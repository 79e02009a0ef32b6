"""How long to wait for more typing."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.service.rhythm import LEAST_S, PAUSE_S, SLACK, Rhythm

MOST = 0.2


def waits(gaps: list[float], fills: list[float], edit: Edit | None = None) -> float:
    """The wait after keystrokes with these gaps and fills that took so long."""
    now = 100.0
    rhythm = Rhythm(lambda: now)
    rhythm.typed("a", [edit or Edit(Span(0, 0), "x")])
    for gap in gaps:
        now += gap
        rhythm.typed("a", [edit or Edit(Span(0, 0), "x")])
    for seconds in fills:
        rhythm.filled(seconds)
    return rhythm.wait("a", MOST)


@pytest.mark.parametrize(
    ("gaps", "fills", "wait"),
    [
        ([], [], MOST),
        ([0.1] * 5, [], MOST),
        ([], [0.3], LEAST_S),
        ([0.1] * 2, [0.3], LEAST_S),
        ([0.1] * 5, [0.3], 0.1 * SLACK),
        ([0.1] * 5, [0.05], LEAST_S),
        ([0.1] * 5, [0.05, 0.05, 2.0], LEAST_S),
        ([0.1, 0.1, 0.4, 0.1], [0.3], 0.1 * SLACK),
        ([0.1] * 5 + [PAUSE_S * 2], [0.3], LEAST_S),
        ([0.3] * 5, [2.0], MOST),
        ([0.001] * 5, [2.0], LEAST_S),
    ],
)
def test_the_wait_follows_typing_and_fills(gaps: list[float], fills: list[float], wait: float) -> None:
    """Little when fills are quick or typing pauses; in a burst until the next keystroke, up to the bound."""
    assert waits(gaps, fills) == pytest.approx(wait)


@pytest.mark.parametrize("edit", [Edit(Span(0, 0), "pasted"), Edit(Span(0, 9), "")], ids=["paste", "cut"])
def test_only_keystrokes_make_a_rhythm(edit: Edit) -> None:
    """Pasting and cutting, however fast, do not."""
    assert waits([0.1] * 9, [0.3], edit) == LEAST_S


def test_a_bound_of_nothing_is_kept() -> None:
    """The setting's bound holds also where it is below the shortest wait."""
    rhythm = Rhythm(lambda: 0.0)
    rhythm.filled(1.0)
    assert rhythm.wait("a", 0.001) == 0.001


def test_documents_have_their_own_rhythm() -> None:
    """A burst in one holds nothing up in another; a closed one is forgotten."""
    now = 0.0
    rhythm = Rhythm(lambda: now)
    rhythm.filled(1.0)
    for _ in range(9):
        now += 0.1
        rhythm.typed("a", [Edit(Span(0, 0), "x")])
    assert rhythm.wait("a", MOST) > LEAST_S
    assert rhythm.wait("b", MOST) == LEAST_S
    rhythm.forget("a")
    assert rhythm.wait("a", MOST) == LEAST_S
