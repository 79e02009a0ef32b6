"""Parsing, whole and incremental, and the step between code points and tree-sitter's bytes.

Tree-sitter is given UTF-16 in which every code point takes exactly two bytes:
what lies outside the Basic Multilingual Plane, and lone surrogates, are
replaced by one stand-in each. So offset `n` is byte `2n` in every text, and no
table of offsets has to be kept or searched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Tree
from tree_sitter_language_pack import get_language

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Edit, Span
from lsp_server.syntax.languages import Language

__all__ = ["LARGEST", "MOST_EDITS", "Node", "Parsed", "byte_of", "grammar", "parse", "span_of"]

LARGEST = 1_000_000
"""Code points; a longer text has no tree. Slowest is Python with a bracket left open: 1.5 s for this many."""

MOST_EDITS = 64
"""More edits at once than this, and the text is parsed anew."""

_BYTES = 2
_OUTSIDE = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")
_LETTER, _OTHER = "\u4e00", "\ufffd"


class Parsed:
    """An immutable snapshot of one text and its tree, safe to read from any thread.

    It is parsed when the tree is first asked for, so keystrokes in a row cost
    one parse. Two threads that ask at once compute the same tree.
    """

    __slots__ = ("_old", "_tree", "language", "text")

    def __init__(self, text: str, language: Language, old: Tree | None = None) -> None:
        self.text = text
        self.language = language
        self._old = old
        self._tree: Tree | None = None

    @property
    def has_tree(self) -> bool:
        """Whether there is a grammar for the language, and the text is neither too large nor binary."""
        name = self.language.grammar
        return name is not None and grammar(name) is not None and _fits(self.text)

    @property
    def root(self) -> Node | None:
        """The tree's root, for the other modules of `syntax`."""
        tree = self._parsed()
        return tree.root_node if tree is not None else None

    def edited(self, edits: Sequence[Edit]) -> Parsed:
        """The snapshot after `edits`, each against the text after the one before; reparsed incrementally.

        Raises:
            BadInput: an edit leaves the text.
        """
        base = self._tree or self._old
        if base is None or len(edits) > MOST_EDITS:
            return Parsed(apply_in_turn(self.text, edits), self.language)
        text, tree = self.text, base.copy()
        for edit in edits:
            after = apply_in_turn(text, (edit,))
            _mark_edited(tree, text, after, edit)
            text = after
        return Parsed(text, self.language, tree)

    def node_at(self, span: Span) -> Node | None:
        """The smallest node that holds `span`."""
        root = self.root
        if root is None:
            return None
        end = min(span.end, len(self.text))
        return root.descendant_for_byte_range(byte_of(min(span.start, end)), byte_of(end))

    def _parsed(self) -> Tree | None:
        if self._tree is None and self.has_tree:
            self._tree = _parse(self.text, self.language, self._old)
        return self._tree


def parse(text: str, language: Language) -> Parsed:
    """A snapshot of `text`; without a grammar, longer than `LARGEST`, or with a NUL in it, it has no tree."""
    return Parsed(text, language)


def span_of(node: Node) -> Span:
    """Where `node` stands, in code points."""
    return Span(node.start_byte // _BYTES, node.end_byte // _BYTES)


def byte_of(offset: int) -> int:
    """The byte at which tree-sitter sees the code point at `offset`."""
    return offset * _BYTES


@cache
def grammar(name: str) -> Grammar | None:
    """A grammar of the language pack by name, or None if it has none that loads here."""
    try:
        return get_language(name)  # type: ignore[arg-type]
    except (LookupError, ValueError, OSError, ImportError):
        return None


def _fits(text: str) -> bool:
    return len(text) <= LARGEST and "\0" not in text


def _parse(text: str, language: Language, old: Tree | None) -> Tree | None:
    loaded = grammar(language.grammar) if language.grammar is not None else None
    if loaded is None:
        return None
    parser, encoded = Parser(loaded), _encode(text)
    if old is None:
        return parser.parse(encoded, encoding="utf16le")
    return parser.parse(encoded, old, encoding="utf16le")


def _encode(text: str) -> bytes:
    try:
        encoded = text.encode("utf-16-le")
    except UnicodeEncodeError:
        encoded = b""
    if len(encoded) == len(text) * _BYTES:
        return encoded
    return _OUTSIDE.sub(lambda match: _LETTER if match[0].isalpha() else _OTHER, text).encode("utf-16-le")


def _mark_edited(tree: Tree, before: str, after: str, edit: Edit) -> None:
    start, old_end, new_end = edit.span.start, edit.span.end, edit.span.start + len(edit.text)
    tree.edit(
        start_byte=byte_of(start),
        old_end_byte=byte_of(old_end),
        new_end_byte=byte_of(new_end),
        start_point=_point(before, start),
        old_end_point=_point(before, old_end),
        new_end_point=_point(after, new_end),
    )


def _point(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), byte_of(offset - text.rfind("\n", 0, offset) - 1)
