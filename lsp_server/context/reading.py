"""Reading a source file that may turn out to be anything."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

_SNIFFED = 8_192
"""Bytes in which a binary file shows itself."""

_MOST_CONTROL = 0.02
"""Share of control characters above which undecodable bytes are not old text but binary."""

_TEXT_CONTROLS = frozenset(b"\t\n\x0b\x0c\r\x1b")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells two states of a file apart without reading it."""

    mtime_ns: int
    size: int


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a regular file, not of what a link points to; None if there is none."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return None
    return Stamp(found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None


def read_text(path: Path, max_bytes: int) -> str | None:
    """The text of a regular file; None if it is gone, unreadable, binary or longer than `max_bytes`."""
    stamp = stamp_of(path)
    if stamp is None or stamp.size > max_bytes:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError:
        return None
    return decode(data) if len(data) <= max_bytes else None


def decode(data: bytes) -> str | None:
    """`data` as text: UTF-8, UTF-16 with a byte order mark, else Latin-1; None if it is binary."""
    if data.startswith(_UTF16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\0" in data[:_SNIFFED]:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        head = data[:_SNIFFED]
        controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
        return data.decode("latin-1") if controls <= _MOST_CONTROL * len(head) else None
