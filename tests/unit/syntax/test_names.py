"""Names that nothing defines."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.names import LARGEST, undefined_names
from lsp_server.syntax.parse import parse

CODE = """\
import os.path as path
from typing import Any

LIMIT = 3


def area(radius, *rest, scale=1, **more):
    global counted
    counted = radius
    for number, (row, col) in enumerate(rest):
        with open("x") as file:
            pass
    try:
        pass
    except OSError as error:
        pass
    |


class Shape:
    sides = 4

    def __init__(self):
        self.name = late()


def late():
    hidden = 1
    return unseen
"""


def found(fill: str, code: str = CODE, language: str = "python") -> list[str]:
    at = code.index("|")
    parsed = parse(code.replace("|", "", 1), language_for(language))
    return [fill[span.start : span.end] for span in undefined_names(parsed, Edit(Span(at, at), fill))]


@pytest.mark.parametrize(
    "fill",
    [
        "return radius + scale + len(rest) + LIMIT + more['x'] + path.sep + counted",
        "return number, row, col, file, error, Any, Shape, late()",
        "fresh = 1\n    return fresh",
        "return [each for each in rest if (kept := each)] or kept",
        "return lambda one, *two: one + len(two)",
        "import json\n    return json.dumps(radius, nowhere=1)",
        "def inner(a):\n        return a + radius\n    return inner(1)",
        "return radius.nowhere().name + __name__ + __file__",
        "return 'nowhere' # nowhere",
        "match radius:\n        case {'a': held, **left}:\n            return held, left",
        "del radius",
        "return unseen",
        "",
        "   ",
    ],
)
def test_what_is_defined_is_not_found(fill: str) -> None:
    """By the file, the fill, a scope around, the interpreter; nor what the file itself uses undefined."""
    assert found(fill) == []


@pytest.mark.parametrize(
    ("fill", "names"),
    [
        ("return nowhere", ["nowhere"]),
        ("return nowhere.radius(radius.nowhere)", ["nowhere"]),
        ("return f'{radius} {nowhere}'", ["nowhere"]),
        ("return hidden", ["hidden"]),
        ("return sides", ["sides"]),
        ("return [other for each in rest if nowhere]", ["other", "nowhere"]),
        ("raise Nowhere from error", ["Nowhere"]),
        ("other += nowhere", ["nowhere"]),
        ("return area(nowhere=nowhere)", ["nowhere"]),
        ("return '🙂' + näme", ["näme"]),
    ],
)
def test_what_nothing_defines_is_found(fill: str, names: list[str]) -> None:
    """Uses only, in order; what is local to another function or a class is not known here."""
    assert found(fill) == names


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("from os import *\n|\n", "python"),
        ("def f():\n    from os import (*)\n|\n", "python"),
        ("x = (\n|\n", "python"),
        ("\0|", "python"),
        ("|\n" + "#" * LARGEST, "python"),
        ("x = 1;\n|\n", "javascript"),
        ("|", "plaintext"),
    ],
)
def test_where_it_cannot_be_known_nothing_is_found(code: str, language: str) -> None:
    """Star imports, files that do not parse, that are too large, or in another language."""
    assert found("return_ = nowhere", code, language) == []


@pytest.mark.parametrize("code", ["for each in |:\n    print(each)\n", "\r\nx = |\r\n", "\ufeffx = |"])
def test_half_typed_files(code: str) -> None:
    """What stands around a fill need not parse without it."""
    assert found("nowhere", code) == ["nowhere"]
