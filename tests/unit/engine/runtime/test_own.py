"""A model with an adapter of the user's own, swapped in beside the work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standin import Rules, StandinFiller

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import FillRequest, Hole
from lsp_server.engine.runtime.filler import Filler
from lsp_server.engine.runtime.own import WithOwn
from lsp_server.engine.store.own import FILE, Own, forget, keep, own_folder

PATIENCE_S = 30.0


@dataclass
class Loading:
    """What loads: waits until it may, and says what was loaded."""

    may: threading.Event = field(default_factory=threading.Event)
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    loaded: list[StandinFiller] = field(default_factory=list)
    fails: bool = False

    def __call__(self, file: Path) -> Filler:
        assert self.may.wait(PATIENCE_S)
        if self.fails:
            raise OSError("broken")
        filler = StandinFiller(adapter=file.read_text())
        self.loaded.append(filler)
        return filler


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "code"


def trained(code: Path, letter: str) -> str:
    """Keep an adapter whose sha256 is that letter throughout; its name."""
    own = Own("m", str(code), letter * 64, datetime(2026, 1, 1, tzinfo=UTC))
    own_folder(code).mkdir(parents=True, exist_ok=True)
    (own_folder(code) / FILE).write_text(letter)
    keep(own)
    return own.id


def filled_by(filler: WithOwn, adapter: str) -> str:
    """The adapter that answered."""
    request = FillRequest("x = ", (Hole(4, 4),), adapter=adapter)
    return filler.fill(request, cancel=CancelToken()).adapter


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come to that")


def test_the_shipped_model_answers_until_the_adapter_is_loaded(code: Path) -> None:
    """Nobody waits; and a request without an adapter always gets the model as it ships."""
    loading = Loading()
    filler = WithOwn(StandinFiller(adapter="shipped"), loading)
    name = trained(code, "a")
    assert filled_by(filler, name) == "shipped"
    loading.may.set()
    until(lambda: filled_by(filler, name) == "a")
    assert filled_by(filler, "") == "shipped"
    assert len(loading.loaded) == 1


def test_one_trained_anew_takes_the_place_of_the_old(code: Path) -> None:
    """The old one is let go of before the new one is loaded, so that there never are three."""
    loading = Loading()
    loading.may.set()
    filler = WithOwn(StandinFiller(adapter="shipped"), loading)
    old = trained(code, "a")
    until(lambda: filled_by(filler, old) == "a")
    loading.may.clear()
    new = trained(code, "b")
    until(lambda: filled_by(filler, new) == "shipped" and loading.loaded[0].closed)
    loading.may.set()
    until(lambda: filled_by(filler, new) == "b")


def test_a_fill_under_way_ends_where_it_began(code: Path) -> None:
    """The old one is not closed while it fills."""
    gate, begun = threading.Event(), threading.Event()

    def wait(_seconds: float, _cancel: CancelToken, _deadline: float | None) -> None:
        begun.set()
        assert gate.wait(PATIENCE_S)

    slow = StandinFiller(adapter="a", wait=wait, read=Rules)
    fillers = iter([slow, StandinFiller(adapter="b")])
    filler = WithOwn(StandinFiller(adapter="shipped"), lambda _: next(fillers))
    old = trained(code, "a")
    filled_by(filler, old)
    until(lambda: filler._own is not None)
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(filled_by(filler, old)))
    thread.start()
    assert begun.wait(PATIENCE_S)
    new = trained(code, "b")
    assert filled_by(filler, new) == "shipped"
    assert not slow.closed
    gate.set()
    thread.join(PATIENCE_S)
    assert answers == ["a"]
    until(lambda: slow.closed and filled_by(filler, new) == "b")


@pytest.mark.parametrize("gone", [True, False])
def test_an_adapter_that_cannot_be_had_costs_nothing(code: Path, gone: bool) -> None:
    """Removed or broken, fills go on as the model ships, and it is not tried at every request."""
    loading = Loading(fails=True)
    loading.may.set()
    filler = WithOwn(StandinFiller(adapter="shipped"), loading)
    name = trained(code, "a")
    if gone:
        forget(code)
    for _ in range(3):
        assert filled_by(filler, name) == "shipped"


def test_closing_closes_both(code: Path) -> None:
    """Also what is still being loaded then."""
    loading, shipped = Loading(), StandinFiller(adapter="shipped")
    filler = WithOwn(shipped, loading)
    filled_by(filler, trained(code, "a"))
    filler.close()
    loading.may.set()
    until(lambda: bool(loading.loaded) and loading.loaded[0].closed)
    assert shipped.closed
