"""Whatever the document and whatever the model writes, the use cases keep their promises."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Edit, Span
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.holes import node_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.service.conftest import Bench

PIECES = [
    "def f(a):", "return", "if x:", "else:", "\n", "\r\n", "    ", "\t", " ", "(", ")", "[", "]", "{", "}",
    ":", ",", "=", "'", '"', '"""', "#", "...", "___", "# remask: do it", "pass", "foo", "1", "é", "🙂",
    "e\u0301", "\ufeff", "\u2028", "\r", "\ud83d",
]  # fmt: skip
CODE = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=80)
@given(CODE, CODE, CODE, CODE, st.booleans())
def test_completing_anything(
    new_bench: Callable[[], Bench],
    before: str,
    after: str,
    first: str,
    second: str,
    invoked: bool,
) -> None:
    """There is a suggestion or a reason; a suggestion stands at the cursor and never breaks the syntax."""

    async def ask() -> None:
        bench = new_bench()
        bench.engine.script = [first, second, first]
        document = bench.open(before + after)
        completion = await bench.ask(len(before), invoked=invoked)
        assert bool(completion.suggestions) != bool(completion.silence)
        parsed = bench.documents.parsed("a")
        for suggestion in completion.suggestions:
            assert suggestion.edit.span == Span(len(before), len(before))
            assert suggestion.edit.text.strip()
            assert not check_edits(parsed, [suggestion.edit]).worse
            written = apply_together(document.text, [suggestion.edit])
            assert written.startswith(before)
            assert written.endswith(after)

    asyncio.run(ask())


@settings(max_examples=80)
@given(CODE, CODE, CODE, CODE, st.sampled_from(["rewrite", "fill-body", "fill-holes"]))
def test_rewriting_anything(
    new_bench: Callable[[], Bench], text: str, selected: str, first: str, second: str, action: str
) -> None:
    """What is answered applies, touches nothing around the selection and never breaks the syntax."""

    async def rewrite() -> None:
        bench = new_bench()
        bench.engine.anything = [first, second]
        document = bench.open(text + selected + text)
        span = Span(len(text), len(text) + len(selected))
        try:
            answer = await bench.rewriter.run(action, document, span)
        except RemaskError:
            return
        assert bool(answer.edits) != bool(answer.silence)
        parsed = bench.documents.parsed("a")
        assert not check_edits(parsed, answer.edits).worse
        assert (apply_together(document.text, answer.edits) != document.text) == bool(answer.edits)
        if action == "rewrite":
            whole = node_around(parsed, span)
            assert all(whole.contains(edit.span) for edit in answer.edits)

    asyncio.run(rewrite())


@given(CODE, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9), CODE), max_size=4))
def test_spans_found_again_hold_the_same_text(
    new_bench: Callable[[], Bench], text: str, changes: list[tuple[int, int, str]]
) -> None:
    """A span carried over any changes still holds what it held."""
    bench = new_bench()
    document = bench.open(f"{text}MARK{text}")
    span = Span(len(text), len(text) + 4)
    for start, length, new in changes:
        now = bench.documents.get("a")
        assert now is not None
        size = len(now.text)
        bench.documents.change("a", [Edit(Span(min(start, size), min(start + length, size)), new)], None)
    now, moved = bench.documents.get("a"), bench.documents.rebase_span("a", span, document.revision)
    assert now is not None
    assert moved is None or now.text[moved.start : moved.end] == "MARK"
