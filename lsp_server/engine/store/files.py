"""Where a model's files lie and whether they are the right bytes.

Hashing half a gigabyte at every start is too slow. So a file is hashed once and
a stamp beside it keeps the size, the modification time and the hash; as long as
the first two agree the hash is believed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from lsp_server.core.errors import ModelCorrupt, ModelMissing
from lsp_server.core.paths import cache_dir
from lsp_server.engine.store.manifest import ModelEntry, ModelFile, entry

OnBytes = Callable[[int], None]
"""Told how many bytes are done so far."""

FileState = Literal["ok", "missing", "corrupt"]

REINSTALL = "Install Remask anew to get its adapter back."

_ASSETS = Path(__file__).parents[2] / "assets"
_CHUNK = 1 << 22


class _Stamp(msgspec.Struct, frozen=True):
    size: int
    mtime_ns: int
    sha256: str


def model_dir(model: ModelEntry) -> Path:
    """The folder of everything that belongs to `model`."""
    return cache_dir() / "models" / model.name


def model_path(model: ModelEntry) -> Path:
    """Where the base's weights lie once they are pulled: the model's first file."""
    return file_path(model, model.files[0])


def file_path(model: ModelEntry, file: ModelFile) -> Path:
    """Where one file of `model` lies once it is pulled."""
    return model_dir(model) / file.name


def prepared_dir(model: ModelEntry) -> Path:
    """Where the runtime keeps weights made from the model's files; may be deleted at any time."""
    return model_dir(model) / "prepared"


def adapter_path(model: ModelEntry) -> Path:
    """The adapter's file.

    Raises:
        ModelMissing: this installation lacks it.
    """
    path = _ASSETS / model.adapter
    if not path.is_file():
        raise ModelMissing(f"the adapter {path} is not there", hint=REINSTALL)
    return path


def adapter_sha256(model: ModelEntry) -> str:
    """The hash of the adapter's file, as lower-case hex."""
    path = adapter_path(model)
    return _hashed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _hashed(path: Path, _mtime_ns: int) -> str:
    return sha256_of(path)


def sha256_of(path: Path, on_bytes: OnBytes | None = None) -> str:
    """The hash of a file, as lower-case hex."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if on_bytes is not None:
                on_bytes(done)
    return digest.hexdigest()


def write_stamp(path: Path, sha256: str) -> None:
    """Remember that `path` as it is now has this hash; a read-only store is left alone."""
    status = path.stat()
    stamp = _Stamp(status.st_size, status.st_mtime_ns, sha256)
    with contextlib.suppress(OSError):
        _stamp_path(path).write_bytes(msgspec.json.encode(stamp))


def installed(model: ModelEntry) -> bool:
    """Whether every file is there with the right size; nothing is hashed."""
    return all(_size(file_path(model, file)) == file.size for file in model.files)


def file_state(model: ModelEntry, file: ModelFile, *, rehash: bool = False) -> FileState:
    """Whether one file is there with the right bytes; `rehash` believes no stamp."""
    try:
        _verify_file(model, file, rehash=rehash)
    except ModelMissing:
        return "missing"
    except ModelCorrupt:
        return "corrupt"
    return "ok"


def verify(model: ModelEntry, *, rehash: bool = False) -> Path:
    """`model_path`, after checking every file; `rehash` believes no stamp.

    Raises:
        ModelMissing: a file is not there.
        ModelCorrupt: a file is there, with other bytes than the manifest names.
    """
    for file in model.files:
        _verify_file(model, file, rehash=rehash)
    return model_path(model)


def require(name: str) -> Path:
    """The base's weights of the model called `name`, checked.

    Raises:
        BadInput, ModelMissing, ModelCorrupt: each says what to do.
    """
    return verify(entry(name))


def _verify_file(model: ModelEntry, file: ModelFile, *, rehash: bool) -> None:
    path = file_path(model, file)
    size = _size(path)
    if size is None:
        raise ModelMissing(
            f"the model {model.name} is not installed", hint=f"Run `remask pull {model.name}`."
        )
    again = f"Run `remask pull {model.name}`: it fetches the file again."
    if size != file.size:
        raise ModelCorrupt(f"{path} has {size:,} bytes instead of {file.size:,}", hint=again)
    if not rehash and _stamped(path) == file.sha256:
        return
    try:
        found = sha256_of(path)
    except OSError as problem:
        raise ModelCorrupt(f"{path} cannot be read: {problem}", hint=again) from problem
    if found != file.sha256:
        raise ModelCorrupt(f"{path} has sha256 {found} instead of {file.sha256}", hint=again)
    write_stamp(path, found)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _stamp_path(path: Path) -> Path:
    return path.with_name(path.name + ".stamp")


def _stamped(path: Path) -> str | None:
    """The hash the stamp names if the file has not changed since, else None."""
    try:
        stamp = msgspec.json.decode(_stamp_path(path).read_bytes(), type=_Stamp)
        status = path.stat()
    except (OSError, msgspec.DecodeError):
        return None
    return stamp.sha256 if (stamp.size, stamp.mtime_ns) == (status.st_size, status.st_mtime_ns) else None
