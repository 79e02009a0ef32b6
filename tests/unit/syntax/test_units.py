"""Units of code that are written anew by themselves."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locks import Lock, locked_spans
from lsp_server.syntax.parse import parse
from lsp_server.syntax.units import fits, least_likely

PYTHON = """def total(items, start=0):
    # sums up
    result = start + 1
    for item in items:
        result += item.price
    return round(result, 2)
"""
GO = """func total(items []Item) int {
\tsum, err := start(items)
\tif err != nil {
\t\treturn 0
\t}
\treturn sum + 1
}
"""


def chosen(
    text: str, language: str, unlikely: str, share: float, *, lock: tuple[Lock, ...] = ()
) -> list[str]:
    """The units where only places that hold `unlikely` are unlikely."""
    parsed = parse(text, language_for(language))
    whole = Span(0, len(text))

    def likelihood(span: Span) -> float:
        return 0.1 if unlikely in text[span.start : span.end] else 0.9

    units = least_likely(parsed, whole, locked_spans(parsed, whole, lock), likelihood, share)
    return [text[unit.start : unit.end] for unit in units]


@pytest.mark.parametrize(
    ("text", "language", "unlikely", "units"),
    [
        (PYTHON, "python", "2", ["2"]),
        (PYTHON, "python", "price", ["result += item.price"]),
        (PYTHON, "python", "round", ["return round(result, 2)"]),
        (GO, "go", "start", ["sum, err := start(items)"]),
        (GO, "go", "1", ["return sum + 1"]),
    ],
)
def test_a_little_strength_takes_what_is_least_likely(
    text: str, language: str, unlikely: str, units: list[str]
) -> None:
    """With the short expression or statement that it is most of, and nothing else."""
    assert chosen(text, language, unlikely, 0.05) == units


def test_more_strength_takes_more() -> None:
    """Up to every statement of the body; the function's own name and its parameters stay."""
    sizes = [sum(map(len, chosen(PYTHON, "python", "2", share))) for share in (0.05, 0.3, 0.6, 1.0)]
    assert sizes == sorted(set(sizes))
    loop = "for item in items:\n        result += item.price"
    assert chosen(PYTHON, "python", "2", 1.0) == ["0", "result = start + 1", loop, "return round(result, 2)"]


@pytest.mark.parametrize("lock", Lock)
@pytest.mark.parametrize(("text", "language"), [(PYTHON, "python"), (GO, "go")])
def test_what_is_locked_is_in_no_unit(text: str, language: str, lock: Lock) -> None:
    """At full strength too; what is left is in some."""
    parsed, whole = parse(text, language_for(language)), Span(0, len(text))
    locked = locked_spans(parsed, whole, [lock])
    units = least_likely(parsed, whole, locked, lambda _: 0.5, 1.0)
    assert units
    assert not any(unit.start < each.end and each.start < unit.end for unit in units for each in locked)


def test_lines_where_there_is_no_grammar() -> None:
    """They are all there is to go by."""
    assert chosen("first line\n  second one\n", "plaintext", "second", 0.1) == ["second one"]


def test_comments_stay() -> None:
    """Without words nobody says what they should say."""
    assert not any("sums" in unit for unit in chosen(PYTHON, "python", "sums", 0.3))


@pytest.mark.parametrize(
    ("old", "new", "is_one"),
    [
        ("item.price", "item.price * item.count", True),
        ("item.price", "item.price)", False),
        ("item.price", "(item.price", False),
        ("item.price", "item.price\n    print(1)", False),
        ("round(result, 2)", "result if items else None", True),
        ("return round(result, 2)", "print(result)\n    return result", True),
        ("return round(result, 2)", "2)\n    return (1", False),
        ("result = start + 1", "result = start", True),
        ("result = start + 1", "total = start", False),
        ("2", "", False),
    ],
)
def test_what_may_stand_in_a_units_place(old: str, new: str, is_one: bool) -> None:
    """The same part of what is around it, with what it binds for others still bound."""
    at = PYTHON.rindex(old)
    parsed = parse(PYTHON, language_for("python"))
    assert fits(parsed, Edit(Span(at, at + len(old)), new)) is is_one
