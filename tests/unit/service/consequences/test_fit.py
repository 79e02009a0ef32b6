from __future__ import annotations

import pytest

from lsp_server.service.consequences.fit import UnclearError, refit
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import Signature, signature_at
from lsp_server.syntax.uses import calls


def tree(text: str, language: str = "python") -> Parsed:
    return parse(text, language_for(language))


def signature(parameters: str, language: str) -> Signature:
    text = f"def f({parameters}): pass" if language == "python" else f"function f({parameters}) {{}}"
    found = signature_at(tree(text, language), text.index("f("))
    assert found
    return found


def fitted(before: str, now: str, call: str, renamed: tuple[tuple[str, str], ...], language: str) -> str:
    parsed = tree(call, language)
    both = signature(before, language), signature(now, language)
    text = call
    for each in reversed(refit(parsed, calls(parsed, "f")[0], *both, renamed)):
        written = "".join(part if isinstance(part, str) else f"<{part.name}>" for part in each.parts)
        text = text[: each.span.start] + written + text[each.span.end :]
    return text


CASES = [
    ("a", "a, b", "f(1)", "f(1, <b>)"),
    ("a", "a, b", "f(a=1)", "f(a=1, b=<b>)"),
    ("", "a", "f()", "f(<a>)"),
    ("a", "", "f(1)", "f()"),
    ("a", "", "f(a=1)", "f()"),
    ("a, b", "b", "f(1, 2)", "f(2)"),
    ("a, b", "a", "f(1, b=2)", "f(1)"),
    ("a, b", "b, a", "f(1, 2)", "f(2, 1)"),
    ("a, b", "b, a", "f(1, b=2)", "f(a=1, b=2)"),
    ("a, b", "a, *, b", "f(1, 2)", "f(1, b=2)"),
    ("a, b", "a, x, b", "f(1, 2)", "f(1, <x>, 2)"),
    ("a, c=0", "a, b=1, c=0", "f(1, 2)", "f(1, c=2)"),
    ("a, c=0", "a, b=1, c=0", "f(1)", "f(1)"),
    ("a, c=0", "a, b, c=0", "f(1, c=2)", "f(1, <b>, c=2)"),
    ("a, c=0", "a, c=0, *, d", "f(1)", "f(1, d=<d>)"),
    ("a, b, c", "c", "f(\n    1,\n    2,\n    3,\n)", "f(\n    3,\n)"),
    ("a, b, c", "a", "f(\n    1,\n    2,\n    3,\n)", "f(\n    1,\n)"),
    ("a, b", "a, b, c, d", "f(\n    1,\n    2,\n)", "f(\n    1,\n    2, <c>, <d>,\n)"),
    ("a, *r", "a, b, *r", "f(1, 2, 3)", "f(1, <b>, 2, 3)"),
    ("a, b", "z, b", "f(1, 2)", "f(<z>, 2)"),
    ("a, **kw", "a, b, **kw", "f(1, x=2)", "f(1, <b>, x=2)"),
    ("a=1", "a=1, b=2", "f(1)", "f(1)"),
    ("a, b=2", "a, b", "f(1)", "f(1, 2)"),
    ("a, b='x'", "a, b", "f(a=1)", "f(a=1, b='x')"),
    ("a, b=X", "a, b", "f(1)", "f(1, <b>)"),
    ("a, b=2, c=3", "a, b, c=3", "f(1, c=4)", "f(1, 2, c=4)"),
    ("a, b=2", "a, b", "f(1, b=4)", "f(1, b=4)"),
    ("a, b", "b, a", "f('x#', 2)", "f(2, 'x#')"),
]


@pytest.mark.parametrize(("before", "now", "call", "after"), CASES)
def test_a_call_becomes_one_of_the_new_header(before: str, now: str, call: str, after: str) -> None:
    """What stays is left as it stands, what goes goes with its comma, what lacks is a hole."""
    assert fitted(before, now, call, (), "python") == after


def test_renamed_parameters_change_names_alone() -> None:
    """Also where a call hands arguments on."""
    pairs = (("b", "q"),)
    assert fitted("a, b", "a, q", "f(1, b=2)", pairs, "python") == "f(1, q=2)"
    assert fitted("a, b", "a, q", "f(*z, b=2)", pairs, "python") == "f(*z, q=2)"


@pytest.mark.parametrize(
    ("language", "before", "now", "call"),
    [
        ("python", "a", "a, b", "f(*x)"),
        ("python", "a", "a, b", "f(1, 2)"),
        ("python", "a", "a, b", "f(1, z=2)"),
        ("python", "a, b", "b, a", "f(1, # one\n  2)"),
        ("javascript", "a, b = 2", "a, b = 2, c", "f(1)"),
        ("javascript", "a, c", "a, b = 1, c", "f(1, 2)"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(language: str, before: str, now: str, call: str) -> None:
    """Arguments handed on, too many, unknown, comments among them, or no names to give them by."""
    with pytest.raises(UnclearError):
        fitted(before, now, call, (), language)
