"""A store in a temporary folder, with one small model whose parts lie in wheels of a small index."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lsp_server.engine.store import files, manifest, pull
from lsp_server.engine.store.manifest import HubSource, ModelEntry, ModelFile, WheelPart, WheelSource
from lsp_server.engine.store.sources import SourceFailed, wheels

PARTS = (b"first part, " * 40, b"second part, " * 30, b"third")
WHOLE = b"".join(PARTS)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_wheel(folder: Path, package: str, members: dict[str, bytes]) -> Path:
    """A wheel that pip accepts."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = package.replace("-", "_")
    path = folder / f"{stem}-1.0-py3-none-any.whl"
    info = f"{stem}-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@dataclass
class Store:
    """The model, the index its wheels come from, and what was asked of both sources."""

    model: ModelEntry
    index: Path
    fetched: list[str] = field(default_factory=list)
    hub_asked: int = 0
    before_wheel: Callable[[str], None] = lambda _requirement: None

    @property
    def target(self) -> Path:
        return files.model_path(self.model)

    @property
    def partial(self) -> Path:
        return files.model_dir(self.model) / ".partial"

    def publish(self, number: int, data: bytes) -> Path:
        part = self.model.sources[1].parts[number]
        return write_wheel(self.index, part.package, {part.member: data})

    def install(self, data: bytes = WHOLE) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_bytes(data)
        return self.target


def tiny_model() -> ModelEntry:
    """A model of one small file in three wheels."""
    parts = tuple(
        WheelPart(f"tiny-part{i}", f"tiny_part{i}/data/part.bin", len(data), sha256(data))
        for i, data in enumerate(PARTS)
    )
    return ModelEntry(
        name="tiny",
        title="Tiny",
        licence="Apache-2.0",
        base="nobody/tiny",
        revision="main",
        memory_mib=1,
        adapter="qwen2.5-coder-0.5b-fim.safetensors",
        files=(ModelFile("tiny.gguf", len(WHOLE), sha256(WHOLE)),),
        sources=(HubSource("nobody/tiny"), WheelSource("tiny.gguf", "1.0", parts)),
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The hub does not answer; wheels are copied from `Store.index` without pip."""
    made = Store(tiny_model(), tmp_path / "index")
    for number, data in enumerate(PARTS):
        made.publish(number, data)
    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(manifest, "models", lambda: (made.model,))

    def no_hub(*_arguments: object) -> Path:
        made.hub_asked += 1
        raise SourceFailed("the name cannot be resolved")

    def copy_wheel(requirement: str, scratch: Path, on_bytes: files.OnBytes) -> Path:
        made.before_wheel(requirement)
        made.fetched.append(requirement)
        wheel = made.index / f"{requirement.partition('==')[0].replace('-', '_')}-1.0-py3-none-any.whl"
        if not wheel.is_file():
            raise SourceFailed(f"no matching distribution found for {requirement}")
        scratch.mkdir(parents=True)
        on_bytes(wheel.stat().st_size)
        return Path(shutil.copy(wheel, scratch))

    monkeypatch.setattr(pull, "fetch_hub", no_hub)
    monkeypatch.setattr(wheels, "download_wheel", copy_wheel)
    return made


@pytest.fixture
def make_wheel() -> Callable[[Path, str, dict[str, bytes]], Path]:
    return write_wheel


@pytest.fixture
def parts() -> tuple[bytes, ...]:
    return PARTS


@pytest.fixture
def whole() -> bytes:
    return WHOLE
