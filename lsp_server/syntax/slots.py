"""Places where a type, documentation or the handling of errors is missing, and what stands on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.text import indent_unit, leading, line_start
from lsp_server.core.types import Span
from lsp_server.syntax import kinds
from lsp_server.syntax.bodies import inside, is_docstring
from lsp_server.syntax.languages import Language, Style
from lsp_server.syntax.locks import nodes
from lsp_server.syntax.parse import Parsed, span_of

TYPED = frozenset({"python", "typescript", "typescriptreact"})
"""Languages whose parameters may have a type or not."""
_OWN = frozenset({"self", "cls", "this"})
_NO_RESULT = frozenset({"constructor", "__init__"})
_BLOCK_DOCS = frozenset(
    {
        "javascript",
        "javascriptreact",
        "typescript",
        "typescriptreact",
        "java",
        "c",
        "cpp",
        "php",
        "kotlin",
        "scala",
    }
)
_TRIPLE_SLASH = frozenset({"rust", "csharp", "swift", "zig", "dart"})
_CATCHING = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_WRAPPERS = frozenset(
    {"decorated_definition", "export_statement", "template_declaration", "lexical_declaration"}
)


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands at `span` becomes `head`, something that is missing, and `tail`."""

    span: Span
    head: str
    tail: str


def untyped(parsed: Parsed, within: Span) -> tuple[Slot, ...]:
    """Where parameters and results in `within` lack a type, in order; nowhere in languages not of `TYPED`."""
    if parsed.language.id not in TYPED:
        return ()
    found = (slot for node in _functions(parsed, within) for slot in _untyped(parsed, node))
    return tuple(sorted((slot for slot in found if within.contains(slot.span)), key=lambda slot: slot.span))


def undocumented(parsed: Parsed, within: Span) -> tuple[Slot, ...]:
    """Where functions in `within` that have a name lack documentation, in order."""
    found = (_undocumented(parsed, node) for node in _functions(parsed, within))
    return tuple(sorted((slot for slot in found if slot is not None), key=lambda slot: slot.span))


def uncaught(parsed: Parsed, within: Span) -> tuple[Slot, ...]:
    """The bodies of functions in `within` that catch nothing, put where errors are caught, in order."""
    found = (_uncaught(parsed, node) for node in _functions(parsed, within))
    return tuple(sorted((slot for slot in found if slot is not None), key=lambda slot: slot.span))


def _functions(parsed: Parsed, within: Span) -> Iterator[Node]:
    """Functions with a name that begin in `within`."""
    for node in nodes(parsed, within, lambda _: False):
        if (
            node.is_named
            and node.type in kinds.FUNCTIONS
            and within.start <= span_of(node).start < within.end
        ):
            named = node.child_by_field_name("name") or node.child_by_field_name("declarator")
            if named is not None and node.child_by_field_name("body") is not None:
                yield node


def _untyped(parsed: Parsed, function: Node) -> Iterator[Slot]:
    held = function.child_by_field_name("parameters")
    if held is None:
        return
    for node in held.named_children:
        slot = _parameter(parsed, node)
        if slot is not None:
            yield slot
    end = span_of(held).end
    name = parsed.text[slice(*_bounds(function.child_by_field_name("name")))]
    if function.child_by_field_name("return_type") is None and name not in _NO_RESULT:
        yield Slot(Span(end, end), " -> " if parsed.language.style is Style.INDENT else ": ", "")


def _parameter(parsed: Parsed, node: Node) -> Slot | None:
    """The place of a parameter's type; None if it has one, needs none, or is a pattern."""
    name, value = node, None
    if node.type in {"default_parameter", "required_parameter", "optional_parameter"}:
        if node.child_by_field_name("type") is not None:
            return None
        name = node.child_by_field_name("name") or node.child_by_field_name("pattern") or node
        value = node.child_by_field_name("value")
    elif node.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
        name = node.named_children[0] if node.named_children else node
    text = parsed.text[slice(*_bounds(name))]
    if name.type != "identifier" or text in _OWN:
        return None
    if value is None:
        end = span_of(node).end
        return Slot(Span(end, end), ": ", "")
    end = span_of(name).end
    if parsed.language.style is not Style.INDENT:
        return None  # the value tells
    return Slot(Span(end, span_of(value).start), ": ", " = ")


