"""The holes that come with the project."""

from __future__ import annotations

import pytest
from benchmark.sample import AFTER, BEFORE, candidate_lines, own_problems, problem_at

SOURCE = '''"""Doc."""
CONSTANT = "not inside a function"


def function(argument):
    """Not code, but long enough."""
    # neither is a comment
    first = argument.strip()
    if first.startswith("a"):
        return first.upper()
    second = call(
        argument,
    )
    if second: return "too short a head to stand alone"
    x = 1
    return second + "x" * 100 + "a line that is longer than anybody would like to have completed"
'''


def test_candidates_are_whole_statements_inside_functions() -> None:
    """Docstrings, comments, parts of statements and lines of an odd length are no candidates."""
    lines = SOURCE.split("\n")
    found = [lines[number - 1].strip() for number in candidate_lines(SOURCE)]
    assert found == [
        "first = argument.strip()",
        'if first.startswith("a"):',
        "return first.upper()",
        'if second: return "too short a head to stand alone"',
    ]


def test_a_hole_leaves_its_surroundings_alone() -> None:
    """Prefix, line, line break and suffix are the source again."""
    problem = problem_at(SOURCE, 8, "n")
    assert problem.answer == "    first = argument.strip()"
    assert f"{problem.prefix}{problem.answer}\n{problem.suffix}" == SOURCE


@pytest.mark.parametrize("number", [1, 400, 799, 800])
def test_the_window_holds_whole_lines(number: int) -> None:
    """A long file is cut to the window at line breaks, on both sides."""
    text = "".join(f"line number {count}\n" for count in range(1, 801))
    problem = problem_at(text, number, "n")
    assert problem.answer == f"line number {number}"
    assert len(problem.prefix) <= BEFORE
    assert len(problem.suffix) <= AFTER
    assert f"\n{text}".count(f"\n{problem.prefix}{problem.answer}\n{problem.suffix}") == 1


def test_own_holes_are_the_same_every_time() -> None:
    """The seed decides, and no two of the first holes are of the same file."""
    problems = own_problems(20, 3)
    assert problems == own_problems(20, 3) != own_problems(20, 4)
    assert len({problem.name.partition(":")[0] for problem in problems}) > 15
