from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from lsp_server.core.errors import RemaskError
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint

BOX = Endpoint.of("https://gpu-box:8443")
OTHER_PORT = Endpoint.of("https://gpu-box")
HERE = Endpoint.of("http://127.0.0.1:8000")


def consents(folder: Path) -> Consents:
    return Consents(folder / "config" / "remote.json", lambda: "2026-11-21")


def test_nothing_is_allowed_that_was_not(tmp_path: Path) -> None:
    """But loopback, which is this machine; an answer counts for its origin alone, in other processes too."""
    ours, other = consents(tmp_path), consents(tmp_path)
    assert [ours.allows(each) for each in (BOX, OTHER_PORT, HERE)] == [False, False, True]
    ours.note(BOX, allowed=True)
    assert [other.allows(each) for each in (BOX, OTHER_PORT)] == [True, False]
    other.note(BOX, allowed=False)
    assert not ours.allows(BOX)
    ours.forget(BOX)
    assert ours.answers() == {}


def test_the_user_is_asked_once(tmp_path: Path) -> None:
    """Not again in a session, nor if there is an answer on file; and if there is somebody to ask."""
    ours, asked = consents(tmp_path), list[str]()
    ours.want(BOX)
    ours.on_wanted = lambda endpoint: asked.append(endpoint.origin)
    ours.want(BOX)
    ours.want(BOX)
    ours.note(OTHER_PORT, allowed=False)
    ours.want(OTHER_PORT)
    assert asked == ["https://gpu-box:8443"]


def test_for_this_process_only(tmp_path: Path) -> None:
    """Nothing is written."""
    ours = consents(tmp_path)
    ours.allow_once(BOX)
    assert ours.allows(BOX)
    assert not consents(tmp_path).allows(BOX)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"https://gpu-box:8443": true}', b"{"])
def test_a_file_that_makes_no_sense_allows_nothing(tmp_path: Path, content: bytes) -> None:
    """And is replaced by the next answer."""
    ours = consents(tmp_path)
    ours._path.parent.mkdir()
    ours._path.write_bytes(content)
    assert not ours.allows(BOX)
    ours.note(BOX, allowed=True)
    assert ours.allows(BOX)


@pytest.mark.skipif(sys.platform == "win32", reason="the profile's access rights guard it")
def test_only_the_user_reads_it(tmp_path: Path) -> None:
    """Folder and file."""
    ours = consents(tmp_path)
    ours.note(BOX, allowed=True)
    assert stat.S_IMODE(ours._path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ours._path.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Is an error for people."""
    (tmp_path / "config").write_text("a file")
    with pytest.raises(RemaskError, match="cannot write"):
        consents(tmp_path).note(BOX, allowed=True)
