"""Handing over edits of several files: as one diff, or into the files, all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lsp_server.commands._session import silent
from lsp_server.commands._source import Source, read_raw, source_of
from lsp_server.core.errors import BadInput
from lsp_server.lsp.engine import ChosenEngine
from lsp_server.service.across.edited import Edited, Together


def refuse_nothing(together: Together, engine: ChosenEngine) -> None:
    """Say on stderr what was left alone.

    Raises:
        RemaskError: there are no edits.
    """
    for left in together.left:
        print(f"remask: left alone: {_shown(left.document.path)}:{left.line}: {left.why}", file=sys.stderr)
    if together.silence is not None:
        raise silent(together.silence, engine)


def deliver_all(together: Together, *, in_place: bool) -> None:
    """Print a unified diff of all files, as `patch -p1` takes it; or write them.

    Raises:
        BadInput: a file has changed since it was looked at, or cannot be written; then none is written,
            unless the disk fails in between.
    """
    sources = [_source(each) for each in together.edited]
    if not in_place:
        pairs = zip(sources, together.edited, strict=True)
        sys.stdout.buffer.write("".join(source.diff(each.edits) for source, each in pairs).encode())
        sys.stdout.buffer.flush()
        return
    for source, each in zip(sources, together.edited, strict=True):
        source.write(source.edited(each.edits))


def opened(paths: Sequence[str]) -> list[Source]:
    """The named files, and of a folder those whose language is known.

    Raises:
        BadInput: a file cannot be read.
    """
    found: list[Source] = []
    for each in paths:
        path = Path(each)
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if path.is_dir() and (not file.is_file() or any(part.startswith(".") for part in file.parts)):
                continue
            try:
                source = source_of(str(file), read_raw(str(file)), None)
            except BadInput:
                if not path.is_dir():
                    raise
                continue
            if not path.is_dir() or source.document.language != "plaintext":
                found.append(source)
    return found


def _source(each: Edited) -> Source:
    path = each.document.path
    if path is None:
        raise BadInput("there is no file to change")
    shown = _shown(path)
    source = source_of(shown, read_raw(str(path)), each.document.language)
    if source.document.text != each.document.text:
        raise BadInput(f"{shown} has changed meanwhile; nothing is changed")
    return source


def _shown(path: Path | None) -> str:
    """A path as one would write it here."""
    if path is None:
        return "-"
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
