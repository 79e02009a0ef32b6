"""The model hub, through huggingface_hub: HF_ENDPOINT, HF_TOKEN and proxies work as everywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lsp_server.engine.store.files import OnBytes
from lsp_server.engine.store.manifest import HubSource, ModelFile
from lsp_server.engine.store.sources import SourceFailed, disk_full, disk_is_full
from lsp_server.engine.store.sources.watch import watching

_REACH_S = 5.0

T = TypeVar("T")


def fetch_hub(source: HubSource, revision: str, file: ModelFile, partial: Path, on_bytes: OnBytes) -> Path:
    """`file`, fetched under `partial` and not yet checked; an interrupted fetch is continued.

    Raises:
        SourceFailed: the hub cannot be reached, or has no such file.
        OSError: the disk is full.
    """
    folder = partial / "hub"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _check_offer(within(_REACH_S, lambda: _offered_size(source, revision, file)), file)
        with watching(folder, on_bytes):
            return _download(source, revision, file, folder)
    except SourceFailed:
        raise
    except Exception as problem:  # the hub's client lets its transports' errors through
        if disk_full(problem if isinstance(problem, OSError) else str(problem)):
            raise disk_is_full() from problem
        raise SourceFailed(_first_line(problem)) from problem


def _offered_size(source: HubSource, revision: str, file: ModelFile) -> int | None:
    """Bytes of the hub's file. One request without retries: the download's own would take 20 s to give up."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(source.repo, file.name, revision=revision)
    return get_hf_file_metadata(url, timeout=_REACH_S).size


def _check_offer(offered: int | None, file: ModelFile) -> None:
    if offered is not None and offered != file.size:
        raise SourceFailed(f"it offers {offered:,} bytes instead of {file.size:,}")


def _download(source: HubSource, revision: str, file: ModelFile, folder: Path) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    return Path(
        hf_hub_download(source.repo, file.name, revision=revision, local_dir=folder, etag_timeout=_REACH_S)
    )


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, run in a thread because no timeout reaches into a name look-up.

    Raises:
        SourceFailed: it took longer; the thread is left behind.
    """
    results: list[T] = []
    problems: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as problem:  # noqa: BLE001 -- raised again in the caller's thread
            problems.append(problem)

    thread = threading.Thread(target=run, name="remask-hub", daemon=True)
    thread.start()
    thread.join(seconds)
    if problems:
        raise problems[0]
    if not results:
        raise SourceFailed(f"no answer within {seconds:g} s")
    return results[0]


def _first_line(problem: Exception) -> str:
    text = str(problem).strip()
    return text.splitlines()[0] if text else type(problem).__name__
