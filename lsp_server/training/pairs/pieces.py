"""The pieces of a document that someone would select: functions, import blocks, runs of statements."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from lsp_server.core.text import plain_newlines
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Node, parse, span_of
from lsp_server.training.pairs.check import tree_of

FEWEST_LINES, MOST_LINES = 2, 40
LARGEST = 2_500
"""Characters of a piece."""
_RUN = 14
"""Lines of a run of statements, at least."""


def pieces(text: str, language: str) -> list[str]:
    """The pieces of a document in order, dedented, without line breaks at their ends; each only once."""
    text = plain_newlines(text)
    lines = text.split("\n")
    found = (dedented(lines[start:end]) for start, end in line_spans(text, language))
    whole = (each for each in found if each and len(each) <= LARGEST)
    # what holds a string of several lines may not parse once dedented
    return [each for each in dict.fromkeys(whole) if language != "python" or tree_of(each) is not None]


def line_spans(text: str, language: str) -> list[tuple[int, int]]:
    """For each piece its first line, from zero, and the line behind it; they may overlap."""
    return list(_python(text) if language == "python" else _of_tree(text, language))


def dedented(lines: list[str]) -> str:
    """`lines` as the model is shown a selection."""
    return textwrap.dedent("\n".join(lines)).strip("\n")


def _python(text: str) -> Iterator[tuple[int, int]]:
    tree = tree_of(text)
    if tree is None:
        return
    yield from _imports(tree)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
            last = node.end_lineno or node.lineno
            if FEWEST_LINES <= last - first <= MOST_LINES:
                yield first, last
                continue
        if not isinstance(node, ast.ClassDef | ast.Lambda):
            plain = [each for each in body if not isinstance(each, ast.FunctionDef | ast.ClassDef)]
            yield from _runs([(each.lineno - 1, each.end_lineno or each.lineno) for each in plain])


def _imports(tree: ast.Module) -> Iterator[tuple[int, int]]:
    block: list[ast.stmt] = []
    for statement in [*tree.body, ast.Pass()]:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            block.append(statement)
        elif block:
            if len(block) > 3:
                yield block[0].lineno - 1, block[-1].end_lineno or 0
            return


def _runs(statements: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring statements of about `_RUN` lines together."""
    start: int | None = None
    last = 0
    for first, end in statements:
        if start is not None and (first - last > 2 or end - start > MOST_LINES):
            start = None
        start = first if start is None else start
        last = end
        if _RUN <= end - start <= MOST_LINES:
            yield start, end
            start = None


def _of_tree(text: str, language: str) -> Iterator[tuple[int, int]]:
    parsed = parse(text, language_for(language))
    root = parsed.root
    if root is None:
        return
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in kinds.FUNCTIONS and node.is_named:
            whole = _with_what_belongs(node)
            start, end = span_of(whole).start, span_of(node).end
            first, last = text.count("\n", 0, start), text.count("\n", 0, end) + 1
            line = text[
                text.rfind("\n", 0, span_of(_declared(node)).start) + 1 : span_of(_declared(node)).start
            ]
            if FEWEST_LINES < last - first <= MOST_LINES and not line.strip():
                yield first, last
                continue
            if last - first > MOST_LINES:
                yield from _runs(_statements(text, node))
        stack.extend(reversed(node.children))


def _declared(node: Node) -> Node:
    """The statement that a function is the whole of, as `export const f = () => ...`."""
    while node.parent is not None and node.parent.type in {
        *kinds.BINDINGS,
        "variable_declarator",
        "export_statement",
        "template_declaration",
        "public_field_definition",
    }:
        node = node.parent
    return node


def _with_what_belongs(node: Node) -> Node:
    """The first of the comments and attributes right above a function."""
    node = _declared(node)
    above = node.prev_sibling
    while above is not None and (
        kinds.is_comment(above.type) or "attribute" in above.type or above.type == "decorator"
    ):
        if node.start_point.row - above.end_point.row > 1:
            break
        node, above = above, above.prev_sibling
    return node


def _statements(text: str, function: Node) -> list[tuple[int, int]]:
    body = function.child_by_field_name("body")
    if body is None:
        return []
    spans = [span_of(each) for each in body.named_children]
    return [(text.count("\n", 0, span.start), text.count("\n", 0, span.end) + 1) for span in spans]
