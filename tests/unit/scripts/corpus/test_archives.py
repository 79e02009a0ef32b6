import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from corpus import archives
from corpus.archives import read_archive
from lib.console import Failed


def read(path: Path) -> dict[str, bytes]:
    return dict(read_archive(path, lambda name: name.endswith(".py")))


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_wheel(tmp_path: Path) -> None:
    """Wanted files come with their path, others not at all."""
    assert read(zipped(tmp_path / "x.whl", {"a/b.py": b"1", "c.so": b"2", "../d.py": b"3"})) == {
        "a/b.py": b"1"
    }


def test_tar(tmp_path: Path) -> None:
    """The outermost folder is taken off; links, devices and paths that lead out are passed over."""
    path = tarred(
        tmp_path / "x.orig.tar.gz",
        (member("./x-1/a.py"), b"1"),
        (member("x-1/../../b.py"), b"2"),
        (member("x-1/link.py", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (member("x-1/hard.py", tarfile.LNKTYPE, "x-1/a.py"), b""),
        (member("x-1/device.py", tarfile.CHRTYPE), b""),
        (member("top.py"), b"3"),
    )
    assert read(path) == {"a.py": b"1"}


def test_large_files_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large to train on is not even read."""
    monkeypatch.setattr(archives, "LARGEST_FILE", 2)
    files = {"x/a.py": b"12", "x/b.py": b"123"}
    assert read(zipped(tmp_path / "x.whl", files)) == {"x/a.py": b"12"}
    assert read(tarred(tmp_path / "x.tgz", *((member(n), d) for n, d in files.items()))) == {"a.py": b"12"}


@pytest.mark.parametrize(("bound", "value"), [("MOST_MEMBERS", 1), ("MOST_BYTES", 1)])
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int) -> None:
    """An archive of too many files or bytes is refused."""
    monkeypatch.setattr(archives, bound, value)
    files = {f"x/{name}.py": b"1" for name in "abcd"}
    for path in (
        zipped(tmp_path / "x.whl", files),
        tarred(tmp_path / "x.tgz", *((member(n), b"1") for n in files)),
    ):
        with pytest.raises(Failed, match="larger"):
            read(path)


@pytest.mark.parametrize("name", ["x.whl", "x.tgz"])
def test_damaged(tmp_path: Path, name: str) -> None:
    """What is no archive is an error that names it."""
    (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(Failed, match="cannot be read"):
        read(tmp_path / name)
