"""A temporary store with one small model, and folders of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store import manifest
from lsp_server.engine.store.manifest import ModelEntry, ModelFile

DATA = b"weights"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """The manifest's only model: the default's name and adapter, a file of seven bytes."""
    file = ModelFile("tiny.gguf", len(DATA), hashlib.sha256(DATA).hexdigest())
    tiny = msgspec.structs.replace(manifest.entry(DEFAULT_MODEL), files=(file,), memory_mib=1)
    for name in ("CACHE", "RUNTIME", "LOG"):
        monkeypatch.setenv(f"REMASK_{name}_DIR", str(tmp_path / name.lower()))
    for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(manifest, "models", lambda: (tiny,))
    return tiny


@pytest.fixture
def installed(model: ModelEntry, tmp_path: Path) -> Path:
    """The model's file, in place."""
    path = tmp_path / "cache" / "models" / model.name / "tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return path
