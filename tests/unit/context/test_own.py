"""Which adapter is meant for which code, while adapters come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lsp_server.context import own
from lsp_server.context.own import OwnAdapters
from lsp_server.context.watch import Watcher
from lsp_server.context.workspace import LOOK_AGAIN_UNWATCHED_S
from lsp_server.engine.store.own import Own, forget, keep, kept, own_folder

PATIENCE_S = 30.0


@pytest.fixture
def adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnAdapters]:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    known = OwnAdapters(lambda: "m")
    yield known
    known.close()


def trained(code: Path, model: str = "m") -> str:
    code.mkdir(parents=True, exist_ok=True)
    made = Own(model, str(code.resolve()), "a" * 64, datetime(2026, 1, 1, tzinfo=UTC))
    own_folder(code).mkdir(parents=True, exist_ok=True)
    keep(made)
    return made.id


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_innermost_folder_counts(adapters: OwnAdapters, tmp_path: Path) -> None:
    """Of two around a file the nearer one; none for a file elsewhere, or one that was never saved."""
    outer, inner = trained(tmp_path / "code"), trained(tmp_path / "code" / "part")
    assert adapters.for_code(tmp_path / "code" / "a.py") == outer
    assert adapters.for_code(tmp_path / "code" / "part" / "a.py") == inner
    assert adapters.for_code(tmp_path / "codex" / "a.py") == ""
    assert adapters.for_code(None) == ""


def test_one_of_another_model_is_not_used(adapters: OwnAdapters, tmp_path: Path) -> None:
    """Adapters fit one model."""
    trained(tmp_path / "code", "another")
    assert adapters.for_code(tmp_path / "code" / "a.py") == ""


def test_coming_and_going_is_noticed(adapters: OwnAdapters, tmp_path: Path) -> None:
    """One that was just trained is used without a restart, one that was removed is not any more."""
    code = tmp_path / "code"
    assert adapters.for_code(code / "a.py") == ""
    name = trained(code)
    until(lambda: adapters.for_code(code / "a.py") == name)
    forget(code)
    until(lambda: adapters.for_code(code / "a.py") == "")


def test_where_nothing_can_be_watched_it_is_looked_at_from_time_to_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at every request, which would read the disk and warn at each; after a while it is found."""
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(Watcher, "set_roots", lambda *_: False)
    now = [0.0]
    looks: list[float] = []

    def looked() -> list[Own]:
        looks.append(now[0])
        return kept()

    monkeypatch.setattr(own, "kept", looked)
    adapters = OwnAdapters(lambda: "m", lambda: now[0])
    code = tmp_path / "code"
    assert adapters.for_code(code / "a.py") == ""
    name = trained(code)
    for _ in range(3):
        assert adapters.for_code(code / "a.py") == ""
    assert looks == [0.0]
    now[0] = LOOK_AGAIN_UNWATCHED_S
    assert adapters.for_code(code / "a.py") == name
