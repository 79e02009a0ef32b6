"""The hashes of the archives, as they were when first fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lib.console import Failed

from corpus.fetch import sha256
from corpus.packages import Package

FILE = Path(__file__).with_name("packages.lock.json")


class Lock:
    """Checks archives against `path`, and keeps the hashes of packages that are new to it."""

    def __init__(self, path: Path = FILE) -> None:
        self._path = path
        try:
            self._known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._known = {}
        except (OSError, ValueError) as error:
            raise Failed(f"{path}: {error}") from error

    def check(self, package: Package, archives: Sequence[Path]) -> None:
        """Compare, or remember.

        Raises:
            Failed: they are other bytes than those of the first time.
        """
        found = {path.name: sha256(path) for path in archives}
        known = self._known.setdefault(package.key, found)
        if known != found:
            other = sorted(name for name in known.keys() | found.keys() if known.get(name) != found.get(name))
            raise Failed(
                f"{package.name} is not what it was when {self._path.name} was written: {', '.join(other)}"
            )

    def save(self) -> None:
        """Write all hashes, if there are new ones."""
        text = json.dumps(self._known, indent=1, sort_keys=True) + "\n"
        if not self._path.exists() or self._path.read_text(encoding="utf-8") != text:
            self._path.write_text(text, encoding="utf-8")
