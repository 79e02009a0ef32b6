"""Finding and compiling the kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.runtime.numba import code
from lsp_server.engine.runtime.numba.processor import lanes

pytestmark = pytest.mark.skipif(not lanes(), reason="this processor has no products of bytes")
LAPTOP = "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma,+bmi,+bmi2,+lzcnt,+movbe,+f16c,+avxvnni"


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path))
    code._path.cache_clear()
    yield tmp_path
    code._path.cache_clear()


def test_what_cannot_be_compiled_is_said(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiling process's own words are told, and nothing is left that would be loaded next time."""
    monkeypatch.setenv("NUMBA_CPU_NAME", "none")
    monkeypatch.setattr(code, "__package__", "lsp_server.engine.runtime.none")
    with pytest.raises(EngineUnavailable, match=r"runtime\.none"):
        code._object_file()
    assert not list(empty_cache.glob("kernels/*.o"))


def test_what_was_compiled_is_not_compiled_again(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start needs neither Numba nor another process."""
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("compiled anew"))
    path = code._path()
    path.parent.mkdir()
    path.write_bytes(b"name\ncode")
    assert code._object_file() == path


def test_each_processor_has_its_own_code(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled for another processor is not loaded here."""
    here = code._path()
    code._path.cache_clear()
    monkeypatch.setenv("NUMBA_CPU_NAME", "alderlake")
    assert code._path() != here


def test_passing_loads_no_numba() -> None:
    """Numba takes a third of a second and memory; only the process that compiles has it."""
    script = (
        "import sys; from lsp_server.engine.runtime.numba import code, parts, team; code.load();"
        "print('numba' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert told.stdout.strip() == "False"


@pytest.mark.e2e
@pytest.mark.skipif(lanes() < 16, reason="these are the vectors of this processor anyway")
def test_processors_with_narrower_vectors() -> None:
    """All that `test_parts.py` shows holds in vectors of 256 bits, as laptops have them."""
    environment = {**os.environ, "NUMBA_CPU_NAME": "alderlake", "NUMBA_CPU_FEATURES": LAPTOP}
    parts = Path(__file__).with_name("test_parts.py")
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(parts)],
        capture_output=True,
        check=False,
        env=environment,
        text=True,
        timeout=300,
    )
    assert " passed" in told.stdout, told.stdout
    assert told.returncode == 0, told.stdout
