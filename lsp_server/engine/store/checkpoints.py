"""Checkpoints of other families on disk: a folder as the hub has it, pulled or named by its path."""

from __future__ import annotations

from pathlib import Path

CONFIG = "config.json"


def folder_of(model: str) -> Path | None:
    """The folder that `model` is the path of, if it holds a checkpoint."""
    path = Path(model)
    return path if path.is_absolute() and (path / CONFIG).is_file() else None
