"""Where slips are looked for, and what is proposed there."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.sites import MOST_NAMES, Site, SiteKind, sites

PYTHON = """import os

LIMIT = 100


def take(items, count, start=0):
    \"\"\"Take `count` items if start < count.\"\"\"
    taken = []
    for index in range(start, count):
        if index < 3 and items[index] is not None:
            taken.append(items[index])  # index >= count
    return pair(taken, items)
"""


def found(text: str, language: str, span: Span | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    parsed = parse(text, language_for(language))
    return [
        (site.kind.value, text[site.span.start : site.span.end], site.alternatives)
        for site in sites(parsed, span or Span(0, len(text)))
    ]


def of_kind(text: str, language: str, kind: SiteKind) -> dict[str, tuple[str, ...]]:
    return {present: others for each, present, others in found(text, language) if each == kind}


def test_operators_and_their_likes() -> None:
    """Not those of comments and docstrings."""
    assert of_kind(PYTHON, "python", SiteKind.COMPARISON) == {"<": ("<=", ">", ">="), "is not": ("is",)}
    assert of_kind(PYTHON, "python", SiteKind.LOGIC) == {"and": ("or",)}


def test_names_that_were_there_before() -> None:
    """Those of the function, latest first, and of what is around it; neither called nor imported ones."""
    names = of_kind(PYTHON, "python", SiteKind.NAME)
    assert names["taken"] == ("index", "items", "count", "start", "LIMIT")[: len(names["taken"])]
    assert set(names) == {"start", "count", "index", "items", "taken"}
    assert all("os" not in others and "range" not in others for others in names.values())


def test_arguments_in_the_other_order() -> None:
    """Neighbours change places, with what stands between them."""
    assert of_kind(PYTHON, "python", SiteKind.ARGUMENTS) == {
        "start, count": ("count, start",),
        "taken, items": ("items, taken",),
    }


@pytest.mark.parametrize(
    "call", ["f(a=b, c=d)", "f(*a, b)", "f(a, a)", "f(a)", "f(lambda: a, b)", f"f(a, '{'x' * 200}')"]
)
def test_arguments_that_cannot_be_mixed_up(call: str) -> None:
    """Named ones, lists of them, functions, equal ones, and long ones, which stay whole."""
    assert of_kind(f"x = {call}\n", "python", SiteKind.ARGUMENTS) == {}


def test_small_numbers_are_off_by_one() -> None:
    """Larger ones seldom are, and below 0 is none."""
    assert of_kind("x = y[2] + z[0] - w[100]\n", "python", SiteKind.NUMBER) == {"2": ("3", "1"), "0": ("1",)}


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        (
            "javascript",
            "function f(a, b) {\n  return a === b && a > 1 ? true : b;\n}\n",
            "comparison logic truth",
        ),
        (
            "typescript",
            "function f(a: number, b: number) {\n  return g(a, b) - 1;\n}\n",
            "arguments arithmetic",
        ),
        (
            "go",
            "package p\nfunc f(a, b int) bool {\n\treturn a < b || b == 1\n}\n",
            "comparison logic number",
        ),
        ("rust", "fn f(a: i32, b: i32) -> bool {\n    g(a, b) && a <= b\n}\n", "arguments comparison logic"),
        (
            "java",
            "class A { boolean f(int a, int b) { return g(a, b) || a != b; } }\n",
            "arguments logic name",
        ),
        ("c", "int f(int a, int b) {\n  return g(a, b) + (a >= b);\n}\n", "arguments arithmetic comparison"),
        ("php", "<?php\nfunction f($a, $b) { return g($a, $b) && true; }\n", "arguments logic truth"),
        ("ruby", "def f(a, b)\n  g(a, b) && a < b\nend\n", "arguments comparison logic"),
        ("kotlin", "fun f(a: Int, b: Int): Boolean {\n    return g(a, b) && a == b\n}\n", "arguments logic"),
    ],
)
def test_other_languages(language: str, text: str, kinds: str) -> None:
    """The same in each."""
    assert {kind for kind, _, _ in found(text, language)} >= set(kinds.split())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("plaintext", "a < b"),
        ("json", '{"a": true, "b": 1}'),
        ("python", ""),
        ("css", "a { top: 1px + 2px }"),
    ],
)
def test_nothing_in_what_is_no_program(language: str, text: str) -> None:
    """Data and prose have none."""
    assert found(text, language) == []


def test_only_inside_of_the_span() -> None:
    """Names declared before it count all the same."""
    at = PYTHON.index("    return pair")
    inside = found(PYTHON, "python", Span(at, len(PYTHON)))
    assert [present for _, present, _ in inside] == ["taken", "taken, items", "items"]


def test_bounded_and_deep() -> None:
    """Many names and deep nesting are no problem."""
    many = "\n".join(f"name{index} = 1" for index in range(200)) + "\nprint(name0)\n"
    [others] = of_kind(many, "python", SiteKind.NAME).values()
    assert len(others) == MOST_NAMES
    deep = "x = " + "(" * 3000 + "1 + 2" + ")" * 3000 + "\n"
    assert isinstance(found(deep, "python"), list)


def test_sites_are_in_order_and_inside() -> None:
    """Each alternative differs from what stands there."""
    parsed = parse(PYTHON, language_for("python"))
    those: tuple[Site, ...] = sites(parsed, Span(0, len(PYTHON)))
    assert list(those) == sorted(those, key=lambda site: site.span)
    for site in those:
        assert PYTHON[site.span.start : site.span.end] not in site.alternatives
