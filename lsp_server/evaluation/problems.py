"""Holes with known answers, in HumanEval-Infilling's format (arXiv 2207.14255)."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_server.core.errors import BadInput

MOST_TOKENS = 128
"""Bound of a fill whose number of lines is not given; more than twice what nine in ten answers need."""
LINE_TOKENS = 96
"""Bound of a fill of one line, as the server has it."""

HOME = "the GitHub repository openai/human-eval-infilling (folder data)"
_FIELDS = ("task_id", "prompt", "suffix", "canonical_solution", "test", "entry_point")
_NAMES = {
    "SingleLineInfilling": "single-line",
    "MultiLineInfilling": "multi-line",
    "RandomSpanInfilling": "random-span",
    "RandomSpanInfillingLight": "random-span-light",
}
_FILES = {
    "single-line": "HumanEval-SingleLineInfilling.jsonl.gz",
    "multi-line": "HumanEval-MultiLineInfilling.jsonl.gz",
    "random-span": "HumanEval-RandomSpanInfilling.jsonl.gz",
    "random-span-light": "HumanEval-RandomSpanInfillingLight.jsonl.gz",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A hole between `prefix` and `suffix`; `answer` is what stood there.

    The answer's length is for scoring and never given to the model. `max_lines` is
    what an editor would know: 1 where a line, or the rest of one, is wanted; so is
    `min_indent`, see `engine.protocol.Hole`. A hole
    of `whole_lines` ends with a line break whether or not the fill does. Only what the
    server would show of a `windowed` problem is shown. `test` defines
    ``check(candidate)`` for the function called `entry_point`.
    """

    name: str
    prefix: str
    suffix: str
    answer: str
    benchmark: str = "own"
    language: str = "python"
    max_lines: int | None = 1
    min_indent: int | None = None
    max_tokens: int = LINE_TOKENS
    whole_lines: bool = False
    windowed: bool = False
    test: str = ""
    entry_point: str = ""

    def wanted(self, fill: str) -> str:
        """The part of a fill that counts: its first `max_lines` lines."""
        return fill if self.max_lines is None else "\n".join(fill.split("\n")[: self.max_lines])

    def inserted(self, fill: str) -> str:
        """What a fill puts between `prefix` and `suffix`."""
        text = self.wanted(fill)
        return text + "\n" if self.whole_lines and not text.endswith("\n") else text

    def program(self, fill: str) -> str:
        """What runs without an error if the fill is right; "" for a problem without a test."""
        if not self.test:
            return ""
        code = self.prefix + self.inserted(fill) + self.suffix
        return f"{code}\n{self.test}\ncheck({self.entry_point})\n"


def read_problems(path: Path) -> list[Problem]:
    """The problems of a JSON-lines file, gzipped if it is called so.

    Raises:
        BadInput: it is not there, cannot be read, is of another format, or has no problems.
    """
    if not path.is_file():
        raise _missing(path)
    try:
        rows = list(json_lines(path))
        problems = [_problem(row) for row in rows]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path} is not a file of infilling problems: {type(error).__name__}: {error}",
            hint=f"Each line is a JSON object with {', '.join(_FIELDS)}; such files are in {HOME}.",
        ) from error
    if not problems:
        raise BadInput(f"{path} has no problems", hint=f"Fetch it again from {HOME}.")
    return problems


def json_lines(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a JSON-lines file; raises what gzip and json raise."""
    packed = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def sample(problems: Sequence[Problem], limit: int | None, seed: int) -> list[Problem]:
    """The first `limit` of the problems in an order that depends on `seed` alone.

    So a larger sample holds every smaller one, and what is known of it can be used again.
    """
    order = list(problems)
    random.Random(seed).shuffle(order)  # noqa: S311 -- a sample, not a secret
    return order[:limit]


def _problem(row: dict[str, str]) -> Problem:
    task_id, prompt, suffix, answer, test, entry_point = (_text(row[name]) for name in _FIELDS)
    kind = task_id.partition("/")[0]
    benchmark = _NAMES.get(kind, kind)
    line = benchmark == "single-line"
    return Problem(
        name=task_id,
        prefix=prompt,
        suffix=suffix,
        answer=answer.removesuffix("\n") if line else answer,
        benchmark=benchmark,
        max_lines=1 if line else None,
        max_tokens=LINE_TOKENS if line else MOST_TOKENS,
        whole_lines=benchmark in {"single-line", "multi-line"},
        test=test,
        entry_point=entry_point,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a field is {type(value).__name__}, not text")
    return value


def _missing(path: Path) -> BadInput:
    name = path.name.removesuffix(".gz").removesuffix(".jsonl")
    known = _FILES.get(name) or next((file for file in _FILES.values() if file.startswith(name)), None)
    hint = f"Fetch {known} from {HOME} and name that file." if known else "Is the path right?"
    return BadInput(f"there is no file {path}", hint=hint)
