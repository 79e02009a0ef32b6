"""Comprehensions written out as loops, and back."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass

from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source, chosen, used

SHRINK = {
    ast.ListComp: ("Use a list comprehension", "Write this as a list comprehension"),
    ast.SetComp: ("Use a set comprehension", "Write this as a set comprehension"),
    ast.DictComp: ("Use a dict comprehension", "Write this as a dict comprehension"),
    ast.GeneratorExp: ("Use `{}()` with a generator expression", "Use `{}()` instead of the loop"),
}
ANY_SHRINK = (
    "Simplify this",
    "Simplify the loop",
    "Use a comprehension",
    "Make this shorter",
    "Use a comprehension instead of a loop",
)
GROW = (
    "Write this as a plain loop",
    "Use a for loop instead of the comprehension",
    "Expand the comprehension into a loop",
    "Unroll the comprehension",
)
BACK = 0.25
_EMPTY = {ast.ListComp: "[]", ast.SetComp: "set()", ast.DictComp: "{}"}
_RESULTS = ("result", "out", "results", "found", "items")


@dataclass(frozen=True, slots=True)
class _Loop:
    """The header of the loop and the lines of its body, without indentation."""

    header: str
    tests: tuple[str, ...]


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """A loop, and the comprehension, `any` or `all` that was written for it."""
    source = Source.of(text, language)
    if source is None:
        return None
    for statement in chosen(rng, (each for block in source.blocks() for each in block)):
        value = getattr(statement, "value", None)
        call = _any_or_all(value) if isinstance(statement, ast.Return) else None
        if call is not None:
            long = _searched(source, statement, *call)
            kind: type[ast.AST] = ast.GeneratorExp
        elif isinstance(value, ast.ListComp | ast.SetComp | ast.DictComp):
            long, kind = _collected(source, statement, value, rng), type(value)
        else:
            continue
        if long is None:
            continue
        if rng.random() < BACK:
            words = GROW if call is None else ("Write this as a plain loop", "Use a for loop instead")
            return Pair(text, long, rng.choice(words), language, "comprehension-to-loop")
        said = SHRINK[kind] + (ANY_SHRINK if call is None else ("Simplify this", "Simplify the loop"))
        name = call[0] if call is not None else ""
        return Pair(long, text, rng.choice(said).format(name), language, "loop-to-comprehension")
    return None


def _any_or_all(value: ast.AST | None) -> tuple[str, ast.GeneratorExp] | None:
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in {"any", "all"}
        and len(value.args) == 1
        and isinstance(value.args[0], ast.GeneratorExp)
    ):
        return value.func.id, value.args[0]
    return None


def _loop(
    source: Source, comprehension: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
) -> _Loop | None:
    """The loop of a comprehension with one `for`, if its variables are used nowhere else."""
    if len(comprehension.generators) != 1:
        return None
    only = comprehension.generators[0]
    bound = [each.id for each in ast.walk(only.target) if isinstance(each, ast.Name)]
    if any(isinstance(each, ast.NamedExpr | ast.Lambda | ast.Await) for each in ast.walk(comprehension)):
        return None
    if any(used([source.tree], name) != used([comprehension], name) for name in bound) or only.is_async:
        return None
    target, iterated = source.flat(only.target), source.flat(only.iter)
    tests = [source.flat(each) for each in only.ifs]
    if target is None or iterated is None or None in tests:
        return None
    if any(isinstance(each, ast.BoolOp) for each in only.ifs) and len(tests) > 1:
        return None
    return _Loop(f"for {target} in {iterated}:", tuple(each for each in tests if each))


def _collected(
    source: Source, statement: ast.stmt, value: ast.ListComp | ast.SetComp | ast.DictComp, rng: random.Random
) -> str | None:
    loop, lines = _loop(source, value), source.whole_lines(statement, statement)
    if loop is None or lines is None:
        return None
    name = _result(source, statement, value, rng)
    added = _added(source, value, name) if name is not None else None
    if added is None:
        return None
    inner = [f"{name} = {_EMPTY[type(value)]}", loop.header]
    if loop.tests:
        inner += [f"\tif {' and '.join(loop.tests)}:", f"\t\t{added}"]
    else:
        inner.append(f"\t{added}")
    if isinstance(statement, ast.Return):
        inner.append(f"return {name}")
    return _written(source, statement, lines, inner)


def _result(source: Source, statement: ast.stmt, value: ast.AST, rng: random.Random) -> str | None:
    """What the collection is called: as it is assigned, or a new name where it is returned."""
    if isinstance(statement, ast.Return):
        free = [name for name in _RESULTS if name not in source.names()]
        return rng.choice(free[:2]) if free else None
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or used([value], target.id):
        return None
    return target.id


def _added(source: Source, value: ast.ListComp | ast.SetComp | ast.DictComp, name: str) -> str | None:
    if isinstance(value, ast.DictComp):
        key, item = source.flat(value.key), source.flat(value.value)
        return f"{name}[{key}] = {item}" if key is not None and item is not None else None
    item = source.flat(value.elt)
    if item is None:
        return None
    if isinstance(value.elt, ast.Tuple) and not item.startswith("("):
        return None
    return f"{name}.{'append' if isinstance(value, ast.ListComp) else 'add'}({item})"


def _searched(source: Source, statement: ast.stmt, name: str, generator: ast.GeneratorExp) -> str | None:
    """The loop of `return any(...)` and `return all(...)`."""
    loop, lines = _loop(source, generator), source.whole_lines(statement, statement)
    test = source.flat(generator.elt)
    if loop is None or lines is None or test is None:
        return None
    if name == "all":
        simple = isinstance(generator.elt, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        test = f"not {test}" if simple else f"not ({test})"
    if isinstance(generator.elt, ast.BoolOp) and loop.tests:
        return None
    inner = [
        loop.header,
        f"\tif {' and '.join((*loop.tests, test))}:",
        f"\t\treturn {name == 'any'}",
        f"return {name == 'all'}",
    ]
    return _written(source, statement, lines, inner)


def _written(source: Source, statement: ast.stmt, lines: Span, inner: list[str]) -> str | None:
    indent, unit = source.indent(statement), source.unit
    text = "\n".join(indent + line.replace("\t", unit) for line in inner)
    return source.edited([Edit(lines, text)])
