"""Roundabout code, and the plain code that was written for the same."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source, chosen

WORDS = (
    "Simplify this",
    "Simplify this code without changing what it does.",
    "Clean this up",
    "Make this more idiomatic",
    "Make this more Pythonic",
    "Tidy this up",
    "Improve this code",
)
MOST = 4
"""Places made roundabout at once."""
_BLOCKED = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Code made more roundabout at one to four places, and as it was written."""
    source = Source.of(text, language)
    if source is None:
        return None
    edits: list[Edit] = []
    found = list(_roundabout(source))
    # naming a result is so common that it would drown the rest
    rare = [edit for edit in found if not edit.text.endswith("return result")]
    for edit in chosen(rng, found if not rare or rng.random() < 0.2 else rare):
        if all(edit.span.end <= other.span.start or edit.span.start >= other.span.end for other in edits):
            edits.append(edit)
        if len(edits) == MOST:
            break
    before = source.edited(edits) if edits else None
    if before is None:
        return None
    return Pair(before, text, rng.choice(WORDS), language, "simplify")


def _roundabout(source: Source) -> Iterator[Edit]:
    for node in source.walk():
        if isinstance(node, ast.Compare):
            yield from _comparison(source, node)
        elif isinstance(node, ast.Call):
            yield from _call(source, node)
        elif isinstance(node, ast.AugAssign):
            yield from _augmented(source, node)
        elif isinstance(node, ast.Return):
            yield from _returned(source, node)
        elif isinstance(node, ast.For):
            yield from _enumerated(source, node)
        elif isinstance(node, ast.With):
            yield from _opened(source, node)
        elif isinstance(node, ast.If):
            yield from _condition(source, node)


def _comparison(source: Source, node: ast.Compare) -> Iterator[Edit]:
    left, right = source.flat(node.left), source.flat(node.comparators[-1])
    if left is None or right is None:
        return
    first = node.ops[0]
    if len(node.ops) == 2 and all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops):
        middle = source.flat(node.comparators[0])
        if isinstance(node.comparators[0], _BLOCKED) and middle is not None:
            one, two = (_SIGNS[type(op)] for op in node.ops)
            yield Edit(source.span(node), f"({left} {one} {middle} and {middle} {two} {right})")
    elif len(node.ops) == 1 and isinstance(node.left, _BLOCKED) and isinstance(node.comparators[0], _BLOCKED):
        if isinstance(first, ast.NotIn):
            yield Edit(source.span(node), f"not {left} in {right}")
        elif isinstance(first, ast.IsNot) and right == "None":
            yield Edit(source.span(node), f"not {left} is None")
        elif isinstance(first, ast.Is) and right == "None":
            yield Edit(source.span(node), f"{left} == None")
    elif len(node.ops) == 1 and isinstance(first, ast.In) and isinstance(node.left, _BLOCKED):
        yield from _member(source, node, left)


def _member(source: Source, node: ast.Compare, left: str) -> Iterator[Edit]:
    options = node.comparators[0]
    if isinstance(options, ast.Tuple | ast.List | ast.Set) and 1 < len(options.elts) < 5:
        parts = [source.flat(each) for each in options.elts]
        if all(isinstance(each, ast.Constant) for each in options.elts) and None not in parts:
            yield Edit(source.span(node), "(" + " or ".join(f"{left} == {each}" for each in parts) + ")")


_SIGNS: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _call(source: Source, node: ast.Call) -> Iterator[Edit]:
    function = node.func
    if isinstance(function, ast.Name) and function.id == "isinstance" and len(node.args) == 2:
        subject, kinds = source.flat(node.args[0]), node.args[1]
        if isinstance(kinds, ast.Tuple) and 1 < len(kinds.elts) < 4 and isinstance(node.args[0], _BLOCKED):
            parts = [f"isinstance({subject}, {source.flat(each)})" for each in kinds.elts]
            yield Edit(source.span(node), "(" + " or ".join(parts) + ")")
    elif (
        isinstance(function, ast.Attribute)
        and function.attr in {"startswith", "endswith"}
        and len(node.args) == 1
    ):
        subject, options = source.flat(function.value), node.args[0]
        if (
            isinstance(options, ast.Tuple)
            and 1 < len(options.elts) < 4
            and isinstance(function.value, _BLOCKED)
        ):
            parts = [f"{subject}.{function.attr}({source.flat(each)})" for each in options.elts]
            yield Edit(source.span(node), "(" + " or ".join(parts) + ")")
    elif isinstance(function, ast.Attribute) and function.attr == "get" and len(node.args) == 2:
        holder, key, other = (source.flat(each) for each in (function.value, *node.args))
        simple = isinstance(function.value, _BLOCKED) and all(
            isinstance(each, _BLOCKED) for each in node.args
        )
        if simple and not node.keywords and holder is not None:
            yield Edit(source.span(node), f"({holder}[{key}] if {key} in {holder} else {other})")


