"""The doubtful tokens of a rewrite's edits: what stayed as it was is not doubted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lsp_server.core.edits import apply_together
from lsp_server.core.types import Doubt, Edit, Span
from lsp_server.engine.protocol import Piece
from lsp_server.service.doubt.find import doubts_in


def doubts_of_edits(
    pieces: Sequence[Piece], text: str, target: Span, edits: Sequence[Edit], *, by_line: bool
) -> dict[str, tuple[Doubt, ...]]:
    """The doubts of each edit's text, in its offsets, where `edits` write a fill into the `target` of `text`.

    What depends on a token is the rest of its edit, or `by_line` of its line: in what was asked for in
    words each line follows from the words more than from the line before.
    """
    inner = [replace(edit, span=edit.span.shifted(-target.start)) for edit in edits]
    doubts = doubts_in(pieces, apply_together(text[target.start : target.end], inner))
    found: dict[str, tuple[Doubt, ...]] = {}
    moved = 0
    for edit in sorted(inner, key=lambda each: each.span):
        start = edit.span.start + moved
        moved += len(edit.text) - len(edit.span)
        own = (doubt.shifted(-start) for doubt in doubts if doubt.whole.start >= start)
        found[edit.text] = tuple(
            replace(doubt, end=_end(edit.text, doubt, by_line=by_line))
            for doubt in own
            if doubt.span.end <= len(edit.text)
        )
    return found


def doubts_behind(edits: Sequence[Edit], by_text: Mapping[str, tuple[Doubt, ...]]) -> tuple[Doubt, ...]:
    """The doubts in the text that `edits` lead to."""
    found: list[Doubt] = []
    moved = 0
    for edit in sorted(edits, key=lambda each: each.span):
        start = edit.span.start + moved
        found += [doubt.shifted(start) for doubt in by_text.get(edit.text, ())]
        moved += len(edit.text) - len(edit.span)
    return tuple(found)


def _end(text: str, doubt: Doubt, *, by_line: bool) -> int:
    if by_line:
        end = text.find("\n", doubt.span.end)
        return (end if end >= 0 else len(text)) - (end > 0 and text[end - 1] == "\r")
    return len(text) - (len(text) - len(text.rstrip("\r\n")))
