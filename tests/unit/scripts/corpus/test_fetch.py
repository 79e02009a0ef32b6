from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import fetch as module
from corpus.fetch import as_sources, fetch, run_client
from corpus.lock import Lock
from corpus.packages import Package
from lib.console import Failed


class Client:
    """Stands in for pip, npm and apt-get: remembers commands and leaves a file behind."""

    def __init__(self, *, fails: bool = False) -> None:
        self.commands: list[list[str]] = []
        self._fails = fails

    def __call__(self, command: list[str], folder: Path) -> None:
        self.commands.append(command)
        (folder / "archive.tgz").write_bytes(b"1")
        if self._fails:
            raise Failed("no network")


@pytest.mark.parametrize(
    ("registry", "words"),
    [
        ("pypi", {"pip", "download", "--no-deps", ":all:", "x==1"}),
        ("npm", {"npm", "pack", "--ignore-scripts", "x@1"}),
        ("debian", {"apt-get", "source", "--download-only", "x=1"}),
    ],
)
def test_fetched_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package: Callable[..., Package],
    registry: str,
    words: set[str],
) -> None:
    """The ordinary client is asked for the exact version, without running anything, and only once."""
    apt = tmp_path / "etc"
    (apt / "sources.list.d").mkdir(parents=True)
    (apt / "sources.list").write_text("deb somewhere stable main\n")
    monkeypatch.setattr(module, "APT", apt)
    client = Client()
    (found,) = fetch(package(registry=registry), tmp_path / "work", client)
    asked = len(client.commands)
    assert words <= set(client.commands[-1])
    assert fetch(package(registry=registry), tmp_path / "work", client) == [found]
    assert len(client.commands) == asked


def test_half_a_package_is_none(tmp_path: Path, package: Callable[..., Package]) -> None:
    """What a client left behind when it failed is not taken for the package."""
    with pytest.raises(Failed):
        fetch(package(registry="npm"), tmp_path, Client(fails=True))
    (found,) = fetch(package(registry="npm"), tmp_path, Client())
    assert found.parent.name == "npm-x-1"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            "deb http://a b main\n# deb c\ndeb [x=y] d\n",
            "deb-src http://a b main\n# deb c\ndeb-src [x=y] d\n",
        ),
        ("deb-src http://a b main\n", "deb-src http://a b main\n"),
        ("Types: deb deb-src\nURIs: x\n", "Types: deb-src\nURIs: x\n"),
        ("", ""),
    ],
)
def test_source_entries(entries: str, expected: str) -> None:
    """Both of apt's formats are turned into entries for sources."""
    assert as_sources(entries) == expected


def test_no_debian_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: Callable[..., Package]
) -> None:
    """Elsewhere the reason is told."""
    monkeypatch.setattr(module, "APT", tmp_path / "etc")
    with pytest.raises(Failed, match="Debian"):
        fetch(package(registry="debian"), tmp_path / "work", Client())


def test_no_such_client(tmp_path: Path) -> None:
    """A client that is not installed is told by name."""
    with pytest.raises(Failed, match="no-such-client"):
        run_client(["no-such-client"], tmp_path)


def test_lock(tmp_path: Path, package: Callable[..., Package]) -> None:
    """Hashes are kept at the first time, and other bytes are refused from then on."""
    archive = tmp_path / "a.tgz"
    archive.write_bytes(b"1")
    first = Lock(tmp_path / "lock.json")
    first.check(package(), [archive])
    first.save()
    Lock(tmp_path / "lock.json").check(package(), [archive])
    archive.write_bytes(b"2")
    with pytest.raises(Failed, match=r"a\.tgz"):
        Lock(tmp_path / "lock.json").check(package(), [archive])


def test_damaged_lock(tmp_path: Path) -> None:
    """A lock that cannot be read is an error, not an empty one."""
    (tmp_path / "lock.json").write_text("{")
    with pytest.raises(Failed, match=r"lock\.json"):
        Lock(tmp_path / "lock.json")
