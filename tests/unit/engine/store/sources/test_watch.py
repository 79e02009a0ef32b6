"""Progress by watching files grow."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lsp_server.engine.store.sources import watch
from lsp_server.engine.store.sources.watch import largest_file, watching


@pytest.mark.parametrize(
    ("sizes", "expected"), [({}, 0), ({"a": 3}, 3), ({"a": 3, "sub/b": 9, "sub/c": 0}, 9)]
)
def test_largest_file(tmp_path: Path, sizes: dict[str, int], expected: int) -> None:
    """The largest file counts, however deep it lies."""
    for name, size in sizes.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(size))
    assert largest_file(tmp_path) == expected


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder that does not exist yet has nothing in it."""
    assert largest_file(tmp_path / "later") == 0


def test_tells_the_size_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the block runs the size is told; the watcher ends with the block, also when that raises."""
    monkeypatch.setattr(watch, "_INTERVAL_S", 0.001)
    (tmp_path / "a").write_bytes(bytes(7))
    seen, told = [], threading.Event()

    def on_bytes(size: int) -> None:
        seen.append(size)
        told.set()

    with pytest.raises(KeyboardInterrupt), watching(tmp_path, on_bytes):  # noqa: PT012 -- the block is the point
        assert told.wait(10)
        raise KeyboardInterrupt
    assert set(seen) == {7}
    assert not [thread for thread in threading.enumerate() if thread.name == "remask-pull-progress"]


def test_never_runs_backwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the tool removes its temporary file the size told stays."""
    monkeypatch.setattr(watch, "_INTERVAL_S", 0.001)
    path = tmp_path / "a"
    path.write_bytes(bytes(7))
    seen, told_after = [], threading.Event()

    def on_bytes(size: int) -> None:
        path.unlink(missing_ok=True)
        seen.append(size)
        if len(seen) > 1:
            told_after.set()

    with watching(tmp_path, on_bytes):
        assert told_after.wait(10)
    assert set(seen) == {7}