def _bounds(node: Node | None) -> tuple[int, int]:
    span = span_of(node) if node is not None else Span(0, 0)
    return span.start, span.end


def _undocumented(parsed: Parsed, function: Node) -> Slot | None:
    if parsed.language.style is Style.INDENT:
        return _without_docstring(parsed, function)
    node = function
    while node.parent is not None and node.parent.type in _WRAPPERS:
        node = node.parent
    start = span_of(node).start
    before = parsed.text[line_start(parsed.text, start) : start]
    above = node.prev_named_sibling
    documented = above is not None and kinds.is_comment(above.type) and _meet(parsed.text, above, start)
    marks = _marks(parsed.language, _name(parsed, function))
    if before.strip() or documented or marks is None:
        return None
    return Slot(Span(start, start), marks[0], f"{marks[1]}\n{before}")


def _without_docstring(parsed: Parsed, function: Node) -> Slot | None:
    body = function.child_by_field_name("body")
    statements = body.named_children if body is not None else []
    if not statements or is_docstring(statements[0]):
        return None
    start = span_of(statements[0]).start
    indent = parsed.text[line_start(parsed.text, start) : start]
    if indent.strip() or leading(indent) != indent:
        return None
    return Slot(Span(start, start), '"""', f'"""\n{indent}')


def _uncaught(parsed: Parsed, function: Node) -> Slot | None:
    """The whole body in a try; None where there is one, in languages without, and on one line."""
    text, language = parsed.text, parsed.language
    if language.id != "python" and language.id not in _CATCHING:
        return None
    span = inside(parsed, function)
    indent = text[line_start(text, span.start) : span.start]

    def within(node: Node) -> bool:
        return _is_function(node) and span.contains(span_of(node))

    catches = any(node.type == "try_statement" for node in nodes(parsed, span, within))
    if not len(span) or indent.strip() or catches:
        return None
    header = leading(text[line_start(text, span_of(function).start) :])
    unit = indent[len(header) :] if indent.startswith(header) else indent_unit(text, span.start)
    body = re.sub(r"(?m)^(?=[^\r\n])", unit, indent + text[span.start : span.end])
    if _has_long_string(parsed, span):
        return None
    if language.style is Style.INDENT:
        return Slot(span, f"try:\n{body}\n{indent}except ", "")
    return Slot(span, f"try {{\n{body}\n{indent}}} catch (error) {{\n{indent}{unit}", f"\n{indent}}}")


def _is_function(node: Node) -> bool:
    return node.is_named and node.type in kinds.FUNCTIONS


def _has_long_string(parsed: Parsed, span: Span) -> bool:
    """Whether a string goes over lines: its text would be indented too."""
    found = (
        span_of(node)
        for node in nodes(parsed, span, lambda node: kinds.is_string(node.type))
        if kinds.is_string(node.type)
    )
    return any("\n" in parsed.text[each.start : each.end] for each in found)


def _marks(language: Language, name: str) -> tuple[str, str] | None:
    """What begins and ends documentation in a language; None where there is no comment for it."""
    if language.id in _BLOCK_DOCS:
        return "/** ", " */"
    if language.id == "go":
        return f"// {name} ", ""
    mark = "///" if language.id in _TRIPLE_SLASH else language.line_comment
    return (f"{mark} ", "") if mark else None


def _name(parsed: Parsed, function: Node) -> str:
    return parsed.text[slice(*_bounds(function.child_by_field_name("name")))]


def _meet(text: str, above: Node, start: int) -> bool:
    """Whether nothing but one line break and blanks lies between a comment and what it may describe."""
    between = text[span_of(above).end : start]
    return not between.strip() and between.count("\n") <= 1
