"""Holes in documents, as editors make them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.evaluation.heldout import KINDS, MOST_LINES, held_out_problems, lines
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

from .conftest import written

PYTHON = '''import os


def total(items, tax):
    # the sum of all
    """Everything with its tax,
    for sure.
    """
    result = 0
    for item in items:
        if item.price > 0:
            result += item.price * item.count
            print(item.name, result)
    return result * (1 + tax)


class Basket:
    def __init__(self, owner):
        self.owner = owner
        self.items = []
'''
GO = "package main\n\nfunc add(a int, b int) int {\n\tc := a + b\n\tprintln(c, a, b)\n\treturn c\n}\n"


def document(text: str = PYTHON, language: str = "python", number: int = 0) -> dict[str, str]:
    return {"text": text, "language": language, "path": f"src/{number}.x", "package": "p", "licence": "MIT"}


def folder(tmp_path: Path) -> Path:
    python = [document(number=number) for number in range(6)]
    written(tmp_path / "held_out-python.jsonl.gz", *python)
    written(tmp_path / "held_out-go.jsonl.gz", *[document(GO, "go", number) for number in range(4)])
    written(tmp_path / "train-0.jsonl.gz", document("x = 1\n" * 9))
    return tmp_path


def test_holes_of_every_language_in_a_folder(tmp_path: Path) -> None:
    """So many of each, in whole documents, of all kinds."""
    problems = held_out_problems(folder(tmp_path), 12, 0)
    assert [problem.benchmark for problem in problems].count("held-out go") == 12
    assert [problem.benchmark for problem in problems].count("held-out python") == 12
    for problem in problems:
        text = PYTHON if problem.language == "python" else GO
        assert problem.prefix + problem.answer + problem.suffix == text
        assert problem.answer.strip()
        assert problem.windowed
        assert not problem.test
    assert {problem.name.split()[-1] for problem in problems} == set(KINDS)
    assert len({problem.name for problem in problems}) > 12


def test_the_same_seed_gives_the_same_holes(tmp_path: Path) -> None:
    """And another one others."""
    path = folder(tmp_path)
    assert held_out_problems(path, 8, 3) == held_out_problems(path, 8, 3) != held_out_problems(path, 8, 4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("text", "language"), [(PYTHON, "python"), (GO, "go")])
def test_kinds_of_holes(kind: str, text: str, language: str) -> None:
    """Where each kind begins and ends, over many seeds."""
    parsed = parse(text, language_for(language))
    for seed in range(40):
        span = KINDS[kind](parsed, random.Random(seed))
        assert span is not None
        answer = text[span.start : span.end]
        before, after = text[: span.start].rpartition("\n")[2], text[span.end :].partition("\n")[0]
        assert answer.strip()
        assert not answer.strip().startswith(("#", "//", "Every", "for sure"))
        if kind != "expression":
            assert not after.strip()
        if kind in {"line", "lines"}:
            assert not before.strip()
        assert ("\n" in answer) is (kind == "lines")
        assert answer.count("\n") < MOST_LINES


def test_lines_belong_together() -> None:
    """No line of the hole is indented less than its first, and the next one is not indented more."""
    parsed = parse(PYTHON, language_for("python"))
    for seed in range(60):
        span = lines(parsed, random.Random(seed))
        assert span is not None
        column = span.start - (PYTHON.rfind("\n", 0, span.start) + 1)
        rest = PYTHON[span.start : span.end].split("\n")[1:]
        below = PYTHON[span.end + 1 :].partition("\n")[0]
        assert all(len(line) - len(line.lstrip()) >= column for line in rest)
        assert not below.strip() or len(below) - len(below.lstrip()) <= column


@pytest.mark.parametrize("text", ["", "\n\n", "x\n", "# only\n# words\n", "\0", "é" * 300_000])
def test_documents_without_code_have_no_holes(tmp_path: Path, text: str) -> None:
    """Nothing to fill is an error that says so, not a crash."""
    with pytest.raises(BadInput, match="no code"):
        held_out_problems(written(tmp_path / "held_out-0.jsonl.gz", document(text)), None, 0)


@pytest.mark.parametrize("content", [b"{}\n", b"[]\n", b"no\n", b"\xff\n"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """What is not a shard of documents is named."""
    path = tmp_path / "held_out.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        held_out_problems(path, None, 0)
    assert "build_corpus" in caught.value.hint


def test_missing_files_are_named(tmp_path: Path) -> None:
    """A path that is not there, and a folder without held-out files."""
    for path in (tmp_path / "no", tmp_path):
        with pytest.raises(BadInput):
            held_out_problems(path, None, 0)
