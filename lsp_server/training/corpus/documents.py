"""Documents to train on, and the compressed files that hold them."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lsp_server.core.errors import BadInput

TRAIN = "train"
HELD_OUT = "held_out"

SHARD_CHARS = 16_000_000
"""Code points of text in one shard, at least, unless it is the last."""

_ENDING = ".jsonl.gz"
_FIELDS = ("text", "language", "path", "package", "licence")
_HINT = (
    "scripts/build_corpus writes them: one JSON object a line with text, language, path, package and licence."
)
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A file of code: `language` is an LSP id, `path` lies within its package, `licence` is an SPDX id."""

    text: str
    language: str
    path: str
    package: str = ""
    licence: str = ""


def write_shards(documents: Iterable[CorpusDocument], folder: Path, name: str) -> list[Path]:
    """Write ``<name>-00000.jsonl.gz`` and so on; the same documents give the same bytes.

    Shards of an earlier run that are left over are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    held: list[CorpusDocument] = []
    chars = 0
    for document in documents:
        held.append(document)
        chars += len(document.text)
        if chars >= SHARD_CHARS:
            written.append(_write(held, folder / f"{name}-{len(written):05}{_ENDING}"))
            held, chars = [], 0
    if held:
        written.append(_write(held, folder / f"{name}-{len(written):05}{_ENDING}"))
    for stale in set(shards(folder, name)) - set(written):
        stale.unlink()
    return written


def _write(documents: Iterable[CorpusDocument], path: Path) -> Path:
    write_documents(documents, path)
    return path


def write_documents(documents: Iterable[CorpusDocument], path: Path) -> None:
    """Write one file, whole or not at all."""
    lines = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=lines, mtime=0) as packed:
        for document in documents:
            packed.write(_line(document))
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(lines.getvalue())
    aside.replace(path)


def _line(document: CorpusDocument) -> bytes:
    return json.dumps(asdict(document), ensure_ascii=True).encode("ascii") + b"\n"


def shards(folder: Path, name: str = TRAIN) -> list[Path]:
    """The shards of a corpus, in order."""
    return sorted(folder.glob(f"{name}-*{_ENDING}"))


def read_corpus(path: Path, name: str = TRAIN) -> Iterator[CorpusDocument]:
    """The documents of one shard, or of all shards called `name` of a folder.

    Raises:
        BadInput: there is nothing there, or something else.
    """
    files = [path] if path.is_file() else shards(path, name)
    if not files:
        raise BadInput(f"{path} has no {name}-*{_ENDING}", hint=_HINT)
    for file in files:
        yield from read_documents(file)


def read_documents(path: Path) -> Iterator[CorpusDocument]:
    """The documents of one file.

    Raises:
        BadInput: it cannot be read, or holds something else.
    """
    try:
        with gzip.open(path, "rb") as lines:
            for line in lines:
                yield _document(line)
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(f"{path} has no documents: {error!r}", hint=_HINT) from error


def _document(line: bytes) -> CorpusDocument:
    fields = json.loads(line)
    known = {name: fields[name] for name in _FIELDS[:3]} | {
        name: fields.get(name, "") for name in _FIELDS[3:]
    }
    if not all(isinstance(value, str) for value in known.values()):
        raise TypeError("a field is no text")
    return CorpusDocument(**known)
