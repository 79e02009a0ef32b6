"""Holes to be filled, and the text that stood in them."""

from __future__ import annotations

import itertools
import random
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from benchmark.sides import MAX_TOKENS, Ask

Kind = Literal["line", "lines", "rewrite"]

LINES, LINES_TOKENS = 8, 96
"""Most lines and tokens of a fill of several lines: what the server asks for by default."""
REWRITE_TOKENS = 256
"""Most tokens of a rewrite."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A hole between `prefix` and `suffix`; `answer` is what stood there.

    That is a line or its rest, whole lines, or, for a rewrite, what `selected` should become
    by the `instruction`.
    """

    name: str
    prefix: str
    suffix: str
    answer: str
    kind: Kind = "line"
    selected: str = ""
    instruction: str | None = None

    @property
    def ask(self) -> Ask:
        """What every side is asked; none is told how long the answer is."""
        if self.kind == "line":
            return Ask(self.prefix, self.suffix, MAX_TOKENS)
        if self.kind == "lines":
            indent = len(self.answer) - len(self.answer.lstrip())
            return Ask(self.prefix, self.suffix, LINES_TOKENS, LINES, indent)
        return Ask(
            self.prefix,
            self.suffix,
            REWRITE_TOKENS,
            max_lines=None,
            selected=self.selected,
            instruction=self.instruction,
        )

    def solved_by(self, text: str) -> bool:
        """Whether `text` is the answer, blanks around it aside; of a line, its first line."""
        return self._said(text) == self._said(self.answer)

    def right_start(self, text: str) -> int:
        """Characters for which `text` and the answer agree from their start, blanks around them aside."""
        return agreeing(self._said(text), self._said(self.answer))

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

    def _said(self, text: str) -> str:
        if self.kind == "line":
            return text.partition("\n")[0].strip()
        lines = textwrap.dedent(text.strip("\n")).strip().split("\n")
        return "\n".join(line.rstrip() for line in lines)


def agreeing(one: str, other: str) -> int:
    """Characters for which two texts agree from their start."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


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
