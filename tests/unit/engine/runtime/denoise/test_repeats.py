"""Where a fill begins to write what stands behind its hole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.denoise.repeats import REACH, Behind

SUM = "\n    return total / count\n\n\nprint(1)\n"


@pytest.mark.parametrize(
    ("suffix", "text", "kept"),
    [
        (SUM, "    total = 1\n    return total / count\n", "    total = 1"),
        (SUM, "    total = 1\n\n    return total / count  \n\n# Test", "    total = 1"),
        (SUM, "    total = 1\n    return total / count", None),
        (SUM, "    total = 1\n        return total / count\n", None),
        (SUM, "    total = 1\n    return total / number\n", None),
        (SUM, "    return total / count\n", None),
        (SUM, "    a = 1\n    return total / count\nprint(2)\n", None),
        ("\n}\n}\n", "a\n}\n", None),
        ("\n}\n}\n", "a\n}\n}\n", "a"),
        ("\n    }\n  }\n", "a\n    }\n    }\n", None),
        (":\n        count += 1\n    return count\n", "x in odd:\n        count += 1\n", "x in odd"),
        (":\n        count += 1\n    return count\n", "x in odd:\n", None),
        (":\n        count += 1\n    return count\n", "x in odd:\n    count += 1\n", "x in odd"),
        (")\n", "a)\n)\n)\n", None),
        (" for char in reversed(word)])\n", "ord(char) for char in reversed(word)])\n", "ord(char)"),
        ("weight=1)\n", "weight=1)\n", None),
        ("weight=1)\n", "2, weight=1)\n", None),
        ("    return total / count\n", "    total = 1\n    return total / count\n", "    total = 1\n"),
        ("", "a\nb\nc\n", None),
        ("\n\n\n", "a\n\n\n", None),
    ],
)
def test_cut(suffix: str, text: str, kept: str | None) -> None:
    """Before enough whole lines that are alike, never before anything has been written."""
    cut = Behind.of(suffix).cut(text)
    assert (None if cut is None else text[:cut]) == kept


def test_a_line_cut_by_the_reach_does_not_count() -> None:
    """Half of a line is nothing to compare with."""
    suffix = "\n" + "x" * (REACH - 9) + "\n" + "return 12345"
    assert len(Behind.of(suffix).lines) == 1


@given(st.text("ab(\n :", max_size=60), st.text("ab(\n :", max_size=60))
def test_any_text(suffix: str, text: str) -> None:
    """Something is always kept, and what was cut stays cut however the text goes on."""
    behind = Behind.of(suffix)
    cut = behind.cut(text)
    if cut is not None:
        assert text[:cut].strip()
        assert cut < len(text)
        assert behind.cut(text[:cut]) is None
