"""The text that a command works on: a file or the standard input, read and written back byte for byte."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from lsp_server.commands._place import STDIN
from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.core.types import Document, Edit
from lsp_server.syntax.languages import language_of_path

_BOM = "\ufeff"
_STDIN_KEY = "stdin"


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: its bytes and the document in them. A byte order mark is not part of the text."""

    name: str
    raw: bytes
    document: Document

    @property
    def piped(self) -> bool:
        """Whether it came from the standard input."""
        return self.document.path is None

    def edited(self, edits: Sequence[Edit]) -> str:
        """The text with `edits`."""
        return apply_together(self.document.text, edits)

    def encoded(self, text: str) -> bytes:
        """The bytes of a new text for this source."""
        mark = _BOM if self.raw.startswith(_BOM.encode()) else ""
        return (mark + text).encode()

    def diff(self, edits: Sequence[Edit]) -> str:
        """A unified diff of `edits`, as `patch -p1` takes it."""
        return unified(self.document.text, self.edited(edits), self.name)

    def write(self, text: str) -> None:
        """Put `text` into the file, at once or not at all.

        Raises:
            BadInput: the file has changed since it was read, or cannot be written.
        """
        if self.document.path is None:
            raise BadInput("the standard input cannot be written to")
        target = self.document.path.resolve()
        try:
            if target.read_bytes() != self.raw:
                raise BadInput(f"{self.name} has changed meanwhile; it is left as it is")
            _replace(target, self.encoded(text))
        except OSError as error:
            raise BadInput(f"cannot write {self.name}: {error.strerror}") from error


def read_raw(file: str) -> bytes:
    """The bytes of a file, or of the standard input for `-`.

    Raises:
        BadInput: it cannot be read.
    """
    if file == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from error


def source_of(file: str, raw: bytes, language: str | None) -> Source:
    """What was read from `file`; `language` is an LSP language id, by default that of the file's name.

    Raises:
        BadInput: it is not UTF-8 text, or comes from the standard input without a language.
    """
    if file == STDIN:
        if not language:
            hint = "Add --language, as in --language python."
            raise BadInput("the standard input has no name that tells its language", hint=hint)
        return Source(_STDIN_KEY, raw, Document(_STDIN_KEY, language, _text(raw, "the standard input")))
    path = Path(file).absolute()
    known = language_of_path(path)
    chosen = language or (known.id if known else "plaintext")
    return Source(file, raw, Document(path.as_uri(), chosen, _text(raw, file), path))


@contextmanager
def nothing_lost(file: str, raw: bytes) -> Iterator[None]:
    """Pass the standard input on if the work fails: an editor puts what a filter prints in its place."""
    try:
        yield
    except (RemaskError, KeyboardInterrupt):
        if file == STDIN:
            sys.stdout.buffer.write(raw)
            sys.stdout.buffer.flush()
        raise


def unified(old: str, new: str, name: str) -> str:
    """A unified diff between two texts of a file called `name`."""
    shown = name.replace("\\", "/").lstrip("/")
    lines = unified_diff(_lines(old), _lines(new), f"a/{shown}", f"b/{shown}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _text(raw: bytes, name: str) -> str:
    if b"\0" in raw:
        raise BadInput(f"{name} is not a text file")
    try:
        return raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text: byte {error.start} is wrong") from error


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, new)
        new.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
