"""Documents opened to cut holes in them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.parts import Part
from lsp_server.training.examples.page import LONGEST_LINE, REGION, Page


@pytest.mark.parametrize("text", ["", "a", "a\n", "\n\n", "a\r\nb\rc\n"])
def test_lines(page_of: Callable[..., Page], text: str) -> None:
    """Lines and line feeds make the text, whatever its line ends were."""
    page = page_of("python", text)
    assert "\r" not in page.text
    assert "\n".join(page.line(number) for number in range(len(page.lines))) == page.text


def test_some_line_prefers_code(page_of: Callable[..., Page]) -> None:
    """Comments and the insides of docstrings are chosen seldom, blank and endless lines never."""
    text = '"""\n' + "words\n" * 20 + '"""\n' + "x = 1\n# why\n" * 20 + "\n" * 20 + "y" * (LONGEST_LINE + 1)
    page = page_of("python", text)
    numbers = [page.some_line(random.Random(seed)) for seed in range(400)]
    chosen = Counter(page.line(number) for number in numbers if number is not None)
    assert chosen["x = 1"] > 2 * chosen["words"] > 0
    assert chosen["x = 1"] > 2 * chosen["# why"] > 0
    assert set(chosen) <= {"x = 1", "# why", "words", '"""'}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("python", "#!/usr/bin/env python\n# By me.\n\nx = 1\n", "x = 1"),
        ("c", "/* By me.\n * Take it.\n */\n\nint x;\n", "int x;"),
        ("python", "x = 1\n# why\n", "x = 1"),
        ("plaintext", "# words\n", "# words"),
        ("python", "# nothing else", "# nothing else"),
        ("python", "", ""),
    ],
)
def test_head(page_of: Callable[..., Page], language: str, text: str, code: str) -> None:
    """The comments a file begins with are its head, unless there is nothing else."""
    page = page_of(language, text)
    assert page.text[page.head :].startswith(code)
    assert page.head == text.index(code)


def test_no_line_of_the_head(page_of: Callable[..., Page]) -> None:
    """Who holds the rights is nothing to learn by heart."""
    page = page_of("python", "# By me.\n" * 50 + "x = 1\n")
    chosen = (page.some_line(random.Random(seed)) for seed in range(50))
    assert {page.line(number) for number in chosen if number is not None} == {"x = 1"}


def test_prose_is_words_altogether(page_of: Callable[..., Page]) -> None:
    """In text without code every line may be chosen."""
    assert page_of("plaintext", "# words").some_line(random.Random(0)) == 0


def test_no_line(page_of: Callable[..., Page]) -> None:
    """Of blank lines none is chosen."""
    assert page_of("python", "\n \n").some_line(random.Random(0)) is None


def test_region(page_of: Callable[..., Page]) -> None:
    """Of a long document only one region's parts are known, which lies where it is told to."""
    text = "call(a + b)\n" * 6000
    document = page_of("python", text).document
    start = Page(document).parts[Part.ARGUMENTS]
    end = Page(document, 0.999).parts[Part.ARGUMENTS]
    assert start[0] == Span(5, 10)
    assert start[-1].end <= REGION
    assert end[-1].end > len(text) - 200
    assert len(end) < len(start) + 2 < 2100
