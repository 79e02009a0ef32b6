"""Problems from files, and what a fill makes of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.evaluation.problems import read_problems, sample

from .conftest import ANSWER, HEAD, TEST, problem, row, written


@pytest.mark.parametrize("name", ["some.jsonl", "some.jsonl.gz"])
def test_single_lines_are_read(tmp_path: Path, name: str) -> None:
    """The benchmark's name comes from the data; the answer is a line without its break."""
    [read] = read_problems(written(tmp_path / name, row()))
    assert (read.benchmark, read.answer, read.max_lines, read.whole_lines) == ("single-line", ANSWER, 1, True)


@pytest.mark.parametrize(
    ("task", "benchmark", "whole"),
    [
        ("RandomSpanInfillingLight/X/3/1", "random-span-light", False),
        ("RandomSpanInfilling/X/3/1", "random-span", False),
        ("MultiLineInfilling/X/3/L1_L2", "multi-line", True),
        ("Others/1", "Others", False),
    ],
)
def test_spans_have_no_line_limit(tmp_path: Path, task: str, benchmark: str, *, whole: bool) -> None:
    """Nothing about a longer answer's length is known to the hole."""
    [read] = read_problems(written(tmp_path / "p.jsonl", row(task_id=task)))
    assert (read.benchmark, read.max_lines, read.whole_lines) == (benchmark, None, whole)
    assert read.answer == ANSWER + "\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \n",
        b"{}",
        b"[]",
        b"3",
        b"no json",
        b"\xff\xfe\x00",
        b'{"task_id": 1}',
        gzip.compress(b"{}", mtime=0),
    ],
)
@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz"])
def test_other_content_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    """What is not such a file, or has no problems, is an error that says where to get one."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_problems(path)
    assert "human-eval-infilling" in caught.value.hint


def test_fields_must_be_text(tmp_path: Path) -> None:
    """A field of another type is refused, not carried on."""
    with pytest.raises(BadInput, match="not text"):
        read_problems(written(tmp_path / "p.jsonl", {**row(), "suffix": None}))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """A gzip file that was not fetched to its end is an error for people."""
    path = written(tmp_path / "p.jsonl.gz", *[row(task_id=f"SingleLineInfilling/{n}") for n in range(99)])
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(BadInput):
        read_problems(path)


@pytest.mark.parametrize("name", ["HumanEval-SingleLineInfilling.jsonl.gz", "HumanEval-SingleLineInfilling"])
def test_a_missing_benchmark_says_where_it_is(tmp_path: Path, name: str) -> None:
    """Nothing is downloaded silently."""
    with pytest.raises(BadInput) as caught:
        read_problems(tmp_path / name)
    assert "HumanEval-SingleLineInfilling.jsonl.gz from the GitHub repository" in caught.value.hint


def test_only_the_first_line_counts_where_one_is_wanted() -> None:
    """A whole line gets its break; what follows it is not inserted."""
    assert problem().inserted("    a\n    b") == "    a\n"
    assert problem(max_lines=None).inserted("    a\n    b\n") == "    a\n    b\n"
    assert problem(max_lines=None, whole_lines=False).inserted("a") == "a"


def test_the_program_is_text_then_test() -> None:
    """The program calls the check on the function; a problem without a test has none."""
    program = problem().program(ANSWER)
    assert program == f"{HEAD}{ANSWER}\n\nprint(add(1, 2))\n\n{TEST}\ncheck(add)\n"
    assert not problem(test="").program(ANSWER)


def test_a_larger_sample_holds_the_smaller_ones() -> None:
    """The same seed gives the same holes first."""
    problems = [problem(name=str(number)) for number in range(50)]
    assert sample(problems, 20, 1)[:5] == sample(problems, 5, 1)
    assert sample(problems, 5, 1) != sample(problems, 5, 2)
    assert len(sample(problems, None, 0)) == len(sample(problems, 99, 0)) == 50
