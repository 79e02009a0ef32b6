"""Nearness to the answer, and whether the file still parses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.evaluation.metrics import breaks, chrf, edit_similarity, exact, parses

from .conftest import ANSWER, problem


@pytest.mark.parametrize(
    ("fill", "right"),
    [
        (ANSWER, True),
        ("return first + second   ", True),
        (ANSWER + "\n    more = 1", True),
        ("    return second + first", False),
        ("", False),
        ("\n" + ANSWER, False),
    ],
)
def test_exact_match_of_a_line(fill: str, *, right: bool) -> None:
    """Blanks around the line do not count, nor what follows it."""
    assert exact(problem(), fill) is right


def test_exact_match_of_a_span_is_of_all_of_it() -> None:
    """Without a limit every line counts."""
    assert exact(problem(max_lines=None, answer="a\nb\n"), "a\nb")
    assert not exact(problem(max_lines=None, answer="a\nb\n"), "a")


@pytest.mark.parametrize(
    ("fill", "answer", "value"),
    [("abc", "abc", 1.0), (" abc\n", "abc", 1.0), ("", "abc", 0.0), ("ab", "a", 2 / 3)],
)
def test_edit_similarity(fill: str, answer: str, value: float) -> None:
    """One less the edits for each character."""
    assert edit_similarity(fill, answer) == pytest.approx(value)


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_a_share(fill: str, answer: str) -> None:
    """Any texts: in [0, 1], the same both ways, and 1 for equals."""
    value = edit_similarity(fill, answer)
    assert 0 <= value <= 1
    assert value == pytest.approx(edit_similarity(answer, fill))
    assert edit_similarity(fill, fill) == 1


def test_chrf_orders_fills() -> None:
    """Equal is 1, near is better than far, nothing is 0."""
    assert chrf([ANSWER], [ANSWER]) == pytest.approx(1)
    near, far = chrf(["return first - second"], [ANSWER]), chrf(["pass"], [ANSWER])
    assert 1 > near > far >= 0
    assert chrf([], []) == 0


@pytest.mark.parametrize(
    ("fill", "good"),
    [
        (ANSWER, True),
        ("    return (first", False),
        ("    return first)", False),
        ("return first", False),
        ("    break", True),
    ],
)
def test_python_must_compile(fill: str, *, good: bool) -> None:
    """Broken brackets and a missing indentation are told; meaning is not asked for."""
    assert parses(problem(), fill) is good


def test_other_languages_are_judged_by_their_grammar() -> None:
    """A fill that closes too much breaks JavaScript."""
    hole = problem(prefix="function f() {\n  ", suffix="\n}\n", answer="return 1;", language="javascript")
    assert parses(hole, "return 2;")
    assert not parses(hole, "return 2; }")


def test_a_file_that_never_compiled_is_not_held_against_a_fill() -> None:
    """Python 2 in a held-out set: only what the fill adds counts."""
    hole = problem(prefix="print 'a'\ndef f():\n", answer="    return 1", suffix="\n")
    assert parses(hole, "    return 2")


@pytest.mark.parametrize(
    ("fill", "broken"),
    [
        ("    return first + second", False),
        ("    return (first", True),
        ("    a = 1\n        return a", True),
    ],
)
def test_breaking_is_what_the_server_sees(fill: str, broken: bool) -> None:
    """The grammar and the columns of lines, on the text as an editor has it."""
    assert breaks(problem(max_lines=None), fill) is broken


def test_what_only_a_compiler_sees_breaks_nothing() -> None:
    """A fill that does not compile may still be shown."""
    hole = problem(answer="    return 1")
    assert not parses(hole, "    return add(first=1, 2)")
    assert not breaks(hole, "    return add(first=1, 2)")
