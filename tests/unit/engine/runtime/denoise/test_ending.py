"""Where a fill ends."""

from __future__ import annotations

import pytest

from lsp_server.engine.runtime.denoise.ending import Ending, sensible_cut
from lsp_server.engine.runtime.denoise.repeats import Behind


@pytest.mark.parametrize(
    ("ending", "text", "kept"),
    [
        (Ending(max_lines=1), "return 1\n", "return 1"),
        (Ending(max_lines=1), "return 1", None),
        (Ending(max_lines=2), "\n    a\n    b\n", "\n    a"),
        (Ending(min_indent=4), "a = 1\n    b = 2\ndef", "a = 1\n    b = 2"),
        (Ending(min_indent=4), "a = 1\n\n    b = 2\n\n\nc", "a = 1\n\n    b = 2"),
        (Ending(min_indent=4), "a\n  ", None),
        (Ending(min_indent=1), "a\n\tb\n\tc", None),
        (Ending(min_indent=2), "a\n\tb", "a"),
        (Ending(min_indent=0), "a\nb", None),
        (Ending(marker="\n```"), "x\n```\n", "x"),
        (Ending(max_lines=3, min_indent=4), "a\nb\nc\nd", "a"),
        (Ending(), "anything\n" * 9, None),
        (Ending(fence=True), "a = 1\n```\n\nThis", "a = 1"),
        (Ending(fence=True), "a = 1\n\n  ```py", "a = 1"),
        (Ending(fence=True), "a = '```'\nb", None),
        (Ending(fence=True), "```\na\n", None),
        (Ending(), "a\n```\n", None),
        (Ending(behind=Behind.of("\nreturn a + b\n")), "a = 1\nreturn a + b\nprint", "a = 1"),
    ],
)
def test_cut(ending: Ending, text: str, kept: str | None) -> None:
    """The text before the first condition met, or None while none is."""
    cut = ending.cut(text)
    assert (None if cut is None else text[:cut]) == kept


@pytest.mark.parametrize(
    ("before", "after", "fence"), [("a", "\nb", True), ("d\n```\n", "", False), ("", "```", False)]
)
def test_a_fence_is_code_where_others_are(before: str, after: str, fence: bool) -> None:
    """Docstrings in Markdown may get another one."""
    ending = Ending.within(before, after, max_lines=3, min_indent=2)
    assert (ending.fence, ending.max_lines, ending.min_indent) == (fence, 3, 2)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\nb\nhalf", "a\nb"), ("only ha", "only ha"), ("", ""), ("\nhalf", "\nhalf")],
)
def test_out_of_time_keeps_whole_lines(text: str, kept: str) -> None:
    """Whole lines if there are any, else what there is."""
    assert sensible_cut(text) == kept
