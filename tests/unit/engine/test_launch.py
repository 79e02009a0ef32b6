from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput, EngineUnavailable
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.launch import COMMAND_VARIABLE, LOG_CAP, Launched, engine_command, engine_log, launch

OPTIONS = (
    *("--model", "m", "--idle-minutes", "3.0", "--precision", "fp32"),
    *("--backend", "auto", "--device", "cpu", "--threads", "2", "--parallel", "4"),
    *("--memory-mb", "0"),
)
SETTINGS = EngineSettings(idle_minutes=3.0, precision="fp32", device="cpu", threads=2, parallel=4)


class Process:
    returncode = 70

    def __init__(self, command: object = None, **options: object) -> None:
        self.options = options

    def poll(self) -> int:
        return self.returncode


def test_the_command_is_our_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same Python runs the package, never one lying in the working directory."""
    monkeypatch.delenv(COMMAND_VARIABLE, raising=False)
    assert engine_command("m", SETTINGS) == (sys.executable, "-P", "-m", "lsp_server", "engine", *OPTIONS)


def test_the_environment_replaces_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run a stand-in through a whole server; an argument goes before the environment."""
    monkeypatch.setenv(COMMAND_VARIABLE, '["python", "engine.py"]')
    assert engine_command("m", SETTINGS) == ("python", "engine.py", *OPTIONS)
    assert engine_command("m", SETTINGS, ["other"]) == ("other", *OPTIONS)


@pytest.mark.parametrize("given", ["{", "5", '"engine"', "[1]"])
def test_a_wrong_command_variable_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but a JSON list of strings is named as the mistake it is."""
    monkeypatch.setenv(COMMAND_VARIABLE, given)
    with pytest.raises(BadInput, match=COMMAND_VARIABLE):
        engine_command("m", SETTINGS)


def test_a_command_that_does_not_exist_is_unavailable(folders: Path) -> None:
    """Starting nothing is an error with a hint, not a crash."""
    with pytest.raises(EngineUnavailable, match="remask doctor"):
        launch([str(folders / "no-such-program")])


def test_a_child_gets_absolute_directories_and_no_terminal(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine runs elsewhere, so relative directories of ours are made absolute; stdin is empty."""
    monkeypatch.chdir(folders)
    monkeypatch.setenv("REMASK_CACHE_DIR", "cache")
    monkeypatch.setenv("REMASK_OFFLINE", "1")
    monkeypatch.setattr(subprocess, "Popen", Process)
    process = launch(["engine"]).process
    assert isinstance(process, Process)
    environment = process.options["env"]
    assert isinstance(environment, dict)
    assert environment["REMASK_CACHE_DIR"] == str(folders.resolve() / "cache")
    assert environment["REMASK_OFFLINE"] == "1"
    assert process.options["stdin"] == subprocess.DEVNULL
    assert process.options["cwd"] == folders / "log"


@pytest.mark.parametrize(("size", "kept"), [(LOG_CAP + 1, 0), (LOG_CAP, LOG_CAP)])
def test_a_log_that_grew_too_long_is_set_aside(
    folders: Path, monkeypatch: pytest.MonkeyPatch, size: int, kept: int
) -> None:
    """A start begins a new log once the old one is over the cap; the last words begin behind it."""
    monkeypatch.setattr(subprocess, "Popen", Process)
    log = engine_log()
    log.parent.mkdir()
    log.write_bytes(b"x" * size)
    launched = launch(["engine"])
    assert log.stat().st_size == launched.offset == kept
    assert (log.with_suffix(".old.log")).exists() is (kept == 0)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"before\nTraceback\n  File x\nImportError: nothing\n\n", "ImportError: nothing"),
        (b"before\n", "exit code 70"),
        (b"before\n\xff\xfe\n", "\ufffd\ufffd"),
    ],
)
def test_last_words_are_its_own_last_line(tmp_path: Path, written: bytes, said: str) -> None:
    """What an earlier engine wrote is not taken for this one's reason."""
    log = tmp_path / "log"
    log.write_bytes(written)
    assert Launched(Process(), log, len(b"before\n")).last_words() == said  # type: ignore[arg-type]


def test_last_words_without_a_log(tmp_path: Path) -> None:
    """A log that is gone leaves the exit code."""
    assert Launched(Process(), tmp_path / "gone", 0).last_words() == "exit code 70"  # type: ignore[arg-type]
