"""Adapters of the user's own: where they lie, which are used, and how one is told from the next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lsp_server.engine.store.own import (
    ABOUT,
    FILE,
    Own,
    adapters_dir,
    file_of,
    forget,
    keep,
    kept,
    own_folder,
)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "my code"
    folder.mkdir()
    return folder


def made(code: Path, sha256: str = "a" * 64) -> Own:
    own_folder(code).mkdir(parents=True, exist_ok=True)
    (own_folder(code) / FILE).write_bytes(b"weights")
    return Own("m", str(code.resolve()), sha256, datetime(2026, 1, 1, tzinfo=UTC))


def test_one_is_used_once_it_is_kept(code: Path) -> None:
    """A file that was trained is nothing yet; kept, it is found by what requests call it."""
    own = made(code)
    assert kept() == []
    assert file_of(own.id) is None
    keep(own)
    assert kept() == [own]
    assert file_of(own.id) == own_folder(code) / FILE
    assert own.id.startswith("my-code-")


def test_trained_anew_it_is_another_one(code: Path) -> None:
    """The old name no longer means anything, so nobody takes the new weights for the old."""
    old = made(code)
    keep(old)
    new = made(code, "b" * 64)
    keep(new)
    assert file_of(old.id) is None
    assert file_of(new.id) is not None
    assert old.name == new.name


def test_forgetting(code: Path) -> None:
    """Nothing of it is left, and it is told whether there was one."""
    assert forget(code) is False
    keep(made(code))
    assert forget(code) is True
    assert kept() == []
    assert not own_folder(code).exists()


@pytest.mark.parametrize(
    "wanted", ["", "x", "../../etc@aaaaaaaaaaaaaaaa", "a/b@aaaaaaaaaaaaaaaa", "a@AAAA", "..@aaaaaaaaaaaaaaaa"]
)
def test_a_request_cannot_name_other_files(code: Path, wanted: str) -> None:
    """Only adapters that are kept here have names."""
    keep(made(code))
    assert file_of(wanted) is None


def test_what_is_no_adapter_is_left_out(code: Path) -> None:
    """Broken files, and ones that were put elsewhere, are not used."""
    keep(made(code))
    text = (own_folder(code) / ABOUT).read_bytes()
    for name, content in (("broken", b"{"), ("moved", text)):
        folder = adapters_dir() / name
        folder.mkdir()
        (folder / ABOUT).write_bytes(content)
    assert len(kept()) == 1
