"""What pip's end means: a wheel, a reason, or a full disk. pip itself is run in test_pull.py."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.engine.store.sources import SourceFailed, pip


def _pip(code: int, printed: str, wheel: str = "") -> Callable[[list[str], int, Path], int]:
    """A stand-in for running pip."""

    def run(arguments: list[str], output: int, _temporary: Path) -> int:
        os.write(output, printed.encode())
        if wheel:
            folder = Path(arguments[arguments.index("--dest") + 1])
            folder.mkdir()
            (folder / wheel).write_bytes(b"wheel")
        return code

    return run


def test_gives_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel pip saved is the answer."""
    monkeypatch.setattr(pip, "run_pip", _pip(0, "Saved a-1.0.whl", "a-1.0-py3-none-any.whl"))
    assert pip.download_wheel("a==1.0", tmp_path / "s", lambda _: None).name == "a-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("code", "printed", "said"),
    [
        (
            1,
            "Looking\nERROR: Could not find it\nERROR: No matching distribution\n",
            "No matching distribution",
        ),
        (
            1,
            "WARNING: Retrying after connection broken by 'NewConnectionError(x)': /a/\nERROR: None\n",
            r"None \(the index did not answer: NewConnectionError\)",
        ),
        (1, "python: No module named pip\n", "No module named pip"),
        (1, "", "it printed nothing"),
        (0, "Saved elsewhere\n", "Saved elsewhere"),
        (1, "ERROR: " + "x" * 5000, "x" * 200),
        (1, "ERROR: \ufffd\n", "gave no wheel"),
    ],
)
def test_gives_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, printed: str, said: str
) -> None:
    """Without a wheel the error carries pip's own last error, shortened."""
    monkeypatch.setattr(pip, "run_pip", _pip(code, printed))
    with pytest.raises(SourceFailed, match=said) as caught:
        pip.download_wheel("a==1.0", tmp_path / "s", lambda _: None)
    assert "a==1.0" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk that pip met is a full disk, not a source without wheels."""
    printed = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
    monkeypatch.setattr(pip, "run_pip", _pip(1, printed))
    with pytest.raises(OSError, match="No space left") as caught:
        pip.download_wheel("a==1.0", tmp_path / "s", lambda _: None)
    assert caught.value.errno == errno.ENOSPC
