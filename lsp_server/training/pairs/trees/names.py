"""Local variables and parameters renamed."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable

from lsp_server.core.types import Edit
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.trees.source import Node, TreeSource

LANGUAGES = frozenset(
    {"python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust", "java", "c", "cpp"}
)
RENAME = ("Rename `{}` to `{}`", "Rename {} to {}", "Rename the variable `{}` to `{}`", "Call `{}` `{}` instead", "rename {} to {}")
CLEARER = (
    "Use clearer names",
    "Use better variable names",
    "Use descriptive names",
    "Rename the variables so that they say what they are",
    "Improve the names",
)
POOR = ("x", "y", "a", "b", "tmp", "val", "foo", "v", "obj", "var", "p", "q", "n", "s", "thing", "aa", "x1", "temp", "z", "t")
OTHER = (
    *("item", "value", "entry", "current", "source", "target", "first", "node", "record", "element", "content"),
    *("payload", "options", "settings", "buffer", "length", "size", "position", "prefix", "label", "message", "count"),
    *("total", "limit", "offset", "key", "name", "path", "line", "text", "parts", "output", "data", "args", "config"),
)
_DECLARING = {
    "python": {"assignment", "for_statement", "parameters", "default_parameter", "typed_parameter"}
    | {"typed_default_parameter", "pattern_list", "as_pattern_target", "for_in_clause"},
    "go": {"expression_list", "parameter_declaration", "var_spec", "variadic_parameter_declaration"},
    "rust": {"let_declaration", "parameter", "closure_parameters", "for_expression"},
    "java": {"variable_declarator", "formal_parameter", "enhanced_for_statement", "catch_formal_parameter"},
    "c": {"init_declarator", "declaration", "parameter_declaration", "pointer_declarator", "array_declarator"},
    "js": {"variable_declarator", "formal_parameters", "required_parameter", "optional_parameter", "arrow_function"}
    | {"for_in_statement", "array_pattern", "assignment_pattern"},
}
_LEFT = frozenset({"left", "name", "pattern", "declarator", "parameter", "alias", None})
"""Fields of the declaring nodes that hold the declared name."""


def make_rename(text: str, language: str, rng: random.Random) -> Pair | None:
    """One name before and another after; the words give both."""
    source = TreeSource.of(text, language) if language in LANGUAGES else None
    names = _locals(source) if source is not None else {}
    if source is None or not names:
        return None
    old = rng.choice(sorted(names))
    pool = POOR + OTHER if len(old) > 3 else OTHER
    new = rng.choice([each for each in (*pool, *_near(old)) if not source.words(each)] or [""])
    renamed = _renamed(source, {old: new}, names) if new else None
    if renamed is None:
        return None
    # towards the name that was written, but where that is the poorer one
    if new in POOR or rng.random() < 0.5:
        return Pair(renamed, text, rng.choice(RENAME).format(new, old), language, "rename")
    return Pair(text, renamed, rng.choice(RENAME).format(old, new), language, "rename")


def make_clearer(text: str, language: str, rng: random.Random) -> Pair | None:
    """Names that say nothing, and the good ones that were written."""
    source = TreeSource.of(text, language) if language in LANGUAGES else None
    names = _locals(source) if source is not None else {}
    good = sorted(name for name in names if len(name) > 4 and re.fullmatch(r"[a-z]+(?:_[a-z]+|[A-Z][a-z]+)*", name))
    if source is None or not good:
        return None
    several = rng.sample(good, min(len(good), rng.randint(1, 3)))
    free = [each for each in POOR if not source.words(each)]
    if len(free) < len(several):
        return None
    renamed = _renamed(source, dict(zip(several, rng.sample(free, len(several)), strict=True)), names)
    return Pair(renamed, text, rng.choice(CLEARER), language, "clearer-names") if renamed is not None else None


def _near(name: str) -> Iterable[str]:
    """Names that mean about the same."""
    yield name[0]
    if len(name) > 4:
        yield name[0] + re.sub(r"[aeiou_]", "", name[1:])
        yield name[:3]
    yield from (f"{name}_value", f"new_{name}") if "_" in name or name.islower() else (f"{name}Value",)


def _renamed(source: TreeSource, to: dict[str, str], names: dict[str, list[Node]]) -> str | None:
    if any(new in _KEYWORDS for new in to.values()):
        return None
    return source.edited([Edit(source.span(node), new) for old, new in to.items() for node in names[old]])


_KEYWORDS = frozenset({"as", "if", "in", "is", "or", "do", "go", "fn", "for", "var", "let", "def", "del", "end", "int", "new", "try", "use", "mod", "ref", "map", "len", "str", "max", "min", "set", "dir", "id", "any", "all", "sum", "not", "and", "len", "pub", "get", "impl", "list", "dict", "type"})


def locals_of(source: TreeSource) -> dict[str, list[Node]]:
    """Variables and parameters that the piece declares, with everywhere they stand."""
    return _locals(source)


def _locals(source: TreeSource) -> dict[str, list[Node]]:
    places: dict[str, list[Node]] = defaultdict(list)
    for node in source.leaves():
        if node.type == "identifier":
            places[source.part(node)].append(node)
    declaring = _DECLARING.get(source.language.id, _DECLARING["c" if source.language.id == "cpp" else "js"])
    return {
        name: nodes
        for name, nodes in places.items()
        if any(_declares(node, declaring) for node in nodes)
        and source.words(name) == len(nodes)
        and not any(_elsewhere(source, node) for node in nodes)
        and name not in {"self", "cls", "this", "_"}
    }


def _declares(node: Node, declaring: set[str]) -> bool:
    parent = node.parent
    if parent is None or parent.type not in declaring:
        return False
    index = next((i for i, each in enumerate(parent.children) if each == node), 0)
    return parent.field_name_for_child(index) in _LEFT


def _elsewhere(source: TreeSource, node: Node) -> bool:
    """Whether a use may mean something other than the variable: a field, a key, a called function."""
    span, parent = source.span(node), node.parent
    before, after = source.text[: span.start].rstrip(), source.text[span.end :].lstrip()
    if before.endswith((".", "->", "::", "@", "goto", "global", "nonlocal", "import", "fn", "function", "def")):
        return not before.endswith("...")
    if parent is None or "shorthand" in parent.type or "import" in parent.type or parent.type in _NO_PLACES:
        return True
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == node
    called = after.startswith(("(", "!")) and not after.startswith("!=")
    label = after.startswith((":", "::")) and source.language.id not in {"python", "typescript", "typescriptreact", "rust"}
    return (called and source.language.id != "python") or label


_NO_PLACES = frozenset(
    {"function_definition", "function_declaration", "class_definition", "global_statement", "nonlocal_statement"}
    | {"function_declarator", "method_declaration", "macro_invocation", "token_tree", "literal_element", "keyed_element"}
    | {"labeled_statement", "dotted_name", "aliased_import", "field_initializer", "keyword_pattern", "case_pattern"}
)
