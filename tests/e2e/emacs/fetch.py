"""A real Emacs with lsp-mode, fetched once and kept in `build/editors`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import debian

PACKAGES = ("emacs-nox", "elpa-lsp-mode")


@dataclass(frozen=True)
class Emacs:
    """How to start it: it was built to lie elsewhere, so it is told where it lies."""

    command: tuple[str, ...]
    env: dict[str, str]
    packages: Path


def emacs() -> Emacs:
    """Emacs 30 or later.

    Raises:
        debian.NotToBeHad: it is not here and cannot be fetched.
    """
    found = _found(debian.kept("emacs", _fetch) / "root")
    try:
        subprocess.run([*found.command, "--version"], env=found.env, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise debian.NotToBeHad(f"what was fetched as Emacs does not run: {error}") from error
    return found


def _fetch(folder: Path) -> None:
    root = debian.unpack(folder, *PACKAGES)
    debian.relink(root, root / "usr" / "bin" / "emacs-nox")


def _found(root: Path) -> Emacs:
    usr = root / "usr"
    (shared,) = (usr / "share" / "emacs").glob("[0-9]*")
    (image,) = (usr / "libexec" / "emacs").glob("*/*/emacs-*.pdmp")
    env = {
        "EMACSDATA": str(shared / "etc"),
        "EMACSDOC": str(shared / "etc"),
        "EMACSLOADPATH": str(shared / "lisp"),
        "EMACSPATH": str(image.parent),
    }
    command = (str(usr / "bin" / "emacs-nox"), f"--dump-file={image}")
    return Emacs(command, env, usr / "share" / "emacs" / "site-lisp" / "elpa-src")
