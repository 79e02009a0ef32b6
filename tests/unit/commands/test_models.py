"""The list of models, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.engine.store import manifest
from lsp_server.engine.store.manifest import ModelEntry


def _rows() -> list[dict[str, object]]:
    result = CliRunner().invoke(cli.app, ["models", "--json"])
    assert result.exit_code == 0
    return json.loads(result.output)


def test_json_of_a_missing_model(model: ModelEntry) -> None:
    """A model that is not there is listed with what it would need."""
    row, *_ = _rows()
    assert (row["name"], row["installed"], row["runs_here"]) == (model.name, False, True)
    assert (row["size_mib"], row["memory_mib"], row["licence"]) == (1, 1, "Apache-2.0")


def test_json_of_an_installed_model(installed: Path) -> None:
    """A model that is there says where."""
    row, *_ = _rows()
    assert (row["installed"], row["path"]) == (True, str(installed))


def test_model_that_is_too_large(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that needs more memory than the machine has is marked."""
    huge = msgspec.structs.replace(model, memory_mib=10**9)
    monkeypatch.setattr(manifest, "models", lambda: (huge,))
    assert _rows()[0]["runs_here"] is False


def test_table(model: ModelEntry, installed: Path) -> None:
    """The table names the model, and below it the whole path stands on one line."""
    result = CliRunner().invoke(cli.app, ["models"])
    assert model.name in result.output
    assert str(installed) in result.output
