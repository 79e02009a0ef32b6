"""A whole repository of the model hub: which of its files are wanted, and each of them, checked."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from lsp_server.engine.store.checkpoints import HubFile, Pulled
from lsp_server.engine.store.files import OnBytes, sha256_of
from lsp_server.engine.store.sources import SourceFailed, disk_full, disk_is_full
from lsp_server.engine.store.sources.watch import watching

_REACH_S = 30.0
WANTED = re.compile(
    r"[\w.-]+\.safetensors|model\.safetensors\.index\.json|(generation_|tokenizer_)?config\.json"
    r"|tokenizer\.json|special_tokens_map\.json|added_tokens\.json|vocab\.json|merges\.txt"
)
"""Weights that are only numbers, and settings. Never code (.py), nor pickles (.bin, .pt) that may hold it."""


def list_repository(repo: str, revision: str) -> Pulled:
    """The wanted files of `repo` as the hub names them now, and the commit that they are of.

    Raises:
        SourceFailed: the hub cannot be reached, does not give it, or it holds no safetensors.
    """
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(repo, revision=revision, files_metadata=True, timeout=_REACH_S)
    except Exception as problem:  # the hub's client lets its transports' errors through
        raise SourceFailed(_first_line(problem)) from problem
    files = tuple(
        HubFile(
            name=sibling.rfilename,
            size=sibling.size or 0,
            git=sibling.blob_id or "",
            sha256=sibling.lfs.sha256 if sibling.lfs else None,
        )
        for sibling in info.siblings or ()
        if WANTED.fullmatch(sibling.rfilename)
    )
    if not any(file.name.endswith(".safetensors") for file in files):
        raise SourceFailed(f"{repo} holds no safetensors")
    if not all(file.size and (file.git or file.sha256) for file in files):
        raise SourceFailed("the hub says neither size nor hash of every file")
    return Pulled(repo, info.sha or revision, files)


def fetch_file(record: Pulled, file: HubFile, partial: Path, on_bytes: OnBytes) -> Path:
    """One file of the recorded commit, under `partial`, checked; an interrupted fetch is continued.

    Raises:
        SourceFailed: the hub does not give it, or other bytes than it named.
        OSError: the disk is full.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        with watching(partial, on_bytes):
            path = Path(hf_hub_download(record.repo, file.name, revision=record.commit, local_dir=partial))
    except Exception as problem:
        if disk_full(problem if isinstance(problem, OSError) else str(problem)):
            raise disk_is_full() from problem
        raise SourceFailed(_first_line(problem)) from problem
    if not is_right(path, file):
        path.unlink()
        raise SourceFailed(f"it gave other bytes of {file.name} than it names; discarded")
    return path


def is_right(path: Path, file: HubFile) -> bool:
    """Whether the file at `path` has the size and the hash that the hub named."""
    if path.stat().st_size != file.size:
        return False
    if file.sha256 is not None:
        return sha256_of(path) == file.sha256
    return git_object_id(path) == file.git


def git_object_id(path: Path) -> str:
    """Git's name of a blob: sha1 over a header and the bytes; of small files, which the hub keeps in git."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _first_line(problem: Exception) -> str:
    text = str(problem).strip()
    return text.splitlines()[0] if text else type(problem).__name__
