"""Variables that can be renamed everywhere at once."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locals import Local, functions_in, locals_of, names_in
from lsp_server.syntax.parse import Parsed, parse


def found(text: str, language: str = "python") -> tuple[Parsed, tuple[Local, ...]]:
    parsed = parse(text, language_for(language))
    functions = functions_in(parsed, Span(0, len(text)))
    return parsed, tuple(each for function in functions for each in locals_of(parsed, function))


def renamed(text: str, language: str = "python") -> str:
    """With every place of `t` called `new`."""
    _, variables = found(text, language)
    places = [place for each in variables if each.name == "t" for place in each.places]
    for place in reversed(places):
        text = f"{text[: place.start]}new{text[place.end :]}"
    return text


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("python", "    t = 1\n    return t.t + g(t=t)", "    new = 1\n    return new.t + g(t=new)"),
        ("python", "    t += 1\n    t = f'{t:>3} t'\n", "    new += 1\n    new = f'{new:>3} t'\n"),
        ("python", "    for t in a: t\n", "    for new in a: new\n"),
        ("python", "    return [t for t in a if t]\n", "    return [new for new in a if new]\n"),
        ("python", "    with a as t: t()\n", "    with a as new: new()\n"),
        ("python", "    t = 1\n    def g(): return t\n", "    new = 1\n    def g(): return new\n"),
        (
            "python",
            "    t = 1\n    def g():\n        nonlocal t\n        t = 2\n",
            "    t = 1\n    def g():\n        nonlocal t\n        t = 2\n",
        ),
        ("javascript", "let t = 1; return a.t + t;", "let new = 1; return a.t + new;"),
        ("javascript", "const [t] = a; return () => `${t} t`;", "const [new] = a; return () => `${new} t`;"),
        ("javascript", "for (const t of a) g({ t: t });", "for (const new of a) g({ t: new });"),
        ("javascript", "if (a) { var t = 1; } return t;", "if (a) { var new = 1; } return new;"),
        ("typescript", "const t: t = a as t; return t;", "const new: t = a as t; return new;"),
        ("go", "t, e := g(); print(a.t, t)", "new, e := g(); print(a.t, new)"),
    ],
)
def test_all_places_of_a_variable(language: str, before: str, after: str) -> None:
    """Members, arguments' names, types and texts that are called the same stay."""
    head, tail = {"python": ("def f(a):\n", "")}.get(language, ("function f(a) { ", " }"))
    if language == "go":
        head, tail = "func f(a T) { ", " }"
    assert renamed(f"{head}{before}{tail}", language) == f"{head}{after}{tail}"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(t):\n    t = t + 1\n"),
        ("python", "def f():\n    global t\n    t = 1\n"),
        ("python", "def f():\n    t = 1\n    return lambda t: t\n"),
        ("python", "def f():\n    import t\n    t.g()\n"),
        ("python", "def f():\n    def t(): ...\n    t()\n"),
        ("python", "def f():\n    t = 1\n    class A:\n        t = 2\n"),
        ("python", "def f():\n    t = 1\n    print(f'{t=}')\n"),
        ("python", "def f():\n    t = 1\n    return '{t}'.format(**locals())\n"),
        ("python", "def f(d):\n    t = 1\n    return d.query('a > @t')\n"),
        ("python", "def f():\n    return t\n"),
        ("python", "def f(a):\n    match a:\n        case B(t=t): return t\n"),
        ("javascript", "function f(t) { t = 1; }"),
        ("javascript", "function f() { const t = 1; return { t }; }"),
        ("javascript", "function f(a) { const { t } = a; return t; }"),
        ("javascript", "function f(a) { if (a) { let t = 1; } return t; }"),
        ("javascript", "function f() { t = 1; return t; }"),
        ("javascript", "function f() { const t = 1; return g((t) => t); }"),
        ("javascript", "function f() { const t = 1; return t => t; }"),
        ("go", "func f() { t := 1; return T{t: 2} }"),
        ("rust", "fn f() { let t = 1; g(t); }"),
    ],
)
def test_what_may_be_known_elsewhere_is_left_out(language: str, text: str) -> None:
    """Parameters, what is shared with other scopes, and what is seen by its name."""
    assert renamed(text, language) == text


def test_a_remark_that_tells_of_a_variable() -> None:
    """It would be wrong then; a single letter is too often a word."""
    _, variables = found("def f():\n    tmp = a = 1  # tmp is a thing\n")
    assert [each.name for each in variables] == ["a"]


def test_names_that_are_taken() -> None:
    """Those of the function, of what is around it and of the file; none of members and other functions."""
    text = "import m\ndef g(): inner = 1\ndef f(a):\n    b = a.member(key=1)\n    return c\n"
    parsed, variables = found(text)
    names = names_in(parsed, variables[-1].scope)
    assert names == {"m", "g", "f", "a", "b", "c"}


def test_the_function_of_a_selection() -> None:
    """Those that are selected, or the one that the selection is part of."""
    parsed = parse("x = 1\ndef f():\n    def g(): ...\ndef h(): ...\n", language_for("python"))
    starts = [[each.start for each in functions_in(parsed, span)] for span in (Span(0, 50), Span(20, 24))]
    assert starts == [[6, 32], [19]]
    assert functions_in(parsed, Span(0, 5)) == ()
