"""The interpreter a script needs: this one, or that of the project's own virtual environment.

Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"


def ensure(modules: Sequence[str], *, group: str | None = None) -> None:
    """Return if all `modules` can be imported here; else start the script again where they can.

    That is `.venv`, which is created if need be, and gets Remask and the dependency
    `group` of pyproject.toml. Ends the process if that fails.
    """
    if not missing(modules):
        return
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        say(f"creating {VENV}")
        _run([sys.executable, "-m", "venv", str(VENV)])
    if not _has(python, modules):
        say(f"installing Remask{f' and its group {group}' if group else ''} into {VENV}")
        _install(python, group)
        if not _has(python, modules):
            sys.exit(f"{VENV} still lacks one of {', '.join(modules)}")
    if Path(sys.prefix).resolve() == VENV.resolve():
        importlib.invalidate_caches()
        return
    say(f"continuing with {python}")
    sys.exit(subprocess.run([str(python), *sys.argv], check=False).returncode)


def missing(modules: Sequence[str]) -> list[str]:
    """Those of `modules` that this interpreter cannot import."""
    return [module for module in modules if importlib.util.find_spec(module) is None]


def ensure_model(model: str) -> None:
    """Fetch `model` unless it is there; shows its own progress."""
    _run([sys.executable, "-m", "lsp_server", "pull", model], stdout=subprocess.DEVNULL)


def say(what: str) -> None:
    """Tell a person what is being done."""
    print(f"{Path(sys.argv[0]).name}: {what}", file=sys.stderr, flush=True)


def _has(python: Path, modules: Sequence[str]) -> bool:
    code = (
        "import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in sys.argv[1:]))"
    )
    return subprocess.run([str(python), "-c", code, *modules], check=False).returncode == 0


def _install(python: Path, group: str | None) -> None:
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    _run([*pip, "--quiet", "pip>=25.1"])  # the first that knows dependency groups
    wanted = ["--group", f"{ROOT / 'pyproject.toml'}:{group}"] if group else []
    _run([*pip, "--editable", str(ROOT), *wanted])


def _run(command: Sequence[str], stdout: int | None = None) -> None:
    status = subprocess.run(command, check=False, stdout=stdout).returncode
    if status:
        sys.exit(f"{' '.join(command)} ended with status {status}")
