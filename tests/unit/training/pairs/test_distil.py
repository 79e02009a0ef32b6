"""The base model's answers taken where they are right."""

import pytest

from lsp_server.training.pairs.distil import distilled
from lsp_server.training.pairs.pair import Pair

RENAME = Pair(
    "def f(x):\n    return x", "def f(count):\n    return count", "Rename x to count", "python", "rename"
)
DOCUMENT = Pair(
    "def f(x):\n    return x",
    'def f(x):\n    """Give x."""\n    return x',
    "Document",
    "python",
    "docstring-add",
)


@pytest.mark.parametrize(
    ("pair", "answer", "kept"),
    [
        (RENAME, "def f(count):\n\n    return count  # done\n", True),
        (RENAME, "def f(count):\n    return x", False),
        (RENAME, "def f(count", False),
        (RENAME, "", False),
        (RENAME, RENAME.before, False),
        (DOCUMENT, 'def f(x):\n    """Return what was given."""\n    return x', True),
        (DOCUMENT, 'def f(x):\n    """Return what was given."""\n    return 1', False),
        (DOCUMENT, 'def f(x):\n    """Return."""\n    return x', False),
        (DOCUMENT, 'def f(x):\n    """Return what was given."""\n    return x\nf(1)', False),
    ],
)
def test_only_right_answers_are_kept(pair: Pair, answer: str, kept: bool) -> None:
    """An answer is kept if its tree is the known one, or if it adds a docstring of words and nothing else."""
    made = list(distilled([pair], lambda _instruction, _before, _language: answer))
    assert [each.after for each in made] == ([answer.strip("\n")] if kept else [])
    assert all(each.kind == f"distilled:{pair.kind}" for each in made)


def test_only_what_can_be_checked_is_asked() -> None:
    """Kinds and languages without a check cost no answer."""
    asked: list[str] = []
    pairs = [Pair("a", "b", "Add comments", "python", "comments-add"), Pair("a", "b", "x", "go", "rename")]
    assert list(distilled(pairs, lambda words, _before, _language: asked.append(words) or "")) == []
    assert asked == []
