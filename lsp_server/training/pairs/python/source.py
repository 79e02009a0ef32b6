"""A piece of Python with its tree, and edits of it by nodes."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput
from lsp_server.core.text import indent_unit
from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.check import tree_of

WIDEST = 88
"""Characters of what is put on one line."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """A text, its tree, and where the nodes stand in it, in code points.

    Nodes inside f-strings have no reliable place before Python 3.12: `walk` leaves them out.
    """

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self._ascii = text.isascii()

    @classmethod
    def of(cls, text: str, language: str) -> Source | None:
        """The source of a piece; None if it is not Python, does not parse, or has odd line breaks."""
        if language != "python" or "\r" in text or "\f" in text:
            return None
        tree = tree_of(text)
        return cls(text, tree) if tree is not None and tree.body else None

    def _offset(self, line: int, column: int) -> int:
        if not self._ascii:
            column = len(self.lines[line - 1].encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.excepthandler | ast.keyword) -> Span:
        """Where `node` stands, without decorators."""
        return Span(
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def part(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> str:
        """The text of `node`."""
        span = self.span(node)
        return self.text[span.start : span.end]

    def flat(self, node: ast.expr) -> str | None:
        """The text of an expression on one line; None if that would change it."""
        text = self.part(node)
        if "\n" not in text:
            return text
        flat = re.sub(r"\s*\n\s*", " ", text)
        flat = re.sub(r",\s*([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", flat))
        flat = re.sub(r" ([)\]}])", r"\1", flat)
        parsed = tree_of(f"({flat}\n)")
        statement = parsed.body[0] if parsed is not None and len(parsed.body) == 1 else None
        if len(flat) > WIDEST:
            return None
        same = isinstance(statement, ast.Expr) and ast.dump(statement.value) == ast.dump(node)
        return flat if same else None

    def indent(self, node: ast.stmt) -> str:
        """The white space before a statement that begins its line."""
        return self.lines[node.lineno - 1][: node.col_offset]

    @property
    def unit(self) -> str:
        """One level of indentation as this piece has it."""
        return indent_unit(self.text, 0) or "    "

    def whole_lines(self, first: ast.stmt, last: ast.stmt) -> Span | None:
        """The lines of statements, decorators included, without the last break; None if they share lines."""
        decorators = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(each.lineno for each in decorators)])
        start, end = self._starts[line - 1], self.span(last).end
        line_end = self._starts[last.end_lineno or last.lineno] - 1
        rest = self.text[end:line_end].strip()
        if self.indent(first).strip() or (rest and not rest.startswith("#")):
            return None
        return Span(start, line_end)

    def edited(self, edits: Sequence[Edit]) -> str | None:
        """The text after `edits`, all against this text; None if they overlap."""
        try:
            return apply_together(self.text, edits)
        except BadInput:
            return None

    def without_lines(self, span: Span) -> Edit:
        """An edit that removes whole lines, the break behind them, and blank lines that follow."""
        end = span.end
        blank = re.compile(r"\n(?:[ \t]*\n)*").match(self.text, end)
        return Edit(Span(span.start, blank.end() if blank else end), "")

    def reindented(self, span: Span, removed: str, added: str) -> str | None:
        """The lines of `span` with the indentation `removed` replaced by `added`; None if one has less."""
        lines = self.text[span.start : span.end].split("\n")
        if any(line.strip() and not line.startswith(removed) for line in lines):
            return None
        return "\n".join(added + line[len(removed) :] if line.strip() else line for line in lines)

    def walk(self) -> Iterator[ast.AST]:
        """Every node but what stands inside f-strings, in the order of the text."""
        yield from _walk(self.tree)

    def blocks(self) -> Iterator[list[ast.stmt]]:
        """Every list of statements."""
        for node in self.walk():
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    yield block

    def functions(self) -> list[Function]:
        """Every function, outer ones first."""
        return [each for each in self.walk() if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]

    def names(self) -> set[str]:
        """Every word of the text that could be a name."""
        return set(re.findall(r"[^\W\d]\w*", self.text))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from _walk(child)


def used(nodes: Iterable[ast.AST], name: str) -> int:
    """How often `name` is read or bound under `nodes`, f-strings included."""
    return sum(
        1
        for node in nodes
        for each in ast.walk(node)
        if (isinstance(each, ast.Name) and each.id == name)
        or (isinstance(each, ast.arg) and each.arg == name)
    )


def negated(source: Source, test: ast.expr) -> str | None:
    """The text of what is true where `test` is not; None if that takes more than one line."""
    text = source.flat(test)
    if text is None:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return source.flat(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = source.flat(test.left), source.flat(test.comparators[0])
        word = _OPPOSITE.get(type(test.ops[0]))
        if (
            word
            and left is not None
            and right is not None
            and "(" + left not in text
            and right + ")" not in text
        ):
            return f"{left} {word} {right}"
    if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return f"not {text}"
    return f"not ({text})" if len(text) < 40 and "not " not in text else None


_OPPOSITE: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
"""Not `<` and its kin: they differ for values that cannot be ordered."""


_T = TypeVar("_T")


def chosen(rng: random.Random, found: Iterable[_T]) -> Iterator[_T]:
    """`found` in a random order."""
    items = list(found)
    rng.shuffle(items)
    yield from items
