"""The repository's own virtual environment: made, filled and refreshed as needed.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from lib.console import Failed, bar, clear, in_terminal, say, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "remask-setup.json"
LOG = VENV / "install.log"
OLDEST = (3, 11)
PIP = "pip>=25.1"
"""The first that knows dependency groups."""
TAIL = 15
"""Lines of the installer's log shown if it fails."""
TICK_S = 0.3

_PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
_RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)\s*$")


def ensure(*groups: str) -> Path:
    """The Python of a virtual environment that has the project and these dependency groups.

    Raises:
        Failed: it cannot be made; the message says why.
    """
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise Failed(f"Python 3.11 or later is needed, this is {found} ({sys.executable})")
    if not _works():
        with step("virtual environment"):
            _make()
    wanted = _wanted(groups)
    if _stamp() != wanted:
        STAMP.unlink(missing_ok=True)
        with step("install"):
            _install(wanted["groups"])
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return _PYTHON


def _wanted(groups: Iterable[str]) -> dict[str, list[str]]:
    """The stamp of an environment with these groups; groups that are there already stay."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return {"project": [digest, str(ROOT)], "groups": sorted({*groups, *_stamp().get("groups", [])})}


def _stamp() -> dict[str, list[str]]:
    """What the environment was made for; nothing if it was not finished."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _works() -> bool:
    """Whether the environment's Python runs and is new enough."""
    code = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([_PYTHON, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make() -> None:
    say(f"   making {VENV}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode:
        said = (made.stdout + made.stderr).strip()
        raise Failed(f"no virtual environment could be made; on Debian, install python3-venv.\n{said}")


def _install(groups: Iterable[str]) -> None:
    say(f"   the installer's log is {LOG}")
    LOG.unlink(missing_ok=True)
    if not _knows_groups():
        _pip("install", "--upgrade", PIP)
    options = [option for group in groups for option in ("--group", group)]
    raw = ["--progress-bar", "raw"] if in_terminal() else ["--progress-bar", "off"]
    _pip("install", *raw, "--editable", str(ROOT), *options)


def _knows_groups() -> bool:
    said = subprocess.run([_PYTHON, "-m", "pip", "--version"], capture_output=True, text=True, check=True)
    found = re.match(r"pip (\d+)\.(\d+)", said.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= (25, 1)


def _pip(*arguments: str) -> None:
    """Run pip, showing what it is at; everything it says goes to the log."""
    command = [str(_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        ) as running,
    ):
        _follow(running.stdout or (), log)
    clear()
    if running.returncode:
        tail = "\n".join(LOG.read_text(encoding="utf-8").splitlines()[-TAIL:])
        raise Failed(f"pip could not install everything (exit code {running.returncode})\n{tail}")


def _follow(lines: Iterable[str], log: TextIO) -> None:
    at = ""
    over = threading.Event()
    for line in lines:
        if found := _RAW_PROGRESS.search(line):
            done, total = map(int, found.groups())
            bar(f"{at}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", done / total if total else None)
            continue
        log.write(line)
        words = line.split()
        if words[:1] in (["Collecting"], ["Downloading"]):
            at = words[1].rsplit("/", 1)[-1].split("-")[0]
            bar(at)
        elif line.startswith("Installing collected packages"):
            threading.Thread(target=_count, args=(line.count(",") + 1, over), daemon=True).start()
        elif line.startswith("Successfully installed"):
            over.set()
            clear()
            say(f"   installed {words[2]}" if len(words) == 3 else f"   installed {len(words) - 2} packages")
    over.set()


def _count(packages: int, over: threading.Event) -> None:
    """Show how many of the packages have arrived, which pip itself does not say."""
    before = _installed()
    while not over.wait(TICK_S):
        done = min(packages, _installed() - before)
        bar(f"installing {done} of {packages} packages", done / packages)


def _installed() -> int:
    patterns = ("lib/python*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info")
    return len({found for pattern in patterns for found in VENV.glob(pattern)})
