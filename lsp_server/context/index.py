"""What is known of each file: its definitions, found by name, by file and by module."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.reading import Stamp
from lsp_server.context.secrets import holds_secret
from lsp_server.syntax.languages import Language
from lsp_server.syntax.parse import parse
from lsp_server.syntax.symbols import Definition, definitions

MOST_DEFINITIONS = 2_000
"""Per file; a file with more is data."""

_FOLDER_MODULES = frozenset({"__init__", "index", "mod"})
"""Stems of files that speak for their folder."""

_DATA = frozenset({
    *("plaintext", "markdown", "json", "jsonc", "yaml", "toml", "xml", "html", "css", "scss", "less"),
})  # fmt: skip
"""Languages whose files define nothing that other files name."""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file as last seen. `stamp` is None for the unsaved text of an open document."""

    path: Path
    language: str
    definitions: tuple[Definition, ...]
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class IndexedDefinition:
    """A definition and the file it stands in."""

    path: Path
    language: str
    definition: Definition


def indexable(language: Language | None) -> bool:
    """Whether files of a language are worth reading."""
    return language is not None and language.grammar is not None and language.id not in _DATA


def index_text(path: Path, language: Language, text: str, stamp: Stamp | None = None) -> IndexedFile:
    """What `text` defines, without definitions whose signature shows a secret."""
    found = definitions(parse(text, language))[:MOST_DEFINITIONS]
    harmless = tuple(each for each in found if not holds_secret(each.signature))
    return IndexedFile(path, language.id, harmless, stamp)


class Index:
    """The files of all roots, in memory; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[Path, IndexedFile] = {}
        self._names: defaultdict[str, set[Path]] = defaultdict(set)
        self._modules: defaultdict[str, set[Path]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._files)

    def put(self, file: IndexedFile) -> None:
        """Take in a file, or replace what was known of it."""
        with self._lock:
            self._remove(file.path)
            self._files[file.path] = file
            for definition in file.definitions:
                self._names[definition.name].add(file.path)
            self._modules[module_name(file.path)].add(file.path)

    def drop(self, path: Path) -> None:
        """Forget a file; an unknown one is no error."""
        with self._lock:
            self._remove(path)

    def get(self, path: Path) -> IndexedFile | None:
        """What is known of a file."""
        with self._lock:
            return self._files.get(path)

    def paths(self) -> tuple[Path, ...]:
        """Every known file."""
        with self._lock:
            return tuple(self._files)

    def below(self, *folders: Path) -> tuple[Path, ...]:
        """The known files in these folders and their folders, and those that are no folders themselves."""
        starts = tuple(os.path.join(folder, "") for folder in folders)  # noqa: PTH118 - wants the separator
        with self._lock:
            files = [folder for folder in folders if folder in self._files]
            return (*files, *(path for path in self._files if str(path).startswith(starts)))

    def named(self, name: str) -> tuple[IndexedDefinition, ...]:
        """Every definition called `name`, in the order of paths and offsets."""
        with self._lock:
            files = [self._files[path] for path in self._names.get(name, ())]
        return tuple(
            IndexedDefinition(file.path, file.language, definition)
            for file in sorted(files, key=lambda file: file.path)
            for definition in file.definitions
            if definition.name == name
        )

    def modules(self, name: str) -> tuple[Path, ...]:
        """The files that a module called `name` may be, whatever its package, in order."""
        with self._lock:
            return tuple(sorted(self._modules.get(name, ())))

    def _remove(self, path: Path) -> None:
        file = self._files.pop(path, None)
        if file is None:
            return
        for name in {definition.name for definition in file.definitions}:
            _take_out(self._names, name, path)
        _take_out(self._modules, module_name(path), path)


def module_name(path: Path) -> str:
    """The last part of the name by which other files import this one."""
    return path.parent.name if speaks_for_folder(path) else _stem(path)


def speaks_for_folder(path: Path) -> bool:
    """Whether importing the file's folder means the file."""
    return _stem(path) in _FOLDER_MODULES


def _stem(path: Path) -> str:
    return path.name.split(".", 1)[0] or path.name


def _take_out(table: defaultdict[str, set[Path]], key: str, path: Path) -> None:
    paths = table[key]
    paths.discard(path)
    if not paths:
        del table[key]
