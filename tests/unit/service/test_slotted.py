"""Tasks that only add."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Edit, Span
from lsp_server.service.examples import shown_for
from lsp_server.service.slotted import as_handler, as_type, as_words, by_lines, grouped, written_in_slot
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.slots import untyped

CODE = "from a import Thing\n\n\ndef f(a, b=1):\n    return a\n"


def python(text: str = CODE) -> Parsed:
    return parse(text, language_for("python"))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("int", "int"),
        (" str) -> None:", "str"),
        ("list[Thing], c: int", "list[Thing]"),
        ("List[int]", "list[int]"),
        ("typing.Optional[Thing]", "Thing | None"),
        ("Unknown", ""),
        ("int = 3", "int"),
        ("None:", "None"),
        ("async def g(x) -> None:", ""),
        ("list[", ""),
        ("b", ""),
        ("40", ""),
        ("", ""),
    ],
)
def test_types(written: str, kept: str) -> None:
    """Up to where the type ends, of names that are known; else nothing."""
    assert as_type(python(), written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Return the first one.", "Return the first one."),
        ('\n    Return the first one.\n    """', "Return the first one."),
        ("try:\n    os.remove(self.path)", ""),
        ("self.path = os.path.join(a, b)[0]", ""),
        ("", ""),
    ],
)
def test_documentation(written: str, kept: str) -> None:
    """The first line of prose; code is none."""
    assert as_words(python(), written) == kept


def test_handlers() -> None:
    """What is caught and what is done then; one without the other is nothing."""
    assert as_handler(python(), "OSError:\n        return None\n\n") == "OSError:\n        return None"
    assert as_handler(python(), "OSError:") == ""
    assert as_handler(python(), "OSError\n  x") == ""


def test_a_slot_is_filled_between_its_ends() -> None:
    """What stands on both sides is written with it; a fill that lost its end, or is no type, is none."""
    parsed = python()
    slots = untyped(parsed, Span(0, len(CODE)))
    ((first, second, third),) = grouped(CODE, "types", slots, 2)
    assert [len(each.locked) for each in (first, second, third)] == [0, 1, 0]
    (edit,) = written_in_slot(parsed, "types", second, "int = ")
    assert (edit.text, CODE[edit.span.start : edit.span.end]) == (": int = ", "=")
    assert written_in_slot(parsed, "types", second, "int") == ()
    assert written_in_slot(parsed, "types", first, "7 + 7") == ()


def test_slots_of_a_line_are_filled_together() -> None:
    """Their edits are one, and two requests would each write the line."""
    text = "def f(a, b): pass\ndef g(a,\n      b): pass\n"
    slots = untyped(python(text), Span(0, len(text)))
    assert [len(each) for each in grouped(text, "types", slots, 2)] == [3, 1, 2]
    assert [len(each) for each in grouped(text, "types", slots, 4)] == [4, 2]


@pytest.mark.parametrize("language", ["python", "typescript", "typescriptreact"])
def test_types_are_shown_where_they_are_there_already(language: str) -> None:
    """The example of the task lacks no type itself."""
    (shown,) = shown_for("types", language)
    assert untyped(parse(shown.text, language_for(language)), Span(0, len(shown.text))) == ()
    assert shown_for("docs", language) == shown_for("types", "go") == ()


def test_edits_become_lines() -> None:
    """Several edits of a line are one."""
    at = CODE.index("a, b")
    edits = (Edit(Span(at + 1, at + 1), ": int"), Edit(Span(at + 4, at + 5), ": int = "))
    (edit,) = by_lines(CODE, edits)
    assert edit.text == "def f(a: int, b: int = 1):"
    assert by_lines(CODE, ()) == ()
