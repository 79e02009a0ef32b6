"""Collecting work."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lsp_server.context.pending import MOST_PATHS, Pending
from lsp_server.core.types import Document


@pytest.fixture
def pending() -> Pending:
    return Pending(settle_s=0.001)


def test_work_is_taken_once(pending: Pending) -> None:
    """What was taken is not handed out again."""
    pending.add_path(Path("/w/a.py"))
    pending.add_path(Path("/w/a.py"))
    pending.add_path(Path("/w/b.py"))
    assert pending.take(1).paths == {Path("/w/a.py"), Path("/w/b.py")}
    assert not pending.take(0)


def test_thousands_of_paths_become_one_rescan(pending: Pending) -> None:
    """Beyond a limit paths are no longer kept one by one."""
    for number in range(MOST_PATHS + 50):
        pending.add_path(Path(f"/w/{number}.py"))
    work = pending.take(1)
    assert work.everything
    assert not work.paths


def test_only_the_latest_text_of_a_document_counts(pending: Pending) -> None:
    """Typing faster than the index leaves no queue."""
    path = Path("/w/a.py")
    texts = [Document(key="a", language="python", text=text, path=path) for text in ("x", "xy")]
    for document in texts:
        pending.add_overlay(path, document)
    assert pending.take_overlays() == {path: texts[1]}
    assert pending.take_overlays() == {}


def test_waiting_includes_the_work_in_hand(pending: Pending) -> None:
    """Taken work counts as left to do until it is done."""
    assert pending.wait(0, lambda: True)
    pending.add_everything()
    assert not pending.wait(0, lambda: True)
    pending.take(1)
    assert not pending.wait(0, lambda: True)
    pending.done()
    assert pending.wait(0, lambda: True)
    assert not pending.wait(0, lambda: False)


def test_closing_ends_waiting_and_taking(pending: Pending) -> None:
    """Nobody is left hanging when the workspace closes."""
    taken = threading.Event()
    thread = threading.Thread(target=lambda: (pending.take(60), taken.set()))
    thread.start()
    pending.close()
    thread.join(10)
    assert taken.is_set()
    assert pending.closed
