"""Fetching a package's archives with the registry's ordinary client, as it is set up on this machine."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from lib.console import Failed

from corpus.packages import Package

PYTHON = "3.12"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Wheels are fetched for one platform, whatever this one is, so that everybody has the same bytes."""

APT = Path("/etc/apt")
_TAIL = 5
_LEAST_DISK = 2 * 1024**3

Run = Callable[[list[str], Path], None]


def fetch(package: Package, work: Path, run: Run | None = None) -> list[Path]:
    """The archives of a package, in `work`; fetched once, whole or not at all.

    Nothing of the package is run: of PyPI wheels are taken, which need no building.

    Raises:
        Failed: the client is missing or cannot get the package.
    """
    folder = work / "archives" / package.key
    if not folder.is_dir():
        aside = folder.with_name(folder.name + ".part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        if shutil.disk_usage(aside).free < _LEAST_DISK:
            raise Failed(f"less than 2 GB are free in {work}")
        _CLIENTS[package.registry](package, aside, work, run or run_client)
        aside.rename(folder)
    archives = sorted(path for path in folder.iterdir() if path.is_file())
    if not archives:
        raise Failed(f"{package.name}: nothing was fetched; remove {folder}")
    return archives


def run_client(command: list[str], folder: Path) -> None:
    """Run a client in `folder`.

    Raises:
        Failed: there is no such program, or it fails.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Failed(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_TAIL:])
        raise Failed(f"{command[0]} failed (exit code {done.returncode})\n{said}")


def _pypi(package: Package, folder: Path, _work: Path, run: Run) -> None:
    platforms = [option for platform in PLATFORMS for option in ("--platform", platform)]
    run(
        [
            *(
                sys.executable,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--no-input",
                "download",
                "--quiet",
            ),
            *("--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, *platforms),
            *("--dest", str(folder), f"{package.name}=={package.version}"),
        ],
        folder,
    )


def _npm(package: Package, folder: Path, _work: Path, run: Run) -> None:
    run(["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"], folder)


def _debian(package: Package, folder: Path, work: Path, run: Run) -> None:
    options = _private_apt(work / "apt", run)
    run(
        [
            *("apt-get", "--quiet", "--quiet", *options, "source", "--download-only", "--only-source"),
            f"{package.name}={package.version}",
        ],
        folder,
    )
    for signature in folder.glob("*.asc"):
        signature.unlink()


def _private_apt(folder: Path, run: Run) -> list[str]:
    """Options by which apt knows the sources of this machine's packages, without a change to the machine."""
    entries, lists, cache = folder / "sources", folder / "lists", folder / "cache"
    options = [
        option
        for name, value in (
            ("APT::Sandbox::User", "root"),
            ("Dir::Etc::sourcelist", folder / "none"),
            ("Dir::Etc::sourceparts", entries),
            ("Dir::State::lists", lists),
            ("Dir::Cache", cache),
        )
        for option in ("-o", f"{name}={value}")
    ]
    if not (folder / "ready").exists():
        for place in (entries, lists / "partial", cache / "archives" / "partial"):
            place.mkdir(parents=True, exist_ok=True)
        _write_sources(entries)
        run(["apt-get", "--quiet", "--quiet", *options, "update"], folder)
        (folder / "ready").touch()
    return options


def _write_sources(folder: Path) -> None:
    found = [
        path for path in (APT / "sources.list", *_distribution(APT / "sources.list.d")) if path.is_file()
    ]
    for path in found:
        text = path.read_text(encoding="utf-8")
        ending = path.suffix if path.suffix == ".sources" else ".list"
        (folder / f"{path.stem}{ending}").write_text(as_sources(text), encoding="utf-8")
    if not found:
        raise Failed(f"{APT} names no sources of packages: Debian source packages need a Debian system")


def _distribution(folder: Path) -> Iterable[Path]:
    """The distribution's own entries; others' are not asked."""
    return sorted(path for path in folder.glob("*.sources") if path.stem in {"debian", "ubuntu"})


def as_sources(entries: str) -> str:
    """Entries for binary packages as entries for source packages, in either of apt's formats."""
    lists = re.sub(r"(?m)^deb(?=\s)", "deb-src", entries)
    return re.sub(r"(?m)^Types:.*$", "Types: deb-src", lists)


_CLIENTS = {"pypi": _pypi, "npm": _npm, "debian": _debian}


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
