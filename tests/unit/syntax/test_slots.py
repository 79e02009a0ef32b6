"""Where types, documentation and the handling of errors are missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.slots import Slot, uncaught, undocumented, untyped

Find = Callable[[Parsed, Span], tuple[Slot, ...]]


def filled(find: Find, text: str, language: str) -> str:
    """The text with T in every slot."""
    parsed = parse(text, language_for(language))
    for slot in reversed(find(parsed, Span(0, len(text)))):
        text = f"{text[: slot.span.start]}{slot.head}T{slot.tail}{text[slot.span.end :]}"
    return text


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "def f(a, b=1, *c, d: int = 2, **e):\n    x\n", None),
        ("python", "def f(self, a: int) -> int:\n    x\n", "def f(self, a: int) -> int:\n    x\n"),
        ("typescript", "function f(a, b: number, c = 1, {d}) {}\n", None),
        ("python", "def __init__(self, a):\n    x\n", "def __init__(self, a: T):\n    x\n"),
        ("typescript", "class A { constructor(a?) {} }\n", "class A { constructor(a?: T) {} }\n"),
        ("go", "func f(a int) {}\n", "func f(a int) {}\n"),
    ],
)
def test_types(language: str, text: str, expected: str | None) -> None:
    """Parameters and results without a type; patterns, other languages and what has one have no slot."""
    written = {
        "python": "def f(a: T, b: T = 1, *c: T, d: int = 2, **e: T) -> T:\n    x\n",
        "typescript": "function f(a: T, b: number, c = 1, {d}): T {}\n",
    }
    assert filled(untyped, text, language) == (expected or written[language])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            "class A:\n    def f(a):\n        x\n",
            'class A:\n    def f(a):\n        """T"""\n        x\n',
        ),
        ("python", 'def f():\n    """D."""\n', 'def f():\n    """D."""\n'),
        ("python", "def f(): return 1\n", "def f(): return 1\n"),
        ("javascript", "export function f() {}\n", "/** T */\nexport function f() {}\n"),
        ("javascript", "// d\nfunction f() {}\n", "// d\nfunction f() {}\n"),
        ("go", "func F() {}\n", "// F T\nfunc F() {}\n"),
        ("rust", "impl A {\n    fn f() {}\n}\n", "impl A {\n    /// T\n    fn f() {}\n}\n"),
        ("ruby", "def f\n  1\nend\n", "# T\ndef f\n  1\nend\n"),
    ],
)
def test_documentation(language: str, text: str, expected: str) -> None:
    """As each language has it, where there is none yet."""
    assert filled(undocumented, text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            "def f():\n  '''D.'''\n  x\n\n  y\n",
            "def f():\n  '''D.'''\n  try:\n    x\n\n    y\n  except T\n",
        ),
        ("python", "def f():\n    try:\n        x\n    finally:\n        y\n", None),
        ("python", "def f():\n    x = '''a\n  b'''\n", None),
        ("python", "def f(): x\n", None),
        (
            "javascript",
            "function f() {\n  x();\n}\n",
            "function f() {\n  try {\n    x();\n  } catch (error) {\n    T\n  }\n}\n",
        ),
        ("go", "func F() {\n\tx()\n}\n", None),
    ],
)
def test_errors(language: str, text: str, expected: str | None) -> None:
    """The body goes into a try; not where something is caught, a string would change, or it is one line."""
    assert filled(uncaught, text, language) == (expected or text)
