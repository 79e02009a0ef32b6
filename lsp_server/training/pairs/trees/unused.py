"""Code that does nothing in languages other than Python, and code that was commented out."""

from __future__ import annotations

import random
import re

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import chosen
from lsp_server.training.pairs.trees.local_names import locals_of
from lsp_server.training.pairs.trees.source import TreeSource

COMMENTED = (
    "Remove the commented-out code",
    "Delete the commented-out code",
    "Remove the code in comments",
    "Clean this up",
)
PRINTS = (
    "Remove the debug output",
    "Remove the debug statements",
    "Remove the {} calls",
    "Clean up the debug code",
)
UNREACHABLE = ("Remove the unreachable code", "Remove dead code", "Remove the code that never runs")
UNUSED = (
    "Remove the unused variable",
    "Remove unused variables",
    "Remove `{}`, it is never used",
    "Remove unused code",
)
_JS = (
    "console.log",
    ('console.log("{0}", {0});', "console.log({0});", 'console.log("here");', "console.debug({0});"),
)
_PRINTS = {
    "javascript": _JS,
    "javascriptreact": _JS,
    "typescript": _JS,
    "typescriptreact": _JS,
    "go": ("fmt.Println", ('fmt.Println("{0}", {0})', "fmt.Println({0})", 'fmt.Println("here")')),
    "rust": ("println!", ('println!("{{:?}}", {0});', "dbg!(&{0});", 'println!("here");')),
    "java": ("System.out.println", ("System.out.println({0});", 'System.out.println("{0}: " + {0});')),
    "c": ("printf", ('printf("here\\n");', 'printf("%p\\n", (void *)&{0});')),
    "cpp": ("std::cout", ("std::cout << {0} << std::endl;", 'std::cout << "here" << std::endl;')),
}
_DECLARED = {
    "javascript": ("const {} = null;", "let {} = 0;", "let {} = [];", "const {} = {{}};"),
    "typescript": ("const {} = null;", "let {} = 0;", "const {}: string[] = [];", "let {} = false;"),
    "rust": ("let {} = 0;", "let {} = String::new();"),
    "java": ("int {} = 0;", "boolean {} = false;", "String {} = null;"),
    "c": ("int {} = 0;", "int {};"),
    "cpp": ("int {} = 0;", "bool {} = false;"),
}
_NAMES = (
    "tmp",
    "unused",
    "counter",
    "flag",
    "temp",
    "debug",
    "status",
    "old",
    "idx",
    "total",
    "cache",
    "done",
)
_JUMPS = frozenset({"return_statement", "throw_statement", "raise_statement"})


def make_commented(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with some of it standing there once more as a comment, and as it was written."""
    source = TreeSource.of(text, language)
    mark = source.language.line_comment if source is not None else None
    if source is None or mark is None:
        return None
    statements = source.statements()
    short = [
        source.text[lines.start : lines.end]
        for _node, lines in statements
        if "\n" not in source.text[lines.start : lines.end]
    ]
    short = [line.strip() for line in short if len(line.strip()) > 6 and mark not in line]
    for node, lines in chosen(rng, statements):
        if not short:
            return None
        if source.part(node).lstrip("rRuU").startswith(('"', "'")):
            continue
        indent = source.indent(source.span(node))
        said = [f"{indent}{mark} {line}\n" for line in rng.sample(short, min(len(short), rng.randint(1, 2)))]
        before = source.edited([Edit(Span(lines.start, lines.start), "".join(said))])
        if before is not None:
            return Pair(before, text, rng.choice(COMMENTED), language, "commented-out-remove")
    return None


def make_debug(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with debug output of a local variable, and as it was written."""
    source = TreeSource.of(text, language) if language in _PRINTS else None
    if source is None or _PRINTS[language][0] in text:
        return None
    called, templates = _PRINTS[language]
    names, edits = locals_of(source), []
    for node, lines in chosen(rng, source.statements()):
        declared = [
            name for name, nodes in names.items() if lines.start <= source.span(nodes[0]).start < lines.end
        ]
        if declared and "declar" in node.type and "function" not in node.type:
            said = rng.choice(templates).format(rng.choice(sorted(declared)))
            edits.append(Edit(Span(lines.end, lines.end), f"\n{source.indent(source.span(node))}{said}"))
        if len(edits) == 1 + (rng.random() < 0.4):
            break
    before = source.edited(edits) if edits else None
    if before is None:
        return None
    return Pair(before, text, rng.choice(PRINTS).format(f"`{called}`"), language, "debug-remove")


def make_dead(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code with a variable that is never used or statements behind a return, and as it was written."""
    source = TreeSource.of(text, language) if language != "python" else None
    if source is None:
        return None
    statements = source.statements()
    if rng.random() < 0.6 and language.removesuffix("react") in _DECLARED:
        name = rng.choice([each for each in _NAMES if not source.words(each)] or [""])
        for node, lines in chosen(rng, statements) if name else ():
            said = rng.choice(_DECLARED[language.removesuffix("react")]).format(name)
            indent = source.indent(source.span(node))
            before = source.edited([Edit(Span(lines.start, lines.start), f"{indent}{said}\n")])
            words = rng.choice(UNUSED).format(name)
            return Pair(before, text, words, language, "dead-remove") if before is not None else None
    simple = [node for node, _lines in statements if re.search(r"expression_statement|assignment", node.type)]
    for node, lines in chosen(rng, statements):
        if node.type in _JUMPS and simple:
            copied = source.part(rng.choice(simple))
            before = source.edited(
                [Edit(Span(lines.end, lines.end), f"\n{source.indent(source.span(node))}{copied}")]
            )
            if "\n" not in copied and before is not None:
                return Pair(before, text, rng.choice(UNREACHABLE), language, "dead-remove")
    return None
