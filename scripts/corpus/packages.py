"""The reviewed list of packages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lib.console import Failed

LIST = Path(__file__).with_name("packages.json")
REGISTRIES = ("pypi", "npm", "debian")
LICENCES = frozenset({
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Zlib", "curl"),
})  # fmt: skip
"""SPDX ids of the licences that are taken; each asks for no more than to be named."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of one version. `purpose` says what it is there for; `include` are patterns of paths.

    What is `held_out` is only measured on and never trained on.
    """

    registry: str
    name: str
    version: str
    licence: str
    purpose: str
    held_out: bool = False
    include: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The package's name in the lock and in the work folder."""
        return f"{self.registry}-{self.name.replace('/', '+')}-{self.version}"

    def takes(self, path: str) -> bool:
        """Whether a file of the package is looked at."""
        return not self.include or any(fnmatchcase(path, pattern) for pattern in self.include)


def read_packages(path: Path = LIST) -> list[Package]:
    """The list, in its order.

    Raises:
        Failed: an entry is wrong, or two are of one package.
    """
    try:
        packages = [_package(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise Failed(f"{path}: {error}") from error
    names = [(package.registry, package.name) for package in packages]
    twice = sorted({f"{registry} {name}" for registry, name in names if names.count((registry, name)) > 1})
    if twice:
        raise Failed(f"{path}: {', '.join(twice)} stand there twice")
    return packages


def _package(entry: dict[str, Any]) -> Package:
    fields = dict(entry)
    package = Package(include=tuple(fields.pop("include", ())), **fields)
    if package.registry not in REGISTRIES:
        raise ValueError(f"{package.name}: no registry {package.registry!r}, only {', '.join(REGISTRIES)}")
    if package.licence not in LICENCES:
        raise ValueError(
            f"{package.name}: the licence {package.licence!r} is not one of those that are taken"
        )
    if not all((package.name, package.version, package.purpose)):
        raise ValueError(f"{package.name}: name, version and purpose are needed")
    return package