def _augmented(source: Source, node: ast.AugAssign) -> Iterator[Edit]:
    target, value = source.flat(node.target), source.flat(node.value)
    sign = source.text[source.span(node.target).end : source.span(node.value).start].strip()
    if not isinstance(node.target, ast.Name | ast.Attribute) or target is None or value is None:
        return
    # `x += y` changes a list in place, so only where both sides are surely numbers or strings
    if sign in {"+=", "-=", "*="} and isinstance(node.value, ast.Constant):
        yield Edit(source.span(node), f"{target} = {target} {sign[:-1]} {value}")


def _returned(source: Source, node: ast.Return) -> Iterator[Edit]:
    value, lines = node.value, source.whole_lines(node, node)
    if lines is None or value is None or "#" in source.text[lines.start : lines.end]:
        return
    text, indent, unit = source.flat(value), source.indent(node), source.unit
    if text is None:
        return
    always = isinstance(value, ast.Compare) or (
        isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    )
    if always and "numpy" not in source.text and "np." not in source.text:
        inner = (f"if {text}:", f"{unit}return True", "else:", f"{unit}return False")
        yield Edit(lines, "\n".join(indent + line for line in inner))
    elif isinstance(value, ast.Call | ast.BinOp | ast.Dict | ast.List) and "result" not in source.names():
        yield Edit(lines, f"{indent}result = {text}\n{indent}return result")


def _enumerated(source: Source, node: ast.For) -> Iterator[Edit]:
    call, target = node.iter, node.target
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "enumerate"):
        return
    if len(call.args) != 1 or call.keywords or not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return
    index, item, items = target.elts[0], target.elts[1], call.args[0]
    simple = isinstance(items, ast.Name | ast.Attribute) and isinstance(index, ast.Name)
    if not simple or source.whole_lines(node.body[0], node.body[0]) is None:
        return
    name, held = source.flat(items), source.flat(item)
    header = Span(source.span(target).start, source.span(call).end)
    first = source.span(node.body[0]).start
    at, indent = source.flat(index), source.indent(node.body[0])
    long = f"{at} in range(len({name})):\n{indent}{held} = {name}[{at}]\n{indent}"
    yield Edit(Span(header.start, first), long)


def _opened(source: Source, node: ast.With) -> Iterator[Edit]:
    lines, item = source.whole_lines(node, node), node.items[0]
    call, name = item.context_expr, item.optional_vars
    if (
        lines is None
        or len(node.items) != 1
        or not isinstance(name, ast.Name)
        or not isinstance(call, ast.Call)
    ):
        return
    if not isinstance(call.func, ast.Name) or call.func.id != "open" or source.flat(call) is None:
        return
    leaves = (ast.Return, ast.Yield, ast.Continue, ast.Break, ast.Raise)
    if (
        any(isinstance(each, leaves) for each in ast.walk(node))
        or '"""' in source.text[lines.start : lines.end]
    ):
        return
    body = source.whole_lines(node.body[0], node.body[-1])
    inner = (
        source.reindented(body, source.indent(node.body[0]), source.indent(node))
        if body is not None
        else None
    )
    if inner is not None:
        indent = source.indent(node)
        yield Edit(lines, f"{indent}{name.id} = {source.flat(call)}\n{inner}\n{indent}{name.id}.close()")


def _condition(source: Source, node: ast.If) -> Iterator[Edit]:
    """`if a and b:` as two ifs, where there is no else."""
    test, lines = node.test, source.whole_lines(node, node)
    if lines is None or node.orelse or not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return
    body = source.whole_lines(node.body[0], node.body[-1])
    if not source.text.startswith("if", source.span(node).start) or len(test.values) != 2 or body is None:
        return
    first, second = (source.flat(each) for each in test.values)
    indent, unit = source.indent(node), source.unit
    inner = source.reindented(Span(body.start, lines.end), indent, indent + unit)
    head = source.text[source.span(test).end : body.start].strip()
    if (
        inner is None
        or first is None
        or second is None
        or head != ":"
        or '"""' in inner
        or len(node.body) > 6
    ):
        return
    if any(isinstance(each, ast.BoolOp) for each in test.values):
        return
    yield Edit(lines, f"{indent}if {first}:\n{indent}{unit}if {second}:\n{inner}")
