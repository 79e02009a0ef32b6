"""Changes of held-out Python functions whose consequences nobody has to write, and what they come to."""

from __future__ import annotations

import ast
import builtins
import copy
import io
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lsp_server.evaluation.consequences.binding import Function, functions, signature

KINDS = (
    "renamed",
    "parameter renamed",
    "removed",
    "reordered",
    "by name only",
    "default gone",
    "optional added",
)
_ADDED = "_added"
_HELD = (str, bytes, list, dict, set, int, io.TextIOWrapper, threading.Thread)
COMMON = frozenset(dir(builtins)).union(*map(dir, _HELD))
"""What is as likely to be something else of that name."""

Bound = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """A function of the file `path` becomes another: it gets the name `new`, or other `parameters`.

    `wanted` says from what a call's parameters got what they have to get.
    """

    kind: str
    path: str
    name: str
    holder: str
    line: int
    column: int
    wanted: Callable[[Bound], Bound]
    new: str = ""
    parameters: str | None = None

    @property
    def called(self) -> str:
        """What calls name."""
        return self.holder if self.name == "__init__" else self.name


def made(trees: Mapping[str, ast.Module], seed: int, most: int) -> list[Made]:
    """At most `most` changes of each kind, of functions whose name means one thing in all files."""
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    counted = Counter(name for tree in trees.values() for name in _bound(tree))
    found: list[Made] = []
    for kind in KINDS:
        of_kind = [each for path, tree in sorted(trees.items()) for each in _of_kind(kind, path, tree, rng)]
        alone = [each for each in of_kind if counted[each.called] == 1 and each.called not in COMMON]
        rng.shuffle(alone)
        found += alone[:most]
    return found


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg):
            yield node.arg


def _of_kind(kind: str, path: str, tree: ast.Module, rng: random.Random) -> Iterator[Made]:
    for function, holder in functions(tree):
        if (function.name.startswith("__") and function.name != "__init__") or not signature(
            function, holder
        ):
            continue
        for change in _CHANGES[kind](copy.deepcopy(function.args), int(bool(holder)), rng):
            parameters, wanted = change
            new = "" if kind != "renamed" else function.name + _ADDED
            if new and function.name == "__init__":
                continue
            column = (
                function.col_offset + len("def ") + len("async ") * isinstance(function, ast.AsyncFunctionDef)
            )
            text = None if new else ast.unparse(parameters)
            yield Made(kind, path, function.name, holder, function.lineno, column, wanted, new, text)


Change = tuple[ast.arguments, Callable[[Bound], Bound]]
"""Made of parameters, of which the first `own` is the object that a method is called on."""


def _same(given: Bound) -> Bound:
    return given


def _renamed(arguments: ast.arguments, _own: int, _rng: random.Random) -> Iterator[Change]:
    yield arguments, _same


def _parameter_renamed(arguments: ast.arguments, own: int, rng: random.Random) -> Iterator[Change]:
    choices = [*arguments.args[own:], *arguments.kwonlyargs]
    if choices:
        chosen = rng.choice(choices)
        old, chosen.arg = chosen.arg, chosen.arg + _ADDED
        yield (
            arguments,
            lambda given: {(name + _ADDED if name == old else name): each for name, each in given.items()},
        )


def _removed(arguments: ast.arguments, own: int, rng: random.Random) -> Iterator[Change]:
    args = arguments.args
    if len(args) > own and not arguments.posonlyargs:
        at = rng.randrange(own, len(args))
        first = len(args) - len(arguments.defaults)
        gone = args.pop(at).arg
        if at >= first:
            arguments.defaults.pop(at - first)
        yield arguments, lambda given: {name: each for name, each in given.items() if name != gone}


def _reordered(arguments: ast.arguments, own: int, rng: random.Random) -> Iterator[Change]:
    args = arguments.args
    first = len(args) - len(arguments.defaults)
    choices = [at for at in range(own, len(args) - 1) if (at >= first) == (at + 1 >= first)]
    if choices and not arguments.posonlyargs:
        at = rng.choice(choices)
        args[at], args[at + 1] = args[at + 1], args[at]
        if at >= first:
            low = at - first
            defaults = arguments.defaults
            defaults[low], defaults[low + 1] = defaults[low + 1], defaults[low]
        yield arguments, _same


def _by_name_only(arguments: ast.arguments, own: int, rng: random.Random) -> Iterator[Change]:
    if len(arguments.args) > own and not arguments.vararg:
        at = rng.randrange(own, len(arguments.args))
        gone = arguments.args[at:]
        defaults = [None] * len(arguments.args) + list[ast.expr | None](arguments.defaults)
        arguments.kw_defaults[:0] = defaults[len(defaults) - len(gone) :]
        arguments.kwonlyargs[:0] = gone
        del arguments.args[at:]
        arguments.defaults = arguments.defaults[: max(0, len(arguments.defaults) - len(gone))]
        yield arguments, _same


def _default_gone(arguments: ast.arguments, _own: int, _rng: random.Random) -> Iterator[Change]:
    if arguments.defaults and isinstance(arguments.defaults[0], ast.Constant):
        name = arguments.args[len(arguments.args) - len(arguments.defaults)].arg
        default = ast.unparse(arguments.defaults.pop(0))
        yield arguments, lambda given: {name: default, **given}


def _optional_added(arguments: ast.arguments, _own: int, _rng: random.Random) -> Iterator[Change]:
    at = len(arguments.args) - len(arguments.defaults)
    arguments.args.insert(at, ast.arg("added"))
    arguments.defaults.insert(0, ast.Constant(None))
    yield arguments, _same


_CHANGES: Mapping[str, Callable[[ast.arguments, int, random.Random], Iterator[Change]]] = dict(
    zip(
        KINDS,
        (
            _renamed,
            _parameter_renamed,
            _removed,
            _reordered,
            _by_name_only,
            _default_gone,
            _optional_added,
        ),
        strict=True,
    )
)
