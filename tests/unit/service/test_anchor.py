"""Where holes begin, and what was last written there."""

from __future__ import annotations

import pytest

from lsp_server.service.anchor import LONGEST_HEAD, MOST_DRAFTS, Drafts, start_of_hole

LONG = "y" + " + y" * (LONGEST_HEAD // 4)


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("", ""),
        ("x = fo", "x = fo"),
        ("if x:\n    y = fo", "    y = fo"),
        ("if x:\r\n    y", "    y"),
        ("x = 1\ry", "y"),
        ("x\n", ""),
        ("🙂e\u0301\n🙂e\u0301 = 1", "🙂e\u0301 = 1"),
        (LONG[:LONGEST_HEAD], LONG[:LONGEST_HEAD]),
        (LONG + " + fo", " fo"),
        ("z" * 9999, ""),
    ],
    ids=lambda text: text[:20],
)
def test_a_hole_begins_where_its_line_does(text: str, head: str) -> None:
    """On a long line at what is half typed, or at the cursor if that is long as well."""
    assert text[start_of_hole(text, len(text)) :] == head


@pytest.mark.parametrize(
    ("before", "fill", "now", "draft"),
    [
        ("a\n", "x = foo(a)", "a\n", "x = foo(a)"),
        ("a\n", "if x:\n    b()\n    c()", "a\nif x:\n    b()\n", "    c()"),
        ("a\r\n", "if x:\n    b()\n    c()", "a\r\nif x:\r\n    b()\r\n", "    c()"),
        ("a\n", "x = foo(a)", "a\nx = fun", ""),
        ("a\n", "x = foo(a)", "b\n", ""),
        ("a\n", "x = foo(a)", "a", ""),
        ("", "", "", ""),
    ],
)
def test_the_last_fill_is_a_draft_as_long_as_it_agrees(before: str, fill: str, now: str, draft: str) -> None:
    """Also for a hole that begins further on in it; not where the text became another."""
    drafts = Drafts()
    drafts.keep("a", before, fill)
    assert drafts.at("a", now) == draft
    assert drafts.at("b", now) == ""


def test_few_drafts_are_kept() -> None:
    """Those of the documents that were filled in last."""
    drafts = Drafts()
    for key in [*map(str, range(MOST_DRAFTS)), "0", "new"]:
        drafts.keep(key, "", key)
    assert [drafts.at(key, "") for key in ("0", "1", "2", "new")] == ["0", "", "2", "new"]
