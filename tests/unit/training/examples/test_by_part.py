"""Holes by the tree are what their names say."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.types import Span
from lsp_server.training.examples import by_part
from lsp_server.training.examples.page import Page

Choose = Callable[[Page, random.Random], Span | None]
KINDS: dict[str, Choose] = {
    "expression": by_part.expression,
    "arguments": by_part.arguments,
    "condition": by_part.condition,
    "body": by_part.body,
    "block": by_part.block,
    "statements": by_part.statements,
    "comment": by_part.comment,
}


def middles(page: Page, choose: Choose, count: int = 120) -> set[str]:
    """The texts of some holes."""
    holes = (choose(page, random.Random(seed)) for seed in range(count))
    return {page.text[hole.start : hole.end] for hole in holes if hole is not None}


@pytest.mark.parametrize(
    ("kind", "language", "some", "never"),
    [
        ("expression", "python", {"scaled(0, factor)", "self.radius < 0", "range(3)"}, {"print(step)", "3"}),
        ("expression", "typescript", {"Math.round(item)", "item > 0"}, {"let sum = start;"}),
        ("expression", "go", {"zero(factor)", "radius * radius"}, {"log.Print(radius)\n"}),
        ("arguments", "python", {"0, factor", "self, factor=1", "Shape"}, {"(0, factor)"}),
        ("arguments", "typescript", {"items: number[], start = 0", "item"}, {"(item)"}),
        ("arguments", "go", {"radius float64, factor int", "factor"}, {"(factor)"}),
        ("condition", "python", {"self.radius < 0 and not factor"}, {"range(3)"}),
        ("condition", "typescript", {"item > 0 && sum < 100"}, {"(item > 0 && sum < 100)"}),
        ("condition", "go", {"radius < 0 && factor == 0"}, {"radius * radius"}),
        ("body", "python", {"self.radius = radius", "\n        self.radius = radius"}, {"print(step)"}),
        ("block", "python", {"\n            factor += step\n            print(step)"}, {"print(step)"}),
        ("block", "typescript", {"sum += Math.round(item);"}, {"return sum;"}),
        ("block", "go", {"log.Print(radius)\n\t\treturn zero(factor)"}, {"return radius * radius"}),
        ("statements", "python", {"factor += step\n            print(step)", "print(step)"}, {"radius"}),
        ("statements", "go", {"log.Print(radius)\n\t\treturn zero(factor)"}, {"factor"}),
        ("comment", "python", {"# nothing is smaller", '"""A circle around a point."""'}, {"radius"}),
        ("comment", "go", {"Area is in square units.", "// Area is in square units."}, {"factor"}),
    ],
)  # fmt: skip
def test_what_is_cut(
    page_of: Callable[..., Page], kind: str, language: str, some: set[str], never: set[str]
) -> None:
    """Each kind cuts out what it is called, whole, and nothing else."""
    found = middles(page_of(language), KINDS[kind], 400)
    assert some <= found
    assert not never & found


@pytest.mark.parametrize(
    ("language", "text", "runs"),
    [
        (
            "python",
            "if a:\n    b()\n    # why\n    c()\nd()\ne()\n",
            {"b()\n    # why\n    c()", "c()", "d()\ne()"},
        ),
        ("go", "func f() {\n\ta()\n\tb()\n}\n", {"a()\n\tb()", "b()"}),
    ],
)
def test_statements_stay_in_their_block(
    page_of: Callable[..., Page], language: str, text: str, runs: set[str]
) -> None:
    """A run of statements goes over comments, and never leaves the block it begins in."""
    found = middles(page_of(language, text), by_part.statements, 200)
    assert runs <= found
    assert not {middle for middle in found if middle.startswith(("b()", "c()")) and "d()" in middle}


def test_no_tree_no_parts(page_of: Callable[..., Page]) -> None:
    """Text without a grammar has none of these holes."""
    assert not any(middles(page_of("plaintext"), choose, 5) for choose in KINDS.values())


@settings(max_examples=60)
@given(st.text(), st.sampled_from(["python", "rust", "html", "yaml", "bash", "lua"]), st.integers(0, 99))
def test_any_text(text: str, language: str, seed: int) -> None:
    """Whatever the text, a hole lies in it or there is none."""

    class _File:
        path, package = "a", "a"

    file = _File()
    file.text, file.language = text, language  # type: ignore[attr-defined]
    page = Page(file)  # type: ignore[arg-type]
    for choose in KINDS.values():
        hole = choose(page, random.Random(seed))
        assert hole is None or hole.end <= len(page.text)
