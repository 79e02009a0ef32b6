"""What the node types of the grammars mean. One table serves all: no types clash."""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final = frozenset(
    {
        "anonymous_function",
        "arrow_function",
        "closure_expression",
        "constructor_declaration",
        "destructor_declaration",
        "func_literal",
        "function",
        "function_declaration",
        "function_definition",
        "function_expression",
        "function_item",
        "generator_function",
        "generator_function_declaration",
        "init_declaration",
        "lambda_expression",
        "local_function_statement",
        "method",
        "method_declaration",
        "method_definition",
        "singleton_method",
    }
)
"""Nodes with a body of their own to fill."""

DEFINITIONS: Final = {
    "abstract_class_declaration": "class",
    "abstract_method_signature": "method",
    "class": "class",
    "class_declaration": "class",
    "class_definition": "class",
    "class_specifier": "class",
    "constructor_declaration": "method",
    "create_function": "function",
    "create_table": "table",
    "create_view": "view",
    "enum_declaration": "enum",
    "enum_item": "enum",
    "enum_specifier": "enum",
    "function_declaration": "function",
    "function_definition": "function",
    "function_item": "function",
    "function_signature_item": "function",
    "generator_function_declaration": "function",
    "interface_declaration": "interface",
    "internal_module": "module",
    "macro_definition": "macro",
    "method": "method",
    "method_declaration": "method",
    "method_definition": "method",
    "mod_item": "module",
    "module": "module",
    "namespace_definition": "module",
    "object_declaration": "class",
    "object_definition": "class",
    "preproc_function_def": "macro",
    "protocol_declaration": "interface",
    "record_declaration": "class",
    "singleton_method": "method",
    "struct_declaration": "struct",
    "struct_item": "struct",
    "struct_specifier": "struct",
    "trait_declaration": "trait",
    "trait_definition": "trait",
    "trait_item": "trait",
    "type_alias_declaration": "type",
    "type_definition": "type",
    "type_item": "type",
    "type_spec": "type",
    "union_item": "struct",
}
"""Nodes that define a name, and what kind of thing it is."""

CONTAINERS: Final = frozenset(
    {
        "ambient_declaration",
        "block",
        "body_statement",
        "class_body",
        "compilation_unit",
        "declaration_list",
        "decorated_definition",
        "enum_body",
        "export_statement",
        "expression_statement",
        "field_declaration_list",
        "file_scoped_namespace_declaration",
        "if_statement",
        "impl_item",
        "interface_body",
        "linkage_specification",
        "namespace_declaration",
        "preproc_if",
        "preproc_ifdef",
        "program",
        "protocol_body",
        "statement",
        "statement_block",
        "template_body",
        "template_declaration",
        "try_statement",
        "type_declaration",
    }
)
"""Nodes looked into for definitions, besides the bodies of definitions that are no functions."""

BINDINGS: Final = frozenset({"lexical_declaration", "variable_declaration"})
"""JavaScript's `const f = () => ...`: a definition when the value is a function."""

IMPORTS: Final = frozenset(
    {
        "import_declaration",
        "import_from_statement",
        "import_header",
        "import_list",
        "import_or_export",
        "import_statement",
        "namespace_use_declaration",
        "preproc_include",
        "use_declaration",
        "using_directive",
    }
)

BLOCKS: Final = frozenset(
    {
        "block",
        "body_statement",
        "class_body",
        "compound_statement",
        "constructor_body",
        "declaration_list",
        "do_block",
        "function_body",
        "module",
        "program",
        "source_file",
        "statement_block",
        "statement_list",
        "statements",
        "translation_unit",
    }
)
"""Nodes whose children are statements."""

_INSERTED = ("interpol", "substitution", "expansion", "string_expression")


def is_comment(kind: str) -> bool:
    """Whether a node type is a comment."""
    return "comment" in kind


def is_string(kind: str) -> bool:
    """Whether a node type is a string or character literal, or the text inside one."""
    if "scalar" in kind:
        return "quote" in kind or "block" in kind
    return (
        ("string" in kind or "heredoc" in kind or "char_literal" in kind or "character_literal" in kind)
        and "concatenated" not in kind
        and not is_inserted(kind)
    ) or kind in {"quoted_attribute_value", "attribute_value", "rune_literal", "regex", "regex_pattern"}


def is_inserted(kind: str) -> bool:
    """Whether a node type is code inside a string, as in `f"{here}"`."""
    return kind == "interpolated_expression" or any(part in kind for part in _INSERTED)
