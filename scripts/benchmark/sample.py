"""Holes of our own: single lines of functions in Remask's source and the standard library."""

from __future__ import annotations

import ast
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from lib.environment import ROOT

from benchmark.problems import Problem

MODULES = (
    "argparse", "bisect", "calendar", "cmd", "configparser", "copy", "csv", "difflib", "filecmp", "fnmatch",
    "fractions", "ftplib", "gzip", "heapq", "imaplib", "mailbox", "mimetypes", "netrc", "pickle", "plistlib",
    "pprint", "queue", "sched", "selectors", "shelve", "shlex", "shutil", "smtplib", "statistics", "string",
    "tarfile", "textwrap", "timeit", "tokenize", "trace", "wave", "zipapp",
)  # fmt: skip
"""Modules of one file that every supported Python has."""
BEFORE, AFTER = 1300, 330
"""Characters of context around a hole: about the 384 and 96 tokens that the server shows by default."""
SHORTEST, LONGEST = 10, 72
"""Characters of a line, without its indentation."""


def own_problems(count: int, seed: int) -> list[Problem]:
    """`count` holes, one a file as long as there are files: the same for the same seed and files."""
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    usable = [(name, text, lines) for name, text in texts() if (lines := candidate_lines(text))]
    rng.shuffle(usable)
    problems = []
    for index in range(count):
        name, text, lines = usable[index % len(usable)]
        number = rng.choice(lines)
        problems.append(problem_at(text, number, f"{name}:{number}"))
    return problems


def problem_at(text: str, number: int, name: str) -> Problem:
    """The hole in place of line `number` (from 1) of `text`, in a window of whole lines."""
    return lines_at(text, number, number, name)


def lines_at(text: str, first: int, last: int, name: str) -> Problem:
    """The hole in place of lines `first` to `last` (from 1) of `text`, in a window of whole lines."""
    lines = text.split("\n")
    before = "".join(f"{line}\n" for line in lines[: first - 1])
    answer = "\n".join(lines[first - 1 : last])
    return Problem(name, _tail(before), _head("\n".join(lines[last:])), answer)


def candidate_lines(text: str) -> list[int]:
    """Numbers (from 1) of lines that are one statement of a function, or the head of one."""
    lines = text.split("\n")
    found = {
        node.lineno
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function and _is_line(node)
    }
    return sorted(number for number in found if SHORTEST <= len(lines[number - 1].strip()) <= LONGEST)


def texts() -> list[tuple[str, str]]:
    """Name and text of every file that holes are cut from."""
    return [(path.stem, path.read_text(encoding="utf-8")) for path in _files()]


def _files() -> Iterator[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    yield from sorted((ROOT / "lsp_server").rglob("*.py"))
    yield from (path for name in MODULES if (path := library / f"{name}.py").is_file())


def _is_line(statement: ast.stmt) -> bool:
    """Whether the statement, or its head if it has a body, ends on the line it begins on."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return False  # a docstring
    body = getattr(statement, "body", None)
    if body:
        return bool(body[0].lineno == statement.lineno + 1)
    return statement.end_lineno == statement.lineno


def _tail(text: str) -> str:
    """The last `BEFORE` characters, from the start of a line."""
    return text if len(text) <= BEFORE else text[-BEFORE:].partition("\n")[2]


def _head(text: str) -> str:
    """The first `AFTER` characters, to the end of a line."""
    return text if len(text) <= AFTER else text[:AFTER].rpartition("\n")[0] + "\n"
