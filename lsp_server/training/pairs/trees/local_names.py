"""Which names a piece of code declares for itself."""

from __future__ import annotations

from collections import defaultdict

from lsp_server.syntax.parse import Node
from lsp_server.training.pairs.trees.source import TreeSource

LANGUAGES = frozenset(
    {
        *("python", "javascript", "javascriptreact", "typescript", "typescriptreact"),
        *("go", "rust", "java", "c", "cpp"),
    }
)
"""The languages in which declarations are known."""
_C = frozenset(
    {
        *("init_declarator", "declaration", "parameter_declaration"),
        *("pointer_declarator", "array_declarator"),
    }
)
_JS = frozenset(
    {
        *("variable_declarator", "formal_parameters", "required_parameter", "optional_parameter"),
        *("arrow_function", "for_in_statement", "array_pattern", "assignment_pattern"),
    }
)
_DECLARING = {
    "python": frozenset(
        {
            *("assignment", "for_statement", "parameters", "default_parameter", "typed_parameter"),
            *("typed_default_parameter", "pattern_list", "as_pattern_target", "for_in_clause"),
        }
    ),
    "go": frozenset(
        {"expression_list", "parameter_declaration", "var_spec", "variadic_parameter_declaration"}
    ),
    "rust": frozenset({"let_declaration", "parameter", "closure_parameters", "for_expression"}),
    "java": frozenset(
        {"variable_declarator", "formal_parameter", "enhanced_for_statement", "catch_formal_parameter"}
    ),
    "c": _C,
    "cpp": _C,
}
"""Nodes that declare a name, by language; those of JavaScript for the rest."""
_LEFT = frozenset({"left", "name", "pattern", "declarator", "parameter", "alias", None})
"""Fields of the declaring nodes that hold the declared name."""
_NOT_AFTER = (".", "->", "::", "@", "goto", "global", "nonlocal", "import", "fn", "function", "def")
_COLON_BEFORE_TYPE = frozenset({"python", "typescript", "typescriptreact", "rust"})
_NO_PLACES = frozenset(
    {
        *("function_definition", "function_declaration", "class_definition", "global_statement"),
        *("nonlocal_statement", "function_declarator", "method_declaration", "macro_invocation"),
        *("token_tree", "literal_element", "keyed_element", "labeled_statement", "dotted_name"),
        *("aliased_import", "field_initializer", "keyword_pattern", "case_pattern"),
    }
)
"""Nodes in which an identifier may be something other than a variable."""


def locals_of(source: TreeSource) -> dict[str, list[Node]]:
    """Variables and parameters that the piece declares, with everywhere they stand.

    Left out is every name that also stands for something else, or in a comment or string.
    """
    places: dict[str, list[Node]] = defaultdict(list)
    for node in source.leaves():
        if node.type == "identifier":
            places[source.part(node)].append(node)
    declaring = _DECLARING.get(source.language.id, _JS)
    return {
        name: nodes
        for name, nodes in places.items()
        if any(_declares(node, declaring) for node in nodes)
        and source.words(name) == len(nodes)
        and not any(_elsewhere(source, node) for node in nodes)
        and name not in {"self", "cls", "this", "_"}
    }


def _declares(node: Node, declaring: frozenset[str]) -> bool:
    parent = node.parent
    if parent is None or parent.type not in declaring:
        return False
    index = next((i for i, each in enumerate(parent.children) if each == node), 0)
    return parent.field_name_for_child(index) in _LEFT


def _elsewhere(source: TreeSource, node: Node) -> bool:
    """Whether a use may mean something other than the variable: a field, a key, a called function."""
    span, parent = source.span(node), node.parent
    before, after = source.text[: span.start].rstrip(), source.text[span.end :].lstrip()
    if before.endswith(_NOT_AFTER):
        return not before.endswith("...")
    if parent is None or "shorthand" in parent.type or "import" in parent.type or parent.type in _NO_PLACES:
        return True
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == node
    called = after.startswith(("(", "!")) and not after.startswith("!=")
    label = (
        after.startswith(":") and not after.startswith(":=") and source.language.id not in _COLON_BEFORE_TYPE
    )
    return (called and source.language.id != "python") or label
