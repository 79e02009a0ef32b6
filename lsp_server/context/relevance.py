"""Which definitions and edits elsewhere matter for a hole, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, islice
from pathlib import Path

from lsp_server.context.imports import family, imports_of, resolve, resolves
from lsp_server.context.index import Index, IndexedDefinition, speaks_for_folder
from lsp_server.context.recent import Region
from lsp_server.core.text import WINDOW, line_end, line_start
from lsp_server.core.types import Document, Span
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.symbols import identifiers, imported_names

MOST_NAMESAKES = 2
"""More definitions of a name that is not imported than this, and none of them is meant for sure."""

MOST_ITEMS = 200
"""More than any budget holds."""

SHORTEST_NAME = 3
"""Code points; shorter names are variables."""

_WORD = re.compile(r"\b[^\W\d]\w*")
_CALLED = re.compile(r"\b([^\W\d]\w*)[ \t]*\(")


class Reason(IntEnum):
    """Why something matters; the lower the more."""

    HERE = 0
    """Named on the hole's own line."""
    RECENT = 1
    """Edited lately."""
    NEAR = 2
    """Named near the hole."""
    IMPORTED = 3
    """Imported by name."""
    MODULE = 4
    """Defined in an imported file."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to show: a definition's signature, or a region if it has no `name`."""

    path: Path
    order: int
    name: str
    text: str
    inside: str = field(default="", compare=False)
    reason: Reason = field(default=Reason.MODULE, compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A hole in a document; `path` is the document's, links followed."""

    document: Document
    path: Path | None
    parsed: Parsed
    span: Span


def relevant(place: Place, index: Index, regions: Iterable[Region]) -> tuple[Item, ...]:
    """What may be shown for `place`, each once, the most telling first."""
    finder = _Finder(place, index)
    found = chain(
        finder.named(finder.here, Reason.HERE),
        (_region_item(region) for region in regions),
        finder.named(finder.near, Reason.NEAR),
        finder.imported(),
    )
    different: dict[tuple[Path, str], Item] = {}
    for item in islice(found, MOST_ITEMS):
        # of overloads and overrides in one file the first speaks for all
        different.setdefault((item.path, item.name or item.text), item)
    return tuple(different.values())


class _Finder:
    """Looks up names as one document means them."""

    def __init__(self, place: Place, index: Index) -> None:
        text, span = place.parsed.text, place.span
        self._place = place
        self._index = index
        self._language = place.parsed.language.id
        self._family = family(self._language)
        self._files: dict[Path, None] = {}
        self._names: dict[str, set[Path]] = {}
        self._follow_imports()
        own = index.get(place.path) if place.path is not None else None
        self._own = frozenset(definition.name for definition in own.definitions) if own else frozenset()
        line = (
            text[line_start(text, span.start) : span.start] + " " + text[span.end : line_end(text, span.end)]
        )
        names = identifiers(place.parsed, span)
        on_line = frozenset(_WORD.findall(line))
        self.here = tuple(name for name in names if name in on_line)
        self.near = tuple(name for name in names if name not in on_line)
        self._called = frozenset(
            _CALLED.findall(text, max(0, span.start - WINDOW // 2), min(len(text), span.end + WINDOW // 2))
        )

    def named(self, names: Iterable[str], reason: Reason) -> Iterator[Item]:
        """The definitions in other files that `names` mean."""
        for name in names:
            if len(name) >= SHORTEST_NAME and name not in self._own:
                yield from (_item(found, reason) for found in self._meant(name))

    def imported(self) -> Iterator[Item]:
        """What is imported by name, then what else is public in imported files."""
        names = self._names if resolves(self._language) else imported_names(self._place.parsed)
        yield from self.named(names, Reason.IMPORTED)
        for path in self._files:
            for found in self._definitions(path):
                if not found.definition.name.startswith("_"):
                    yield _item(found, Reason.MODULE)

    def _meant(self, name: str) -> tuple[IndexedDefinition, ...]:
        """What `name` may mean: what is imported if there is such, else what is unmistakable."""
        elsewhere = tuple(
            found
            for found in self._index.named(name)
            if found.path != self._place.path and found.language in self._family
        )
        imported = tuple(found for found in elsewhere if self._comes_from_import(found))
        if imported or name in self._names or len(elsewhere) > MOST_NAMESAKES:
            return imported
        return tuple(found for found in elsewhere if _is_type(found) or name in self._called)

    def _comes_from_import(self, found: IndexedDefinition) -> bool:
        """Whether it stands in an imported file, or is imported by name from a package it lies in."""
        if found.path in self._files:
            return True
        packages = self._names.get(found.definition.name, set())
        return not packages.isdisjoint(found.path.parents)

    def _definitions(self, path: Path) -> Iterator[IndexedDefinition]:
        file = self._index.get(path)
        if file is not None:
            yield from (IndexedDefinition(path, file.language, each) for each in file.definitions)

    def _follow_imports(self) -> None:
        """Find the imported files, and for each name imported the packages it may lie deeper in."""
        for each in imports_of(self._place.parsed.text, self._language):
            path = self._place.path
            files = resolve(each, path, self._index, self._language) if path is not None else ()
            self._files.update(dict.fromkeys(files))
            packages = {file.parent for file in files if speaks_for_folder(file)}
            for name in each.names:
                self._names.setdefault(name, set()).update(packages)


def _is_type(found: IndexedDefinition) -> bool:
    return found.definition.kind not in {"function", "method"}


def _item(found: IndexedDefinition, reason: Reason) -> Item:
    definition = found.definition
    inside = "    " if definition.kind == "method" else ""
    return Item(found.path, definition.span.start, definition.name, definition.signature, inside, reason)


def _region_item(region: Region) -> Item:
    path = region.document.path or Path("untitled")
    return Item(path, region.span.start, "", region.text, reason=Reason.RECENT)
