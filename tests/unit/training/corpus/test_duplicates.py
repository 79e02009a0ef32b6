import random

import pytest

from lsp_server.training.corpus import duplicates
from lsp_server.training.corpus.duplicates import ExactDuplicates, NearDuplicates, fingerprint


def code(lines: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [f"value_{rng.randrange(10**6)} = compute(value_{rng.randrange(10**6)})" for _ in range(lines)]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("a = 1\nb = 2", True),
        ("a = 1  \n\n\nb = 2\n", True),
        ("a = 1\r\nb = 2\r\n", True),
        ("a = 1\n b = 2\n", False),
        ("a = 1\nb = 3\n", False),
    ],
)
def test_white_space_that_does_not_count(other: str, same: bool) -> None:
    """Blank lines and line ends make no other document, indentation does."""
    assert (fingerprint("a = 1\nb = 2\n") == fingerprint(other)) is same


def test_exact() -> None:
    """The first is new, the second known."""
    known = ExactDuplicates()
    assert [known.known(text) for text in ("a", "b", "a\n", "")] == [False, False, True, False]


@pytest.mark.parametrize(("changed", "alike"), [(0, True), (2, True), (60, False), (200, False)])
def test_near(changed: int, alike: bool) -> None:
    """A copy of 200 lines with two others is known, one with many others is not."""
    lines = code(200, seed=1)
    near = NearDuplicates()
    assert not near.known("\n".join(lines))
    assert near.known("\n".join(lines[: 200 - changed] + code(changed, seed=2))) is alike


def test_short_texts_are_never_alike() -> None:
    """Files of a few words are told apart letter for letter only."""
    near = NearDuplicates()
    assert [near.known("from .thing import Thing") for _ in range(2)] == [False, False]


def test_long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows of words than are hashed at once."""
    monkeypatch.setattr(duplicates, "_ROWS_AT_ONCE", 100)
    near = NearDuplicates()
    text = "\n".join(code(200, seed=3))
    assert [near.known(text), near.known(text + "\nx = 1\n")] == [False, True]


def test_verdicts_do_not_depend_on_the_run() -> None:
    """Two filters say the same of the same row of texts."""
    texts = ["\n".join(code(40, seed)[:30] + code(10, seed % 3)) for seed in range(12)]
    first, second = NearDuplicates(), NearDuplicates()
    assert [first.known(text) for text in texts] == [second.known(text) for text in texts]
