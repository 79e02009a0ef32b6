from __future__ import annotations

import pytest

from lsp_server.service.postprocess import finished_part, shorter


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("retu", "retu"),
        ("a = 1\n    retu", "a = 1"),
        ("a = 1\r\n    retu", "a = 1"),
        ("\n    retu", "\n    retu"),
        ("a\n", "a"),
    ],
)
def test_the_unfinished_line_goes(text: str, part: str) -> None:
    """The last line is dropped if something stands before it."""
    assert finished_part(text) == part


def test_shorter_versions_come_longest_first() -> None:
    """Whole lines go first, then words and marks of the first line."""
    assert list(shorter("a = foo(1\n  b\n  c")) == [
        "a = foo(1\n  b",
        "a = foo(1",
        "a = foo(",
        "a = foo",
        "a =",
        "a =",
        "a",
        "a",
    ]
