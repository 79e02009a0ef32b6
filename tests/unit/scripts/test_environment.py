"""The scripts' environment is made once, refreshed when the project changes, and never trusted half-made."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType

import pytest


class Recorder:
    """Stands in for what would take minutes."""

    def __init__(self) -> None:
        self.made = 0
        self.installed: list[list[str]] = []
        self.works = False
        self.problem: Exception | None = None

    def make(self) -> None:
        self.made += 1
        self.works = True

    def install(self, groups: list[str]) -> None:
        if self.problem:
            raise self.problem
        self.installed.append(groups)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    from lib import environment

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp.json")
    (tmp_path / "pyproject.toml").write_text("one")
    return environment


@pytest.fixture
def recorder(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(environment, "_works", lambda: recorder.works)
    monkeypatch.setattr(environment, "_make", recorder.make)
    monkeypatch.setattr(environment, "_install", recorder.install)
    return recorder


def test_once_is_enough(environment: ModuleType, recorder: Recorder) -> None:
    """The second run does nothing."""
    environment.ensure("test", "lint")
    environment.ensure("test", "lint")
    assert (recorder.made, recorder.installed) == (1, [["lint", "test"]])


def test_groups_are_added_and_stay(environment: ModuleType, recorder: Recorder) -> None:
    """The demo needs none, and does not take away those of the tests; a changed project installs all anew."""
    environment.ensure("test")
    environment.ensure()
    environment.ensure("lint")
    (environment.ROOT / "pyproject.toml").write_text("two")
    environment.ensure()
    assert recorder.installed == [["test"], ["lint", "test"], ["lint", "test"]]


def test_an_installation_that_failed_is_begun_again(environment: ModuleType, recorder: Recorder) -> None:
    """No stamp is left behind."""
    recorder.problem = environment.Failed("no network")
    with pytest.raises(environment.Failed, match="no network"):
        environment.ensure()
    recorder.problem = None
    environment.ensure()
    assert recorder.installed == [[]]


@pytest.mark.parametrize("stamp", ["", "{", "[1]", "null"])
def test_a_broken_stamp_is_none(environment: ModuleType, recorder: Recorder, stamp: str) -> None:
    """It is written anew."""
    environment.STAMP.write_text(stamp)
    environment.ensure("test")
    environment.ensure("test")
    assert recorder.installed == [["test"]]


def test_a_broken_environment_is_made_again(environment: ModuleType, recorder: Recorder) -> None:
    """One whose Python is gone, as after an upgrade of the system, is made and filled anew."""
    environment.ensure()
    recorder.works = False
    environment.STAMP.unlink()
    environment.ensure()
    assert (recorder.made, recorder.installed) == (2, [[], []])


def test_an_old_python_is_refused(
    environment: ModuleType, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its version, before anything is made."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(environment.Failed, match=r"3\.11 or later is needed, this is 3\.10\.2"):
        environment.ensure()
    assert recorder.made == 0


def test_the_installers_words_go_to_the_log(
    environment: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the raw progress; what is printed is one line about the result."""
    said = (
        "Collecting torch\n",
        "  Downloading torch-2.13.0-py3-none-any.whl (9 MB)\n",
        "Progress 1000000 of 9000000\n",
        "Installing collected packages: a, torch\n",
        "Successfully installed a-1 torch-2.13.0\n",
    )
    log = io.StringIO()
    environment._follow(said, log)
    assert log.getvalue() == "".join(said[:2] + said[3:])
    assert capsys.readouterr().out == "   installed 2 packages\n"
