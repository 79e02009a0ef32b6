"""Comments and doc comments taken out and put back."""

from __future__ import annotations

import random
import re

from lsp_server.core.types import Edit, Span
from lsp_server.syntax import kinds
from lsp_server.syntax.parse import Node
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.trees.source import TreeSource

ADD = (
    "Add comments",
    "Explain the steps in comments",
    "Comment this code",
    "Add a few comments",
    "Add explanatory comments",
)
REMOVE = ("Remove the comments", "Delete all comments", "Strip the comments")
DOCUMENT = ("Add a doc comment", "Document this function", "Write a doc comment", "Add documentation")
NAMED = {
    "javascript": "JSDoc comment",
    "javascriptreact": "JSDoc comment",
    "typescript": "TSDoc comment",
    "typescriptreact": "TSDoc comment",
    "java": "Javadoc comment",
    "rust": "rustdoc comment",
    "go": "Go doc comment",
    "php": "PHPDoc block",
    "csharp": "XML doc comment",
}
BACK = 0.2
MOST = 8
_DIRECTIVE = re.compile(
    r"noqa|type: ?ignore|pragma|pylint|eslint|tslint|@ts-|prettier|istanbul|copyright|licen[cs]e|nolint|"
    r"NOSONAR|TODO|FIXME|XXX|HACK|fmt:|mypy|generated|#region|http|go:|\+build|c8 ignore|webpack|@__|"
    r"sourceMapping|pyright",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"[;{}=]\s*$|^\W*(?:return|import|if \(|for \(|const|let|var|def|self\.)\b|\w\(.*\)\s*$", re.MULTILINE
)
_BLOCK = ("/**",)
_MARKS = {
    **dict.fromkeys(
        ("javascript", "javascriptreact", "typescript", "typescriptreact", "java", "php"), _BLOCK
    ),
    "rust": ("///",),
    "csharp": ("///",),
}
"""How doc comments begin, where that tells them from others."""
_DEFINING = (
    kinds.FUNCTIONS | kinds.DEFINITIONS.keys() | kinds.BINDINGS | {"export_statement", "template_declaration"}
)
_WORDS = re.compile(r"[A-Za-z][a-z]{1,}")


def make_comments(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code without the comments inside it, and with them."""
    source = TreeSource.of(text, language)
    if source is None:
        return None
    inside = [node for node in source.walk() if kinds.is_comment(node.type) and source.span(node).start > 0]
    inside = [node for node in inside if not _above(source, node)]
    edits = []
    for node in inside:
        lines = source.lines(source.span(node))
        if lines is None or not _told(source.part(node)) or source.part(node).count("\n") > 3:
            return None
        edits.append(Edit(Span(lines.start, min(lines.end + 1, len(text))), ""))
    if not edits or len(edits) > MOST:
        return None
    bare = source.edited(edits)
    if bare is None:
        return None
    bare = bare.rstrip("\n")
    if rng.random() < BACK:
        return Pair(text, bare, rng.choice(REMOVE), language, "comments-remove")
    return Pair(bare, text, rng.choice(ADD), language, "comments-add")


def make_doc(text: str, language: str, rng: random.Random) -> Pair | None:
    """A function without the comment above it, and with it."""
    source = TreeSource.of(text, language) if language != "python" else None
    if source is None:
        return None
    nodes = [node for node in source.walk() if kinds.is_comment(node.type) and _above(source, node)]
    nodes = [node for node in nodes if node.parent is None or not kinds.is_comment(node.parent.type)]
    if not nodes:
        return None
    if not _defines(source, source.span(nodes[-1]).end):
        return None
    said, end = text[: source.span(nodes[-1]).end], source.span(nodes[-1]).end
    bare = text[end:].lstrip("\n")
    if (
        said.count("\n") > 14
        or not _told(said, fewest=4)
        or not said.isascii()
        or bare.startswith((" ", "\t"))
    ):
        return None
    if text[end:].startswith("\n\n") or not said.startswith(_MARKS.get(language, ("",))):
        return None
    name = NAMED.get(language) if said.startswith(("/**", "///")) or language == "go" else None
    words = rng.choice((f"Add a {name}", f"Write a {name}", *DOCUMENT)) if name else rng.choice(DOCUMENT)
    return Pair(bare, text, words, language, "doc-add")


def _defines(source: TreeSource, start: int) -> bool:
    """Whether all that stands from `start` on is one definition."""
    whole = len(source.text.rstrip())
    for node in source.walk():
        span = source.span(node)
        if span.start >= start and node.is_named and span.end >= whole - 1:
            return node.type in _DEFINING
    return False


def _above(source: TreeSource, node: Node) -> bool:
    """Whether nothing but comments stands before a comment."""
    before = source.text[: source.span(node).start]
    marks = ("//", "#", "*", "/*", "--", ";", "'''", "*/")
    return all(not line.strip() or line.lstrip().startswith(marks) for line in before.split("\n"))


def _told(comment: str, fewest: int = 2) -> bool:
    """Whether a comment is for a reader: words, not code or directives."""
    stripped = re.sub(r"^\s*(?://[/!]?|#|/?\*+/?|--)", "", comment, flags=re.MULTILINE)
    return (
        len(_WORDS.findall(stripped)) >= fewest
        and not _DIRECTIVE.search(comment)
        and not _CODE.search(stripped.replace("*/", "").strip())
    )
