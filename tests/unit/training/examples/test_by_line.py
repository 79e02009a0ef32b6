"""Holes by lines and characters are what their names say."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.examples import by_line
from lsp_server.training.examples.page import Page

LANGUAGES = ("python", "typescript", "go", "plaintext")


class _File:
    language, path, package = "python", "a.py", "a"

    def __init__(self, text: str) -> None:
        self.text = text


def cut(
    page: Page, choose: Callable[[Page, random.Random], object], count: int = 60
) -> list[tuple[str, str, str]]:
    """Prefix, middle and suffix of some holes."""
    holes = [choose(page, random.Random(seed)) for seed in range(count)]
    return [
        (page.text[: hole.start], page.text[hole.start : hole.end], page.text[hole.end :])  # type: ignore[attr-defined]
        for hole in holes
        if hole is not None
    ]


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, page_of: Callable[..., Page]) -> Page:
    opened: Page = page_of(request.param)
    return opened


def test_whole_line(page: Page) -> None:
    """A whole line begins and ends where a line of the text does, and is not blank."""
    for before, middle, after in cut(page, by_line.whole_line):
        assert middle.strip()
        assert "\n" not in middle
        assert before[-1:] in {"", "\n"}
        assert after[:1] in {"", "\n"}


def test_rest_of_line(page: Page) -> None:
    """The rest of a line begins behind something typed, never inside a word, and stays on its line."""
    found = cut(page, by_line.rest_of_line)
    assert found
    for before, middle, after in found:
        assert before.rpartition("\n")[2].strip()
        assert not ((before[-1] + middle[0]).replace("_", "a").isalnum())
        assert "\n" not in middle
        assert after.partition("\n")[0].strip(")]}>\"'`;,:{ ") == ""


def test_half_word(page: Page) -> None:
    """A half word begins inside a word and ends where a word or a line does."""
    found = cut(page, by_line.half_word)
    assert found
    for before, middle, after in found:
        assert (before[-1] + middle[0]).replace("_", "a").isalnum()
        assert "\n" not in middle
        assert not (middle[-1] + (after[:1] or ".")).replace("_", "a").isalnum()


def test_several_lines(page: Page) -> None:
    """Several lines are two to ten whole ones, and the last is not blank."""
    found = cut(page, by_line.several_lines)
    assert found
    for before, middle, after in found:
        assert 1 <= middle.count("\n") < by_line.MOST_LINES
        assert before[-1:] in {"", "\n"}
        assert after[:1] in {"", "\n"}
        assert middle.rpartition("\n")[2].strip()


def test_lines_below(page: Page) -> None:
    """Lines below begin with the line break behind a line that says something."""
    found = cut(page, by_line.lines_below)
    assert found
    for before, middle, after in found:
        assert before.rpartition("\n")[2].strip()
        assert middle.lstrip(" \t").startswith("\n")
        assert middle.rpartition("\n")[2].strip()
        assert after[:1] in {"", "\n"}


def test_nothing(page: Page) -> None:
    """Nothing is cut out at the end of a line that is complete."""
    for before, middle, after in cut(page, by_line.nothing):
        assert middle == ""
        assert before[-1].strip()
        assert after[:1] in {"", "\n"}


def test_random_spans_differ_in_length(page_of: Callable[..., Page]) -> None:
    """Random spans are short and long, within lines and over several, and begin inside words too."""
    found = cut(page_of("python"), by_line.random_span, 300)
    assert any("\n" in middle for _, middle, _ in found)
    assert any("\n" not in middle for _, middle, _ in found)
    assert any((before[-1:] + middle[:1]).isalpha() and len(before) for before, middle, _ in found)
    lengths = [len(middle) for _, middle, _ in found]
    assert max(lengths) > 100
    assert min(lengths) < 5


def test_closing_signs_may_stay_behind(page_of: Callable[..., Page]) -> None:
    """What an editor closes by itself stands behind the cursor now and then."""
    page = page_of("python", "value = call(first, other)\n")
    rests = {after for _, _, after in cut(page, by_line.rest_of_line, 200)}
    assert rests == {"\n", ")\n"}


@given(st.text(), st.integers(0, 99))
def test_any_text(text: str, seed: int) -> None:
    """Whatever the text, a hole lies in it or there is none."""
    page = Page(_File(text))
    for choose in (
        by_line.rest_of_line,
        by_line.half_word,
        by_line.whole_line,
        by_line.several_lines,
        by_line.lines_below,
        by_line.nothing,
        by_line.random_span,
    ):
        hole = choose(page, random.Random(seed))
        assert hole is None or hole.end <= len(page.text)
