"""The questions about a document."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.text import plain_newlines
from lsp_server.core.types import Document, Span
from lsp_server.service.suspicion.ask import LARGEST_PART, PART, Page, request_for

FUNCTION = """def first(items, count):
    for index in items:
        if index < count:
            return index


"""
SITES = 5
"""Of the function: uses of its names, and an operator."""


def page_of(text: str, language: str = "python") -> tuple[Document, Page]:
    document = Document("key", language, text, Path("/project/a.py"))
    return document, Page.of(document)


def test_each_site_is_asked_about_once() -> None:
    """Part by part, and all of what a request is about lies in its hole."""
    text = FUNCTION * 200
    document, page = page_of(text)
    parts = page.parts()
    assert len(parts) > 2
    assert sum(len(part.sites) for part in parts) == 200 * SITES
    for part in parts:
        request = request_for(document, page, part)
        hole = request.holes[0]
        assert request.text[hole.start : hole.end] == text[part.span.start : part.span.end]
        assert request.ahead
        assert not request.document
        for question, site in zip(request.questions, part.sites, strict=True):
            assert request.text[question.start : question.end] == text[site.span.start : site.span.end]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "x" * 100, "\ufeff", "'" * 9])
def test_nothing_to_ask(text: str) -> None:
    """No request without a question."""
    assert page_of(text)[1].parts() == []


def test_a_huge_line_is_left_out() -> None:
    """It would be one part."""
    line = "x = [" + "1 < 2, " * LARGEST_PART + "]\n"
    text = FUNCTION + "#\n" * PART + line
    assert len(page_of(text)[1].parts()) == 1


@given(st.text(st.sampled_from("a\r\n 😀"), max_size=30))
def test_places_are_found_again_whatever_the_line_ends(text: str) -> None:
    """What stands at a span of the page stands there in the document, line ends aside."""
    _, page = page_of(text, "plaintext")
    plain = page.parsed.text
    for start in range(len(plain)):
        span = page.in_document(Span(start, start + 1))
        assert plain_newlines(text[span.start : span.end]) == plain[start]
