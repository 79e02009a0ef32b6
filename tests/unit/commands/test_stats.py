"""Counts of suggestions, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.core.types import Silence
from lsp_server.service.statistics import Statistics, path
from lsp_server.service.tally import Fate, Tally


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path))


@pytest.fixture
def counted() -> None:
    tally = Tally()
    tally.fates.update({Fate.SHOWN: 1, Fate.ACCEPTED: 2, Fate.PARTLY_ACCEPTED: 1})
    tally.silences[Silence.SNOOZED] += 4
    Statistics(tally, lambda: True).save()


def _said(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, ["stats", *arguments])
    assert result.exit_code == 0
    return result.output


def test_nothing_yet() -> None:
    """Without counts it says so, and there is nothing to delete."""
    assert "nothing was counted yet" in _said()
    assert "nothing to delete" in _said("--delete")


@pytest.mark.usefixtures("counted")
def test_a_line_for_each_day_and_the_sum() -> None:
    """How many were shown and taken, which share that is, why there were none, and where it lies."""
    said = _said()
    assert said.count("4 shown, 3 taken (75%); silent: snoozed 4") == 2
    assert str(path()) in said


@pytest.mark.usefixtures("counted")
def test_json_and_deleting() -> None:
    """The same as JSON; deleted, nothing is left."""
    ((_, day),) = json.loads(_said("--json")).items()
    assert day["suggestions"] == {"accepted": 2, "partly-accepted": 1, "shown": 1}
    _said("--delete")
    assert not path().exists()
    assert json.loads(_said("--json")) == {}
