"""The hub gives up fast, refuses another file early, and tells a full disk from no network."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from lsp_server.engine.store.manifest import HubSource, ModelFile
from lsp_server.engine.store.sources import SourceFailed, hub

FILE = ModelFile("a.gguf", 5, "0" * 64)
SOURCE = HubSource("b/a")


def _fetch(tmp_path: Path) -> Path:
    return hub.fetch_hub(SOURCE, "main", FILE, tmp_path, lambda _: None)


def _raising(problem: Exception):  # noqa: ANN202 -- stands for either of two functions
    def call(*_arguments: object) -> None:
        raise problem

    return call


@pytest.mark.parametrize("offered", [5, None])
def test_gives_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offered: int | None) -> None:
    """What the hub's client downloaded is the answer; a hub that tells no size is trusted to try."""
    monkeypatch.setattr(hub, "_offered_size", lambda *_: offered)
    monkeypatch.setattr(hub, "_download", lambda *arguments: arguments[-1] / "a.gguf")
    assert _fetch(tmp_path) == tmp_path / "hub" / "a.gguf"


def test_refuses_another_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another size is refused before it is downloaded."""
    monkeypatch.setattr(hub, "_offered_size", lambda *_: 6)
    monkeypatch.setattr(hub, "_download", _raising(AssertionError("downloaded")))
    with pytest.raises(SourceFailed, match="it offers 6 bytes instead of 5"):
        _fetch(tmp_path)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            ConnectionError("[Errno -2] Name or service not known\nmore"),
            "^.Errno -2. Name or service not known$",
        ),
        (ValueError(), "^ValueError$"),
        (RuntimeError("404 Client Error"), "404 Client Error"),
    ],
)
def test_gives_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception, said: str
) -> None:
    """Whatever the client raises becomes one line of reason, and nothing is downloaded."""
    monkeypatch.setattr(hub, "_offered_size", _raising(problem))
    monkeypatch.setattr(hub, "_download", _raising(AssertionError("downloaded")))
    with pytest.raises(SourceFailed, match=said):
        _fetch(tmp_path)


@pytest.mark.parametrize(
    "problem", [OSError(errno.ENOSPC, "full"), RuntimeError("IO: No space left on device (os error 28)")]
)
def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    """A full disk is told from a hub that fails, also where the client only prints it."""
    monkeypatch.setattr(hub, "_offered_size", lambda *_: 5)
    monkeypatch.setattr(hub, "_download", _raising(problem))
    with pytest.raises(OSError, match="No space left") as caught:
        _fetch(tmp_path)
    assert caught.value.errno == errno.ENOSPC


def test_does_not_wait_for_a_name_that_does_not_resolve() -> None:
    """Work that hangs is left behind when the time is up."""
    release = threading.Event()
    with pytest.raises(SourceFailed, match="no answer within 0 s"):
        hub.within(0, release.wait)
    release.set()
