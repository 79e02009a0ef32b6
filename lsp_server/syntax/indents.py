"""Lines that stand at a column where Python does not allow them.

Its grammar in tree-sitter takes an unexpected indentation and a block that is missing without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsp_server.core.text import indent_width, line_end, line_start
from lsp_server.core.types import Span
from lsp_server.syntax.lexer import without_comment
from lsp_server.syntax.parse import Parsed, byte_of, span_of

REACH = 20_000
"""Code points looked through for the line that a line belongs under."""

_HOLDERS = frozenset({"block", "module", "decorated_definition"})
_CLAUSES = frozenset(
    {
        *("elif_clause", "else_clause", "case_clause"),
        *("except_clause", "except_group_clause", "finally_clause"),
    }
)


def misplaced(parsed: Parsed, span: Span) -> int | None:
    """How many lines of `span`, the next one included, begin at a wrong column.

    A header in `span` that lacks its block is not counted: that may be written next. None
    where the tree cannot tell, because the text does not parse there or is not Python.
    """
    if parsed.language.grammar != "python" or parsed.root is None or len(span) > REACH:
        return None
    try:
        return sum(_is_misplaced(parsed, start, span) for start in _statements(parsed, span))
    except LookupError:
        return None


def _is_misplaced(parsed: Parsed, start: int, span: Span) -> bool:
    text = parsed.text
    column = indent_width(text[start : line_end(text, start)])
    above = next(_upwards(parsed, start), None)
    if above is None:
        return column > 0
    outer = indent_width(text[above : line_end(text, above)])
    if _opens(parsed, above, start):
        return column <= outer and start <= span.end
    return column > outer or (column < outer and not _closes_to(parsed, above, column))


def _closes_to(parsed: Parsed, above: int, column: int) -> bool:
    """Whether a line at `column` goes on with a block that is open behind the line at `above`."""
    for start in _upwards(parsed, above, column):
        return indent_width(parsed.text[start : line_end(parsed.text, start)]) == column
    return above > REACH


def _opens(parsed: Parsed, start: int, end: int) -> bool:
    """Whether the statement that begins at `start` is a header up to `end`; comments lie between."""
    for line in reversed(parsed.text[start:end].splitlines()):
        code = without_comment(line, parsed.language)
        if code:
            return code.endswith(":")
    return False


def _statements(parsed: Parsed, span: Span) -> Iterator[int]:
    """Where the lines that begin a statement begin: all that `span` touches, and the one behind."""
    start = line_start(parsed.text, span.start)
    while start < len(parsed.text):
        if _whole_line(parsed, start) == start:
            yield start
            if start > span.end:
                return
        start = line_end(parsed.text, start) + 1
        if start > span.end + REACH:
            return


def _upwards(parsed: Parsed, start: int, column: int | None = None) -> Iterator[int]:
    """Where statements above the line at `start` begin, nearest first, none right of `column`."""
    least = max(0, start - REACH)
    while start > least:
        start = line_start(parsed.text, start - 1)
        line = parsed.text[start : line_end(parsed.text, start)]
        if column is not None and indent_width(line) > column:
            continue
        whole = _whole_line(parsed, start)
        if whole == start:
            yield start
        elif whole is not None:
            start = whole + 1  # its first line is next, however many lines it has


def _whole_line(parsed: Parsed, start: int) -> int | None:
    """Where the line begins that the one at `start` goes on with: itself if it begins a statement.

    None for blank lines and comments. Raises `LookupError` where the text does not parse.
    """
    line = parsed.text[start : line_end(parsed.text, start)]
    code = line.strip()
    if not code or code.startswith("#"):
        return None
    at = start + indent_width(line)
    node = parsed.node_at(Span(at, at + 1))
    while node is not None and node.start_byte == byte_of(at):
        parent = node.parent
        if node.is_error or (parent is not None and parent.is_error):
            raise LookupError
        if parent is None or parent.type in _HOLDERS or node.type in _CLAUSES:
            return start
        node = parent
    return line_start(parsed.text, span_of(node).start) if node is not None else None
