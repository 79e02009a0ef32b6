from __future__ import annotations

import pytest

from lsp_server.service.reshape import reshape


@pytest.mark.parametrize(
    ("original", "fill", "indent", "expected"),
    [
        ("x = 1\n", "y = 2", "", "y = 2\n"),
        ("x = 1", "y = 2\n\n", "", "y = 2"),
        ("    a\n    b\n", "    c\n    d\n", "    ", "    c\n    d\n"),
        ("    a\n    b\n", "c\nd", "    ", "    c\n    d\n"),
        ("    a\n    b\n", "c\n    d", "    ", "    c\n    d\n"),
        ("a\n    b", "c\n    d", "    ", "c\n    d"),
        ("a\n    b", "    c\n    d", "    ", "c\n    d"),
        ("    for\n", "for x in y:\n        f(x)", "    ", "    for x in y:\n        f(x)\n"),
        ("    for\n", "for x in y:\n    f(x)", "    ", "    for x in y:\n        f(x)\n"),
        ("\tif x:\n", "if y:\n\treturn\n", "\t", "\tif y:\n\t\treturn\n"),
        ("\n\n  a\n\n", "b", "  ", "\n\n  b\n\n"),
        ("", "b\n", "", "b"),
    ],
)
def test_a_rewrite_fits_its_place(original: str, fill: str, indent: str, expected: str) -> None:
    """However the model indents its answer, edges and indentation are the original's."""
    assert reshape(original, fill, indent) == expected
