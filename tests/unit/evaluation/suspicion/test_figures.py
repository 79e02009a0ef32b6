"""Counting what was found."""

from __future__ import annotations

import pytest

from lsp_server.evaluation.suspicion.figures import figures_of, in_words
from lsp_server.evaluation.suspicion.measure import Seen, Trial

LEAST = {"name": 3.0, "number": 2.0}
MENDED = Seen("name", 4.0, "bug", right=True)
TRIALS = (
    Trial(
        "python",
        "a/b.py",
        "variable",
        150,
        3.0,
        (MENDED, Seen("name", 9.0, "line")),
    ),
    Trial("python", "a/c.py", "variable", 150, 3.0, (Seen("name", 2.9, "bug"), Seen("number", 2.0, "clean"))),
    Trial("go", "a/c.go", "off by one", 100, 2.0, (Seen("number", 2.5, "bug"), Seen("name", 2.0, "clean"))),
)


def test_flags_above_their_thresholds_are_counted() -> None:
    """On the bug, anywhere else but on its line, and by kind of bug."""
    figures = figures_of(TRIALS, LEAST)
    assert figures.flagged == {"variable": (1, 2), "off by one": (1, 1)}
    assert (figures.mended, figures.false, figures.lines) == (1, 1, 400)
    assert figures.recall == pytest.approx(2 / 3)
    assert figures.false_per_lines == pytest.approx(0.5)
    assert figures.precision == pytest.approx((2 / 3) / (2 / 3 + 0.5))


def test_in_words() -> None:
    """Every figure stands in the text."""
    said = in_words(figures_of(TRIALS, LEAST))
    for part in ("66.7%", "variable        1 of 2", "0.50 in 200 lines", "57%", "20.0 s"):
        assert part in said
