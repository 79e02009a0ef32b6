"""Which documents a definition reaches by imports, and by what names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.imports import Import, imports_of, resolve
from lsp_server.context.index import Index
from lsp_server.core.types import Document
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.uses import uses


@dataclass(frozen=True, slots=True)
class Reach:
    """How a document knows a module: `names` it takes from it, `receivers` stand for the module itself.

    `names` has what each is called there, by what it is called in the module.
    """

    names: Mapping[str, frozenset[str]]
    receivers: frozenset[str]

    def __bool__(self) -> bool:
        """Whether it knows the module at all."""
        return bool(self.names or self.receivers)


def reached(
    home: Path,
    names: Iterable[str],
    documents: Iterable[tuple[Document, Path, Parsed]],
    index: Index,
) -> dict[str, Reach]:
    """By document key, how `documents` know one of `names` of the file `home`.

    A file that takes a name in gives it on, as a package's `__init__` does.
    """
    wanted = tuple(names)
    found: dict[str, Reach] = {}
    speaking: dict[str, set[Path]] = {name: {home} for name in wanted}
    waiting = [each for each in documents if each[1] != home]
    while True:
        before = len(found)
        for document, path, parsed in waiting:
            reach = _reach(parsed, path, speaking, index)
            if reach and found.get(document.key) != reach:
                found[document.key] = reach
                for name in reach.names:
                    speaking[name].add(path)
        if len(found) == before:
            return found


def _reach(parsed: Parsed, path: Path, speaking: Mapping[str, set[Path]], index: Index) -> Reach:
    names: dict[str, frozenset[str]] = {}
    receivers: set[str] = set()
    homes = set().union(*speaking.values())
    for each in imports_of(parsed.text, parsed.language.id):
        modules = set(resolve(Import(each.parts, each.up), path, index, parsed.language.id))
        for name, homes_of_name in speaking.items():
            if name in each.names and modules & homes_of_name:
                names[name] = _called(parsed, name)
        receivers |= _receivers(parsed, path, each, homes, index, modules)
    return Reach(names, frozenset(receivers))


def _receivers(
    parsed: Parsed, path: Path, each: Import, homes: set[Path], index: Index, modules: set[Path]
) -> set[str]:
    """What the module is called, if it is imported as a whole."""
    language = parsed.language.id
    if language != "python":
        # `import * as shapes from './shapes'`: its one name stands for the module
        return {name for name in each.names if modules & homes and _is_star(parsed, name)}
    if not each.names:
        if not modules & homes:
            return set()
        dotted = r"\s*\.\s*".join(map(re.escape, each.parts))
        alias = re.search(rf"^\s*import\b[^\n]*\b{dotted}\s+as\s+(\w+)", parsed.text, re.MULTILINE)
        return {alias[1] if alias else ".".join(each.parts)}
    found: set[str] = set()
    for name in each.names:
        if homes & set(resolve(Import((*each.parts, name), each.up), path, index, language)):
            found |= _called(parsed, name)
    return found


def _is_star(parsed: Parsed, name: str) -> bool:
    return bool(re.search(rf"\*\s*as\s+{re.escape(name)}\b", parsed.text))


def _called(parsed: Parsed, name: str) -> frozenset[str]:
    """What an imported name is called: its alias where it has one."""
    found = set()
    for use in uses(parsed, name):
        if use.imports:
            alias = re.match(r"\s+as\s+(\w+)", parsed.text[use.span.end : use.span.end + 200])
            found.add(alias[1] if alias else name)
    return frozenset(found or {name})
