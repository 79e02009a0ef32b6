from __future__ import annotations

from collections.abc import Callable

import pytest

from lsp_server.core.edits import apply_in_turn, apply_together, carry
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Edit, Span


def test_edits_in_turn_see_each_other() -> None:
    """Each sequential edit counts in the text the one before left."""
    assert apply_in_turn("abc", [Edit(Span(0, 1), "xyz"), Edit(Span(3, 4), "")]) == "xyzc"


def test_edits_together_count_in_the_first_text() -> None:
    """Simultaneous edits may come in any order."""
    assert apply_together("abc", [Edit(Span(2, 3), ""), Edit(Span(0, 1), "xyz")]) == "xyzb"


@pytest.mark.parametrize("apply", [apply_in_turn, apply_together])
def test_edits_outside_the_text_are_refused(apply: Callable[[str, list[Edit]], str]) -> None:
    """An edit past the end is an error, never a silent clamp."""
    with pytest.raises(BadInput):
        apply("abc", [Edit(Span(2, 4), "")])


def test_overlapping_edits_are_refused() -> None:
    """Simultaneous edits must not overlap."""
    with pytest.raises(BadInput):
        apply_together("abcd", [Edit(Span(0, 2), ""), Edit(Span(1, 3), "")])


@pytest.mark.parametrize(
    ("span", "changed", "length", "carried"),
    [
        ((4, 8), (0, 2), 5, (7, 11)),
        ((4, 8), (0, 4), 0, (0, 4)),
        ((4, 8), (4, 4), 3, (7, 11)),
        ((4, 8), (8, 8), 3, (4, 8)),
        ((4, 8), (9, 12), 0, (4, 8)),
        ((4, 8), (5, 5), 1, None),
        ((4, 8), (3, 5), 1, None),
        ((4, 8), (0, 20), 0, None),
        ((4, 4), (4, 4), 1, None),
        ((4, 4), (2, 4), 0, (2, 2)),
        ((4, 4), (4, 6), 0, (4, 4)),
        ((4, 4), (3, 5), 0, None),
    ],
)
def test_carrying_a_span(
    span: tuple[int, int], changed: tuple[int, int], length: int, carried: tuple[int, int] | None
) -> None:
    """A span moves with changes before it, ignores those behind and is lost when touched."""
    expected = Span(*carried) if carried else None
    assert carry(Span(*span), Span(*changed), length) == expected
