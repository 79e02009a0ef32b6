"""Planted bugs: one difference each, which parses."""

from __future__ import annotations

import random

import pytest

from lsp_server.evaluation.suspicion.plant import KINDS, planted
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

CODE = {
    "python": """import os


def most(items, count, limit=3):
    best = None
    for item in items:
        if item > count and fits(item, limit):  # item > limit
            best = item + 1
    return best or True
""",
    "java": """class A {
    int most(int[] items, int count) {
        int best = 0;
        for (int at = 0; at < count; at++) {
            if (items[at] > best && fits(items, best)) { best = items[at] + 1; }
        }
        return take(best, count) == true ? best : count;
    }
}
""",
}


@pytest.mark.parametrize("language", CODE)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_one_bug(language: str, kind: str, seed: int) -> None:
    """It stands where it says, and undoing it gives the text back; comments stay."""
    text = CODE[language]
    bug = planted(parse(text, language_for(language)), kind, random.Random(seed))
    assert bug is not None
    assert bug.kind == kind
    assert bug.text != text
    assert bug.text[: bug.span.start] + bug.original + bug.text[bug.span.end :] == text
    changed = parse(bug.text, language_for(language)).root
    assert changed is not None
    assert not changed.has_error
    assert ("# item > limit" in bug.text) is ("# item > limit" in text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", "x\n", "# a < b\n", "import a.b\n"])
def test_no_place_for_one(kind: str, text: str) -> None:
    """None rather than a bug that is none."""
    assert planted(parse(text, language_for("python")), kind, random.Random(0)) is None
