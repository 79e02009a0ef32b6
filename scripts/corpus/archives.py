"""Reading archives without unpacking them: nothing is written, no link is followed, sizes are bounded."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from lib.console import Failed

LARGEST_FILE = 1_000_000
"""Bytes; no file that is trained on is nearly as large."""
MOST_BYTES = 2_000_000_000
"""Bytes of all files that are read from one archive."""
MOST_MEMBERS = 200_000

Wanted = Callable[[str], bool]


def read_archive(path: Path, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    """The wanted files of an archive, as path and content; a tar's outermost folder is taken off.

    Raises:
        Failed: it is damaged, or larger than any real one.
    """
    try:
        yield from (_zip if path.suffix in {".whl", ".zip"} else _tar)(path, wanted)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, ValueError) as error:
        raise Failed(f"{path.name} cannot be read: {error}") from error


def _zip(path: Path, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    read = 0
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _bound(len(members), 0, path)
        for member in members:
            if not member.is_dir() and member.file_size <= LARGEST_FILE and _usable(member.filename, wanted):
                read += member.file_size
                _bound(0, read, path)
                yield member.filename, archive.read(member)


def _tar(path: Path, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    read = 0
    with tarfile.open(path, "r|*") as archive:
        for number, member in enumerate(archive):
            _bound(number, read, path)
            name = member.name.removeprefix("./").partition("/")[2]
            if not member.isreg() or member.size > LARGEST_FILE or not _usable(name, wanted):
                continue
            read += member.size
            file = archive.extractfile(member)
            if file is not None:
                yield name, file.read()


def _usable(name: str, wanted: Wanted) -> bool:
    return bool(name) and ".." not in PurePosixPath(name).parts and wanted(name)


def _bound(members: int, read: int, path: Path) -> None:
    if members > MOST_MEMBERS or read > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than any real package")
