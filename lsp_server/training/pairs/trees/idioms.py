"""Older or longer ways of writing, language by language, and what was written."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.parse import Node
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import chosen
from lsp_server.training.pairs.trees.source import TreeSource

GENERAL = ("Modernise this", "Simplify this", "Make this more idiomatic", "Clean this up")
MOST = 6
"""Places changed at once."""

_Find = Callable[[TreeSource, Node], str | None]
"""What could stand for a node in an older way, or None."""


@dataclass(frozen=True, slots=True)
class Idiom:
    """One idiom; `older` is asked about every node of a type in `nodes`."""

    languages: frozenset[str]
    nodes: frozenset[str]
    older: _Find
    words: tuple[str, ...]


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with one idiom written in the older way, and as it was written."""
    fitting = [idiom for idiom in IDIOMS if language in idiom.languages]
    source = TreeSource.of(text, language) if fitting else None
    if source is None:
        return None
    for idiom in chosen(rng, fitting):
        edits = list(_older(source, idiom))
        before = source.edited(edits) if 0 < len(edits) <= MOST else None
        if before is not None:
            return Pair(before, text, rng.choice(idiom.words * 2 + GENERAL), language, "idiom")
    return None


def _older(source: TreeSource, idiom: Idiom) -> Iterator[Edit]:
    end = 0
    for node in source.walk():
        span = source.span(node)
        written = idiom.older(source, node) if node.type in idiom.nodes and span.start >= end else None
        if written is not None:
            end = span.end
            yield Edit(Span(span.start, span.end), written)


def _matched(pattern: str, replacement: str) -> _Find:
    """What the whole text of a node is rewritten to, where it matches."""
    known = re.compile(pattern)

    def older(source: TreeSource, node: Node) -> str | None:
        match = known.fullmatch(source.part(node))
        return match.expand(replacement) if match is not None else None

    return older


def _destructured(source: TreeSource, node: Node) -> str | None:
    """`const { a, b } = c;` as one declaration for each."""
    match = re.fullmatch(r"(const|let) \{ ([\w$]+(?:, [\w$]+){0,3}) \} = ([\w$.]+)(;?)", source.part(node))
    lines = source.lines(source.span(node)) if match is not None else None
    if match is None or lines is None:
        return None
    indent = source.indent(source.span(node))
    declared = (f"{match[1]} {name} = {match[3]}.{name}{match[4]}" for name in match[2].split(", "))
    return f"\n{indent}".join(declared)


def _counted(source: TreeSource, node: Node) -> str | None:
    """`for (const x of xs) {` as a loop over indices."""
    pattern = r"for \((?:const|let) ([\w$]+) of ([\w$.]+)\) \{\n([ \t]+)"
    match = re.match(pattern, source.part(node))
    if match is None or source.words("i") or match[1] == match[2]:
        return None
    name, items, indent = match.groups()
    head = f"for (let i = 0; i < {items}.length; i++) {{\n{indent}const {name} = {items}[i];\n{indent}"
    return head + source.part(node)[match.end() :]


def _tail(source: TreeSource, node: Node) -> str | None:
    """Rust's last expression of a function as a return."""
    parent = node.parent
    function = parent.parent if parent is not None and parent.type == "block" else None
    last = parent is not None and parent.named_children[-1] == node
    if function is None or function.type != "function_item" or not last:
        return None
    return f"return {source.part(node)};"


_JS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_RECEIVER = r"([\w$]+(?:\.[\w$]+|->\w+)*)"

IDIOMS = (
    Idiom(
        _JS,
        frozenset({"call_expression"}),
        _matched(_RECEIVER + r"\.includes\(([^()\n,]+)\)", r"(\1.indexOf(\2) !== -1)"),
        ("Use `includes`", "Use includes() instead of indexOf()"),
    ),
    Idiom(
        _JS,
        frozenset({"shorthand_property_identifier"}),
        _matched(r"([\w$]+)", r"\1: \1"),
        ("Use shorthand properties", "Use the object shorthand"),
    ),
    Idiom(_JS, frozenset({"lexical_declaration"}), _destructured, ("Use destructuring", "Destructure this")),
    Idiom(_JS, frozenset({"for_in_statement"}), _counted, ("Use for...of", "Use a for-of loop")),
    Idiom(
        _JS,
        frozenset({"binary_expression"}),
        _matched(_RECEIVER + r" \?\? ([\w$.'\"]+)", r"(\1 != null ? \1 : \2)"),
        ("Use `??`", "Use nullish coalescing"),
    ),
    Idiom(
        frozenset({"go"}),
        frozenset({"type_identifier"}),
        _matched("any", "interface{}"),
        ("Use `any`", "Use any instead of interface{}"),
    ),
    Idiom(
        frozenset({"go"}),
        frozenset({"inc_statement"}),
        _matched(r"([\w.]+)\+\+", r"\1 = \1 + 1"),
        ("Use `++`",),
    ),
    Idiom(
        frozenset({"rust"}),
        frozenset(
            {"call_expression", "identifier", "binary_expression", "macro_invocation", "struct_expression"}
        ),
        _tail,
        ("Remove the needless return", "Use the tail expression instead of return"),
    ),
    Idiom(
        frozenset({"rust"}),
        frozenset({"call_expression"}),
        _matched(_RECEIVER + r"\.is_empty\(\)", r"(\1.len() == 0)"),
        ("Use `is_empty`", "Use is_empty()"),
    ),
    Idiom(
        frozenset({"java", "kotlin", "scala"}),
        frozenset({"method_invocation", "call_expression"}),
        _matched(_RECEIVER + r"\.isEmpty\(\)", r"(\1.size() == 0)"),
        ("Use `isEmpty`", "Use isEmpty()"),
    ),
    Idiom(
        frozenset({"cpp"}),
        frozenset({"nullptr", "null"}),
        _matched("nullptr", "NULL"),
        ("Use `nullptr`", "Use nullptr instead of NULL"),
    ),
    Idiom(
        frozenset({"cpp"}),
        frozenset({"alias_declaration"}),
        _matched(r"using (\w+) = ([\w:<>, *]+);", r"typedef \2 \1;"),
        ("Use `using` instead of typedef",),
    ),
    Idiom(
        frozenset({"c", "cpp", "java", "php", "csharp"}),
        frozenset({"update_expression", "postfix_unary_expression"}),
        _matched(r"([$\w.]+(?:->\w+)*)(\+|-)\2", r"\1 = \1 \2 1"),
        ("Use `++` and `--`",),
    ),
    Idiom(
        frozenset({"php"}),
        frozenset({"array_creation_expression"}),
        _matched(r"\[([^\[\]]*)\]", r"array(\1)"),
        ("Use the short array syntax", "Use `[]` instead of `array()`"),
    ),
    Idiom(
        frozenset({"php"}),
        frozenset({"binary_expression"}),
        _matched(r"(\$[\w>\-\[\]'\"$]+) \?\? ([\w$'\"]+)", r"(isset(\1) ? \1 : \2)"),
        ("Use `??`", "Use the null coalescing operator"),
    ),
    Idiom(
        frozenset({"bash"}),
        frozenset({"command_substitution"}),
        _matched(r"\$\(([^`()\\\n]+)\)", r"`\1`"),
        ("Use `$(...)` instead of backticks", "Replace the backticks"),
    ),
    Idiom(
        frozenset({"ruby"}),
        frozenset({"call"}),
        _matched(_RECEIVER + r"\.empty\?", r"(\1.length == 0)"),
        ("Use `empty?`",),
    ),
)
