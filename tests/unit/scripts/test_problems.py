"""Holes from a file, and the typing of their lines."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from benchmark.problems import Problem, choose, read_problems

LINE = "    total = first + second"


def _problem(answer: str = LINE) -> Problem:
    return Problem("p", "def f(first, second):\n", "    return total\n", answer)


def _row(answer: str) -> str:
    return json.dumps({"task_id": "t", "prompt": "a\n", "suffix": "c\n", "canonical_solution": answer})


@pytest.mark.parametrize("name", ["problems.jsonl", "problems.jsonl.gz"])
def test_reads_single_lines_only(tmp_path: Path, name: str) -> None:
    """Answers of several lines, or none, are left out; gzip is told by the name."""
    text = "\n".join([_row("    b\n"), _row("b\nb\n"), _row("\n"), ""])
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    assert read_problems(path) == [Problem("t", "a\n", "c\n", "    b")]


@pytest.mark.parametrize("content", [b"{}", b"not json", b"\xff\xfe", b'{"task_id": 1}'])
def test_refuses_other_formats(tmp_path: Path, content: bytes) -> None:
    """What is not in the format raises what the docstring says."""
    path = tmp_path / "problems.jsonl"
    path.write_bytes(content)
    with pytest.raises((ValueError, KeyError)):
        read_problems(path)


@pytest.mark.parametrize(
    ("fill", "solved"),
    [
        (LINE, True),
        ("total = first + second\n    more = 1", True),
        ("total = second + first", False),
        ("\n" + LINE, False),
        ("", False),
    ],
)
def test_solved_by_the_first_line(fill: str, *, solved: bool) -> None:
    """Blanks around the line do not count, nor what follows it."""
    assert _problem().solved_by(fill) is solved


def test_typing_moves_the_line_into_the_prefix() -> None:
    """Prefix and rest always make up the same document, and something is left to complete."""
    problem = _problem()
    typed = list(problem.typed(keystrokes=5, steps=10))
    assert [step.answer for step in typed] == [LINE[4 + 5 * count :] for count in range(1, 5)]
    assert {step.prefix + step.answer for step in typed} == {problem.prefix + LINE}
    assert len(list(problem.typed(keystrokes=5, steps=2))) == 2
    assert list(problem.typed(keystrokes=len(LINE), steps=3)) == []


def test_choice_depends_on_the_seed_alone() -> None:
    """The same seed gives the same holes; more than there are gives all of them."""
    problems = [_problem(f"    x = {number}") for number in range(50)]
    assert choose(problems, 10, 1) == choose(problems, 10, 1) != choose(problems, 10, 2)
    assert len(choose(problems, 99, 0)) == 50


@pytest.mark.parametrize(
    ("fill", "right"), [(LINE, 21), ("total = first - second", 14), ("", 0), ("x" + LINE, 0)]
)
def test_the_right_start_of_a_fill(fill: str, right: int) -> None:
    """As far as fill and answer agree, blanks around them aside."""
    assert _problem().right_start(fill) == (len(LINE.strip()) if fill == LINE else right)


def test_several_lines_are_compared_whole() -> None:
    """Common indentation and blanks at line ends do not count, inner indentation does."""
    problem = replace(_problem("    a\n        b"), kind="lines")
    assert problem.solved_by("a \n    b\n\n")
    assert not problem.solved_by("    a\n    b")
    assert problem.right_start("    a\n        c") == len("a\n    ")


def test_no_side_is_told_the_length() -> None:
    """What is asked depends on the kind of hole, not on its answer's length."""
    asks = [replace(_problem("    a" + "\n    b" * more), kind="lines").ask for more in (0, 4)]
    assert asks[0] == asks[1]
    assert asks[0].max_lines == 8
