"""Where files go: the environment's choice, else the platform's, without a word about it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.core import paths

FOLDERS = {
    "REMASK_CACHE_DIR": paths.cache_dir,
    "REMASK_RUNTIME_DIR": paths.runtime_dir,
    "REMASK_LOG_DIR": paths.log_dir,
    "REMASK_DATA_DIR": paths.data_dir,
}


@pytest.mark.parametrize(("variable", "folder"), FOLDERS.items())
def test_the_environment_chooses(
    variable: str, folder: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable names the folder; empty it is as good as unset."""
    monkeypatch.setenv(variable, str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv(variable, "")
    unset = folder()
    assert unset.is_absolute()
    assert unset != tmp_path


def test_a_session_without_a_runtime_folder_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's fallback is used without a warning, which would end up in what a filter writes."""
    monkeypatch.delenv("REMASK_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert paths.runtime_dir().is_absolute()


@pytest.mark.parametrize(("value", "is_offline"), [("1", True), ("Yes", True), ("0", False), ("", False)])
def test_offline(value: str, is_offline: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either variable forbids the network, in any of the usual words."""
    for variable in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv("REMASK_OFFLINE", raising=False)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setenv(variable, value)
        assert paths.offline() is is_offline
