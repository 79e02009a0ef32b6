"""Starting an engine as a process of its own that outlives its starter."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lsp_server.core.errors import BadInput, EngineUnavailable
from lsp_server.core.paths import log_dir
from lsp_server.core.settings import EngineSettings

COMMAND_VARIABLE = "REMASK_ENGINE_COMMAND"
LOG_CAP = 1_000_000
"""Bytes of log beyond which the next start sets the log aside; one older log is kept."""
TAIL = 2_000
HINT = "See the engine's log, {log}, and run `remask doctor`."


@dataclass(frozen=True, slots=True)
class Launched:
    """A started process; its output is in `log` from byte `offset` on."""

    process: subprocess.Popen[bytes]
    log: Path
    offset: int

    def exited(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The last line it wrote, or its exit code."""
        with contextlib.suppress(OSError), self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self.offset, size - TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")
            said = [line.strip() for line in lines if line.strip()]
            if said:
                return said[-1]
        return f"exit code {self.process.returncode}"


def engine_command(
    model: str, settings: EngineSettings, command: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The command line of an engine: `command`, else $REMASK_ENGINE_COMMAND, else ours; then the options."""
    # -P: a folder called lsp_server in the working directory must not be taken for ours.
    ours = (sys.executable, "-P", "-m", "lsp_server", "engine")
    return (
        *(command or _from_environment() or ours),
        *("--model", model),
        *("--idle-minutes", str(settings.idle_minutes)),
        *("--precision", settings.precision),
        *("--backend", settings.backend),
        *("--device", settings.device),
        *("--threads", str(settings.threads)),
        *("--parallel", str(settings.parallel)),
        *("--memory-mb", str(settings.memory_mb)),
    )


def engine_log() -> Path:
    """Where engines that were started by servers write."""
    return log_dir() / "engine.log"


def launch(command: Sequence[str]) -> Launched:
    """Start `command` detached, in the log's folder.

    Raises:
        EngineUnavailable: it could not be started.
    """
    log = engine_log()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        _set_aside(log)
        with log.open("ab") as output:
            offset = output.tell()
            return Launched(_spawn(command, output.fileno(), log.parent), log, offset)
    except OSError as error:
        raise EngineUnavailable(
            f"the engine could not be started: {error.strerror}", hint=HINT.format(log=log)
        ) from error


def _from_environment() -> tuple[str, ...] | None:
    given = os.environ.get(COMMAND_VARIABLE)
    if not given:
        return None
    try:
        return msgspec.json.decode(given, type=tuple[str, ...])
    except msgspec.MsgspecError as error:
        raise BadInput(f"{COMMAND_VARIABLE} must be a JSON list of strings: {error}") from error


def _environment() -> dict[str, str]:
    """Ours, with directories that hold from any working directory."""
    folders = ("REMASK_CACHE_DIR", "REMASK_RUNTIME_DIR", "REMASK_LOG_DIR")
    return {
        name: str(Path(value).resolve()) if name in folders and value else value
        for name, value in os.environ.items()
    }


def _spawn(command: Sequence[str], output: int, folder: Path) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=_environment(),
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=folder,
        env=_environment(),
        start_new_session=True,
    )


def _set_aside(log: Path) -> None:
    with contextlib.suppress(OSError):  # absent, or on Windows in use by another engine
        if log.stat().st_size > LOG_CAP:
            log.replace(log.with_suffix(".old.log"))
