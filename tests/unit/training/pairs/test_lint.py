"""Pairs from ruff's fixes."""

from pathlib import Path

import pytest

from lsp_server.training.pairs import lint
from lsp_server.training.pairs.check import sound
from lsp_server.training.pairs.lint import LinterMissing, lint_pairs
from lsp_server.training.pairs.rules import WORDS

TEXT = """import os

é = "äöü"


class A(object):
    def f(self, x):
        if x == None:
            return "%s" % (x,)
        else:
            return super(A, self).f(x)


def g(xs):
    out = []
    for x in xs:
        out.append(x + 1)
    return out
"""


def test_fixes_become_pairs() -> None:
    """A function is paired with itself after the fixes in it, and the words fit the rule."""
    made = list(lint_pairs([TEXT, "x = (", ""]))
    assert {pair.before.split("(")[0] for pair in made} == {"def f", "def g"}
    for pair in made:
        assert sound(pair)
        code = pair.kind.removeprefix("lint:")
        assert code == "several" or pair.instruction in WORDS[code]
    comprehension = next(pair for pair in made if pair.before.startswith("def g"))
    assert comprehension.after == "def g(xs):\n    out = [x + 1 for x in xs]\n    return out"


def test_the_same_seed_gives_the_same_pairs() -> None:
    """Pairs depend on the texts and the seed alone."""
    assert list(lint_pairs([TEXT] * 2, seed=3)) == list(lint_pairs([TEXT] * 2, seed=3))


def test_without_ruff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ruff is missing, the error says how to get it."""
    monkeypatch.setattr(lint.shutil, "which", lambda *_args, **_kw: None)
    with pytest.raises(LinterMissing, match="pip install ruff"):
        list(lint_pairs([TEXT]))


def test_rules_are_asked_for_by_family() -> None:
    """Every rule that has words belongs to a family that is run."""
    families = tuple(lint.FAMILIES.split(","))
    assert all(code.startswith(families) for code in WORDS)
    assert Path(lint.__file__).exists()
