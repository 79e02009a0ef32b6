"""Holes of several lines, and rewrites."""

from __future__ import annotations

import ast

from benchmark.blocks import block_problems, candidate_spans
from benchmark.rewrites import rewrite_problems

SOURCE = '''def function(items):
    """Too short a body before this."""
    total = 0
    for item in items:
        total += item
    total *= 2
    print(total)

    return total
'''


def test_candidates_are_whole_statements_of_four_to_six_lines() -> None:
    """A statement is never cut, a docstring never among them, nor a blank line."""
    assert candidate_spans(SOURCE) == [(3, 6), (3, 7), (4, 7)]


def test_the_blocks_of_our_own_code_keep_to_that() -> None:
    """The seed decides; every hole has its lines, and the file can be put together again."""
    problems = block_problems(12, 1)
    assert problems == block_problems(12, 1) != block_problems(12, 2)
    for problem in problems:
        assert 4 <= len(problem.answer.split("\n")) <= 6
        assert problem.prefix.endswith("\n")
        assert problem.ask.min_indent >= 4
        assert problem.solved_by(problem.answer + "\n")


def test_rewrites_say_what_they_want() -> None:
    """Each has words, a selection that differs from what it should become, and an end that parses."""
    problems = rewrite_problems(6, 0)
    assert problems == rewrite_problems(6, 0)
    assert len(problems) == 6
    for problem in problems:
        ast.parse(problem.answer)
        assert problem.ask.instruction
        assert problem.ask.selected == problem.selected
        assert not problem.solved_by(problem.selected)
