"""Fetching a published checkpoint: every wanted file of one commit, each checked as the hub names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from lsp_server.core.errors import PullFailed
from lsp_server.core.paths import offline
from lsp_server.engine.store.checkpoints import (
    HubFile,
    Pulled,
    checkpoint_dir,
    pulled,
    read_record,
    write_record,
)
from lsp_server.engine.store.files import OnBytes
from lsp_server.engine.store.manifest import CheckpointEntry
from lsp_server.engine.store.pulling import OnPull, PullProgress, disk_failure, locked, no_room
from lsp_server.engine.store.sources import SourceFailed
from lsp_server.engine.store.sources.repository import fetch_file, is_right, list_repository


def pull_checkpoint(entry: CheckpointEntry, report: OnPull) -> Path:
    """The checkpoint's folder, fetched if it is not there yet.

    What was begun is continued, of the same commit. Safe to call from several processes at once.

    Raises:
        PullFailed: the hub did not give it, the network is forbidden, or the disk is full.
    """
    if pulled(entry):
        return checkpoint_dir(entry)
    if offline():
        raise PullFailed(
            f"the model {entry.name} is not installed, and the network is forbidden",
            hint=f"Unset REMASK_OFFLINE and HF_HUB_OFFLINE and run `remask pull {entry.name}`.",
        )
    folder = checkpoint_dir(entry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, entry.size_mib << 20, report):
            if not pulled(entry):
                _pull(entry, folder, report)
    except SourceFailed as problem:
        source = f"model hub ({entry.repo})"
        raise PullFailed(
            f"{source}: {problem}",
            hint="Check the network and proxy. For a model behind terms accept them on the hub and set "
            "HF_TOKEN. Run it again: it continues where it stopped.",
        ) from problem
    except OSError as problem:
        raise disk_failure(folder, problem) from problem
    return folder


def _pull(entry: CheckpointEntry, folder: Path, report: OnPull) -> None:
    record = read_record(entry) or list_repository(entry.repo, entry.revision)
    write_record(entry, msgspec.structs.replace(record, complete=False))
    missing = [file for file in record.files if not _there(folder, file)]
    _check_space(entry, folder, sum(file.size for file in missing))
    partial = folder / ".partial"
    done = record.size - sum(file.size for file in missing)
    for file in missing:
        partial.mkdir(exist_ok=True)
        path = fetch_file(record, file, partial, _reporter(entry, report, record, done))
        path.replace(folder / file.name)
        done += file.size
    shutil.rmtree(partial, ignore_errors=True)
    write_record(entry, msgspec.structs.replace(record, complete=True))
    report(PullProgress("checking", record.size, record.size))


def _reporter(entry: CheckpointEntry, report: OnPull, record: Pulled, before: int) -> OnBytes:
    def on_bytes(done: int) -> None:
        reached = min(before + done, record.size)
        report(PullProgress("fetching", reached, record.size, f"model hub ({entry.repo})"))

    on_bytes(0)
    return on_bytes


def _there(folder: Path, file: HubFile) -> bool:
    try:
        return is_right(folder / file.name, file)
    except OSError:
        return False


def _check_space(entry: CheckpointEntry, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise no_room(entry.name, folder, needed, free)
