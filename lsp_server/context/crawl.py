"""Walking a folder for files worth reading."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

DEEPEST = 64
"""Folders inside folders; deeper lies only what a tool or a loop has made."""


def crawl(folder: Path, skip: Callable[[Path], bool], *, most: int) -> Iterator[Path]:
    """The regular files below `folder`, shallow ones first, in a stable order.

    Folders for which `skip` holds are not entered. Links and what may not be
    read are passed over. At most `most` entries are looked at.
    """
    queue: deque[tuple[Path, int]] = deque([(folder, 0)])
    seen: set[tuple[int, int]] = set()
    looked_at = 0
    while queue:
        current, depth = queue.popleft()
        if not _new(current, seen):
            continue
        for entry in _entries(current):
            looked_at += 1
            if looked_at > most:
                return
            path = current / entry.name
            if _is_folder(entry):
                if depth < DEEPEST and not skip(path):
                    queue.append((path, depth + 1))
            elif _is_file(entry):
                yield path


def _new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether the folder was not visited yet under another name (a junction, a bind mount)."""
    try:
        found = folder.stat()
    except OSError:
        return False
    identity = (found.st_dev, found.st_ino)
    if identity in seen:
        return False
    if found.st_ino:
        seen.add(identity)
    return True


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False
