"""A long stretch of statements cut into portions that are each short enough, at the ends of statements."""

from __future__ import annotations

from tree_sitter import Node

from lsp_server.core.text import line_end, line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Parsed, span_of

MOST_PARTS = 24


def parts_of(parsed: Parsed, whole: Span, most: int) -> list[Span]:
    """Portions of `whole` of at most `most` characters, in order; between them are blanks and headers.

    One portion where it is short enough. A statement that is too long is cut inside its body. None if
    something is too long all the same, or there would be more than `MOST_PARTS`.
    """
    if len(whole) <= most:
        return [whole]
    found = _grown(parsed, _statements(parsed, whole, most), most)
    return found if found and len(found) <= MOST_PARTS and max(map(len, found)) <= most else []


def _statements(parsed: Parsed, whole: Span, most: int) -> list[Span]:
    """Statements in `whole`, those of a body in place of one that is too long."""
    node = parsed.node_at(whole)
    while node is not None and node.type not in kinds.BLOCKS and node.parent is not None:
        node = node.parent
    return _inside(parsed, node, whole, most) if node is not None else []


def _inside(parsed: Parsed, block: Node, whole: Span, most: int) -> list[Span]:
    found: list[Span] = []
    for child in block.named_children:
        span = span_of(child)
        if not whole.contains(span):
            continue
        body = _body(child) if len(span) > most else None
        found += [span] if body is None else _inside(parsed, body, whole, most)
    return found


def _body(node: Node) -> Node | None:
    """The innermost block of a statement that is too long; of a decorated one too."""
    body = node.child_by_field_name("body")
    if body is None:
        held = [child for child in node.named_children if child.child_by_field_name("body") is not None]
        body = held[-1].child_by_field_name("body") if held else None
    return body


def _grown(parsed: Parsed, spans: list[Span], most: int) -> list[Span]:
    """Neighbours with only blanks between put together while they are short enough, as whole lines."""
    text, found = parsed.text, list[Span]()
    for span in spans:
        start = line_start(text, span.start)
        whole = Span(span.start if text[start : span.start].strip() else start, line_end(text, span.end))
        last = found[-1] if found else None
        if last and whole.start < last.end:
            continue
        if last and not text[last.end : whole.start].strip() and whole.end - last.start <= most:
            found[-1] = Span(last.start, whole.end)
        else:
            found.append(whole)
    return found
