"""Holes of several lines: statements of a body that stand together in 4 to 6 whole lines."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from itertools import pairwise

from benchmark.problems import Problem
from benchmark.sample import lines_at, texts

FEWEST, MOST = 4, 6


def block_problems(count: int, seed: int) -> list[Problem]:
    """`count` holes, one a file as long as there are files: the same for the same seed and files."""
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    usable = [(name, text, spans) for name, text in texts() if (spans := candidate_spans(text))]
    rng.shuffle(usable)
    problems = []
    for index in range(count):
        name, text, spans = usable[index % len(usable)]
        first, last = rng.choice(spans)
        problems.append(replace(lines_at(text, first, last, f"{name}:{first}-{last}"), kind="lines"))
    return problems


def candidate_spans(text: str) -> list[tuple[int, int]]:
    """First and last line (from 1) of runs of statements in functions.

    None is a body's first statement, which may be a docstring, and none has a blank line inside.
    """
    lines = text.split("\n")
    found: set[tuple[int, int]] = set()
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for start in range(1, len(function.body)):
            for end in range(start, len(function.body)):
                run = function.body[start : end + 1]
                first, last = run[0].lineno, run[-1].end_lineno or 0
                apart = any(after.lineno != (before.end_lineno or 0) + 1 for before, after in pairwise(run))
                if FEWEST <= last - first + 1 <= MOST and not apart and all(lines[first - 1 : last]):
                    found.add((first, last))
    return sorted(found)
