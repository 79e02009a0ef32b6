"""Which files of the workspace a document imports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.index import Index, speaks_for_folder

MOST_CHARS = 64_000
"""Code points of a document, from its start, in which imports are looked for."""

_JS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "svelte"})
_C = frozenset({"c", "cpp", "objective-c"})
_FAMILIES = (_JS, _C, frozenset({"java", "kotlin", "scala"}))

_PYTHON_FROM = re.compile(
    r"^[ \t]*from[ \t]+(?P<dots>\.*)[ \t]*(?P<module>[\w.]*)[ \t]+import[ \t]+"
    r"(?P<names>\([^)]{0,4000}\)|[^\n;#]*)",
    re.MULTILINE,
)
_PYTHON_IMPORT = re.compile(r"^[ \t]*import[ \t]+(?P<modules>\w[^\n;#]*)", re.MULTILINE)
_JS_IMPORT = re.compile(
    r"""(?:\b(?:import|export)\s+(?P<names>[\w\s{},*$]{1,2000}?)\bfrom|\bimport|\brequire)"""
    r"""\s*\(?\s*['"](?P<module>[^'"\n]{1,500})['"]"""
)
_C_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"(?P<module>[^"\n]{1,500})"', re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")
_RENAMED = re.compile(r"\b(\w+)(?:\s+as\s+\w+)?")

_COMPILED = re.compile(r"\.[mc]?jsx?$")
_JS_WORDS = frozenset({"as", "type", "default"})
_JS_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_PYTHON_ENDINGS = (".py", ".pyi")
_ALIASES = ("@/", "~/", "#/", "/")
"""What stands for the source folder in imports of bundlers."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the module's path in parts, and the names taken from it.

    `up` counts folders above the document's own; None for a module that is
    looked up from the source roots.
    """

    parts: tuple[str, ...]
    up: int | None = None
    names: tuple[str, ...] = ()


def family(language: str) -> frozenset[str]:
    """The language ids whose files may import each other."""
    return next((each for each in _FAMILIES if language in each), frozenset({language}))


def resolves(language: str) -> bool:
    """Whether imports of a language are followed to files."""
    return language == "python" or language in _JS or language in _C


def imports_of(text: str, language: str) -> tuple[Import, ...]:
    """The imports near the start of `text`, in order; none for languages that are not followed."""
    head = text[:MOST_CHARS]
    if language == "python":
        return (*_python_from(head), *_python_import(head))
    if language in _JS:
        return tuple(_js(match) for match in _JS_IMPORT.finditer(head))
    if language in _C:
        return tuple(Import(_parts(match["module"]), up=0) for match in _C_INCLUDE.finditer(head))
    return ()


def resolve(imported: Import, document: Path, index: Index, language: str) -> tuple[Path, ...]:
    """The indexed files that `imported` means in the file `document`; links in its path must be resolved."""
    wanted = [imported.parts]
    if language == "python":
        # `from package import module`
        wanted += [(*imported.parts, name) for name in imported.names]
    found: dict[Path, None] = {}
    for parts in wanted:
        if imported.up is not None:
            found.update(dict.fromkeys(_relative(document, imported.up, parts, index, language)))
        if imported.up is None or language in _C:
            found.update(dict.fromkeys(_anywhere(document, parts, index, language)))
    found.pop(document, None)
    return tuple(found)


def _python_from(text: str) -> Iterator[Import]:
    for match in _PYTHON_FROM.finditer(text):
        dots = len(match["dots"])
        parts = tuple(filter(None, match["module"].split(".")))
        names = tuple(_RENAMED.findall(_COMMENT.sub("", match["names"])))
        yield Import(parts, up=dots - 1 if dots else None, names=names)


def _python_import(text: str) -> Iterator[Import]:
    for match in _PYTHON_IMPORT.finditer(text):
        for module in match["modules"].split(","):
            name = module.strip().split(" ", 1)[0]
            yield Import(tuple(filter(None, name.split("."))))


def _js(match: re.Match[str]) -> Import:
    module = match["module"]
    names = tuple(name for name in _RENAMED.findall(match["names"] or "") if name not in _JS_WORDS)
    if module.startswith("."):
        return Import(_parts(module), up=0, names=names)
    alias = next((alias for alias in _ALIASES if module.startswith(alias)), None)
    parts = _parts(module.removeprefix(alias) if alias else module)
    # a bare name is a package, not a file
    return Import(parts if alias or len(parts) > 1 else (), names=names)


def _parts(module: str) -> tuple[str, ...]:
    return tuple(part for part in module.split("/") if part not in {"", "."})


def _relative(document: Path, up: int, parts: tuple[str, ...], index: Index, language: str) -> Iterator[Path]:
    if parts and parts[-1] != ".." and not _called(parts[-1], index, language):
        return
    target = Path(os.path.normpath(document.parent.joinpath(*[".."] * up, *parts)))
    home = target.parent.parts
    yield from (path for path in _called(target.name, index, language) if _home(path) == home)


def _anywhere(document: Path, parts: tuple[str, ...], index: Index, language: str) -> Iterator[Path]:
    """The files whose path ends like the module's, of several the one nearest to the document."""
    if not parts:
        return
    *folders, last = parts
    matching = [
        path
        for path in _called(last, index, language)
        if not folders or _home(path)[-len(folders) :] == tuple(folders)
    ]
    if matching:
        yield min(matching, key=lambda path: (-_shared(path, document), len(path.parts), path))


def _called(last: str, index: Index, language: str) -> list[Path]:
    """The files that the last part of a module's path may mean, wherever they lie."""
    if language in _C:
        return [path for path in index.modules(last.split(".", 1)[0]) if path.name == last]
    endings = _PYTHON_ENDINGS if language == "python" else _JS_ENDINGS
    # TypeScript is imported by the name of what it compiles to
    stem = _COMPILED.sub("", last) if language in _JS else last
    return [
        path
        for path in index.modules(stem.split(".", 1)[0])
        if path.name.endswith(endings) and (speaks_for_folder(path) or path.name.startswith(stem + "."))
    ]


def _home(path: Path) -> tuple[str, ...]:
    """The folders that the module of a file lies in."""
    return path.parts[: -2 if speaks_for_folder(path) else -1]


def _shared(one: Path, other: Path) -> int:
    return len(Path(os.path.commonpath((one, other))).parts) if one.anchor == other.anchor else 0
