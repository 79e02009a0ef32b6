"""Following changes that need no model, and comparing every call with what Python binds."""

from __future__ import annotations

import ast
import asyncio
import inspect
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Document
from lsp_server.evaluation.consequences.binding import (
    Calling,
    bound,
    callings,
    constructs,
    extensions,
    functions,
    named,
    signature,
)
from lsp_server.evaluation.consequences.kinds import Made, made
from lsp_server.evaluation.consequences.project import Project, applied
from lsp_server.evaluation.consequences.site import Site, outcome
from lsp_server.service.across.edited import Together
from lsp_server.service.consequences.changed import Changed, by_name, by_signature
from lsp_server.syntax.parse import Parsed

WAY = "syntax"


def sure_sites(project: Project, package: str, *, most: int, seed: int) -> Iterator[Site]:
    """Every call of `most` changes of each kind. The project's engine is not to answer."""
    texts = {str(path): path.read_text(encoding="utf-8") for path in sorted(project.root.rglob("*.py"))}
    trees = {path: tree for path, text in texts.items() if (tree := _tree(text)) is not None}
    for each in made(trees, seed, most):
        yield from _followed(project, package, each, texts, trees)


def _followed(
    project: Project, package: str, change: Made, texts: Mapping[str, str], trees: Mapping[str, ast.Module]
) -> Iterator[Site]:
    path = Path(change.path)
    document = project.document(path, texts[change.path])
    before = _signature(trees[change.path], change.name, change.holder)
    started = time.perf_counter()
    try:
        changed = _changed(change, document, project.documents.parsed_for(document))
        together = asyncio.run(project.follower.follow(changed))
    except RemaskError:
        return
    seconds = round(time.perf_counter() - started, 2)
    done = applied(texts, together)
    now = {
        path: _tree(text) if text != texts[path] else trees[path]
        for path, text in done.items()
        if path in trees
    }
    home = now[change.path]
    after = _signature(home, change.new or change.name, change.holder) if home else None
    shown = f"{path.name}: {change.called} {change.new or change.parameters}"
    names = _names({path: tree for path, tree in trees.items() if change.called in texts[path]}, change)
    holder = change.holder if change.called != change.name else ""
    for place in sorted(path for path in trees if any(name in texts[path] for name in names)):
        tree = now[place] or trees[place]
        if change.new:
            compared = _names_compared(change, trees[place], tree)
        else:
            there, here = (callings(each, names, holder) for each in (trees[place], tree))
            compared = _calls_compared(
                change, there, here if len(here) == len(there) else there, before, after
            )
        for line, last, was, wanted, got, right, untouched in compared:
            why = _told(together, place, line, last)
            how = outcome(right=right, same=was == got, told=bool(why))
            yield Site(
                package, change.kind, WAY, shown, f"{Path(place).name}:{line}", was, wanted, got, how,
                untouched, why=why, seconds=seconds,
            )  # fmt: skip


Compared = tuple[int, int, str, str, str, bool, bool]
"""First and last line of a place, its text before, wanted and now, whether it is right now and was before."""


def _names_compared(change: Made, before: ast.Module, now: ast.Module) -> Iterator[Compared]:
    there = named(before, frozenset({change.called}))
    here = named(now, frozenset({change.called, change.new}))
    here = here if len(here) == len(there) else there
    for (line, _, was), (_, _, got) in zip(there, here, strict=True):
        yield line, line, was, change.new, got, got == change.new, False


def _calls_compared(
    change: Made,
    there: Sequence[Calling],
    here: Sequence[Calling],
    before: inspect.Signature | None,
    after: inspect.Signature | None,
) -> Iterator[Compared]:
    for was, now in zip(there, here, strict=True):
        had = bound(was.node, before) if before else None
        if had is None or after is None:
            continue  # it hands arguments on, or is of something else
        wanted = dict(change.wanted(had))
        right, untouched = bound(now.node, after) == wanted, bound(was.node, after) == wanted
        texts = ast.unparse(was.node), str(wanted), ast.unparse(now.node)
        yield was.line, was.last, *texts, right, untouched


def _changed(change: Made, document: Document, parsed: Parsed) -> Changed:
    offset = sum(len(line) for line in document.text.splitlines(keepends=True)[: change.line - 1])
    offset += change.column
    if change.new:
        return by_name(document, parsed, offset, change.new)
    return by_signature(document, parsed, offset, change.parameters or "")


def _names(trees: Mapping[str, ast.Module], change: Made) -> frozenset[str]:
    """By which it is called: where it is imported under others too, or constructs what extends its class."""
    aliases = {
        each.asname
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if each.name == change.called and each.asname
    }
    if change.called == change.name:
        return frozenset({change.called, *aliases})
    heirs = {
        each.name
        for tree in trees.values()
        for each in extensions(tree, change.called)
        if not constructs(each)
    }
    return frozenset({change.called, *aliases, *heirs})


def _told(together: Together, place: str, line: int, last: int) -> str:
    for each in together.left:
        if str(each.document.path) == place and line <= each.line <= last:
            return each.why
    return ""


def _signature(tree: ast.Module, name: str, holder: str) -> inspect.Signature | None:
    found = (each for each, of in functions(tree) if (each.name, of) == (name, holder))
    function = next(found, None)
    return signature(function, holder) if function is not None else None


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None
