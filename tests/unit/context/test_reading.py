"""Reading files that may be anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_server.context.reading import decode, read_text, stamp_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a = 1\r\n", "a = 1\r\n"),
        ("é👩‍👩‍👧".encode(), "é👩‍👩‍👧"),
        (b"\xef\xbb\xbfa", "a"),
        ("a = 'ü'".encode("utf-16"), "a = 'ü'"),
        (b"# caf\xe9\n" * 10, "# caf\xe9\n" * 10),
        (b"\x7fELF\x02\x01\x01\x00\x00", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00", None),
        (bytes(range(1, 32)) + b"\xff\xfe\x80", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_decoding(data: bytes, text: str | None) -> None:
    """UTF-8 first, marked UTF-16, then Latin-1; binary is nothing."""
    assert decode(data) == text


def test_reading_keeps_the_limit(tmp_path: Path) -> None:
    """A file of exactly the limit is read, one byte more is not."""
    path = tmp_path / "a.py"
    path.write_bytes(b"x" * 10)
    assert read_text(path, 10) == "x" * 10
    assert read_text(path, 9) is None


def test_what_is_no_file_is_nothing(tmp_path: Path) -> None:
    """Folders, missing files and impossible names give nothing rather than an error."""
    for path in (tmp_path, tmp_path / "missing.py", Path("a\0b")):
        assert read_text(path, 10) is None
        assert stamp_of(path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes and unprivileged links")
def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    """A link may lead to a secret, and reading a pipe would never end."""
    (tmp_path / "real.py").write_text("x", encoding="utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert read_text(tmp_path / "link.py", 10) is None
    assert read_text(tmp_path / "pipe.py", 10) is None
