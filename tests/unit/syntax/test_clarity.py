"""Names that say nothing, and those that may be written instead."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.clarity import is_unclear, styled
from lsp_server.syntax.hints import hints
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locals import functions_in, locals_of
from lsp_server.syntax.parse import parse


@pytest.mark.parametrize(
    ("code", "unclear"),
    [
        ("a = 1\n    b = a\n    return b", ["a", "b"]),
        ("tmp = res = data1 = x1 = s2 = 1\n    return s2", ["tmp", "res", "data1", "s2"]),
        ("i = x = _a = id = sha256 = total = Q = 1\n    return x", []),
        ("return [p for p in q]", []),
    ],
)
def test_names_that_say_nothing(code: str, unclear: list[str]) -> None:
    """Short ones that stand on several lines, abbreviations, numbered ones; none that everybody reads."""
    text = f"def f(q):\n    {code}\n"
    parsed = parse(text, language_for("python"))
    (function,) = functions_in(parsed, Span(0, len(text)))
    assert [each.name for each in locals_of(parsed, function) if is_unclear(parsed, each)] == unclear


@pytest.mark.parametrize(
    ("name", "python", "javascript"),
    [
        ("TextDecoder", "text_decoder", "textDecoder"),
        ("user_list", "user_list", "userList"),
        ("HTTPRequest", "http_request", "httpRequest"),
        ("list", "", "list"),
        ("lambda", "", "lambda"),
        ("typeof", "typeof", ""),
        ("tmp", "", ""),
        ("ab", "", ""),
        ("value2", "", ""),
    ],
)
def test_names_as_a_language_writes_them(name: str, python: str, javascript: str) -> None:
    """Words in its style; empty for what means something there or says nothing."""
    written = [styled(parse("", language_for(language)), name) for language in ("python", "javascript")]
    assert written == [python, javascript]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "python",
            "def f(a):\n    t = a.get_user_names(1)\n    g(path=t)\n",
            ["user_names", "names", "path"],
        ),
        ("python", "def f(a):\n    for t in a.entries: t\n", ["entry", "entry"]),
        ("python", "def f(a):\n    t = a.rows[0]\n", ["row", "row"]),
        ("python", "def f(a):\n    t = a.config.copy()\n", ["config", "config"]),
        ("python", "def f(a):\n    t = 1 + a\n", []),
        (
            "javascript",
            "function f(a) { const t = await a.fetchUser(); g({ owner: t }); }",
            ["User", "User", "owner"],
        ),
    ],
)
def test_what_the_code_around_calls_it(language: str, text: str, names: list[str]) -> None:
    """What is put into it without the verb, one of several, and what it is given as."""
    parsed = parse(text, language_for(language))
    (function,) = functions_in(parsed, Span(0, len(text)))
    (variable,) = [each for each in locals_of(parsed, function) if each.name == "t"]
    assert [each for each in hints(parsed, variable) if each] == names
