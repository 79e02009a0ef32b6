"""A program in a terminal: keys go in, and what stands on its screen comes out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
import pyte

from tests.lsp.conftest import Standin

PATIENCE_S = 120.0
"""After which something waited for has failed."""
ROWS, COLUMNS = 30, 110
LOOK_S = 0.05
README = Path(__file__).parents[2] / "README.md"


class _Screen(pyte.Screen):
    """pyte takes no private reports, which editors ask terminals for."""

    def report_device_status(self, mode: int = 0, **private: bool) -> None:
        if not private:
            super().report_device_status(mode)


class Terminal:
    """One program with one screen, in a folder that is its home, beside a project with one file."""

    def __init__(self, argv: list[str], env: Mapping[str, str], file: Path) -> None:
        self.file = file
        self._child = pexpect.spawn(
            argv[0], argv[1:], env={**env, "TERM": "xterm-256color"}, dimensions=(ROWS, COLUMNS),
            cwd=str(file.parent),
        )  # fmt: skip
        self._screen = _Screen(COLUMNS, ROWS)
        self._screen.write_process_input = self._child.send
        self._stream = pyte.ByteStream(self._screen)

    def end(self) -> None:
        """End the program, whatever it is doing."""
        self._child.close(force=True)

    def keys(self, keys: str) -> None:
        """Press keys, as a terminal sends them."""
        self._child.send(keys)

    def text(self) -> str:
        """What stands on the screen, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def look(self) -> str:
        """The screen after what comes in within `LOOK_S`."""
        end = time.monotonic() + LOOK_S
        try:
            while (left := end - time.monotonic()) > 0:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=left))
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF as error:
            raise AssertionError(f"it ended\n{self.text()}") from error
        return self.text()

    def until(self, *parts: str) -> str:
        """Wait until all of this stands on the screen; it."""
        return self.until_holds(lambda text: all(part in text for part in parts), f"{parts} on the screen")

    def until_gone(self, part: str) -> str:
        """Wait until this does not stand on the screen."""
        return self.until_holds(lambda text: part not in text, f"no {part!r} on the screen")

    def until_holds(self, holds: Callable[[str], bool], what: str) -> str:
        """Wait until the screen is as `holds` wants it."""
        left = PATIENCE_S  # by looks, since the whole machine may stand still for a while
        while not holds(text := self.look()):
            if left < 0:
                raise AssertionError(f"never: {what}\n{text}")
            left -= LOOK_S
        return text

    def until_saved(self, text: str) -> None:
        """Wait until the file on disk holds exactly this."""
        self.until_holds(lambda _: self.file.read_text(encoding="utf-8") == text, f"saved {text!r}")


def snippet(name: str) -> str:
    """A configuration as it stands in the README."""
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"<!-- snippet: {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found, name
    return found[1]


def home(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program whose home is `folder`, with `remask` on the PATH and little else."""
    commands = folder / "bin"
    commands.mkdir()
    (commands / "remask").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lsp_server "$@"\n')
    (commands / "remask").chmod(0o755)
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("STATE", "DATA", "CACHE", "CONFIG")}
    return {**env, **own, "HOME": str(folder), "PATH": f"{commands}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def project(folder: Path, text: str) -> Path:
    """A repository with one Python file; the file."""
    file = folder / "project" / "a.py"
    (file.parent / ".git").mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def wake(standin: Standin) -> None:
    """Have the stand-in's engine running: an editor that asks while it starts gets no suggestion."""
    running = [json.loads(found.read_text()) for found in standin.folder.glob("run/engine-*.json")]
    if not running:
        command = [sys.executable, "-m", "lsp_server", "fill", "-:1", "--language", "python"]
        subprocess.run(command, input=b"\n", env=standin.env, capture_output=True, check=True)
