"""JavaScript and TypeScript: older ways of writing, and the newer ones that were written."""

from __future__ import annotations

import random
import re

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.parse import Node
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.trees.source import TreeSource

SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
TYPED = frozenset({"typescript", "typescriptreact"})
CONST = (
    "Use const and let instead of var",
    "Replace var by const and let",
    "Use `const` and `let`",
    "Modernise this",
)
STRICT = (
    "Use strict equality",
    "Use `===`",
    "Use === and !== instead of == and !=",
    "Use strict comparisons",
)
ARROW = (
    "Use arrow functions",
    "Use an arrow function",
    "Convert the function expressions to arrow functions",
    "Modernise this",
)
PLAIN = ("Use function expressions instead of arrow functions", "Convert the arrow functions to functions")
TEMPLATE = (
    "Use template literals",
    "Use a template literal",
    "Use template strings instead of concatenation",
    "Modernise this",
)
CHAIN = ("Use optional chaining", "Use `?.`", "Simplify with optional chaining")
TYPES = (
    "Add types",
    "Add type annotations",
    "Add TypeScript types",
    "Annotate the parameters and the return type",
    "Make this typed",
)
BARE = ("Remove the types", "Remove the type annotations", "Strip the TypeScript types")
BACK = 0.2


def make_const(text: str, language: str, rng: random.Random) -> Pair | None:
    """`var`, and the `const` and `let` that were written; not where a loop would share the variable."""
    source = _source(text, language)
    if source is None:
        return None
    edits = []
    for node in source.leaves():
        if node.type in {"const", "let"} and node.parent is not None:
            if node.parent.type != "lexical_declaration" and not node.parent.type.startswith("for"):
                return None
            edits.append(Edit(source.span(node), "var"))
    return _made(source, edits, rng.choice(CONST), "var-to-const")


def make_strict(text: str, language: str, rng: random.Random) -> Pair | None:
    """`==` and `!=`, and the strict operators that were written."""
    source = _source(text, language)
    if source is None:
        return None
    strict = [node for node in source.leaves() if node.type in {"===", "!=="}]
    # `== null` is often meant, since it takes undefined in
    if any(_beside_null(node) for node in strict):
        return None
    edits = [Edit(source.span(node), node.type[:-1]) for node in strict]
    return _made(source, edits, rng.choice(STRICT), "strict-equality")


def _beside_null(node: Node) -> bool:
    sides = node.parent.children if node.parent is not None else []
    return any(each.type in {"null", "undefined"} for each in sides)


def make_arrow(text: str, language: str, rng: random.Random) -> Pair | None:
    """Function expressions, and the arrow functions that were written; none that uses `this`."""
    source = _source(text, language)
    if source is None or re.search(r"\b(?:this|arguments|super)\b", text):
        return None
    edits: list[Edit] = []
    for node in source.walk():
        if node.type != "arrow_function" or any(each.span.end > source.span(node).start for each in edits):
            continue
        written = _function(source, node)
        if written is None:
            return None
        edits.append(Edit(source.span(node), written))
    back = rng.random() < BACK
    made = _made(source, edits, rng.choice(PLAIN if back else ARROW), "arrow-function")
    return _turned(made) if made is not None and back else made


def _function(source: TreeSource, node: Node) -> str | None:
    body = node.child_by_field_name("body")
    arrow = next((each for each in node.children if each.type == "=>"), None)
    if body is None or arrow is None or "=>" in source.part(body):
        return None
    head = source.text[source.span(node).start : source.span(arrow).start].strip()
    word = "function"
    if head.startswith("async"):
        head, word = head[5:].strip(), "async function"
    if not head.startswith(("(", "<")):
        head = f"({head})"
    said = source.part(body)
    if body.type != "statement_block":
        inner = said[1:-1].strip() if body.type == "parenthesized_expression" else said
        if "\n" in inner or "//" in inner:
            return None
        said = f"{{ return {inner}; }}"
    return f"{word} {head} {said}"


