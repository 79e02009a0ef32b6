"""Being told of changes, and of nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.events import FileSystemEvent

from lsp_server.context import watch
from lsp_server.context.watch import Watcher

PATIENCE_S = 30.0


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[FileSystemEvent]:
    """Every event that the system reports, wanted or not."""
    events: list[FileSystemEvent] = []
    hand_on = watch._Handler.on_any_event

    def noted(self: watch._Handler, event: FileSystemEvent) -> None:
        events.append(event)
        hand_on(self, event)

    monkeypatch.setattr(watch._Handler, "on_any_event", noted)
    return events


@pytest.fixture
def changed(tmp_path: Path, reported: list[FileSystemEvent]) -> Iterator[list[Path]]:
    """The paths told of, while the folder is watched."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.py").write_text("x")
    told: list[Path] = []
    watcher = Watcher(told.append)
    assert watcher.set_roots((tmp_path,))
    yield told
    watcher.close()


def until_told(told: list[Path], path: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while path not in told:
        assert time.monotonic() < end, told
        time.sleep(0.01)


def test_reading_is_not_even_reported(
    tmp_path: Path, changed: list[Path], reported: list[FileSystemEvent]
) -> None:
    """Walking a tree and reading its files makes no event, so a walk over a large one overflows no queue."""
    for _ in range(3):
        assert [path.read_text() for path in tmp_path.rglob("*.py")] == ["x"]
    (tmp_path / "end").write_text("now")
    until_told(changed, tmp_path / "end")
    assert {event.event_type for event in reported} <= {"created", "modified"}
    assert {Path(str(event.src_path)).name for event in reported} <= {"end"}


def test_changes_are_told(tmp_path: Path, changed: list[Path]) -> None:
    """Writing, moving and deleting, also in folders that are new."""
    inner = tmp_path / "folder" / "a.py"
    inner.write_text("y")
    until_told(changed, inner)
    inner.rename(tmp_path / "b.py")
    until_told(changed, tmp_path / "b.py")
    (tmp_path / "new").mkdir()
    until_told(changed, tmp_path / "new")
    (tmp_path / "new" / "c.py").write_text("z")
    until_told(changed, tmp_path / "new" / "c.py")
    (tmp_path / "b.py").unlink()
    changed.clear()
    (tmp_path / "new" / "c.py").unlink()
    until_told(changed, tmp_path / "new" / "c.py")
