"""What a rewrite may not lose or change."""

from __future__ import annotations

import pytest

from lsp_server.core.diff import minimal_edits
from lsp_server.core.types import Silence, Span
from lsp_server.service.keeping import Change, keep_locked, keeps_locked, objection
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locks import Lock
from lsp_server.syntax.parse import parse

CODE = """\
def total(items):
    result = 0
    for one in items:
        result += one.price("net")
    return result
"""
SUM = 'def total(items):\n    return sum(one.price("net") for one in items)\n'
LOST = "def total(items):\n    return 0\n"


def change(old: str, new: str, language: str = "python") -> Change:
    parsed = parse(old, language_for(language))
    return Change.of(parsed, Span(0, len(old)), minimal_edits(old, new))


@pytest.mark.parametrize(
    ("new", "task", "words", "silence"),
    [
        (SUM, "", "use sum", None),
        (LOST, "", "use sum", Silence.LOSES_CODE),
        (LOST, "", "remove the price", None),
        (LOST, "", "entferne den Preis", None),
        ("x = 1\n", "", "make it faster", Silence.LOSES_CODE),
        (SUM.replace("items", "goods"), "", "make it faster", Silence.LOSES_CODE),
        (SUM.replace("items", "goods"), "", "call items goods", None),
        (
            "def total(items):\n    # ... rest of the code\n    return 0\n",
            "",
            "remove it",
            Silence.LOSES_CODE,
        ),
        (SUM, "simplify", "", None),
        (LOST, "simplify", "", Silence.LOSES_CODE),
        (CODE.replace("return result", "x = result\n    return x"), "simplify", "", Silence.NOT_DONE),
        (CODE.replace("result", "amount"), "rename", "", None),
        (CODE.replace("items", "goods"), "rename", "", Silence.LOSES_CODE),
        (CODE.replace("result", "price"), "rename", "", None),
        (CODE.replace("price", "cost"), "rename", "", Silence.LOSES_CODE),
        (CODE.replace("result", "items"), "rename", "", Silence.LOSES_CODE),
        (CODE.replace("result", "amount", 1), "rename", "", Silence.LOSES_CODE),
        (SUM, "rename", "", Silence.LOSES_CODE),
        (f"async {CODE}", "async", "", None),
        (CODE.replace("0", "1"), "async", "", Silence.NOT_DONE),
        ("def test_total():\n    assert total([]) == 0\n", "test", "", None),
        (f"{CODE}\n\ndef test_total():\n    assert total([]) == 0\n", "test", "", Silence.NOT_DONE),
        ("def test_total():\n    assert 0 == 0\n", "test", "", Silence.NOT_DONE),
        ("def test_total():\n    total([])\n", "test", "", Silence.NOT_DONE),
    ],
)
def test_what_is_objected_to(new: str, task: str, words: str, silence: Silence | None) -> None:
    """Losing what nobody asked to lose, leaving code out with a remark, and not doing what a task is."""
    assert objection(change(CODE, new), task, words) is silence


@pytest.mark.parametrize(
    ("new", "silence"),
    [
        ('function total(items) {\n  return items.map((one) => one.price("net"));\n}\n', None),
        (CODE, Silence.BREAKS_SYNTAX),
        ("function f() {}\n", Silence.LOSES_CODE),
    ],
)
def test_translations(new: str, silence: Silence | None) -> None:
    """They parse as the language they are in, and hold most words of what was translated."""
    assert objection(change(CODE, new, "javascript"), "translate", "") is silence


@pytest.mark.parametrize(
    ("new", "lock", "kept"),
    [
        (CODE.replace("(items)", "(items: list)"), Lock.NAMES, True),
        (CODE.replace("(items)", "(items: list)"), Lock.SIGNATURES, False),
        (CODE.replace("result", "amount"), Lock.NAMES, False),
        (CODE.replace("result", "amount"), Lock.LITERALS, True),
        (CODE.replace('"net"', '"gross"'), Lock.LITERALS, False),
        (CODE.replace("    result = 0\n", "    # c\n    result = 0\n"), Lock.COMMENTS, True),
    ],
)
def test_what_is_locked_by_kind(new: str, lock: Lock, kept: bool) -> None:
    """All that was there of a kind is there in its order; more of it may have come."""
    assert keeps_locked(change(CODE, new), [lock], ()) is kept


def test_what_is_locked_by_hand() -> None:
    """A change that touches a locked place does not keep it, though others would."""
    new = CODE.replace("result = 0", "result = 1").replace("return result", "return +result")
    edits = minimal_edits(CODE, new)
    place = Span(CODE.index("result = 0"), CODE.index("result = 0") + 10)
    parsed = parse(CODE, language_for("python"))
    assert not keep_locked(parsed, edits, [], [place])
    assert keep_locked(parsed, edits[1:], [], [place])
    assert keep_locked(parsed, edits, [Lock.NAMES], [])
    assert not keep_locked(parsed, edits, [Lock.LITERALS], [])


MANY = """\
def total(
    items,
    rate,
):
    # one
    return "a" + \"\"\"
        b
    \"\"\"
"""


@pytest.mark.parametrize(
    ("old", "new", "lock", "kept"),
    [
        ("    items,\n", "    items,\n    currency,\n", Lock.SIGNATURES, False),
        ("    rate,\n", "", Lock.SIGNATURES, False),
        ("        b\n", "        b\n        c\n", Lock.LITERALS, False),
        ("    # one\n", "    # zero\n    # one\n", Lock.COMMENTS, True),
        ("    # one\n", "    # one\n    items = list(items)\n", Lock.SIGNATURES, True),
        ("def total", "# above\ndef total", Lock.SIGNATURES, True),
    ],
)
def test_lines_that_come_or_go_inside_of_what_is_locked(old: str, new: str, lock: Lock, kept: bool) -> None:
    """A locked signature or text of several lines stays whole; beside it lines may come."""
    edits = minimal_edits(MANY, MANY.replace(old, new, 1))
    assert keep_locked(parse(MANY, language_for("python")), edits, [lock], []) is kept


def test_a_name_in_a_text_is_renamed_too() -> None:
    """As code inside it; what the text says by itself stays."""
    code = 'def f():\n    one = 1\n    return f"{one} one"\n'
    assert objection(change(code, code.replace("one", "two", 2)), "rename", "") is None
    assert objection(change(code, code.replace("one", "two", 1)), "rename", "") is Silence.LOSES_CODE
    assert objection(change(code, code.replace("one", "two")), "rename", "") is Silence.LOSES_CODE
