"""Checkpoints of other families on disk: a folder as the hub has it, pulled or named by its path."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lsp_server.core.errors import ModelMissing
from lsp_server.core.paths import cache_dir
from lsp_server.engine.store.manifest import Bytes, CheckpointEntry, FileName, Sha256, checkpoint

CONFIG = "config.json"
RECORD = "pulled.json"


class HubFile(msgspec.Struct, frozen=True):
    """A file as the hub named it when it was pulled: a large one by sha256, else by git's object id."""

    name: FileName
    size: Bytes
    git: str = ""
    sha256: Sha256 | None = None


class Pulled(msgspec.Struct, frozen=True):
    """What a folder holds, and of which commit of which repository; `complete` once all of it was checked."""

    repo: str
    commit: str
    files: tuple[HubFile, ...]
    complete: bool = False

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def checkpoint_dir(entry: CheckpointEntry) -> Path:
    """The folder of everything that belongs to a published checkpoint."""
    return cache_dir() / "models" / entry.name


def read_record(entry: CheckpointEntry) -> Pulled | None:
    """What was begun or pulled of it; None: nothing."""
    try:
        record = msgspec.json.decode((checkpoint_dir(entry) / RECORD).read_bytes(), type=Pulled)
    except (OSError, msgspec.MsgspecError):
        return None
    return record if record.repo == entry.repo else None


def write_record(entry: CheckpointEntry, record: Pulled) -> None:
    """Keep `record` beside the files, in one step."""
    target = checkpoint_dir(entry) / RECORD
    partial = target.with_suffix(".new")
    partial.write_bytes(msgspec.json.encode(record))
    partial.replace(target)


def pulled(entry: CheckpointEntry) -> bool:
    """Whether every file was checked once and still has its size; nothing is hashed."""
    record = read_record(entry)
    if record is None or not record.complete:
        return False
    try:
        return all((checkpoint_dir(entry) / file.name).stat().st_size == file.size for file in record.files)
    except OSError:
        return False


def folder_of(model: str) -> Path | None:
    """The folder of the checkpoint that `model` is the name or the absolute path of, if it is one's.

    Raises:
        ModelMissing: it is known, and not pulled.
    """
    published = checkpoint(model)
    if published is None:
        path = Path(model)
        return path if path.is_absolute() and (path / CONFIG).is_file() else None
    if not pulled(published):
        raise ModelMissing(f"the model {model} is not installed", hint=f"Run `remask pull {model}`.")
    return checkpoint_dir(published)