def make_template(text: str, language: str, rng: random.Random) -> Pair | None:
    """Concatenation, and the template literals that were written."""
    source = _source(text, language)
    if source is None:
        return None
    edits = []
    for node in source.walk():
        if node.type != "template_string" or node.parent is None or node.parent.type == "call_expression":
            continue
        summed = _sum(source, node)
        if summed is None:
            return None
        edits.append(Edit(source.span(node), summed))
    return _made(source, edits, rng.choice(TEMPLATE), "template-literal")


_CLOSE = frozenset({"identifier", "member_expression", "call_expression", "subscript_expression", "number"})


def _sum(source: TreeSource, node: Node) -> str | None:
    inner = Span(source.span(node).start + 1, source.span(node).end - 1)
    text, terms, at = source.text, list[str](), inner.start
    quote = '"' if '"' in text and "'" not in text.replace("n't", "") else "'"
    inserted = [each for each in node.named_children if each.type == "template_substitution"]
    if not inserted or "\n" in text[inner.start : inner.end]:
        return None
    for each in [*inserted, None]:
        end = source.span(each).start if each is not None else inner.end
        literal = text[at:end]
        if quote in literal or "\\`" in literal or "\\$" in literal:
            return None
        if literal or (not terms and each is not None):
            terms.append(f"{quote}{literal}{quote}")
        if each is not None:
            value, at = each.named_children[0], source.span(each).end
            said = source.part(value)
            terms.append(said if value.type in _CLOSE else f"({said})")
    summed = " + ".join(terms)
    parent = node.parent
    bare = parent is not None and parent.type in {
        "arguments",
        "variable_declarator",
        "return_statement",
        "pair",
    }
    return summed if bare else f"({summed})"


def make_chain(text: str, language: str, rng: random.Random) -> Pair | None:
    """`a && a.b`, and the `a?.b` that was written."""
    source = _source(text, language)
    if source is None:
        return None
    edits: list[Edit] = []
    for node in source.walk():
        if node.type not in {"member_expression", "call_expression"} or "?." not in source.part(node):
            continue
        if any(each.span.end > source.span(node).start for each in edits):
            continue
        match = re.fullmatch(r"([\w$]+(?:\.[\w$]+)*)\?\.([\w$][^?\n]*)", source.part(node))
        if match is None:
            return None
        edits.append(Edit(source.span(node), f"({match[1]} && {match[1]}.{match[2]})"))
    return _made(source, edits, rng.choice(CHAIN), "optional-chaining")


def make_types(text: str, language: str, rng: random.Random) -> Pair | None:
    """TypeScript without the annotations of parameters, variables and results, and with them."""
    source = TreeSource.of(text, language) if language in TYPED else None
    if source is None:
        return None
    edits: list[Edit] = []
    for node in source.walk():
        holder = node.parent.type if node.parent is not None else ""
        if node.type == "type_annotation" and holder not in _KEPT:
            if any(each.span.end > source.span(node).start for each in edits):
                continue
            edits.append(Edit(source.span(node), ""))
        elif node.type == "required_parameter" and node.child_by_field_name("type") is None:
            return None
    back = rng.random() < BACK
    made = _made(source, edits, rng.choice(BARE if back else TYPES), "ts-types")
    return _turned(made) if made is not None and back else made


_KEPT = frozenset(
    {
        "property_signature",
        "object_type",
        "method_signature",
        "function_type",
        "call_signature",
        "index_signature",
    }
)


def _source(text: str, language: str) -> TreeSource | None:
    return TreeSource.of(text, language) if language in SCRIPTS else None


def _made(source: TreeSource, edits: list[Edit], words: str, kind: str) -> Pair | None:
    before = source.edited(edits) if edits else None
    return Pair(before, source.text, words, source.language.id, kind) if before is not None else None


def _turned(pair: Pair) -> Pair:
    return Pair(pair.after, pair.before, pair.instruction, pair.language, f"{pair.kind}-back")
