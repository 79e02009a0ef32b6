"""Holes to be filled, and the lines that stood in them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """A hole between `prefix` and `suffix`; `answer` is the line, or its rest, that stood there."""

    name: str
    prefix: str
    suffix: str
    answer: str

    def solved_by(self, text: str) -> bool:
        """Whether the first line of `text` is the answer, blanks around it aside."""
        return text.partition("\n")[0].strip() == self.answer.strip()

    def typed(self, *, keystrokes: int, steps: int) -> Iterator[Problem]:
        """The same hole while its line is being typed, each time `keystrokes` later.

        The indentation is there from the start, as an editor puts it; the last step leaves
        something to complete.
        """
        line = self.answer.rstrip()
        indent = len(line) - len(line.lstrip())
        for step in range(1, steps + 1):
            done = indent + step * keystrokes
            if done >= len(line):
                return
            yield replace(self, prefix=self.prefix + line[:done], answer=line[done:])


def read_problems(path: Path) -> list[Problem]:
    """The single-line problems of a file in HumanEval-Infilling's format (arXiv 2207.14255).

    Raises:
        OSError, ValueError, KeyError: it cannot be read, or is of another format.
    """
    from lsp_server.evaluation.problems import json_lines  # the scripts start without the package

    problems = [
        Problem(row["task_id"], row["prompt"], row["suffix"], row["canonical_solution"].rstrip("\n"))
        for row in json_lines(path)
    ]
    return [problem for problem in problems if problem.answer.strip() and "\n" not in problem.answer]


def choose(problems: list[Problem], count: int, seed: int) -> list[Problem]:
    """`count` of `problems` in random order, or all of them if there are fewer."""
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    return rng.sample(problems, min(count, len(problems)))
