"""The interpreter a measurement runs in, and the model it measures.

Imports nothing but the standard library, because it runs before anything is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.console import Failed, fail, say, step
from lib.environment import VENV, ensure


def go_where(modules: Sequence[str], *groups: str) -> None:
    """Return if all `modules` can be imported here; else begin the script again in `.venv`.

    That is made if need be, with Remask and these dependency groups of pyproject.toml.
    """
    if not missing(modules):
        return
    try:
        python = ensure(*groups)
    except Failed as failed:
        fail(str(failed))
        sys.exit(1)
    if Path(sys.prefix).resolve() == VENV.resolve():
        importlib.invalidate_caches()
        return
    say(f"   going on with {python}")
    sys.exit(subprocess.run([python, *sys.argv], check=False).returncode)


def missing(modules: Sequence[str]) -> list[str]:
    """Those of `modules` that this interpreter cannot import."""
    return [module for module in modules if importlib.util.find_spec(module) is None]


def ensure_model(model: str) -> None:
    """Fetch `model` if it is not here already; ends the process if no source gives it."""
    with step("model"):
        status = subprocess.run([sys.executable, "-m", "lsp_server", "pull", model], check=False).returncode
    if status:
        fail("the model could not be fetched")
        sys.exit(1)
