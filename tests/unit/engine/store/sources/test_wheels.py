"""Joining a file from wheels: what is kept, what is cut off, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.store.manifest import WheelPart
from lsp_server.engine.store.sources import SourceFailed
from lsp_server.engine.store.sources.wheels import append_member, resume

MakeWheel = Callable[[Path, str, dict[str, bytes]], Path]
DATA = b"the right bytes"


def _part(data: bytes = DATA) -> WheelPart:
    return WheelPart("tiny-part0", "tiny_part0/part.bin", len(data), hashlib.sha256(data).hexdigest())


@given(sizes=st.lists(st.integers(1, 20), min_size=1, max_size=6), have=st.integers(0, 150))
def test_resume_keeps_whole_parts(sizes: list[int], have: int) -> None:
    """Whatever length an interruption left, exactly the parts that are whole are kept."""
    parts = [WheelPart(f"p{i}", "m", size, "0" * 64) for i, size in enumerate(sizes)]
    with TemporaryDirectory() as folder:
        joined = Path(folder) / "joined"
        joined.write_bytes(bytes(have))
        finished = resume(joined, parts)
        kept = joined.stat().st_size
    assert kept == sum(sizes[:finished]) <= have
    assert finished == len(sizes) or kept + sizes[finished] > have


def test_resume_from_nothing(tmp_path: Path) -> None:
    """Without a file nothing is finished, and none is made."""
    assert resume(tmp_path / "joined", [_part()]) == 0
    assert not (tmp_path / "joined").exists()


def test_appends(tmp_path: Path, make_wheel: MakeWheel) -> None:
    """The member's bytes come behind those that are there."""
    joined = tmp_path / "joined"
    joined.write_bytes(b"before ")
    append_member(joined, make_wheel(tmp_path, "tiny-part0", {_part().member: DATA}), _part())
    assert joined.read_bytes() == b"before " + DATA


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "broken or lacks"),
        ({"tiny_part0/part.bin": b"the wrong bytes"}, "has sha256"),
        ({"tiny_part0/part.bin": DATA[:-1]}, "has sha256"),
        ({"tiny_part0/part.bin": DATA * 9}, "holds more than 15 bytes"),
    ],
)
def test_refuses(tmp_path: Path, make_wheel: MakeWheel, members: dict[str, bytes], said: str) -> None:
    """A wheel without the member, or with other bytes, is refused and leaves no trace."""
    joined = tmp_path / "joined"
    joined.write_bytes(b"before ")
    with pytest.raises(SourceFailed, match=said):
        append_member(joined, make_wheel(tmp_path, "tiny-part0", members), _part())
    assert joined.read_bytes() == b"before "


@pytest.mark.parametrize("keep", [0, 10, -1])
def test_refuses_a_broken_wheel(tmp_path: Path, make_wheel: MakeWheel, keep: int) -> None:
    """A wheel that was cut off is refused and leaves no trace."""
    wheel = make_wheel(tmp_path, "tiny-part0", {_part().member: DATA})
    wheel.write_bytes(wheel.read_bytes()[:keep])
    with pytest.raises(SourceFailed, match="broken or lacks"):
        append_member(tmp_path / "joined", wheel, _part())
    assert not (tmp_path / "joined").exists() or (tmp_path / "joined").stat().st_size == 0
