"""A piece of any language with its tree-sitter tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput
from lsp_server.core.text import indent_unit, leading
from lsp_server.core.types import Edit, Span
from lsp_server.syntax import kinds
from lsp_server.syntax.languages import Language
from lsp_server.syntax.parse import Node, span_of
from lsp_server.training.pairs.check import parsed_alone


class TreeSource:
    """A text and the nodes of its tree, in code points of that text.

    What the text had to be put into to parse, as a class around a method, is left out.
    """

    def __init__(self, text: str, language: Language, root: Node, shift: int) -> None:
        self.text = text
        self.language = language
        self._root = root
        self._shift = shift

    @classmethod
    def of(cls, text: str, language: str) -> TreeSource | None:
        """The source of a piece; None if it does not parse or has odd line breaks."""
        found = parsed_alone(text, language) if "\r" not in text else None
        if found is None:
            return None
        parsed, shift = found
        return cls(text, parsed.language, parsed.root, shift) if parsed.root is not None else None

    def span(self, node: Node) -> Span:
        """Where `node` stands."""
        return span_of(node).shifted(-self._shift)

    def part(self, node: Node) -> str:
        """The text of `node`."""
        span = self.span(node)
        return self.text[span.start : span.end]

    def walk(self) -> Iterator[Node]:
        """The nodes of the piece in the order of the text, outer ones first."""
        last = self._shift + len(self.text)
        stack = [self._root]
        while stack:
            node = stack.pop()
            span = span_of(node)
            if span.end <= self._shift or span.start >= last:
                continue
            if span.start >= self._shift and span.end <= last:
                yield node
            stack.extend(reversed(node.children))

    def leaves(self) -> Iterator[Node]:
        """The tokens of the piece."""
        return (node for node in self.walk() if not node.child_count)

    def statements(self) -> list[tuple[Node, Span]]:
        """Statements of blocks that have their lines for themselves, with those lines."""
        found = []
        for node in self.walk():
            parent = node.parent
            if parent is None or not node.is_named or kinds.is_comment(node.type):
                continue
            if parent.type in kinds.BLOCKS and self.span(node).start > 0:
                lines = self.lines(self.span(node))
                if lines is not None:
                    found.append((node, lines))
        return found

    def lines(self, span: Span) -> Span | None:
        """The whole lines of `span`, without the last break; None if something else stands on them."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", span.end)
        end = len(self.text) if end < 0 else end
        rest = self.text[span.end : end].strip()
        if self.text[start : span.start].strip() or rest not in {"", ";", ","}:
            return None
        return Span(start, end)

    def indent(self, span: Span) -> str:
        """The white space at the start of the line on which `span` begins."""
        return leading(self.text[self.text.rfind("\n", 0, span.start) + 1 : span.start])

    @property
    def unit(self) -> str:
        """One level of indentation."""
        return indent_unit(self.text, 0) or "    "

    def edited(self, edits: Sequence[Edit]) -> str | None:
        """The text after `edits`, all against this text; None if they overlap."""
        try:
            return apply_together(self.text, edits)
        except BadInput:
            return None

    def words(self, name: str) -> int:
        """How often `name` stands in the text as a word, comments and strings included."""
        return len(re.findall(rf"(?<![\w$]){re.escape(name)}(?![\w$])", self.text))
