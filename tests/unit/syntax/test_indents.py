"""Lines at columns where Python does not allow them."""

from __future__ import annotations

import ast

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.indents import misplaced
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

LOOP = "def f(b):\n    for x in b:\n        if x:\n            a()\n|\n    return a\n"


@pytest.mark.parametrize(
    ("text", "fill", "worse"),
    [
        (LOOP, "        else:\n            c()", False),
        (LOOP, "        c()", False),
        (LOOP, "          c()", True),
        (LOOP, "                c()", True),
        (LOOP, "    return b", False),
        (LOOP, "    if b:", False),
        (LOOP, "    if b:\n    c()", True),
        (LOOP, "            c(\n  1,\n      2)\n\n  # there\n        d()", False),
        (LOOP, "        c = '''\n   x:\n'''\n        d()", False),
        (LOOP, "        c = [\n        x\nfor x in y\n  if x]", False),
        (LOOP, "        @c\n        def d():\n            pass", False),
        (LOOP, "        try:\n            c()\n        except d:\n            e()", False),
        ("def f(b):\n    for x in b:\n|\n            c(x)\n", "    for y in b:", True),
        ("def f(b):\n    for x in b:\n|\n            c(x)\n", "        for y in b:", False),
        ("def f(b):\n    if b:\n        a()\n    else:\n|\n        c()\n", "    return b", True),
        ("def f(b):\n    a()\n|\n        c()\n", "    return b", False),
        ("x = 1\n        |\n", "y = 2", False),
        ("x = 1\n        |\n", "y = 2\n            z = 3", True),
        ("def f(b):\n    |\n", "return b", False),
        ("def f(b):\n|\nx = 1\n", "return b", True),
        ("def f(b): |\n", "return b", False),
        ("|\nx = 1\n", "  y = 2", True),
        ("if a:\n\tb()\n|\n", "\tc()", False),
        ("match a:\n    case 1:\n        b()\n|\n", "    case 2:\n        c()", False),
    ],
)
def test_a_fill_at_a_wrong_column_is_worse(text: str, fill: str, worse: bool) -> None:
    """Unless the cursor gave it, or the fault was there before; a header may stay empty."""
    at = text.index("|")
    parsed = parse(text.replace("|", "", 1), language_for("python"))
    assert check_edits(parsed, [Edit(Span(at, at), fill)]).worse is worse


@pytest.mark.parametrize("module", [ast, pytest])
def test_code_that_runs_has_no_such_line(module: object) -> None:
    """Nowhere in a whole file."""
    with open(module.__file__, encoding="utf-8") as file:  # type: ignore[attr-defined] # noqa: PTH123
        text = file.read()
    parsed = parse(text, language_for("python"))
    step = 5_000
    assert [misplaced(parsed, Span(at, min(at + step, len(text)))) for at in range(0, len(text), step)] == [
        0 for _ in range(0, len(text), step)
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [("javascript", "a\n    b\n"), ("python", "a = (\n    b\n c"), ("plaintext", "a\n b")],
)
def test_where_nothing_can_be_told(language: str, text: str) -> None:
    """Other languages, and text that does not parse."""
    assert misplaced(parse(text, language_for(language)), Span(0, len(text))) is None
