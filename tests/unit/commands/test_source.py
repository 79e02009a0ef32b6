"""Texts are read and written byte for byte, and nothing is lost when something fails."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path

import pytest

from lsp_server.commands._source import Source, nothing_lost, read_raw, source_of
from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.core.types import Edit, Span


def read(path: Path, language: str | None = None) -> Source:
    return source_of(str(path), read_raw(str(path)), language)


@pytest.mark.parametrize(
    ("name", "given", "language"),
    [
        ("a.py", None, "python"),
        ("a.rs", None, "rust"),
        ("a.py", "ruby", "ruby"),
        ("a.unheard", None, "plaintext"),
    ],
)
def test_the_language(tmp_path: Path, name: str, given: str | None, language: str) -> None:
    """By name, unless it is given; a name that says nothing is plain text."""
    path = tmp_path / name
    path.write_text("x")
    assert read(path, given).document.language == language


@pytest.mark.parametrize(
    "raw", [b"", b"a\r\nb", b"\xef\xbb\xbfa\n", "\N{PILE OF POO}\u2028e\u0301\n".encode(), b"\ta\r\n\rb"]
)
def test_bytes_survive(tmp_path: Path, raw: bytes) -> None:
    """An edit changes what it says and not one byte more: line ends and byte order mark stay."""
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    source = read(path)
    assert not source.document.text.startswith("\ufeff")
    source.write(source.edited([Edit(Span(0, 0), "é\n")]))
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    assert path.read_bytes() == mark + "é\n".encode() + raw.removeprefix(mark)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"a\0b", "not a text file"), (b"ab\xff", "not UTF-8 text: byte 2"), (b"\xff\xfea\0", "not a text")],
)
def test_what_is_not_text(tmp_path: Path, raw: bytes, said: str) -> None:
    """It is refused with a reason."""
    path = tmp_path / "a.py"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=said):
        read(path)


@pytest.mark.parametrize("name", ["missing.py", "."])
def test_what_cannot_be_read(tmp_path: Path, name: str) -> None:
    """Neither what is not there nor a folder."""
    with pytest.raises(BadInput, match="cannot read"):
        read_raw(str(tmp_path / name))


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What another program wrote is not lost."""
    path = tmp_path / "a.py"
    path.write_text("old")
    source = read(path)
    path.write_text("newer")
    with pytest.raises(BadInput, match="changed meanwhile"):
        source.write("mine")
    assert path.read_text() == "newer"


def test_a_failed_write_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a full disk the old text stays, and nothing else."""
    path = tmp_path / "a.py"
    path.write_text("old")
    source = read(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BadInput, match=r"cannot write .*No space left"):
        source.write("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links are Unix's")
def test_mode_and_link_stay(tmp_path: Path) -> None:
    """A script stays executable, and a link a link."""
    path, link = tmp_path / "real.sh", tmp_path / "link.sh"
    path.write_text("old")
    path.chmod(0o750)
    link.symlink_to(path)
    read(link).write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> io.BytesIO:
    """Give `raw` as the standard input; what is printed."""
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed))
    return printed


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no path, needs a language, and cannot be written to."""
    pipe(monkeypatch, b"a\r\n")
    raw = read_raw("-")
    source = source_of("-", raw, "python")
    assert (source.document.text, source.document.path, source.piped) == ("a\r\n", None, True)
    with pytest.raises(BadInput, match="--language"):
        source_of("-", raw, None)
    with pytest.raises(BadInput, match="cannot be written"):
        source.write("b")


@pytest.mark.parametrize("error", [RemaskError("no"), KeyboardInterrupt()])
def test_a_failing_filter_prints_what_it_got(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """An editor replaces the selection by what is printed: it gets back what it gave."""
    printed = pipe(monkeypatch, b"")
    with pytest.raises(type(error)), nothing_lost("-", b"a\xff\r\n"):
        raise error
    assert printed.getvalue() == b"a\xff\r\n"


def test_a_failing_command_on_a_file_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is still there."""
    printed = pipe(monkeypatch, b"")
    with pytest.raises(RemaskError), nothing_lost("a.py", b"a"):
        raise RemaskError("no")
    assert printed.getvalue() == b""
