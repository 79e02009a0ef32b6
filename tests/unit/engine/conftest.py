from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "standin"))


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Directories of the test's own: `run` and `log` in the returned one."""
    monkeypatch.setenv("REMASK_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("REMASK_LOG_DIR", str(tmp_path / "log"))
    return tmp_path
