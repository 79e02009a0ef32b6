"""Checkpoints are data alone, whole or absent."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from lsp_server.core.errors import RemaskError
from lsp_server.training.loop.checkpoint import read, replacing

if TYPE_CHECKING:
    from conftest import Run


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_runs_nothing(tmp_path: Path, form: str) -> None:
    """A file that would run code when it is read is refused, and runs nothing."""
    ran, path = tmp_path / "ran", tmp_path / "step-00000001.pt"
    content = {"format": 1, "identity": Evil(ran)}
    if form == "torch":
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content))
    with pytest.raises(RemaskError, match="cannot be read"):
        read(path)
    assert not ran.exists()


def test_other_format(tmp_path: Path) -> None:
    """A checkpoint of another version is refused as one."""
    torch.save({"format": 99}, tmp_path / "a.pt")
    with pytest.raises(RemaskError, match="another version"):
        read(tmp_path / "a.pt")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04" + bytes(64)])
def test_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    """What is no checkpoint is told to be none."""
    path = tmp_path / "a.pt"
    path.write_bytes(content)
    with pytest.raises(RemaskError, match="cannot be read"):
        read(path)


def test_named_one_has_no_substitute(run: Run) -> None:
    """A checkpoint named by hand is used, or none."""
    run(steps=2)
    wrong = run.folder / "wrong.pt"
    wrong.write_bytes(b"")
    with pytest.raises(RemaskError, match=r"wrong\.pt"):
        run.again()(checkpoint=wrong)


def fail_half_way(path: Path) -> None:
    path.write_text("half")
    raise OSError("no space left")


def test_replacing_is_whole_or_nothing(tmp_path: Path) -> None:
    """What fails while it is written leaves the old file and no rest."""
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(RemaskError, match="full"), replacing(target) as partial:
        fail_half_way(partial)
    assert (target.read_text(), list(tmp_path.iterdir())) == ("old", [target])
    with replacing(target) as partial:
        partial.write_text("new")
    assert (target.read_text(), list(tmp_path.iterdir())) == ("new", [target])
