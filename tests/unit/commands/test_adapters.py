"""Adapters of one's own, listed and removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.core.errors import BadInput
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store.files import prepared_dir
from lsp_server.engine.store.manifest import entry
from lsp_server.engine.store.own import Figures, Own, keep, own_folder

FIGURES = Figures(60, (1.5, 1.2), (0.5, 0.6), (0.7, 0.75), (5.0, 4.0))


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "code"
    own_folder(folder).mkdir(parents=True)
    keep(Own(DEFAULT_MODEL, str(folder), "a" * 64, datetime(2026, 1, 1, tzinfo=UTC), FIGURES))
    return folder


def adapters(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["adapters", *map(str, arguments)])


def test_they_are_listed_with_what_they_are_good_for(code: Path) -> None:
    """Where the code is, and fills before and after; as JSON too."""
    said = adapters().output
    assert str(code) in said
    assert "50% before" in said
    assert "60% after" in said
    assert json.loads(adapters("--json").output)[0]["trained_on"] == str(code)


def test_removing_leaves_nothing(code: Path) -> None:
    """The adapter goes, and the weights that were prepared with it."""
    weights = prepared_dir(entry(DEFAULT_MODEL)) / "own" / own_folder(code).name
    weights.mkdir(parents=True)
    assert "removed" in adapters("--remove", code).output
    assert not weights.exists()
    assert not own_folder(code).exists()
    assert "there are none" in adapters().output
    assert isinstance(adapters("--remove", code).exception, BadInput)
