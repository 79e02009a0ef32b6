from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import psutil
import pytest

from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine import address
from lsp_server.engine.address import Address, address_path, read_address, remove_address, write_address

OURS = Address(url="http://127.0.0.1:4711", token="secret", pid=os.getpid())


def write_json(path: Path, **changes: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(msgspec.to_builtins(OURS) | changes))


def test_an_address_is_read_back(folders: Path) -> None:
    """What one process writes another finds, and nothing else is left in the directory."""
    path = address_path("some/model:x")
    write_address(path, OURS)
    assert read_address(path) == OURS
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="the profile's access rights guard it there")
def test_only_its_user_may_read_it(folders: Path) -> None:
    """The token is nobody else's to see, in the file and in the directory."""
    path = address_path("m")
    write_address(path, OURS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": 2**22 + 1},
        {"pid": -5},
        {"pid": 2**70},
        {"protocol": 0},
        {"url": "http://evil.example:80"},
        {"url": "http://127.0.0.1.evil.example:80"},
        {"token": 5},
    ],
)
def test_what_does_not_fit_is_ignored(folders: Path, changes: dict[str, object]) -> None:
    """Dead processes, other protocols, other hosts and wrong types are no address."""
    path = address_path("m")
    write_json(path, **changes)
    assert read_address(path) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"url": "x"}'])
def test_damaged_files_are_ignored(folders: Path, content: bytes) -> None:
    """A file of any other content is no address, and no error."""
    path = address_path("m")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert read_address(path) is None


def test_a_process_younger_than_the_file_did_not_write_it(folders: Path) -> None:
    """A process id that went to another process does not make an old address live."""
    path = address_path("m")
    write_address(path, OURS)
    long_ago = psutil.Process().create_time() - 3600
    os.utime(path, (long_ago, long_ago))
    assert read_address(path) is None


@pytest.mark.skipif(os.name == "nt", reason="there are no owners to compare there")
def test_a_foreign_directory_or_file_is_refused(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's directory is never written to, and their address never believed."""
    path = address_path("m")
    write_address(path, OURS)
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    assert read_address(path) is None
    with pytest.raises(EngineUnavailable, match="belongs to another user"):
        write_address(path, OURS)


def test_a_directory_that_cannot_be_made_is_explained(folders: Path) -> None:
    """A file in the directory's place gives an error with a hint."""
    (folders / "run").write_text("in the way")
    with pytest.raises(EngineUnavailable, match="REMASK_RUNTIME_DIR"):
        write_address(address_path("m"), OURS)


@pytest.mark.parametrize(("token", "left"), [("secret", False), ("another", True)])
def test_only_its_own_address_is_removed(folders: Path, token: str, *, left: bool) -> None:
    """An engine that ends leaves the address of its successor alone."""
    path = address_path("m")
    write_address(path, OURS)
    remove_address(path, token)
    assert path.exists() is left
    remove_address(path.with_name("absent"), token)


def test_a_reader_in_the_way_is_waited_for(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that is being read; a moment later it works."""
    refusals = iter([True, True, False])
    real = Path.replace

    def replace(source: Path, target: Path) -> Path:
        if next(refusals):
            raise PermissionError
        return real(source, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(address.time, "sleep", lambda _: None)
    write_address(address_path("m"), OURS)
    assert read_address(address_path("m")) == OURS
