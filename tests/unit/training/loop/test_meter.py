"""Figures add up over passes and are shown on one line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.loop.meter import Meter, in_words

COUNTS = st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 9), st.integers(0, 9)))


@given(st.lists(COUNTS))
def test_order_does_not_matter(several: list[dict[str, tuple[float, float]]]) -> None:
    """Sums are the same in whatever order they come."""
    assert Meter.of(several).sums() == Meter.of(reversed(several)).sums()


def test_means() -> None:
    """A figure is its sum over its weight; one without weight is not shown."""
    meter = Meter.of([{"ce": (6.0, 2), "none": (0.0, 0)}, {"ce": (0.0, 1)}])
    assert meter.figures() == {"ce": 2.0}


def test_in_words() -> None:
    """Names that differ in a number are shown together, others by themselves."""
    figures = {"loss": 1.5, "right@0": 0.5, "right@4": 0.25, "at 1, blank": 1, "at 1, partly": 0, "a1b2": 0}
    assert (
        in_words(figures)
        == "loss 1.500  right@0,4 0.500 0.250  at 1, blank 1.000  at 1, partly 0.000  a1b2 0.000"
    )
