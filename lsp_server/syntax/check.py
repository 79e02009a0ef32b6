"""Whether edits make a text parse worse than it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tree_sitter import Node, Query, QueryCursor

from lsp_server.core.text import line_start
from lsp_server.core.types import Edit, Span
from lsp_server.syntax.indents import misplaced
from lsp_server.syntax.parse import Parsed, byte_of, grammar, span_of

REACH = 20_000
"""Code points around an edit in which errors are compared where the text had errors before."""

_NEUTRAL = ("x", "x;", "0")
"""What stands in for a fill to see whether anything would parse in its place."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What edits do to the syntax of a text.

    `errors` are the tokens of the new text that no longer parse, and empty spans
    where something is missing.
    """

    worse: bool
    errors: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Baseline:
    """A text to compare with; `edits` turn it into the new one."""

    parsed: Parsed
    edits: tuple[Edit, ...]


def check_edits(parsed: Parsed, edits: Sequence[Edit]) -> Verdict:
    """Compare the errors after `edits`, which are all against the text of `parsed`, with those before.

    An error is new if it stands on a line that was in order. Half-typed code is
    broken by nature (``x = `` lacks its value), so where the text did not parse
    at an edit, the text with a plain word in its place is compared with. If that
    does not parse either, nothing is held against the edit's own lines.
    Nothing is worse in a text without a tree. In Python lines at a wrong column count too.

    Raises:
        BadInput: an edit leaves the text. Edits must not overlap.
    """
    edits = tuple(sorted(edits, key=lambda edit: edit.span))
    after = parsed.edited(edits[::-1])
    if after.root is None or parsed.root is None:
        return Verdict(worse=False)
    if not after.root.has_error:
        return Verdict(worse=_worse_indented(parsed, edits, after))
    if not parsed.root.has_error:
        window = _window(edits, after)
        return Verdict(worse=True, errors=tuple(_errors(after, window)) or tuple(_errors(after, _all(after))))
    baseline = next((each for each in _baselines(parsed, edits) if _parses_at_edits(each)), None)
    known = _known_lines(baseline or _Baseline(parsed, edits), after)
    if baseline is None:
        known |= {line for span in _inserted(edits) for line in _lines(after.text, span)}
    new = [error for error in _errors(after, _window(edits, after)) if not known & _lines(after.text, error)]
    return Verdict(worse=bool(new) or _worse_indented(parsed, edits, after), errors=tuple(new))


def _worse_indented(parsed: Parsed, edits: Sequence[Edit], after: Parsed) -> bool:
    """Whether more lines stand at a wrong column than before, or than with a word in the first place."""
    if not edits:
        return False
    spans = _inserted(edits)
    now = misplaced(after, Span(spans[0].start, spans[-1].end))
    if not now:
        return False
    first, last = edits[0].span, edits[-1].span
    before = misplaced(parsed, Span(first.start, last.end)) or 0
    left = parsed.text[line_start(parsed.text, first.start) : first.start]
    if left and not left.strip():
        placed = Edit(Span(first.start, last.end), _NEUTRAL[0])
        place = Span(first.start, first.start + len(placed.text))
        before = max(before, misplaced(parsed.edited([placed]), place) or 0)
    return now > before


def _baselines(parsed: Parsed, edits: Sequence[Edit]) -> Iterator[_Baseline]:
    yield _Baseline(parsed, tuple(edits))
    for text in _NEUTRAL:
        standing = [Edit(edit.span, text) for edit in edits]
        places = _inserted(standing)
        back = tuple(Edit(place, edit.text) for place, edit in zip(places, edits, strict=True))
        yield _Baseline(parsed.edited(standing[::-1]), back)


def _parses_at_edits(baseline: _Baseline) -> bool:
    parsed = baseline.parsed
    errors = list(_errors(parsed, _window(baseline.edits, parsed)))
    broken = {line for error in errors for line in _lines(parsed.text, error)}
    return not any(
        broken & _lines(parsed.text, edit.span) or _in_error(parsed, edit.span) for edit in baseline.edits
    )


def _in_error(parsed: Parsed, span: Span) -> bool:
    node = parsed.node_at(span)
    if node is not None and not node.child_count:
        node = node.parent
    return node is not None and node.is_error


def _inserted(edits: Sequence[Edit]) -> list[Span]:
    """Where the text of each of the sorted `edits` stands after all of them."""
    spans, grown = [], 0
    for edit in edits:
        start = edit.span.start + grown
        spans.append(Span(start, start + len(edit.text)))
        grown += len(edit.text) - len(edit.span)
    return spans


def _all(parsed: Parsed) -> Span:
    return Span(0, len(parsed.text))


def _window(edits: Sequence[Edit], parsed: Parsed) -> Span:
    """The neighbourhood of all edits, in offsets that hold before and after them."""
    start = max(0, min((edit.span.start for edit in edits), default=0) - REACH)
    grown = sum(len(edit.text) for edit in edits)
    end = max((edit.span.end for edit in edits), default=0) + grown + REACH
    return Span(min(start, len(parsed.text)), min(end, len(parsed.text)))


def _errors(parsed: Parsed, window: Span) -> Iterator[Span]:
    """What the parser skipped (tokens, not the good subtrees between them) or missed, within `window`."""
    root = parsed.root
    if root is None or parsed.language.grammar is None or not root.has_error:
        return
    cursor = QueryCursor(_error_query(parsed.language.grammar))
    cursor.set_byte_range(byte_of(window.start), byte_of(window.end + 1))
    found = cursor.captures(root)
    for node in sorted(found.get("missing", []) + found.get("error", []), key=lambda node: node.start_byte):
        if node.is_missing:
            yield span_of(node)
        else:
            yield from _skipped(node, window)


def _skipped(error: Node, window: Span) -> Iterator[Span]:
    cursor = error.walk()
    if cursor.goto_first_child_for_byte(byte_of(window.start)) is None:
        yield span_of(error)
        return
    while cursor.node is not None and span_of(cursor.node).start <= window.end:
        if not cursor.node.child_count and not cursor.node.is_extra:
            yield span_of(cursor.node)
        if not cursor.goto_next_sibling():
            return


def _known_lines(baseline: _Baseline, after: Parsed) -> set[int]:
    """The lines of the new text that have errors in the baseline, by the offsets at which they begin."""
    text, lines = baseline.parsed.text, set[int]()
    for error in _errors(baseline.parsed, _window(baseline.edits, baseline.parsed)):
        for start in _lines(text, error):
            end = text.find("\n", start)
            first = _moved(start, baseline.edits, behind=False)
            last = _moved(len(text) if end < 0 else end, baseline.edits, behind=True)
            lines |= _lines(after.text, Span(first, first)) | _lines(after.text, Span(last, last))
    return lines


def _moved(offset: int, edits: Sequence[Edit], *, behind: bool) -> int:
    """Where `offset` lies after `edits`: before, or `behind`, what is inserted at it or replaces it."""
    grown = 0
    for edit in edits:
        if edit.span.end < offset or (behind and edit.span.end == offset):
            grown += len(edit.text) - len(edit.span)
        elif offset <= edit.span.start:
            break
        else:
            return edit.span.start + grown + (len(edit.text) if behind else 0)
    return offset + grown


def _lines(text: str, span: Span) -> set[int]:
    """The offsets at which the lines touched by `span` begin."""
    starts = {text.rfind("\n", 0, span.start) + 1}
    at = text.find("\n", span.start, span.end)
    while at >= 0:
        starts.add(at + 1)
        at = text.find("\n", at + 1, span.end)
    return starts


@cache
def _error_query(name: str) -> Query:
    loaded = grammar(name)
    if loaded is None:
        raise LookupError(name)
    return Query(loaded, "(ERROR) @error (MISSING) @missing")
