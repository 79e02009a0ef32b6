"""Whether a model's files are believed: missing, corrupt, stamped."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp_server.core.errors import ModelCorrupt, ModelMissing
from lsp_server.engine.store import files
from lsp_server.engine.store.manifest import ModelEntry

Store = Any


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were hashed."""
    calls: list[Path] = []
    original = files.sha256_of

    def counted(path: Path, on_bytes: files.OnBytes | None = None) -> str:
        calls.append(path)
        return original(path, on_bytes)

    monkeypatch.setattr(files, "sha256_of", counted)
    return calls


def test_missing_model(store: Store) -> None:
    """A model that was never pulled is missing, and the hint is the command to type."""
    with pytest.raises(ModelMissing, match="tiny is not installed") as caught:
        files.require("tiny")
    assert caught.value.hint == "Run `remask pull tiny`."
    assert not files.installed(store.model)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-1], "bytes instead of"),
        (lambda data: data + b"!", "bytes instead of"),
        (lambda _data: b"", "has 0 bytes instead of"),
        (lambda data: b"X" + data[1:], "has sha256 .* instead of"),
    ],
)
def test_corrupt_model(store: Store, whole: bytes, change: Any, said: str) -> None:  # noqa: ANN401
    """Other bytes than the manifest's are corrupt, whatever is wrong with them."""
    store.install(change(whole))
    with pytest.raises(ModelCorrupt, match=said) as caught:
        files.require("tiny")
    assert "remask pull tiny" in caught.value.hint
    assert files.file_state(store.model, store.model.files[0]) == "corrupt"


def test_folder_in_the_file_s_place(store: Store) -> None:
    """A folder where the file should be is a missing file, not a crash."""
    store.target.mkdir(parents=True)
    assert files.file_state(store.model, store.model.files[0]) == "missing"


def test_hashed_once(store: Store, hashed: list[Path]) -> None:
    """A file that was put there by hand is hashed the first time and believed from then on."""
    path = store.install()
    assert [files.require("tiny"), files.require("tiny")] == [path, path]
    assert hashed == [path]


@pytest.mark.parametrize("stamp", [b"", b"{", b"[]", b'{"size": 1, "mtime_ns": 2, "sha256": "x"}'])
def test_bad_stamp_is_not_believed(store: Store, hashed: list[Path], stamp: bytes) -> None:
    """A stamp that is broken or of another file leads to hashing, not to an error."""
    path = store.install()
    path.with_name(path.name + ".stamp").write_bytes(stamp)
    assert files.require("tiny") == path
    assert hashed == [path]


def test_changed_file_is_hashed_again(store: Store, whole: bytes) -> None:
    """Bytes of the same length, written after the stamp, are found out."""
    path = store.install()
    files.require("tiny")
    before = path.stat()
    path.write_bytes(b"X" + whole[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    with pytest.raises(ModelCorrupt):
        files.require("tiny")


def test_rehash_believes_no_stamp(store: Store, whole: bytes) -> None:
    """`rehash` finds a change that left size and time as they were."""
    path = store.install()
    files.require("tiny")
    before = path.stat()
    path.write_bytes(b"X" + whole[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert files.verify(store.model) == path
    with pytest.raises(ModelCorrupt):
        files.verify(store.model, rehash=True)


def test_store_that_cannot_be_stamped(store: Store, hashed: list[Path]) -> None:
    """Where no stamp can be written the model still works; it is hashed every time."""
    path = store.install()
    path.with_name(path.name + ".stamp").mkdir()
    files.require("tiny")
    files.require("tiny")
    assert hashed == [path, path]


def test_hash_and_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash is that of the whole file and progress ends at its size."""
    monkeypatch.setattr(files, "_CHUNK", 7)
    path = tmp_path / "file"
    path.write_bytes(b"0123456789" * 3)
    seen: list[int] = []
    assert files.sha256_of(path, seen.append) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert seen == [7, 14, 21, 28, 30]


def test_adapter_of_the_package(store: Store) -> None:
    """The adapter is found and hashed; one that is not shipped says so."""
    model: ModelEntry = store.model
    assert files.adapter_sha256(model) == hashlib.sha256(files.adapter_path(model).read_bytes()).hexdigest()
    with pytest.raises(ModelMissing, match="is not there"):
        files.adapter_path(msgspec.structs.replace(model, adapter="none.safetensors"))
