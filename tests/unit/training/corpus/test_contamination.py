import gzip
import json
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus.contamination import Contamination, read_problems

PROBLEM = {
    "task_id": "Set/0/L0",
    "prompt": "def has_close(numbers, threshold):\n    '''Whether any two numbers are near each other.'''\n",
    "canonical_solution": "    for at, one in enumerate(numbers):\n",
    "suffix": "        for other in numbers[at + 1:]:\n            if abs(one - other) < threshold:\n",
    "test": "def check(candidate):\n    assert candidate([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3) == True\n",
}


def written(path: Path, *problems: object) -> Path:
    data = "\n".join(map(json.dumps, problems)).encode() + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["problems.jsonl", "problems.jsonl.gz"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PROBLEM["prompt"], True),
        ("x = 1\n" + PROBLEM["canonical_solution"] + PROBLEM["suffix"], True),
        (PROBLEM["prompt"].upper(), True),
        (PROBLEM["canonical_solution"], False),
        ("", False),
        ("numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n", False),
        ("TASKS = load('HumanEval/0')\n", True),
        ("# from human-eval-infilling\n", True),
    ],
)
def test_rows_of_words(tmp_path: Path, name: str, text: str, found: bool) -> None:
    """Ten words in a row of a problem with its answer are found, in any case; less is not."""
    assert read_problems([written(tmp_path / name, PROBLEM)]).found_in(text) is found


def test_numbers_are_everywhere() -> None:
    """Rows of hardly any names are not looked for."""
    assert len(Contamination(["x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"])) == 0


def test_no_problems_no_rows() -> None:
    """Without problems only names of known sets are found."""
    nothing = Contamination([])
    assert not nothing.found_in(PROBLEM["prompt"])
    assert nothing.found_in("HumanEval/12")


@pytest.mark.parametrize(
    "content", [b"nothing\n", b"[1]\n", b'{"task_id": "x"}\n', b'{"prompt": 1}\n', b"\xff\n"]
)
def test_something_else(tmp_path: Path, content: bytes) -> None:
    """A file that holds no problems is an error that names it, not an empty set."""
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="odd"):
        read_problems([path])


def test_no_such_file(tmp_path: Path) -> None:
    """A missing file is the same error."""
    with pytest.raises(BadInput, match="gone"):
        read_problems([tmp_path / "gone.jsonl.gz"])
